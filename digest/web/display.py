"""Papers and editions as the templates show them: display strings, nothing to work out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from digest.arxiv_ids import is_arxiv_id
from digest.citations.formats import CITATION_FORMATS
from digest.editorial.summary import badges as links_of
from digest.mail import (
    bylines,
    plain_text,
    urls,
)
from digest.model import EditionKind, EditionSummary, Entry, Link, LinkKind, Momentum, Paper
from digest.web.readable_texts import READABLE_TEXTS

_KINDS = {
    LinkKind.CODE: "Code",
    LinkKind.PROJECT: "Project page",
    LinkKind.DATA: "Data",
    LinkKind.MODEL: "Model",
    LinkKind.PAPER: "Paper",
    LinkKind.OTHER: "Link",
}
LONGEST_TITLE = 300
WIDEST_BAR = 100.0


def paper_title(text: str) -> str:
    """A title as plain text of bounded length."""
    return plain_text.clip(READABLE_TEXTS.text(text), LONGEST_TITLE) or "Untitled"


@dataclass(frozen=True, slots=True)
class PaperCard:
    """A paper as a list shows it. ``words`` is what stands below its title,
    ``credit`` who wrote it, if not we.

    ``byline`` names authors and where they are; ``topics`` are (id, name) pairs; ``marks`` short facts beside them.
    """

    paper_id: int
    title: str
    words: str = ""
    credit: str = ""
    topics: Sequence[tuple[str, str]] = ()
    marks: Iterable[str] = ()
    links: Iterable[Link] = ()
    why: str = ""
    picked: bool = False
    byline: str = ""

    def values(self) -> dict[str, Any]:
        """Values that the template's ``card`` asks for."""
        return {
            "id": self.paper_id,
            "title": plain_text.clip(plain_text.clean(self.title), LONGEST_TITLE) or "Untitled",
            "words": plain_text.clean(self.words),
            "credit": self.credit,
            "byline": self.byline,
            "marks": [{"topic": id, "words": name} for id, name in self.topics]
            + [{"topic": "", "words": mark} for mark in self.marks],
            "links": link_badges(self.links),
            "why": plain_text.clip(plain_text.clean(self.why), plain_text.LONGEST_WHY),
            "picked": self.picked,
        }


def entry_card(entry: Entry, names: Mapping[str, str], *, picked: bool = False) -> dict[str, Any]:
    """A paper of an edition, as a pick or in its section."""
    credit = plain_text.summary_credit(entry)
    if not picked:
        return PaperCard(
            entry.paper_id,
            entry.title,
            words=entry.brief,
            credit=credit,
            byline=bylines.byline(entry),
        ).values()
    return PaperCard(
        entry.paper_id,
        entry.title,
        words=entry.summary,
        credit=credit,
        topics=[(entry.topic, names.get(entry.topic, entry.topic))] if entry.topic_is_sure else (),
        marks=vote_marks(entry.votes),
        links=entry.links,
        why=entry.why,
        picked=True,
        byline=bylines.byline(entry),
    ).values()


def vote_marks(number: int | None) -> list[str]:
    """``142 votes``, where there are any."""
    return [plain_text.counted(number, "vote")] if number and number > 0 else []


def link_badges(links: Iterable[Link], stars: int | None = None) -> list[dict[str, str]]:
    """The paper's own links that a page may carry, each once; ``stars`` are those of its code."""
    shown: dict[str, dict[str, str]] = {}
    for link in links:
        url = urls.safe_url(link.url)
        if url is not None and len(shown) < 4:
            label = plain_text.clip(plain_text.clean(link.label), 24) or _KINDS[link.kind]
            words = f"{label}: {urls.display_url(url)}"
            if stars and link.kind is LinkKind.CODE:
                words, stars = f"{words} ({plain_text.counted(stars, 'star')})", None
            shown.setdefault(url, {"url": url, "words": words})
    return list(shown.values())


def source_links(paper: Paper) -> list[dict[str, str]]:
    """Links to the paper itself, then its other links."""
    links = []
    identifier = paper.external_id or ""
    if is_arxiv_id(identifier):
        links.append({"url": f"https://arxiv.org/abs/{identifier}", "words": f"arXiv:{identifier}"})
        links.append({"url": f"https://arxiv.org/pdf/{identifier}", "words": "PDF"})
    own = urls.safe_url(paper.url)
    if own is not None and own not in {link["url"] for link in links}:
        links.append({"url": own, "words": f"Source: {urls.display_url(own)}"})
    if not links:
        search = urls.title_search_url(READABLE_TEXTS.text(paper.title))
        links.append({"url": search, "words": "Search arXiv for this title"})
    shown = {link["url"] for link in links}
    badges = link_badges(links_of(paper.links, paper.abstract), paper.details.stars)
    return links + [badge for badge in badges if badge["url"] not in shown]


def citation_links(path: str) -> list[dict[str, str]]:
    """Links to the citation files of the page at ``path``, one for each format."""
    return [
        {
            "path": f"{path}.{ending}",
            "words": style.name,
            "type": style.media_type.partition(";")[0],
        }
        for ending, style in CITATION_FORMATS.items()
    ]


def edition_label(edition: EditionSummary) -> str:
    """An edition by its day, in words."""
    if edition.kind is EditionKind.WEEKLY:
        year, week, _ = plain_text.week_covered(edition.day).isocalendar()
        return f"Week {week} of {year}"
    return plain_text.day_in_words(edition.day)


def week_link(day: date) -> dict[str, str]:
    """The week of that day, as a link shows it."""
    year, week, _ = day.isocalendar()
    return {"name": f"{year}-W{week:02d}", "words": f"Week {week}"}


def monday(day: date) -> date:
    """The first day of that day's week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def bar_rows(counts: Sequence[tuple[str, str, int, Momentum | None]]) -> list[dict[str, Any]]:
    """Bars on one scale; ``counts`` has (anchor, name, count, momentum). Of nothing there is none."""
    most = max((count for _, _, count, _ in counts), default=1) or 1
    return [
        {
            "anchor": anchor,
            "name": plain_text.clean(name),
            "count": f"{count:,}",
            "percent": f"{max(count / most * WIDEST_BAR, 1):.3g}" if count else "",
            "rising": momentum is not None and momentum.rising,
        }
        for anchor, name, count, momentum in counts
    ]


def masked_address(email: str) -> str:
    """An address that its owner knows again, and nobody else learns: ``a…@example.org``."""
    name, _, domain = (plain_text.clean(part) for part in email.rpartition("@"))
    return f"{name[:1] if len(name) > 1 else ''}…@{domain}"


def month_name(day: date) -> str:
    """``November 2026``."""
    return plain_text.span_in_words(day.replace(day=1), day.replace(day=2)).partition(" ")[2]


__all__ = [
    "PaperCard",
    "bar_rows",
    "citation_links",
    "edition_label",
    "entry_card",
    "link_badges",
    "masked_address",
    "monday",
    "month_name",
    "paper_title",
    "source_links",
    "vote_marks",
    "week_link",
]
