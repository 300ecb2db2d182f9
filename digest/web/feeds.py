"""Atom feeds (RFC 4287): every new paper, or those of one topic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.mail import plain_text
from digest.model import Paper
from digest.store import UnitOfWork
from digest.web import display
from digest.web.page_cache import CachedPage
from digest.web.page_context import PageContext
from digest.web.readable_texts import READABLE_TEXTS

ATOM = "application/atom+xml; charset=utf-8"
ENTRIES = 40
LONGEST_SUMMARY = 600


class Feeds:
    """``/feed.xml`` and ``/topics/<id>/feed.xml``."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._topics = {topic.id: topic for topic in context.site.topics}

    def routes(self) -> list[Route]:
        """List the routes."""
        return [Route("/feed.xml", self.all), Route("/topics/{id}/feed.xml", self.one)]

    async def all(self, request: Request) -> Response:
        """The newest papers of every topic."""
        name = plain_text.clean(self._context.site.list_identity.list_name)
        return await self._context.page(
            request,
            ("feed", ""),
            lambda unit: self._feed(unit, name, "", unit.papers.recent(ENTRIES)),
        )

    async def one(self, request: Request) -> Response:
        """The newest papers of a topic."""
        topic = self._topics.get(request.path_params["id"])
        if topic is None:
            raise HTTPException(404)
        title = f"{plain_text.clean(self._context.site.list_identity.list_name)}: {topic.name}"
        return await self._context.page(
            request,
            ("feed", topic.id),
            lambda unit: self._feed(
                unit, title, f"/topics/{topic.id}", unit.papers.by_topic(topic.id, limit=ENTRIES)
            ),
        )

    def _feed(self, unit: UnitOfWork, title: str, path: str, papers: Sequence[Paper]) -> CachedPage:
        base = self._context.site.base
        latest = max((paper.first_seen for paper in papers), default=date(1970, 1, 1))
        text = self._context.templates.render(
            "feed.xml.j2",
            title=title,
            self_url=f"{base}{path}/feed.xml",
            page_url=f"{base}{path or '/'}",
            updated=self._moment(latest),
            entries=[self._entry(unit, paper) for paper in papers],
        )
        return CachedPage.of(text, ATOM)

    def _entry(self, unit: UnitOfWork, paper: Paper) -> dict[str, Any]:
        site = self._context.site
        assignment = unit.papers.assignment(paper.id)
        topics = assignment.topics if assignment is not None else ()
        url = f"{site.base}/papers/{paper.id}"
        return {
            "id": url,
            "url": url,
            "title": display.paper_title(paper.title),
            "updated": self._moment(paper.first_seen),
            "topics": [{"id": id, "name": site.topic_name(id)} for id in topics],
            "words": plain_text.clip(READABLE_TEXTS.text(paper.abstract), LONGEST_SUMMARY),
        }

    def _moment(self, day: date) -> str:
        """The list's own hour of that day, as RFC 3339 has it."""
        site = self._context.site
        return datetime.combine(day, site.send_at, tzinfo=site.zone).isoformat()
