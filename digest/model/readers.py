"""Readers, and what they asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

BOUNCED = "bounced"
"""How the reason of a suppression begins whose mailbox did not take our mail."""
COMPLAINED = "complained"
"""The reason of a suppression whose reader called our mail unwanted."""


class SubscriberState(StrEnum):
    """``PENDING`` has not confirmed; ``SUPPRESSED`` must get nothing (bounce, complaint)."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"


class Frequency(StrEnum):
    """How often a reader wants mail."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


class MailFormat(StrEnum):
    """``HTML`` mails carry a text part too."""

    HTML = "html"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a reader asked for. Empty means: the general edition.

    ``topics`` / ``exclude_topics`` are topic ids, ``keywords`` / ``exclude_keywords`` plain words
    or phrases. ``hour`` (0–23) and ``timezone`` (IANA name) say when; ``None`` means the list's.
    """

    topics: tuple[str, ...] = ()
    exclude_topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    exclude_keywords: tuple[str, ...] = ()
    frequency: Frequency = Frequency.DAILY
    hour: int | None = None
    timezone: str | None = None
    max_papers: int | None = None
    paused_until: date | None = None
    format: MailFormat = MailFormat.HTML

    @property
    def narrows(self) -> bool:
        """Whether these preferences change which papers a mail shows."""
        return bool(
            self.topics
            or self.exclude_topics
            or self.keywords
            or self.exclude_keywords
            or self.max_papers is not None
        )


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader. ``state_reason`` says why the state is what it is."""

    id: int
    email: str
    state: SubscriberState
    preferences: Preferences = field(default_factory=Preferences)
    created_at: datetime | None = None
    confirmed_at: datetime | None = None
    state_reason: str = ""

    @property
    def came_back(self) -> bool:
        """Whether they get nothing because their mailbox took nothing; a click mends that."""
        suppressed = self.state is SubscriberState.SUPPRESSED
        return suppressed and self.state_reason.startswith(BOUNCED)


@dataclass(frozen=True, slots=True)
class SubscriberEvent:
    """Something that happened to a reader's wish to be one: the proof that is kept.

    ``kind`` is a short word (``"added"``, ``"active"``, ``"unsubscribed"``, …); ``detail`` says by
    which door, with which wording, from which network (hashed).
    """

    at: datetime
    kind: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignUp:
    """That a visitor asked for the digest at an address; nobody has looked yet whose it is.

    ``mailbox`` is one opaque text for every spelling of the address; ``network`` a keyed hash of
    where the visitor came from, ``""`` if unknown; ``wording`` the version of what they agreed to.
    """

    mailbox: str
    email: str
    preferences: Preferences
    network: str
    wording: str
    due_at: datetime
