"""The vocabulary of the house: frozen values, one type for each stage of a paper's life.

::

    Record ─▶ Paper ─▶ Change ─▶ Assignment + Trend ─▶ Entry ─▶ Edition ─▶ Rendering ─▶ bytes
    (read)   (known)  (decided)  (judged)              (chosen) (frozen)   (frozen)     (sent)

Only the standard library is imported here, so that every room may import it. Datetimes are aware
and UTC; a ``date`` is a day in the operator's zone. Scores are dimensionless; higher is better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class LinkKind(StrEnum):
    """What a link of a paper leads to; decides the badge a reader sees."""

    CODE = "code"
    PROJECT = "project"
    DATA = "data"
    MODEL = "model"
    PAPER = "paper"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a paper. ``url`` is absolute http(s); ``label`` is the badge text."""

    kind: LinkKind
    url: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One paper as a source listed it: its words exactly, and what else the source had.

    ``title`` and ``abstract`` are one line each (wrapped lines joined by one space) and otherwise
    untouched; ``abstract`` is ``""`` where the source has none. ``position`` counts from 1 in the
    order of the page. ``external_id`` is a bare arXiv id without version (``2606.01234``,
    ``math/0309136``) or ``scheme:id`` for anything else (``doi:10.1000/1``).
    """

    title: str
    abstract: str = ""
    position: int = 1
    external_id: str | None = None
    url: str | None = None
    votes: int | None = None
    authors: tuple[str, ...] = ()
    author_count: int | None = None
    organization: str | None = None
    published: date | None = None
    links: tuple[Link, ...] = ()
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A piece of input that could not be used: what, where, and what to do, in one line.

    ``line`` counts from 1; 0 means the input as a whole.
    """

    reason: str
    location: str
    line: int = 0
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Dump:
    """One reading of one source: the records in page order, and what was left aside.

    ``fingerprint`` is a hex SHA-256 of the bytes read, so the same dump is never counted twice.
    ``day`` is the date that the page itself shows; ``modified`` is the file's time, in UTC.
    """

    location: str
    fingerprint: str
    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...] = ()
    day: date | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """What a paper is looked up by. Made by ``editorial.identity``; opaque to the store.

    ``lookup`` holds short strings; two papers that share any of them are candidates for being the
    same. ``content`` changes when the meaning-bearing text does. Both start with the key version.
    """

    lookup: tuple[str, ...]
    content: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as remembered, for ever. ``id`` is the store's; the text is the latest seen."""

    id: int
    title: str
    abstract: str
    keys: IdentityKeys
    first_seen: date
    last_seen: date
    external_id: str | None = None
    url: str | None = None
    votes: int | None = None
    authors: tuple[str, ...] = ()
    author_count: int | None = None
    organization: str | None = None
    published: date | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """That a paper was on the page: on which day, at which place of how many, with which votes."""

    day: date
    position: int
    of: int
    votes: int | None = None


class Novelty(StrEnum):
    """What a record is to the memory."""

    NEW = "new"
    REVISED = "revised"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Change:
    """What was decided of one record, and why.

    ``paper_id`` is the remembered paper (``None`` for a new one); ``matched`` its title;
    ``reason`` is in words a reader of ``digest ingest`` understands. ``same_as`` is the index (in
    the same dump's list of changes) of the record this one repeats, if it repeats one that is
    itself new in this dump. ``fuller`` says that nothing is news here, yet the memory should keep
    the record's text instead of the cut, missing or summarised one that it has.
    """

    record: Record
    keys: IdentityKeys
    novelty: Novelty
    reason: str
    paper_id: int | None = None
    matched: str | None = None
    same_as: int | None = None
    fuller: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic readers can follow. ``id`` is stable and appears in addresses and preferences."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The topics of a paper. ``topics`` has the primary first; ``why`` the phrases that decided."""

    topic: str
    topics: tuple[str, ...]
    score: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrendPart:
    """One addend of a trend score, and the same in words (``"142 votes in its first day"``)."""

    name: str
    value: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """How much a paper matters today: the sum of its parts."""

    score: float
    parts: tuple[TrendPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Momentum:
    """How a topic's (or a phrase's) share today compares with its own past."""

    name: str
    today: int
    expected: float
    rising: bool
    words: str = ""


class EditionKind(StrEnum):
    """``DAILY`` covers everything unpublished so far (a catch-up, after days off, too).

    ``WEEKLY`` retells a week of daily editions. ``WEEKDAYS`` gives readers who want no mail at
    weekends what the weekend's daily editions had, together with that day's own.
    """

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may enter an edition, with everything that was judged of it."""

    paper: Paper
    novelty: Novelty
    assignment: Assignment
    trend: Trend


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper as an edition shows it. ``title`` and the summaries are plain readable text.

    ``summary`` is at most two whole sentences, ``brief`` one. ``why`` says in words why it is
    here. ``raw_title`` is the title as read, for searching elsewhere.
    """

    paper_id: int
    title: str
    raw_title: str
    summary: str
    brief: str
    topic: str
    topics: tuple[str, ...]
    trend: Trend
    why: str = ""
    abstract: str = ""
    external_id: str | None = None
    url: str | None = None
    votes: int | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A topic's papers in order, best first.

    The general mail shows the first ``shown`` of those that are not among its picks.
    """

    topic: Topic
    papers: tuple[int, ...]
    shown: int
    momentum: Momentum | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """The whole mail as data. Frozen once published.

    ``entries`` holds every new and every updated paper (also those beyond the caps, which the web
    shows). A paper in ``picks`` stands in its topic's section too (sections are complete), but a
    mail shows it once, among the picks. ``covers`` is the first and last day of the dumps in it;
    more than one day in a daily edition makes it a catch-up. ``read`` counts records read.
    """

    kind: EditionKind
    day: date
    covers: tuple[date, date]
    entries: tuple[Entry, ...]
    picks: tuple[int, ...]
    sections: tuple[Section, ...]
    updated: tuple[int, ...] = ()
    updated_shown: int = 0
    read: int = 0
    seen: int = 0
    phrases: tuple[Momentum, ...] = ()

    @property
    def new(self) -> int:
        """How many papers are new in this edition."""
        return sum(len(section.papers) for section in self.sections)

    def entry(self, paper_id: int) -> Entry:
        """The entry of that paper; ``KeyError`` if it is not in this edition."""
        for entry in self.entries:
            if entry.paper_id == paper_id:
                return entry
        raise KeyError(paper_id)


@dataclass(frozen=True, slots=True)
class SectionChoice:
    """The part of a section that one mail shows, and how many more there are."""

    topic: str
    papers: tuple[int, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """What one mail shows of an edition, in order: the general one, or one reader's own.

    ``why`` replaces the edition's own reason for the papers it names. ``total`` is how many new
    papers of the edition match the reader (shown or not).
    """

    picks: tuple[int, ...]
    sections: tuple[SectionChoice, ...]
    updated: tuple[int, ...] = ()
    updated_more: int = 0
    total: int = 0
    why: Mapping[int, str] = field(default_factory=dict)
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Rendering:
    """An edition turned into pieces of mail, CSS inlined; frozen with the edition.

    ``pieces`` is a JSON-able tree owned by ``mail.render`` and ``mail.message``; nobody else looks
    inside. ``version`` is the format of ``pieces``.
    """

    version: int
    subject: str
    preheader: str
    pieces: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PublishedEdition:
    """An edition in the store. ``expires_at`` is the last moment at which sending may start."""

    id: int
    edition: Edition
    rendering: Rendering
    published_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EditionSummary:
    """A line of the archive: an edition without its content. ``papers`` counts its entries.

    ``audience_frozen_at`` is when its readers were counted; ``None`` if that is still to come.
    """

    id: int
    kind: EditionKind
    day: date
    covers: tuple[date, date]
    papers: int
    subject: str
    published_at: datetime
    expires_at: datetime
    audience_frozen_at: datetime | None = None


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


class DeliveryState(StrEnum):
    """Where the mail of one edition to one reader is."""

    PLANNED = "planned"
    LEASED = "leased"
    SENDING = "sending"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A row of the outbox before it exists: who, from when on, or why not at all."""

    subscriber_id: int
    due_at: datetime
    excluded: str | None = None


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """A delivery that one worker holds until ``lease_until``; ``attempt`` counts from 1."""

    id: int
    edition_id: int
    subscriber: Subscriber
    attempt: int
    lease_token: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A service mail (``confirm``, ``welcome``, ``goodbye``) that one worker holds for a while.

    ``asked_at`` tells one occasion from the next; ``attempt`` counts from 1.
    """

    id: int
    subscriber: Subscriber
    kind: str
    asked_at: datetime
    attempt: int
    lease_token: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. ``code`` and ``status`` are the relay's (RFC 5321, RFC 3463).

    ``lease_token`` is the lease under which it was sent; without it an outcome counts for whoever
    holds the delivery now.
    """

    delivery_id: int
    state: DeliveryState
    at: datetime
    code: int | None = None
    status: str | None = None
    reply: str = ""
    next_at: datetime | None = None
    lease_token: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The deliveries of one edition by state, beside the number planned at the start.

    ``digest`` promises that ``balanced`` is true at every moment, also after any crash.
    """

    planned_at_start: int = 0
    planned: int = 0
    leased: int = 0
    sending: int = 0
    deferred: int = 0
    accepted: int = 0
    rejected: int = 0
    excluded: int = 0
    unknown: int = 0

    @property
    def balanced(self) -> bool:
        """Whether every delivery planned at the start is in exactly one state now."""
        return self.planned_at_start == (
            self.planned + self.leased + self.sending + self.deferred
            + self.accepted + self.rejected + self.excluded + self.unknown
        )  # fmt: skip

    @property
    def unfinished(self) -> int:
        """How many may still be sent."""
        return self.planned + self.leased + self.sending + self.deferred


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job (``ingest``, ``publish``, ``send``): when, how it ended, and why.

    ``silence`` is the reason that nothing went out, ``""`` if something did.
    """

    job: str
    started_at: datetime
    ended_at: datetime
    ok: bool
    summary: str
    silence: str = ""
