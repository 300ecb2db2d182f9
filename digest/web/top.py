"""The top papers of a week and of a month, by the votes known now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.editorial.top import TopPaper, new_papers, rank_top
from digest.hours import is_reckonable
from digest.mail import plain_text
from digest.model import EditionKind
from digest.store import UnitOfWork
from digest.web import display
from digest.web.edition_view import topic_names
from digest.web.page_cache import CachedPage
from digest.web.page_context import PageContext

OF_A_WEEK, OF_A_MONTH = 20, 40
"""Papers on a page."""
_NAME = re.compile(r"(\d{4})-(?:W(\d{2})|(\d{2}))")


@dataclass(frozen=True, slots=True)
class Span:
    """A week or a month. ``name`` is its part of the address: ``2026-W47``, ``2026-11``."""

    first: date
    last: date
    weekly: bool

    @property
    def name(self) -> str:
        """The span's part of its address."""
        if self.weekly:
            return display.week_link(self.first)["name"]
        return f"{self.first:%Y-%m}"

    @property
    def words(self) -> str:
        """The span in words: ``week 47 of 2026``, ``November 2026``."""
        if self.weekly:
            year, week, _ = self.first.isocalendar()
            return f"week {week} of {year}"
        return display.month_name(self.first)

    @classmethod
    def week(cls, day: date) -> Span:
        """The week of that day, from Monday."""
        first = display.monday(day)
        return cls(first, first + timedelta(days=6), True)

    @classmethod
    def month(cls, day: date) -> Span:
        """The month of that day."""
        first = day.replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
        return cls(first, following - timedelta(days=1), False)


class TopPages:
    """``/top``, ``/top/<week>`` and ``/top/<month>``."""

    def __init__(self, context: PageContext) -> None:
        self._context = context

    def routes(self) -> list[Route]:
        """List the routes."""
        return [Route("/top", self.latest), Route("/top/{name}", self.span)]

    async def latest(self, request: Request) -> Response:
        """The top of the week of the latest edition, or of this week if there is none."""
        return await self._context.page(request, ("top", ""), self._latest)

    async def span(self, request: Request) -> Response:
        """The top of that week or month."""
        span = parse_span(request.path_params["name"])
        if span.first > self._today():
            raise HTTPException(404)
        return await self._context.page(
            request, ("top", span.name), lambda unit: self._page(unit, span)
        )

    def _today(self) -> date:
        site = self._context.site
        return site.clock().astimezone(site.zone).date()

    def _latest(self, unit: UnitOfWork) -> CachedPage:
        newest = unit.editions.newest(EditionKind.DAILY)
        return self._page(unit, Span.week(newest.day if newest is not None else self._today()))

    def _page(self, unit: UnitOfWork, span: Span) -> CachedPage:
        site, cache = self._context.site, self._context.edition_cache
        days = unit.editions.of_kind(EditionKind.DAILY, span.first, span.last)
        dailies = [cache.content(unit, daily) for daily in days]
        ranked = rank_top(dailies, unit.papers.sightings(new_papers(dailies)))
        names = {topic.id: topic.name for topic in site.topics}
        for daily in dailies:
            names |= topic_names(daily)
        shown = ranked[: OF_A_WEEK if span.weekly else OF_A_MONTH]
        earlier = unit.editions.neighbours(EditionKind.DAILY, span.first)[0]
        later = unit.editions.neighbours(EditionKind.DAILY, span.last)[1]
        other = Span.month(span.last) if span.weekly else None
        of = Span.week if span.weekly else Span.month
        return self._context.html(
            "top.html.j2",
            title=f"Top of {span.words}",
            lead=_lead(span, shown, len(ranked)),
            papers=[_card(paper, names) for paper in shown],
            canonical=f"{site.base}/top/{span.name}",
            before=_link(None if earlier is None else of(earlier)),
            after=_link(None if later is None else of(later)),
            other=_link(other),
            week=span.name if span.weekly and dailies else "",
            here="/top",
        )


def parse_span(name: str) -> Span:
    """The week or month of that name. Raises a 404 for another text."""
    match = _NAME.fullmatch(name) if name.isascii() else None
    if match is None:
        raise HTTPException(404)
    year, week, month = match.groups()
    try:
        if week:
            first = date.fromisocalendar(int(year), int(week), 1)
        else:
            first = date(int(year), int(month), 1)
    except ValueError:
        raise HTTPException(404) from None
    if not is_reckonable(first) or not is_reckonable(first + timedelta(days=31)):
        raise HTTPException(404)
    return Span.week(first) if week else Span.month(first)


def _lead(span: Span, shown: Sequence[TopPaper], papers: int) -> str:
    """The line under the title: of how many papers these are the top, and by what."""
    if not papers:
        return f"Nothing was published in {span.words}."
    days = plain_text.span_in_words(span.first, span.last)
    of = plain_text.counted(papers, "paper")
    many = f"The top {len(shown)} of the {of}" if len(shown) < papers else f"The {of}"
    voted = any(paper.entry.votes for paper in shown)
    by = "by their votes so far" if voted else "by their score, as no votes are known"
    return f"{many} that were new in {span.words} ({days}), ordered {by}."


def _card(paper: TopPaper, names: dict[str, str]) -> dict[str, Any]:
    card = display.entry_card(paper.entry, names, picked=True)
    # Reasons are those of the paper's own day.
    marks = [*card["marks"], {"topic": "", "words": plain_text.short_day(paper.day)}]
    return card | {"why": "", "marks": marks}


def _link(span: Span | None) -> dict[str, str] | None:
    if span is None:
        return None
    words = span.words
    return {"name": span.name, "words": f"{words[:1].upper()}{words[1:]}"}
