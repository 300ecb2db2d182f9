"""Editions: what a mail is made of, from the choice to the frozen rendering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from digest.model.papers import Assignment, Link, Momentum, Novelty, Paper, Topic, Trend


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
    here. ``raw_title`` is the title as read, for searching elsewhere. ``authors`` are the first
    three and the last of ``author_count`` (all if they are four; the last is missing where a source
    names only some); ``stars`` are those of the code. ``topic_is_sure``: the topic may be said of
    the paper alone, not only head the section that it stands in.
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
    authors: tuple[str, ...] = ()
    author_count: int = 0
    institution: str = ""
    venue: str = ""
    stars: int | None = None
    topic_is_sure: bool = True


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
        """The number of papers that are new in this edition."""
        return sum(len(section.papers) for section in self.sections)

    def without(self, paper_id: int) -> Edition:
        """The edition without that paper; sections that are left empty go too."""
        sections = tuple(
            replace(section, papers=tuple(id for id in section.papers if id != paper_id))
            for section in self.sections
        )
        return replace(
            self,
            entries=tuple(entry for entry in self.entries if entry.paper_id != paper_id),
            picks=tuple(id for id in self.picks if id != paper_id),
            sections=tuple(section for section in sections if section.papers),
            updated=tuple(id for id in self.updated if id != paper_id),
        )

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
    """The part of an edition that one mail shows, in order: the general one, or a subscriber's own.

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
