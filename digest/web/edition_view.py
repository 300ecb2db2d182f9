"""An edition as its page shows it: bars, picks and sections, whole or one topic of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from digest.mail import (
    bylines,
    plain_text,
    urls,
)
from digest.mail.fragments import KEPT_INTRO
from digest.model import Edition, Entry
from digest.web import display

MAX_BARS = 8
"""Topics that get a bar; the others are named after them, as in the mail."""
PAGE_BUDGET = 46_000
"""Bytes of a page, so that it and the style sheet stay below 60 kB; a longer edition has several."""
UPDATES = "updates"
"""Name under which the updated papers are asked for, as a topic's are."""
_AROUND_PAGE, _AROUND_PAPER = 7_500, 265
_AROUND_PICK, _AROUND_ROW, _AROUND_SECTION = 700, 330, 160
"""Bytes of markup around a page, a paper in its section, a pick, a bar and a section, at most."""


class PageSection(NamedTuple):
    """Papers of a section that stand on one page. ``begun``: the first of them are on pages before."""

    topic: str
    papers: tuple[int, ...]
    begun: bool = False


@dataclass(frozen=True, slots=True)
class EditionView:
    """An edition, the topic that is asked for (``""`` for all), and what is looked up in it."""

    edition: Edition
    topic: str
    names: Mapping[str, str]
    entries: Mapping[int, Entry]

    @classmethod
    def of(cls, edition: Edition, topic: str = "") -> EditionView:
        """Index the edition's topics and papers."""
        entries = {entry.paper_id: entry for entry in edition.entries}
        return cls(edition, topic, topic_names(edition), entries)

    @property
    def heading(self) -> str:
        """The page's title: the date, or the topic on that day."""
        if self.topic:
            name = self.names.get(self.topic, "Updated papers")
            return f"{name}, {plain_text.short_day(self.edition.day)}"
        return plain_text.edition_date(self.edition)

    def description(self, list_name: str) -> str:
        """Describe the edition for search engines: its biggest topics."""
        return plain_text.preheader(
            [
                (self.names[section.topic.id], len(section.papers))
                for section in self.edition.sections
                if section.papers
            ],
            otherwise=f"{list_name}, {plain_text.edition_date(self.edition)}",
        )

    def overview(
        self, pages: Sequence[Sequence[PageSection]], number: int, place: str
    ) -> dict[str, Any]:
        """Values of page ``number`` above its sections: the scale, the bars and the picks.

        ``place`` is the address of the edition, for links to its other pages.
        """
        edition = self.edition
        rows = [
            (
                section.topic.id,
                self.names[section.topic.id],
                len(section.papers),
                section.momentum,
            )
            for section in edition.sections
            if section.papers and not self.topic
        ]
        bars = display.bar_rows(sorted(rows, key=lambda row: -row[2]))
        for bar in bars:
            other, anchor = _position(bar["anchor"], pages)
            bar["href"] = anchor if other == number else f"{place}?page={other}{anchor}"
        return {
            **self._figures(),
            "rows": bars[:MAX_BARS],
            "others": bars[MAX_BARS:],
            "rising": any(momentum is not None and momentum.rising for *_, momentum in rows),
            "phrases": ", ".join(
                f"“{plain_text.clip(plain_text.clean(phrase.name), 40)}”"
                for phrase in edition.phrases
                if phrase.rising
            ),
            "picks_heading": plain_text.picks_heading(edition.kind),
            **self._kept(number),
            "picks": [
                display.entry_card(self.entries[id], self.names, picked=True)
                for id in (self._picks() if number == 1 else ())
            ],
        }

    def _kept(self, number: int) -> dict[str, Any]:
        """The papers that most readers asked for more of, on the first page of the whole edition."""
        ids = [] if self.topic or number > 1 else self.edition.kept
        cards = [
            display.entry_card(self.entries[id], self.names) for id in ids if id in self.entries
        ]
        return {"kept": cards, "kept_intro": KEPT_INTRO}

    def pages(self) -> tuple[tuple[PageSection, ...], ...]:
        """Share all papers out among pages of `PAGE_BUDGET` bytes, in their order; at least one page."""
        room = PAGE_BUDGET - _AROUND_PAGE - _AROUND_ROW * min(len(self.names), MAX_BARS)
        used = sum(self._weight(id) + _AROUND_PICK for id in self._picks())
        pages: list[list[PageSection]] = [[]]
        for topic, papers in self._all_sections():
            used += _AROUND_SECTION
            start = 0
            for end, paper_id in enumerate(papers):
                used += self._weight(paper_id)
                if used > room and (pages[-1] or end > start):
                    if end > start:
                        pages[-1].append(PageSection(topic, papers[start:end], start > 0))
                    pages.append([])
                    used, start = _AROUND_SECTION + self._weight(paper_id), end
            pages[-1].append(PageSection(topic, papers[start:], start > 0))
        return tuple(map(tuple, pages))

    def sections(self, page: Sequence[PageSection], number: int) -> list[dict[str, Any]]:
        """Values of the sections of that page, which has that number; updated papers last."""
        return [self._section(part, "above" if number == 1 else "on page 1") for part in page]

    def _figures(self) -> dict[str, str]:
        """The number of papers: of the edition, or of the part of it that is asked for."""
        edition = self.edition
        if not self.topic:
            return {"news": f"{edition.new:,} new", "scale": _scale(edition)}
        if self.topic == UPDATES:
            return {"news": plain_text.counted(len(edition.updated), "updated paper"), "scale": ""}
        count = sum(len(papers) for _, papers in self._all_sections())
        return {"news": f"{count:,} new", "scale": f"of {edition.new:,} in the whole edition"}

    def _picks(self) -> tuple[int, ...]:
        return () if self.topic else self.edition.picks

    def _all_sections(self) -> list[tuple[str, tuple[int, ...]]]:
        """The papers of each section by its topic, without the picks; the updated ones last."""
        above = frozenset(self._picks())
        sections = [
            (section.topic.id, tuple(id for id in section.papers if id not in above))
            for section in self.edition.sections
            if self.topic in ("", section.topic.id)
        ]
        if self.edition.updated and self.topic in ("", UPDATES):
            sections.append((UPDATES, self.edition.updated))
        return [(topic, papers) for topic, papers in sections if papers]

    def _weight(self, paper_id: int) -> int:
        """Bytes that a paper takes on a page, about."""
        entry = self.entries[paper_id]
        words = f"{entry.title}{entry.brief}{bylines.byline(entry)}"
        return _AROUND_PAPER + len(words.encode("utf-8", "replace"))

    def _section(self, part: PageSection, picks_are: str) -> dict[str, Any]:
        whole = {section.topic.id: section.papers for section in self.edition.sections}
        papers = whole.get(part.topic, self.edition.updated)
        above = sum(id in self._picks() for id in papers)
        return {
            "id": part.topic,
            "anchor": urls.topic_anchor(part.topic),
            "name": self.names.get(part.topic, "Updated papers"),
            "count": plain_text.section_figure(len(papers), above, picks_are),
            "begun": part.begun,
            "papers": [display.entry_card(self.entries[id], self.names) for id in part.papers],
        }


def _position(topic: str, pages: Sequence[Sequence[PageSection]]) -> tuple[int, str]:
    """The page on which a topic begins, and where; the picks on the first if all of it is there."""
    for number, page in enumerate(pages, 1):
        if any(part.topic == topic for part in page):
            return number, f"#{urls.topic_anchor(topic)}"
    return 1, "#picks"


def topic_names(edition: Edition) -> dict[str, str]:
    """The display name of each topic of the edition, by its id."""
    return {
        section.topic.id: plain_text.clip(
            plain_text.clean(section.topic.name or section.topic.id), 60
        )
        for section in edition.sections
    }


def _scale(edition: Edition) -> str:
    parts = [f"of {max(edition.read, edition.new):,} listed"]
    if edition.updated:
        parts.append(f"{len(edition.updated):,} updated")
    parts.append(
        plain_text.counted(sum(1 for section in edition.sections if section.papers), "topic")
    )
    return " · ".join(parts)
