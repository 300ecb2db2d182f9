"""Papers and editions as the templates show them: display strings, nothing to work out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from digest.editorial.summary import badges as links_of
from digest.mail import urls, wording
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
_ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7}")
LONGEST_TITLE = 300
WIDEST_BAR = 100.0


def paper_title(text: str) -> str:
    """A title as plain text of bounded length."""
    return wording.clip(READABLE_TEXTS.text(text), LONGEST_TITLE) or "Untitled"


def card(
    paper_id: int,
    name: str,
    *,
    words: str = "",
    topics: Sequence[tuple[str, str]] = (),
    marks: Iterable[str] = (),
    links: Iterable[Link] = (),
    why: str = "",
    picked: bool = False,
) -> dict[str, Any]:
    """What the template's ``card`` asks for. ``topics`` are (id, name)."""
    return {
        "id": paper_id,
        "title": wording.clip(wording.clean(name), LONGEST_TITLE) or "Untitled",
        "words": wording.clean(words),
        "marks": [{"topic": id, "words": name} for id, name in topics]
        + [{"topic": "", "words": mark} for mark in marks],
        "links": link_badges(links),
        "why": wording.clip(wording.clean(why), wording.LONGEST_WHY),
        "picked": picked,
    }


def entry_card(entry: Entry, names: Mapping[str, str], *, picked: bool = False) -> dict[str, Any]:
    """A paper of an edition, as a pick or in its section."""
    if not picked:
        return card(entry.paper_id, entry.title, words=entry.brief)
    return card(
        entry.paper_id,
        entry.title,
        words=entry.summary,
        topics=[(entry.topic, names.get(entry.topic, entry.topic))],
        marks=vote_marks(entry.votes),
        links=entry.links,
        why=entry.why,
        picked=True,
    )


def vote_marks(number: int | None) -> list[str]:
    """``142 votes``, where there are any."""
    return [wording.counted(number, "vote")] if number and number > 0 else []


def link_badges(links: Iterable[Link]) -> list[dict[str, str]]:
    """The paper's own links that a page may carry, each once."""
    shown: dict[str, dict[str, str]] = {}
    for link in links:
        url = urls.safe_url(link.url)
        if url is not None and len(shown) < 4:
            label = wording.clip(wording.clean(link.label), 24) or _KINDS[link.kind]
            shown.setdefault(url, {"url": url, "words": f"{label}: {urls.display_url(url)}"})
    return list(shown.values())


def source_links(paper: Paper) -> list[dict[str, str]]:
    """Where the paper itself can be read, then its other links."""
    found = []
    identifier = paper.external_id or ""
    if _ARXIV.fullmatch(identifier):
        found.append({"url": f"https://arxiv.org/abs/{identifier}", "words": f"arXiv:{identifier}"})
        found.append({"url": f"https://arxiv.org/pdf/{identifier}", "words": "PDF"})
    own = urls.safe_url(paper.url)
    if own is not None and own not in {link["url"] for link in found}:
        found.append({"url": own, "words": f"Source: {urls.display_url(own)}"})
    if not found:
        search = urls.title_search_url(READABLE_TEXTS.text(paper.title))
        found.append({"url": search, "words": "Search arXiv for this title"})
    known = {link["url"] for link in found}
    return found + [
        link
        for link in link_badges(links_of(paper.links, paper.abstract))
        if link["url"] not in known
    ]


def edition_title(kind: EditionKind, day: date) -> str:
    """An edition's part of its address, as `digest.mail.wording.edition_name` makes it."""
    if kind is EditionKind.WEEKLY:
        return week_link(wording.week_covered(day))["name"]
    return day.isoformat()


def edition_label(one: EditionSummary) -> str:
    """An edition by its day, in words."""
    if one.kind is EditionKind.WEEKLY:
        year, week, _ = wording.week_covered(one.day).isocalendar()
        return f"Week {week} of {year}"
    return wording.day_in_words(one.day)


def week_link(day: date) -> dict[str, str]:
    """The week of that day, as a link shows it."""
    year, week, _ = day.isocalendar()
    return {"name": f"{year}-W{week:02d}", "words": f"Week {week}"}


def monday(day: date) -> date:
    """The first day of that day's week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def bar_rows(counts: Sequence[tuple[str, str, int, Momentum | None]]) -> list[dict[str, Any]]:
    """Bars on one scale; ``counts`` has (anchor, name, count, momentum)."""
    most = max((count for _, _, count, _ in counts), default=1) or 1
    return [
        {
            "anchor": anchor,
            "name": wording.clean(name),
            "count": f"{count:,}",
            "percent": f"{max(count / most * WIDEST_BAR, 1):.3g}",
            "rising": momentum is not None and momentum.rising,
        }
        for anchor, name, count, momentum in counts
    ]


def month_name(day: date) -> str:
    """``November 2026``."""
    return wording.span_in_words(day.replace(day=1), day.replace(day=2)).partition(" ")[2]


__all__ = [
    "bar_rows",
    "card",
    "edition_label",
    "edition_title",
    "entry_card",
    "link_badges",
    "monday",
    "month_name",
    "paper_title",
    "source_links",
    "vote_marks",
    "week_link",
]
