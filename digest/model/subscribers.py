"""Readers, and what they asked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from digest.hours import is_zone

MAX_KEYWORDS = 50
MAX_KEYWORD_LENGTH = 80
MAX_PAPERS = 500
MAX_TOPICS = 500
MAX_TOPIC_LENGTH = 200

SET_ASIDE = "their record cannot be used: "
"""How the reason begins for which a reader alone gets no mail while all others do."""

BOUNCED = "bounced"
"""How the reason of a suppression begins whose mailbox did not take our mail."""
COMPLAINED = "complained"
"""The reason of a suppression whose reader called our mail unwanted."""
LEFT = "left"
"""The reason kept with the hash of an address whose reader left, or was erased: nobody but its owner
brings it back."""


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

    Raises ``ValueError`` for wishes that nobody can have: so a value of this type is a good one,
    whatever door it came by, and whatever stood in the database.
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

    def __post_init__(self) -> None:
        if self.hour is not None and not 0 <= self.hour <= 23:
            raise ValueError("hour is not a whole number from 0 to 23")
        if self.max_papers is not None and not 1 <= self.max_papers <= MAX_PAPERS:
            raise ValueError(f"max_papers is not a whole number from 1 to {MAX_PAPERS}")
        if self.timezone is not None and not is_zone(self.timezone):
            raise ValueError("timezone is not a time zone")
        for name in ("keywords", "exclude_keywords"):
            _bounded(getattr(self, name), name, MAX_KEYWORDS, MAX_KEYWORD_LENGTH)
        for name in ("topics", "exclude_topics"):
            _bounded(getattr(self, name), name, MAX_TOPICS, MAX_TOPIC_LENGTH)

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


def _bounded(words: tuple[str, ...], name: str, most: int, longest: int) -> None:
    """Refuse a list that is too long, and words that cannot be written down."""
    if not words:
        return
    if len(words) > most:
        raise ValueError(f"{name} holds more than {most}")
    for word in words:
        if len(word) > longest:
            raise ValueError(f"{name} holds one of more than {longest} characters")
        if not word.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") for c in word):
            raise ValueError(f"{name} holds a control character")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader. ``state_reason`` says why the state is what it is.

    ``unusable`` says what is wrong with their stored record, beginning with the part and a colon;
    ``""`` for nearly everybody. The other fields are then what could be read, or defaults.
    """

    id: int
    email: str
    state: SubscriberState
    preferences: Preferences = field(default_factory=Preferences)
    created_at: datetime | None = None
    confirmed_at: datetime | None = None
    state_reason: str = ""
    unusable: str = ""

    @property
    def set_aside(self) -> str:
        """Why they alone get no mail: one of a few reasons, so that they can be counted; or ``""``."""
        return f"{SET_ASIDE}{self.unusable.partition(':')[0]}" if self.unusable else ""

    @property
    def suppressed_by_bounce(self) -> bool:
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
