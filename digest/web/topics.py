"""The pages of topics: how big each is, its share over time, and its papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.mail import plain_text
from digest.model import Paper, Topic
from digest.store import UnitOfWork
from digest.web import display
from digest.web.page_cache import (
    CachedPage,
    LruCache,
)
from digest.web.page_context import PageContext
from digest.web.papers import parse_paper_id
from digest.web.readable_texts import READABLE_TEXTS

WEEKS = 26
LATELY = 28
"""Days, with today, of which the list of topics counts the papers."""
LINE_WIDTH, LINE_HEIGHT = 100, 24
ON_A_PAGE = 30
LEAD = 280
"""Characters of an abstract that a list shows."""
DailyCounts = Mapping[date, Mapping[str, int]]
"""Papers by topic, for each day that has any."""
WeeklyCounts = Mapping[date, Mapping[str, int]]
"""Papers by topic, for each week by its Monday."""


class TopicPages:
    """``/topics`` and ``/topics/<id>``."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._topics = {topic.id: topic for topic in context.site.topics}
        self._days: LruCache[DailyCounts] = LruCache(1)

    def routes(self) -> list[Route]:
        """List the routes."""
        return [Route("/topics", self.all), Route("/topics/{id}", self.one)]

    async def all(self, request: Request) -> Response:
        """Every topic, the biggest of late first."""
        today = self._today()
        return await self._context.page(
            request, ("topics", today), lambda unit: self._all(unit, today)
        )

    async def one(self, request: Request) -> Response:
        """A topic over time."""
        topic = self._topics.get(request.path_params["id"])
        if topic is None:
            raise HTTPException(404)
        before_text = request.query_params.get("before", "")
        before = parse_paper_id(before_text) if before_text else None
        today = self._today()
        return await self._context.page(
            request,
            ("topic", topic.id, before, today),
            lambda unit: self._one(unit, topic, before, today),
        )

    def _today(self) -> date:
        site = self._context.site
        return site.clock().astimezone(site.zone).date()

    def _all(self, unit: UnitOfWork, today: date) -> CachedPage:
        first = today - timedelta(days=LATELY - 1)
        days = self._by_day(unit, today)
        counts = Counter[str]()
        for day, of_day in days.items():
            counts.update(of_day if first <= day <= today else {})
        bars = display.bar_rows(
            sorted(
                ((topic.id, topic.name, counts[topic.id], None) for topic in self._topics.values()),
                key=lambda row: -row[2],
            )
        )
        weeks = by_week(days, WEEKS, today)
        return self._context.html(
            "topics.html.j2",
            lead=_lead(first, today, sum(counts.values())),
            rows=[bar | {"line": share_line(bar["anchor"], weeks)} for bar in bars],
            here="/topics",
        )

    def _by_day(self, unit: UnitOfWork, today: date) -> DailyCounts:
        """New papers by topic of each day that a chart shows, counted once for all pages of topics."""
        first = display.monday(today) - timedelta(weeks=WEEKS - 1)
        return self._days.get(
            (unit.editions.stamp(), today),
            lambda: unit.published_papers.topic_counts(first, today + timedelta(days=1)),
        )

    def _one(self, unit: UnitOfWork, topic: Topic, before: int | None, today: date) -> CachedPage:
        papers = unit.published_papers.by_topic(topic.id, limit=ON_A_PAGE + 1, before=before)
        weeks = (
            []
            if before is not None
            else chart(topic.id, by_week(self._by_day(unit, today), WEEKS, today))
        )
        weeks = weeks if len(weeks) > 1 else []
        return self._context.html(
            "topic.html.j2",
            id=topic.id,
            title=plain_text.clean(topic.name),
            description=plain_text.clip(plain_text.clean(topic.description), 300),
            canonical=f"{self._context.site.base}/topics/{topic.id}",
            weeks=weeks,
            chart_words=_chart_words(weeks),
            chart_begins=weeks[0]["axis"] if weeks else "",
            chart_width=10 * WEEKS - 2,
            continued=before is not None,
            papers=[paper_card(paper) for paper in papers[:ON_A_PAGE]],
            older=papers[ON_A_PAGE - 1].id if len(papers) > ON_A_PAGE else None,
        )


def by_week(days: DailyCounts, weeks: int, today: date) -> WeeklyCounts:
    """Sum up the papers of ``days`` by topic for each of the last ``weeks``, by its Monday.

    Begins with the first week that has any, and ends with the one under way.
    """
    last = display.monday(today)
    first = last - timedelta(weeks=weeks - 1)
    by_monday: dict[date, Counter[str]] = {
        first + timedelta(weeks=n): Counter() for n in range(weeks)
    }
    for day, counts in days.items():
        by_monday[display.monday(day)].update(counts)
    begun = next((monday for monday, counts in by_monday.items() if counts), None)
    return {
        monday: counts
        for monday, counts in by_monday.items()
        if begun is not None and monday >= begun
    }


def share_line(topic: str, weeks: WeeklyCounts) -> dict[str, str] | None:
    """A line of the topic's share of each whole week that had papers; ``None`` for fewer than two.

    ``points`` are those of an SVG polyline that fills `LINE_WIDTH` × `LINE_HEIGHT`.
    """
    whole = list(weeks.items())[:-1]
    shares = [
        (place, counts.get(topic, 0) / of)
        for place, (_, counts) in enumerate(whole)
        if (of := sum(counts.values()))
    ]
    if len(shares) < 2:
        return None
    highest = max(share for _, share in shares)
    points = [
        (
            2 + (place - shares[0][0]) * (LINE_WIDTH - 4) / (shares[-1][0] - shares[0][0]),
            LINE_HEIGHT - 2 - (LINE_HEIGHT - 4) * (share / highest if highest else 0),
        )
        for place, share in shares
    ]
    latest = shares[-1][1]
    lowest = min(share for _, share in shares)
    return {
        "points": " ".join(f"{x:.4g},{y:.4g}" for x, y in points),
        "x": f"{points[-1][0]:.4g}",
        "y": f"{points[-1][1]:.4g}",
        "words": f"{latest:.1%} of all new papers in the last whole week; "
        f"between {lowest:.1%} and {highest:.1%} in {plain_text.counted(len(shares), 'week')}",
    }


def _lead(first: date, today: date, papers: int) -> str:
    if not papers:
        return "No new papers in the last four weeks."
    days = plain_text.span_in_words(first, today)
    return (
        f"{plain_text.counted(papers, 'new paper')} in the last four weeks ({days}), each counted "
        "under its first topic."
    )


def chart(topic: str, weeks: WeeklyCounts) -> list[dict[str, Any]]:
    """The topic's share of each week, as bars of a chart 100 high; the last week is under way.

    They stand at the right of a chart with room for `WEEKS`.
    """
    shares = []
    for monday, counts in weeks.items():
        of = sum(counts.values())
        shares.append((monday, counts.get(topic, 0), of, counts.get(topic, 0) / of if of else 0.0))
    highest = max((share for *_, share in shares), default=0.0) or 1.0
    return [
        {
            "x": 10 * (WEEKS - len(shares) + place),
            "y": f"{100 - 96 * share / highest:.4g}",
            "height": f"{96 * share / highest:.4g}",
            "shade": "faint" if place == len(shares) - 1 else "bold",
            "monday": _day(monday),
            "count": f"{count:,}",
            "of": f"{of:,}",
            "bar": count > 0,
            "share": f"{100 * share:.1f}%" if of else "–",
            "part": share,
            "axis": _day(shares[-1][0] - timedelta(weeks=WEEKS - 1)),
            "words": f"Week of {_day(monday)}: {count:,} of {of:,}",
        }
        for place, (monday, count, of, share) in enumerate(shares)
    ]


def _chart_words(weeks: list[dict[str, Any]]) -> str:
    if not weeks:
        return ""
    highest = max(weeks, key=lambda week: week["part"])
    last = weeks[-1]
    words = f"{last['share']} in the latest week"
    if highest is last:
        return f"{words}, the highest of {plain_text.counted(len(weeks), 'week')}."
    return f"{words}; the highest was {highest['share']} in the week of {highest['monday']}."


def paper_card(paper: Paper) -> dict[str, Any]:
    """A paper in a list: its title, its day, and how its abstract begins."""
    return display.PaperCard(
        paper.id,
        READABLE_TEXTS.text(paper.title),
        words=plain_text.clip(READABLE_TEXTS.text(paper.abstract[: 4 * LEAD]), LEAD),
        marks=paper_marks(paper),
    ).values()


def paper_marks(paper: Paper) -> list[str]:
    """The day on which a paper was new here, and its votes."""
    return [_day(paper.first_seen), *display.vote_marks(paper.votes)]


def _day(day: date) -> str:
    return f"{plain_text.short_day(day)} {day.year}"
