"""Posts of editions: one message to a chat channel, or one signed call of a webhook, per target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from digest.model.deliveries import DeliveryState
from digest.model.editions import EditionKind


@dataclass(frozen=True, slots=True)
class PlannedPost:
    """A post before it exists: the name of its target, or why there will be none."""

    target: str
    excluded: str | None = None


@dataclass(frozen=True, slots=True)
class LeasedPost:
    """A post that one sender holds; ``attempt`` counts from 1.

    ``in_doubt_since`` is the end of the first attempt whose outcome was lost, if there was one.
    """

    id: int
    edition_id: int
    target: str
    attempt: int
    lease_token: str
    in_doubt_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostRecord:
    """The outcome of one edition's post to one target. ``words`` are the reason or the reply.

    ``next_at`` is when it is tried again, while it waits.
    """

    kind: EditionKind
    day: date
    target: str
    state: DeliveryState
    attempt: int
    next_at: datetime
    finished_at: datetime | None = None
    code: int | None = None
    words: str = ""
