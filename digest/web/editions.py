"""The pages of editions: the latest, a day's, a week's, one topic of a day, and the archive."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.editorial import edition as editorial
from digest.hours import is_reckonable
from digest.mail import urls, wording
from digest.model import Edition, EditionKind, EditionSummary, Entry, Section
from digest.store import UnitOfWork
from digest.web import display
from digest.web.page_cache import CachedPage
from digest.web.page_context import PageContext

PAGE_BUDGET = 48_000
"""Bytes of a page, so that it and the style sheet stay below 60 kB."""
ON_A_PAGE = 60
"""Editions on a page of the archive."""
BARS = 8
"""Topics that get a bar; the others are named after them, as in the mail."""
TITLE_LIMITS = (400, 60, 20, 8, 3)
"""How many bare titles a section may have, tried in turn until the page fits."""
_NAME = re.compile(r"(\d{4})-(?:W(\d{2})|(\d{2})-(\d{2}))")


class EditionPages:
    """``/``, ``/editions`` and ``/editions/<day or week>``."""

    def __init__(self, rooms: PageContext) -> None:
        self._rooms = rooms
        self._names = {topic.id: topic.name for topic in rooms.site.topics}

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/", self.latest),
            Route("/editions", self.all),
            Route("/editions/{name}", self.one),
        ]

    async def latest(self, request: Request) -> Response:
        """The latest daily edition."""
        return await self._rooms.page(request, ("edition", ""), self._latest)

    async def one(self, request: Request) -> Response:
        """The edition of a day or of a week, whole or one topic of it."""
        name = request.path_params["name"]
        kind, day = parse_edition_name(name)
        topic = request.query_params.get("topic", "")[:200]
        return await self._rooms.page(
            request, ("edition", name, topic), lambda unit: self._named(unit, kind, day, topic)
        )

    async def all(self, request: Request) -> Response:
        """Every edition, the newest first."""
        before = parse_day(request.query_params.get("before", ""))
        return await self._rooms.page(
            request, ("archive", before), lambda unit: self._archive(unit, before)
        )

    def _latest(self, unit: UnitOfWork) -> CachedPage:
        newest = unit.editions.newest(EditionKind.DAILY)
        if newest is None:
            return self._rooms.html("empty.html.j2")
        return self._page(unit, self._rooms.archive.content(unit, newest.id), "")

    def _named(
        self, unit: UnitOfWork, kind: EditionKind, day: date, topic: str
    ) -> CachedPage | None:
        edition = self._week(unit, day) if kind is EditionKind.WEEKLY else self._day(unit, day)
        if edition is None or (topic and topic not in _names_of(edition)):
            return None
        return self._page(unit, edition, topic, monday=day if kind is EditionKind.WEEKLY else None)

    def _day(self, unit: UnitOfWork, day: date) -> Edition | None:
        for kind in (EditionKind.DAILY, EditionKind.WEEKDAYS):
            found = unit.editions.summary(kind, day)
            if found is not None:
                return self._rooms.archive.content(unit, found.id)
        return None

    def _week(self, unit: UnitOfWork, monday: date) -> Edition | None:
        """The week's own edition, made on a day after, else what its days had, told the same way."""
        first, last = monday + timedelta(days=1), monday + timedelta(days=7)
        for found in unit.editions.of_kind(EditionKind.WEEKLY, first, last):
            return self._rooms.archive.content(unit, found.id)
        days = unit.editions.of_kind(EditionKind.DAILY, monday, monday + timedelta(days=6))
        if not days:
            return None
        return editorial.compose_weekly(
            [self._rooms.archive.content(unit, one.id) for one in days],
            topics=self._rooms.site.topics,
            day=last,
        )

    def _page(
        self, unit: UnitOfWork, edition: Edition, topic: str, monday: date | None = None
    ) -> CachedPage:
        values = self._values(unit, edition, topic, monday)
        levels = [(titles, briefs) for titles in TITLE_LIMITS for briefs in (True, False)]
        for titles, briefs in levels:
            sections = self._sections(edition, topic, briefs=briefs, titles=titles)
            # A page that is far too long is not worth its rendering.
            if _likely_size(sections) > 1.3 * PAGE_BUDGET and (titles, briefs) != levels[-1]:
                continue
            page = self._rooms.html("edition.html.j2", sections=sections, **values)
            if page.size <= PAGE_BUDGET:
                break
        return page

    def _values(
        self, unit: UnitOfWork, edition: Edition, topic: str, monday: date | None
    ) -> dict[str, Any]:
        site = self._rooms.site
        name = display.week_link(monday)["name"] if monday else edition.day.isoformat()
        before, after = self._around(unit, edition.day, monday)
        names, by_id = _names_of(edition), {entry.paper_id: entry for entry in edition.entries}
        picks = () if topic else edition.picks
        told = wording.edition_date(edition)
        heading = f"{names[topic]}, {wording.short_day(edition.day)}" if topic else told
        rows = [
            (urls.topic_anchor(one.topic.id), names[one.topic.id], len(one.papers), one.momentum)
            for one in edition.sections
            if one.papers and not topic
        ]
        bars = display.bar_rows(sorted(rows, key=lambda row: -row[2]))
        return {
            "name": name,
            "title": heading,
            "page_title": f"{heading} · {wording.clean(site.list_identity.list_name)}",
            "kicker": "The week" if monday else "The day's edition",
            "news": f"{edition.new:,} new",
            "scale": _scale(edition),
            "description": wording.preheader(
                [(names[s.topic.id], len(s.papers)) for s in edition.sections if s.papers],
                otherwise=f"{wording.clean(site.list_identity.list_name)}, {told}",
            ),
            "canonical": f"{site.base}/editions/{name}",
            "before": before,
            "after": after,
            "week": None if monday else display.week_link(edition.day),
            "rows": bars[:BARS],
            "others": bars[BARS:],
            "rising": any(row[3] is not None and row[3].rising for row in rows),
            "phrases": ", ".join(
                f"“{wording.clip(wording.clean(one.name), 40)}”"
                for one in edition.phrases
                if one.rising
            ),
            "picks": [display.entry_card(by_id[id], names, picked=True) for id in picks],
        }

    def _around(
        self, unit: UnitOfWork, day: date, monday: date | None
    ) -> tuple[dict[str, str] | None, dict[str, str] | None]:
        """The editions before and after. A week has one wherever its days have any."""
        if monday is not None:
            earlier = unit.editions.neighbours(EditionKind.DAILY, monday)[0]
            later = unit.editions.neighbours(EditionKind.DAILY, monday + timedelta(days=6))[1]
            return (
                None if earlier is None else display.week_link(earlier),
                None if later is None else display.week_link(later),
            )
        earlier, later = unit.editions.neighbours(EditionKind.DAILY, day)
        return _step(earlier), _step(later)

    def _sections(
        self, edition: Edition, topic: str, *, briefs: bool, titles: int
    ) -> list[dict[str, Any]]:
        names = _names_of(edition)
        by_id = {entry.paper_id: entry for entry in edition.entries}
        shown = [
            self._section(edition, section, by_id, names, topic, briefs, titles)
            for section in edition.sections
            if section.papers and topic in ("", section.topic.id)
        ]
        if edition.updated and not topic:
            papers = [display.entry_card(by_id[id], names) for id in edition.updated[:titles]]
            shown.append(
                {
                    "id": "updates",
                    "anchor": "updates",
                    "name": "Updated papers",
                    "count": f"{len(edition.updated):,}",
                    "papers": papers if briefs else [],
                    "titles": [] if briefs else papers,
                    "more": "",
                }
            )
        return shown

    def _section(
        self,
        edition: Edition,
        section: Section,
        by_id: Mapping[int, Entry],
        names: Mapping[str, str],
        topic: str,
        briefs: bool,
        titles: int,
    ) -> dict[str, Any]:
        rest = [id for id in section.papers if topic or id not in edition.picks]
        told = len(rest) if titles == TITLE_LIMITS[0] and briefs else section.shown if briefs else 0
        cards = [display.entry_card(by_id[id], names) for id in rest[: told + titles]]
        left = len(rest) - len(cards)
        return {
            "id": section.topic.id,
            "anchor": urls.topic_anchor(section.topic.id),
            "name": names[section.topic.id],
            "count": f"{len(section.papers):,}",
            "papers": cards[:told],
            "titles": cards[told : told + titles],
            "more": f"and {left:,} more in {names[section.topic.id]}" if left else "",
        }

    def _archive(self, unit: UnitOfWork, before: date | None) -> CachedPage:
        found = unit.editions.list(ON_A_PAGE, before)
        shown = [one for one in found if one.kind is not EditionKind.WEEKDAYS]
        months = [
            {"name": name, "editions": [_line(one) for one in editions]}
            for name, editions in groupby(shown, key=lambda one: display.month_name(one.day))
        ]
        older = found[-1].day.isoformat() if len(found) == ON_A_PAGE else ""
        return self._rooms.html("archive.html.j2", months=months, older=older, here="/editions")


def parse_edition_name(name: str) -> tuple[EditionKind, date]:
    """The kind and the day (a week's Monday) of an edition's name. Raises a 404 for another text."""
    found = _NAME.fullmatch(name)
    if found is None or not name.isascii():
        raise HTTPException(404)
    year, week, month, day = found.groups()
    try:
        kind = EditionKind.WEEKLY if week else EditionKind.DAILY
        found_day = (
            date.fromisocalendar(int(year), int(week), 1)
            if week
            else date(int(year), int(month), int(day))
        )
    except ValueError:
        raise HTTPException(404) from None
    if not is_reckonable(found_day):
        raise HTTPException(404)
    return kind, found_day


def parse_day(text: str) -> date | None:
    """A day from a query; ``None`` if there is none. Raises a 404 for another text."""
    if not text:
        return None
    kind, day = parse_edition_name(text)
    if kind is not EditionKind.DAILY:
        raise HTTPException(404)
    return day


def _names_of(edition: Edition) -> dict[str, str]:
    return {
        section.topic.id: wording.clip(wording.clean(section.topic.name or section.topic.id), 60)
        for section in edition.sections
    }


def _likely_size(sections: Sequence[Mapping[str, Any]]) -> int:
    """Bytes that the papers will take, roughly: their words and the markup around them."""
    size = 0
    for section in sections:
        size += 300 + sum(len(one["title"]) + len(one["words"]) + 110 for one in section["papers"])
        size += sum(len(one["title"]) + 65 for one in section["titles"])
    return size


def _scale(edition: Edition) -> str:
    parts = [f"of {max(edition.read, edition.new):,} read"]
    if edition.updated:
        parts.append(f"{len(edition.updated):,} updated")
    parts.append(wording.counted(sum(1 for s in edition.sections if s.papers), "topic"))
    return " · ".join(parts)


def _step(day: date | None) -> dict[str, str] | None:
    return None if day is None else {"name": day.isoformat(), "words": wording.short_day(day)}


def _line(one: EditionSummary) -> dict[str, str]:
    subject: Sequence[str] = one.subject.partition(" · ")
    return {
        "name": display.edition_title(one.kind, one.day),
        "words": display.edition_label(one),
        "papers": wording.counted(one.papers, "paper"),
        "lead": wording.clean(subject[0]),
    }
