"""The pages of editions: the latest, a day's, a week's, one topic of a day, and the archive."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.editorial import edition as editorial
from digest.editorial.top import new_papers, rank_top
from digest.hours import is_reckonable
from digest.mail import plain_text
from digest.model import Edition, EditionKind, EditionSummary
from digest.store import UnitOfWork
from digest.web import display
from digest.web.edition_view import UPDATES, EditionView, topic_names
from digest.web.page_cache import CachedPage
from digest.web.page_context import PageContext

ON_A_PAGE = 60
"""Editions on a page of the archive."""
_PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,2}")
_NAME = re.compile(r"(\d{4})-(?:W(\d{2})|(\d{2})-(\d{2}))")


class EditionPages:
    """``/``, ``/editions`` and ``/editions/<day or week>``."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._names = {topic.id: topic.name for topic in context.site.topics}

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route("/", self.latest),
            Route("/editions", self.archive),
            Route("/editions/{name}", self.edition),
        ]

    async def latest(self, request: Request) -> Response:
        """The latest daily edition."""
        return await self._context.page(request, ("edition", ""), self._latest)

    async def edition(self, request: Request) -> Response:
        """The edition of a day or of a week, whole or one topic of it."""
        name = request.path_params["name"]
        kind, day = parse_edition_name(name)
        topic = request.query_params.get("topic", "")[:200]
        number = parse_page(request.query_params.get("page", "1"))
        return await self._context.page(
            request,
            ("edition", name, topic, number),
            lambda unit: self._named(unit, (kind, day), topic, number),
        )

    async def archive(self, request: Request) -> Response:
        """Every edition, the newest first."""
        before = parse_day(request.query_params.get("before", ""))
        return await self._context.page(
            request, ("archive", before), lambda unit: self._archive(unit, before)
        )

    def _latest(self, unit: UnitOfWork) -> CachedPage | None:
        newest = unit.editions.newest(EditionKind.DAILY)
        if newest is None:
            return self._context.html("empty.html.j2")
        edition = self._context.edition_cache.content(unit, newest)
        return self._page(unit, EditionView.of(edition), 1)

    def _named(
        self, unit: UnitOfWork, named: tuple[EditionKind, date], topic: str, number: int
    ) -> CachedPage | None:
        kind, day = named
        edition = self.find(unit, kind, day)
        if edition is None or not is_part(edition, topic):
            return None
        view = EditionView.of(edition, topic)
        return self._page(unit, view, number, monday=day if kind is EditionKind.WEEKLY else None)

    def find(self, unit: UnitOfWork, kind: EditionKind, day: date) -> Edition | None:
        """The edition of that day, or of the week that begins on it."""
        return self._week(unit, day) if kind is EditionKind.WEEKLY else self._day(unit, day)

    def _day(self, unit: UnitOfWork, day: date) -> Edition | None:
        for summary in edition_summaries(unit, EditionKind.DAILY, day):
            return self._context.edition_cache.content(unit, summary)
        return None

    def _week(self, unit: UnitOfWork, monday: date) -> Edition | None:
        """Take the week's own edition, made on a day after, else compose one from its days."""
        last = monday + timedelta(days=7)
        for weekly in edition_summaries(unit, EditionKind.WEEKLY, monday):
            return self._context.edition_cache.content(unit, weekly)
        days = unit.editions.of_kind(EditionKind.DAILY, monday, monday + timedelta(days=6))
        if not days:
            return None
        cache = self._context.edition_cache
        dailies = [cache.content(unit, daily) for daily in days]
        return cache.composed(
            ("week", monday),
            days,
            lambda: editorial.compose_weekly(
                dailies,
                topics=self._context.site.topics,
                day=last,
                top=rank_top(dailies, unit.papers.sightings(new_papers(dailies))),
            ),
        )

    def _page(
        self, unit: UnitOfWork, view: EditionView, number: int, monday: date | None = None
    ) -> CachedPage | None:
        pages = view.pages()
        if number > len(pages):
            return None
        header = self._header(unit, view, monday)
        place = f"{self._context.site.root_path}/editions/{header['name']}"
        return self._context.html(
            "edition.html.j2",
            sections=view.sections(pages[number - 1], number),
            **header,
            **view.overview(pages, number, place),
            steps=_page_links(place, view.topic, number, len(pages)),
        )

    def _header(self, unit: UnitOfWork, view: EditionView, monday: date | None) -> dict[str, Any]:
        """All values of the page but its sections: where it stands among the others, its name."""
        site, day = self._context.site, view.edition.day
        list_name = plain_text.clean(site.list_identity.list_name)
        name = display.week_link(monday)["name"] if monday else day.isoformat()
        before, after = self._neighbours(unit, day, monday)
        return {
            "name": name,
            "title": view.heading,
            "page_title": f"{view.heading} · {list_name}",
            "part": bool(view.topic),
            "kicker": "The week" if monday else "The day's edition",
            "description": view.description(list_name),
            "canonical": f"{site.base}/editions/{name}",
            "files": display.citation_links(f"/editions/{name}"),
            "before": before,
            "after": after,
            "week": None if monday else display.week_link(day),
        }

    def _neighbours(
        self, unit: UnitOfWork, day: date, monday: date | None
    ) -> tuple[dict[str, str] | None, dict[str, str] | None]:
        """Links to the editions before and after. A week has one wherever its days have any."""
        if monday is not None:
            earlier = unit.editions.neighbours(EditionKind.DAILY, monday)[0]
            later = unit.editions.neighbours(EditionKind.DAILY, monday + timedelta(days=6))[1]
            return (
                None if earlier is None else display.week_link(earlier),
                None if later is None else display.week_link(later),
            )
        earlier, later = unit.editions.neighbours(EditionKind.DAILY, day)
        return _day_link(earlier), _day_link(later)

    def _archive(self, unit: UnitOfWork, before: date | None) -> CachedPage:
        newest = unit.editions.list(ON_A_PAGE, before)
        shown = [edition for edition in newest if edition.kind is not EditionKind.WEEKDAYS]
        months = [
            {
                "name": display.month_name(month),
                "top": f"{month:%Y-%m}",
                "editions": [_archive_row(edition) for edition in editions],
            }
            for month, editions in groupby(shown, key=lambda row: row.day.replace(day=1))
        ]
        older = newest[-1].day.isoformat() if len(newest) == ON_A_PAGE else ""
        return self._context.html("archive.html.j2", months=months, older=older, here="/editions")


def parse_edition_name(name: str) -> tuple[EditionKind, date]:
    """The kind and the day (a week's Monday) of an edition's name. Raises a 404 for another text."""
    match = _NAME.fullmatch(name)
    if match is None or not name.isascii():
        raise HTTPException(404)
    year, week, month, day = match.groups()
    try:
        kind = EditionKind.WEEKLY if week else EditionKind.DAILY
        parsed_day = (
            date.fromisocalendar(int(year), int(week), 1)
            if week
            else date(int(year), int(month), int(day))
        )
    except ValueError:
        raise HTTPException(404) from None
    if not is_reckonable(parsed_day):
        raise HTTPException(404)
    return kind, parsed_day


def edition_summaries(unit: UnitOfWork, kind: EditionKind, day: date) -> list[EditionSummary]:
    """The editions that a name means: a day's, or those of the week from that Monday on."""
    if kind is EditionKind.WEEKLY:
        first, last = day + timedelta(days=1), day + timedelta(days=7)
        return list(unit.editions.of_kind(EditionKind.WEEKLY, first, last))
    summaries = (unit.editions.summary(k, day) for k in (EditionKind.DAILY, EditionKind.WEEKDAYS))
    return [summary for summary in summaries if summary is not None]


def parse_day(text: str) -> date | None:
    """A day from a query; ``None`` if there is none. Raises a 404 for another text."""
    if not text:
        return None
    kind, day = parse_edition_name(text)
    if kind is not EditionKind.DAILY:
        raise HTTPException(404)
    return day


def is_part(edition: Edition, topic: str) -> bool:
    """Tell whether an edition has that topic, or updated papers where these are asked for."""
    return (
        not topic or topic in topic_names(edition) or (topic == UPDATES and bool(edition.updated))
    )


def parse_page(text: str) -> int:
    """The number of a page. Raises a 404 for what is none."""
    if not _PAGE_NUMBER.fullmatch(text):
        raise HTTPException(404)
    return int(text)


def _page_links(place: str, topic: str, number: int, count: int) -> dict[str, Any] | None:
    """Addresses of an edition's pages; ``None`` if it has only one."""
    if count == 1:
        return None

    def href(other: int) -> str:
        query = {"topic": topic} if topic else {}
        query |= {"page": str(other)} if other > 1 else {}
        return f"{place}?{urlencode(query)}" if query else place

    return {
        "number": number,
        "count": count,
        "before": href(number - 1) if number > 1 else "",
        "after": href(number + 1) if number < count else "",
        "pages": [{"number": each, "href": href(each)} for each in range(1, count + 1)],
    }


def _day_link(day: date | None) -> dict[str, str] | None:
    return None if day is None else {"name": day.isoformat(), "words": plain_text.short_day(day)}


def _archive_row(edition: EditionSummary) -> dict[str, str]:
    subject: Sequence[str] = edition.subject.partition(" · ")
    return {
        "name": plain_text.edition_name(edition.kind, edition.day),
        "words": display.edition_label(edition),
        "papers": plain_text.counted(edition.papers, "paper"),
        "lead": plain_text.clean(subject[0]),
    }
