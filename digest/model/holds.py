"""Held editions: shown to a few people first, who may stop them before anybody else gets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from digest.model.deliveries import DeliveryState
from digest.model.editions import EditionKind

MOST_PREVIEWS = 20
"""Addresses that an edition's preview goes to: a few people who look, no second list."""


class HoldState(StrEnum):
    """The state of a held edition. One that was never held nor stopped has none, and goes out."""

    HELD = "held"
    """Only the preview addresses get it; released by itself once its time is over."""
    STOPPED = "stopped"
    """Nobody gets it until a person releases or discards it."""
    RELEASED = "released"
    """It goes to everybody."""


@dataclass(frozen=True, slots=True)
class PreviewHold:
    """The terms on which editions are held: for how long, counted from the first preview that was
    accepted, and who gets it meanwhile.
    """

    addresses: tuple[str, ...]
    span: timedelta


@dataclass(frozen=True, slots=True)
class EditionHold:
    """An edition that is or was held, with its previews counted by state.

    ``until`` is ``None`` as long as no preview was tried. ``reason`` says who stopped it.
    ``link_works`` is false once somebody used the link in a preview, or decided by a command.
    """

    edition_id: int
    kind: EditionKind
    day: date
    state: HoldState
    span: timedelta
    until: datetime | None
    expires_at: datetime
    changed_at: datetime
    reason: str = ""
    link_works: bool = True
    previews: Mapping[DeliveryState, int] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """True if nothing of the edition may leave for its readers."""
        return self.state is not HoldState.RELEASED

    @property
    def name(self) -> str:
        """The edition in words."""
        return f"{self.kind} edition of {self.day}"


@dataclass(frozen=True, slots=True)
class LeasedPreview:
    """A preview mail that one sender holds; ``attempt`` counts from 1, ``number`` from 1, too."""

    id: int
    edition_id: int
    number: int
    email: str
    attempt: int
    lease_token: str
