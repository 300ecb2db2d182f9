"""An edition as its page shows it: bars, picks and sections, whole or one topic of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from digest.mail import (
    plain_text,
    urls,
)
from digest.model import Edition, Entry, Section
from digest.web import display

MAX_BARS = 8
"""Topics that get a bar; the others are named after them, as in the mail."""
TITLE_LIMITS = (400, 60, 20, 8, 3)
"""Numbers of bare titles a section may have, tried in turn until the page fits."""


class Detail(NamedTuple):
    """Length of a page: bare titles that a section may have, and whether papers have briefs."""

    titles: int
    briefs: bool


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
            return f"{self.names[self.topic]}, {plain_text.short_day(self.edition.day)}"
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

    def overview(self) -> dict[str, Any]:
        """Values of the page above its sections: the scale, the bars and the picks."""
        edition = self.edition
        rows = [
            (
                urls.topic_anchor(section.topic.id),
                self.names[section.topic.id],
                len(section.papers),
                section.momentum,
            )
            for section in edition.sections
            if section.papers and not self.topic
        ]
        bars = display.bar_rows(sorted(rows, key=lambda row: -row[2]))
        picks = () if self.topic else edition.picks
        return {
            "news": f"{edition.new:,} new",
            "scale": _scale(edition),
            "rows": bars[:MAX_BARS],
            "others": bars[MAX_BARS:],
            "rising": any(momentum is not None and momentum.rising for *_, momentum in rows),
            "phrases": ", ".join(
                f"“{plain_text.clip(plain_text.clean(phrase.name), 40)}”"
                for phrase in edition.phrases
                if phrase.rising
            ),
            "picks": [
                display.entry_card(self.entries[id], self.names, picked=True) for id in picks
            ],
        }

    def sections(self, detail: Detail) -> list[dict[str, Any]]:
        """Values of each section that has papers, updated papers last."""
        shown = [
            self._section(section, detail)
            for section in self.edition.sections
            if section.papers and self.topic in ("", section.topic.id)
        ]
        if self.edition.updated and not self.topic:
            shown.append(self._updates(detail))
        return shown

    def _section(self, section: Section, detail: Detail) -> dict[str, Any]:
        papers = [id for id in section.papers if self.topic or id not in self.edition.picks]
        with_brief = section.shown if detail.briefs else 0
        if detail == (TITLE_LIMITS[0], True):
            with_brief = len(papers)
        cards = self._cards(papers[: with_brief + detail.titles])
        left = len(papers) - len(cards)
        name = self.names[section.topic.id]
        return {
            "id": section.topic.id,
            "anchor": urls.topic_anchor(section.topic.id),
            "name": name,
            "count": f"{len(section.papers):,}",
            "papers": cards[:with_brief],
            "titles": cards[with_brief : with_brief + detail.titles],
            "more": f"and {left:,} more in {name}" if left else "",
        }

    def _updates(self, detail: Detail) -> dict[str, Any]:
        cards = self._cards(self.edition.updated[: detail.titles])
        return {
            "id": "updates",
            "anchor": "updates",
            "name": "Updated papers",
            "count": f"{len(self.edition.updated):,}",
            "papers": cards if detail.briefs else [],
            "titles": [] if detail.briefs else cards,
            "more": "",
        }

    def _cards(self, papers: Sequence[int]) -> list[dict[str, Any]]:
        return [display.entry_card(self.entries[id], self.names) for id in papers]


def topic_names(edition: Edition) -> dict[str, str]:
    """The display name of each topic of the edition, by its id."""
    return {
        section.topic.id: plain_text.clip(
            plain_text.clean(section.topic.name or section.topic.id), 60
        )
        for section in edition.sections
    }


def _scale(edition: Edition) -> str:
    parts = [f"of {max(edition.read, edition.new):,} read"]
    if edition.updated:
        parts.append(f"{len(edition.updated):,} updated")
    parts.append(
        plain_text.counted(sum(1 for section in edition.sections if section.papers), "topic")
    )
    return " · ".join(parts)
