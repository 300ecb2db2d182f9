"""Atom feeds (RFC 4287): the papers of the latest editions, or those of one topic, best first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.mail import plain_text
from digest.model import EditionKind, EditionSummary, Paper, PublishedPaper
from digest.store import UnitOfWork
from digest.web import display
from digest.web.page_cache import CachedPage
from digest.web.page_context import PageContext
from digest.web.readable_texts import READABLE_TEXTS

ATOM = "application/atom+xml; charset=utf-8"
EDITIONS = 4
"""Editions in the feed: a reader that is closed over a long weekend misses none."""
OF_AN_EDITION = 40
"""Papers of one edition; of a longer one its best, and a link to all."""
OF_A_TOPIC = 40
LONGEST_SUMMARY = 600
MOST_AUTHORS = 20
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Feeds:
    """``/feed.xml`` and ``/topics/<id>/feed.xml``."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._topics = {topic.id: topic for topic in context.site.topics}

    def routes(self) -> list[Route]:
        """List the routes."""
        return [Route("/feed.xml", self.all), Route("/topics/{id}/feed.xml", self.one)]

    async def all(self, request: Request) -> Response:
        """The papers of the latest editions."""
        name = plain_text.clean(self._context.site.list_identity.list_name)
        return await self._context.page(
            request, ("feed", ""), lambda unit: self._feed(name, "", self._latest(unit))
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
                title,
                f"/topics/{topic.id}",
                [
                    self._entry(published)
                    for published in unit.published_papers.newest(OF_A_TOPIC, topic=topic.id)
                ],
            ),
        )

    def _feed(self, title: str, path: str, entries: Sequence[dict[str, Any]]) -> CachedPage:
        base = self._context.site.base
        updated = entries[0]["updated"] if entries else BEGINNING.isoformat()
        text = self._context.templates.render(
            "feed.xml.j2",
            title=title,
            self_url=f"{base}{path}/feed.xml",
            page_url=f"{base}{path or '/'}",
            updated=updated,
            entries=entries,
        )
        return CachedPage.of(text, ATOM)

    def _latest(self, unit: UnitOfWork) -> list[dict[str, Any]]:
        """The papers of the latest editions, best first, each edition's last entry a link to more."""
        entries = []
        for edition in unit.editions.latest_of_kind(EditionKind.DAILY, EDITIONS):
            papers = unit.published_papers.newest(OF_AN_EDITION + 1, edition_id=edition.id)
            entries += [self._entry(published) for published in papers[:OF_AN_EDITION]]
            if len(papers) > OF_AN_EDITION:
                entries.append(self._rest(edition, unit.published_papers.count(edition.id)))
        return entries

    def _entry(self, published: PublishedPaper) -> dict[str, Any]:
        site, paper = self._context.site, published.paper
        url = f"{site.base}/papers/{paper.id}"
        edition_at = self._moment(published)
        return {
            "id": url,
            "url": url,
            "title": display.paper_title(paper.title),
            "published": edition_at.isoformat(),
            # Programs that sort by the moment keep the order, too.
            "updated": (edition_at - timedelta(seconds=published.place - 1)).isoformat(),
            "authors": _authors(paper),
            "topics": [{"id": id, "name": site.topic_name(id)} for id in published.topics],
            "words": plain_text.clip(READABLE_TEXTS.text(paper.abstract), LONGEST_SUMMARY),
        }

    def _rest(self, edition: EditionSummary, papers: int) -> dict[str, Any]:
        """An entry that stands for the papers of a long edition that the feed leaves out."""
        url = f"{self._context.site.base}/editions/{edition.day.isoformat()}"
        edition_at = self._moment(edition)
        left = plain_text.counted(papers - OF_AN_EDITION, "more paper")
        return {
            "id": url,
            "url": url,
            "title": f"{left} of {plain_text.day_in_words(edition.day)}",
            "published": edition_at.isoformat(),
            "updated": (edition_at - timedelta(seconds=papers)).isoformat(),
            "authors": [],
            "topics": [],
            "words": f"The edition of that day has {papers:,} new papers in all.",
        }

    def _moment(self, edition: PublishedPaper | EditionSummary) -> datetime:
        """The moment of an edition on the list's clock; one made on another day is dated by its own."""
        site = self._context.site
        made_at = edition.published_at.astimezone(site.zone).replace(microsecond=0)
        if made_at.date() == edition.day:
            return made_at
        return datetime.combine(edition.day, site.send_at, tzinfo=site.zone)


def _authors(paper: Paper) -> list[str]:
    names = (plain_text.clip(plain_text.clean(name), 80) for name in paper.authors[:MOST_AUTHORS])
    return [name for name in names if name]
