"""Subscribers, and what they asked for."""

from __future__ import annotations

import re
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


class SetAsideCause(StrEnum):
    """The causes for which one subscriber gets no mail while all others do: the first words of a
    stored reason.

    ``RECORD``: what is stored of them cannot be used. ``DEFECT``: the mail could not be made, and
    waits for the defect to be mended.
    """

    RECORD = "their record cannot be used"
    DEFECT = "could not be composed"

    @property
    def prefix(self) -> str:
        """The beginning of each stored reason of this cause."""
        return f"{self}: "

    def reason(self, detail: str) -> str:
        """The reason to store, with what exactly is wrong."""
        return f"{self.prefix}{detail}"


class RecordPart(StrEnum):
    """The parts of a stored subscriber that decide about their mail."""

    STATE = "state"
    ADDRESS = "address"
    PREFERENCES = "preferences"


@dataclass(frozen=True, slots=True)
class UnusableRecord:
    """The part of a stored record that cannot be used, and ``why``: a clause about that part."""

    part: RecordPart
    why: str

    def __str__(self) -> str:
        return f"{self.part}: {self.why}"


class SuppressionCause(StrEnum):
    """The cause of a suppression: the first word of its stored reason.

    ``BOUNCED``: the mailbox did not take our mail. ``COMPLAINED``: its owner called our mail
    unwanted. ``LEFT``: its owner left or was erased, and nobody else brings the address back.
    """

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    LEFT = "left"

    @classmethod
    def of(cls, reason: str | None) -> SuppressionCause | None:
        """The cause that a stored reason names; ``None`` for an operator's own words."""
        first = _FIRST_WORD.match(reason or "")
        return _CAUSES.get(first.group()) if first else None


_FIRST_WORD = re.compile(r"[a-z]+")
_CAUSES = {cause.value: cause for cause in SuppressionCause}


class EventKind(StrEnum):
    """The kinds of `SubscriberEvent`, beside the `SubscriberState` that a change of state notes.

    ``ASKED``: a visitor asked for the digest. ``OFFERED_TO_LEAVE``: a mail in their name asked to
    leave, and a link was sent. ``BOUNCED``: a mail to them came back. ``IMPORTED``: they came with
    a list, whose name and tags for them are kept.
    """

    ADDED = "added"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    PREFERENCES = "preferences"
    OFFERED_TO_LEAVE = "offered to leave"
    BOUNCED = "bounced"
    IMPORTED = "imported"


class SubscriberState(StrEnum):
    """``PENDING`` has not confirmed; ``SUPPRESSED`` must get nothing (bounce, complaint)."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"


class Frequency(StrEnum):
    """The days on which a subscriber wants mail."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


class MailFormat(StrEnum):
    """``HTML`` mails carry a text part too."""

    HTML = "html"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices of a subscriber. Empty means: the general edition.

    ``topics`` / ``exclude_topics`` are topic ids, ``keywords`` / ``exclude_keywords`` plain words
    or phrases. ``hour`` (0–23) and ``timezone`` (IANA name) say when; ``None`` means the list's.

    Raises `ValueError` for choices that nobody can make: so a value of this type is a good one,
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
        """True if these preferences change which papers a mail shows."""
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
    """A subscriber. ``state_reason`` says why the state is what it is.

    ``unusable`` says what is wrong with their stored record; ``None`` for nearly everybody. The
    other fields are then what could be read, or defaults.
    """

    id: int
    email: str
    state: SubscriberState
    preferences: Preferences = field(default_factory=Preferences)
    created_at: datetime | None = None
    confirmed_at: datetime | None = None
    state_reason: str = ""
    unusable: UnusableRecord | None = None

    @property
    def set_aside(self) -> str:
        """The reason that they alone get no mail, one of a few so that they can be counted; or
        ``""``.
        """
        return SetAsideCause.RECORD.reason(self.unusable.part) if self.unusable else ""

    @property
    def suppressed_by_bounce(self) -> bool:
        """True if they get nothing because their mailbox took nothing; a click mends that."""
        suppressed = self.state is SubscriberState.SUPPRESSED
        return suppressed and SuppressionCause.of(self.state_reason) is SuppressionCause.BOUNCED


@dataclass(frozen=True, slots=True)
class SubscriberEvent:
    """Something that happened to a subscription: the proof that is kept.

    ``kind`` is an `EventKind` or a `SubscriberState` in its stored form, or another text in a
    damaged row; ``detail`` says by which door, with which wording, from which network (hashed).
    """

    at: datetime
    kind: str
    detail: Mapping[str, str] = field(default_factory=dict)
