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


class SummaryChoice(StrEnum):
    """``OWN``: summaries are made of the abstracts; ``SOURCE``: a source's own one goes before them."""

    OWN = "own"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper as an edition shows it. ``title`` and the summaries are plain readable text.

    ``summary`` is at most two whole sentences, ``brief`` one. ``why`` says in words why it is
    here. ``raw_title`` is the title as read, for searching elsewhere. ``authors`` are the first
    three and the last of ``author_count`` (all if they are four; the last is missing where a source
    names only some); ``stars`` are those of the code. ``topic_is_sure``: the topic may be said of
    the paper alone, not only head the section that it stands in. ``summary_source`` names the source
    whose own summary stands here; ``""`` where it is made of the abstract.
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
    summary_source: str = ""


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
    ``kept`` are the papers of a weekly edition that most readers asked for more of.
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
    kept: tuple[int, ...] = ()

    @property
    def new(self) -> int:
        """The number of papers that are new in this edition."""
        return sum(len(section.papers) for section in self.sections)

    def best_first(self) -> tuple[Entry, ...]:
        """The entries: the picks, then the other new papers by their score, then the updated ones."""
        order = {id: place for place, id in enumerate(self.picks)}
        updated = frozenset(self.updated)
        return tuple(
            sorted(
                self.entries,
                key=lambda entry: (
                    entry.paper_id in updated,
                    order.get(entry.paper_id, len(order)),
                    -entry.trend.score,
                ),
            )
        )

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
            kept=tuple(id for id in self.kept if id != paper_id),
        )

    def entry(self, paper_id: int) -> Entry:
        """The entry of that paper; ``KeyError`` if it is not in this edition."""
        for entry in self.entries:
            if entry.paper_id == paper_id:
                return entry
        raise KeyError(paper_id)


@dataclass(frozen=True, slots=True)
class SectionChoice:
    """The part of a section that one mail shows: papers with a summary, then titles alone.

    ``more`` counts those that are neither. Papers among the picks are in none of these.
    """

    topic: str
    papers: tuple[int, ...]
    more: int = 0
    titles: tuple[int, ...] = ()

    @property
    def listed(self) -> int:
        """The number of the section's papers that are not among the picks, shown or not."""
        return len(self.papers) + len(self.titles) + self.more


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of an edition that one mail shows, in order: the general one, or a subscriber's own.

    ``why`` replaces the edition's own reason for the papers it names. ``total`` is how many new
    papers of the edition match the reader (shown or not). ``limited`` is true for a reader who asked
    for at most so many papers: titles beyond these are shown only where the list has no web pages.
    """

    picks: tuple[int, ...]
    sections: tuple[SectionChoice, ...]
    updated: tuple[int, ...] = ()
    updated_more: int = 0
    total: int = 0
    why: Mapping[int, str] = field(default_factory=dict)
    personal: bool = False
    updated_titles: tuple[int, ...] = ()
    limited: bool = False

    @property
    def updates(self) -> int:
        """The number of updated papers that match the reader, shown or not."""
        return len(self.updated) + len(self.updated_titles) + self.updated_more

    @property
    def named(self) -> int:
        """The number of papers that the mail names, new and updated, with a summary or without."""
        new = sum(len(section.papers) + len(section.titles) for section in self.sections)
        return len(self.picks) + new + len(self.updated) + len(self.updated_titles)

    def without_titles(self) -> Selection:
        """The selection with its bare titles only counted."""
        if not self.updated_titles and not any(section.titles for section in self.sections):
            return self
        return replace(
            self,
            sections=tuple(
                SectionChoice(section.topic, section.papers, section.more + len(section.titles))
                for section in self.sections
            ),
            updated_titles=(),
            updated_more=self.updated_more + len(self.updated_titles),
        )


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
