"""Papers, from the page they were read on to what was judged of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digest.model.details import NO_DETAILS, AnnounceType, PaperDetails


class LinkKind(StrEnum):
    """The target of a paper's link; decides the badge a reader sees."""

    CODE = "code"
    PROJECT = "project"
    DATA = "data"
    MODEL = "model"
    PAPER = "paper"
    OTHER = "other"


_ALL = 0.995
"""The share from which on a page counts as understood wholly: a stray line is no news."""


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
    ``math/0309136``) or ``scheme:id`` for anything else (``doi:10.1000/1``). ``announced`` is how
    the source announces it, where it tells new papers from others.
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
    details: PaperDetails = NO_DETAILS
    announced: AnnounceType | None = None


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
    ``more`` is the token by which a list that is read in pages goes on, ``""`` at its end.
    ``kind`` is the format of a list that a program wrote (``"JSON"``), ``""`` for a page for people.
    ``understood`` is the share of it (0 to 1) that is a paper's or known furniture of the page.
    """

    location: str
    fingerprint: str
    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...] = ()
    day: date | None = None
    modified: datetime | None = None
    understood: float = 1.0
    more: str = ""
    kind: str = ""

    @property
    def shortfall(self) -> str:
        """Say what is lacking, in words for people that go on after a count; ``""`` if nothing is."""
        bare = sum(not record.abstract for record in self.records)
        words = []
        if self.understood < _ALL:
            words.append(f"{self.understood:.0%} of it was understood")
        if bare:
            words.append(f"{bare:,} {'paper' if bare == 1 else 'papers'} without an abstract")
        return "; ".join(words)


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """The keys that a paper is looked up by. Made by ``editorial.identity``; opaque to the store.

    ``lookup`` holds short strings; two papers that share any of them are candidates for being the
    same. ``content`` changes when the meaning-bearing text does. Both start with the key version.
    """

    lookup: tuple[str, ...]
    content: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as remembered, for ever. ``id`` is the store's; the text is the latest seen.

    ``field_sources`` has pairs of a field's name and the location of the dump it is from.
    """

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
    details: PaperDetails = NO_DETAILS
    field_sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """One day of a paper on the page: its place among how many, and its votes."""

    day: date
    position: int
    of: int
    votes: int | None = None


class Novelty(StrEnum):
    """A record compared with the papers known so far."""

    NEW = "new"
    REVISED = "revised"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Change:
    """The decision about one record, and its reason.

    ``paper_id`` is the remembered paper (``None`` for a new one); ``matched`` its title;
    ``reason`` is in words a reader of ``digest ingest`` understands. ``same_as`` is the index (in
    the same dump's list of changes) of the record this one repeats, if it repeats one that is
    itself new in this dump. ``fuller`` says that nothing is news here, yet the memory should keep
    the record's text instead of the cut, missing or summarised one that it has. ``exactly``: only
    equal keys were looked at, for want of time. ``disputed_id``: another paper has the record's id.
    """

    record: Record
    keys: IdentityKeys
    novelty: Novelty
    reason: str
    paper_id: int | None = None
    matched: str | None = None
    same_as: int | None = None
    fuller: bool = False
    exactly: bool = False
    disputed_id: str | None = None


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
    """The score of a paper's interest today: the sum of its parts."""

    score: float
    parts: tuple[TrendPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Placing:
    """The place of a paper in an edition: counted (from 1) among ``of`` papers, by ``trend``."""

    place: int
    of: int
    trend: Trend


@dataclass(frozen=True, slots=True)
class RelatedPaper:
    """A paper that another is related to, as a list names it; its title is as read."""

    id: int
    title: str
    first_seen: date


@dataclass(frozen=True, slots=True)
class PublishedPaper:
    """A paper with its topics, the day and the moment of its daily edition, its place in it (from 1)."""

    paper: Paper
    topics: tuple[str, ...]
    day: date
    published_at: datetime
    place: int


@dataclass(frozen=True, slots=True)
class Momentum:
    """The share of a topic (or a phrase) today, compared with its own past."""

    name: str
    today: int
    expected: float
    rising: bool
    words: str = ""
