"""The public API: papers, editions and topics as JSON, for anybody.

It gives what the pages give: only what an edition has told of that may leave, and nothing of a person
but the names of authors. Every answer has an ETag and may be asked for from any page of the web.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.mail import plain_text
from digest.model import Edition, EditionKind
from digest.store import UnitOfWork
from digest.web.api_objects import (
    edition_object,
    entry_object,
    paper_object,
    summary_object,
    topic_object,
)
from digest.web.api_parameters import Parameters
from digest.web.citation_files import FindEdition
from digest.web.editions import parse_edition_name
from digest.web.page_cache import CachedPage, json_page
from digest.web.page_context import PageContext
from digest.web.papers import parse_paper_id
from digest.web.problems import Problem
from digest.web.topics import LATELY

USUALLY_LISTED, MOST_LISTED = 20, 100
"""Items of a page: without a word, and at most."""
PAPERS_ON_A_PAGE = 50
"""Papers of an edition on a page."""
LAST_PAGE = 999
Values = dict[str, Any]


class PublicApi:
    """``/api/papers``, ``/api/editions`` and ``/api/topics``."""

    def __init__(self, context: PageContext, find_edition: FindEdition) -> None:
        self._context = context
        self._base = context.site.base
        self._topics = {topic.id: topic for topic in context.site.topics}
        self._find_edition = find_edition

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route("/api/papers", self.papers, methods=["GET"]),
            Route("/api/papers/{id}", self.paper, methods=["GET"]),
            Route("/api/editions", self.editions, methods=["GET"]),
            Route("/api/editions/{name}", self.edition, methods=["GET"]),
            Route("/api/topics", self.topics, methods=["GET"]),
        ]

    async def papers(self, request: Request) -> Response:
        """A page of the papers, of all or of a topic, the newest first."""
        given = Parameters(request, ("topic", "before", "limit"))
        topic = given.choice("topic", list(self._topics))
        before = given.number("before", 0, 1)
        limit = given.number("limit", USUALLY_LISTED, 1, MOST_LISTED)

        def make(unit: UnitOfWork) -> Values:
            page = unit.published_papers.page(limit + 1, topic=topic or None, before=before or None)
            return {
                "papers": [
                    paper_object(paper, topics, self._base) for paper, topics in page[:limit]
                ],
                "next": page[limit - 1][0].id if len(page) > limit else None,
            }

        return await self._answer(request, ("papers", topic, before, limit), make)

    async def paper(self, request: Request) -> Response:
        """The paper with a number, and the editions that it was in."""
        Parameters(request, ())
        paper_id = parse_paper_id(request.path_params["id"])

        def make(unit: UnitOfWork) -> Values | None:
            found = unit.published_papers.several([paper_id]).get(paper_id)
            if found is None:
                return None
            editions = [
                plain_text.edition_name(edition.kind, edition.day)
                for edition in unit.editions.with_paper(paper_id)
                if edition.kind is not EditionKind.WEEKDAYS
            ]
            return {**paper_object(*found, self._base), "editions": editions}

        return await self._answer(request, ("paper", paper_id), make)

    async def editions(self, request: Request) -> Response:
        """A page of the editions, the newest first."""
        given = Parameters(request, ("before", "limit"))
        before = given.number("before", 0, 1)
        limit = given.number("limit", USUALLY_LISTED, 1, MOST_LISTED)

        def make(unit: UnitOfWork) -> Values:
            page = unit.editions.public(limit + 1, before or None)
            return {
                "editions": [summary_object(edition, self._base) for edition in page[:limit]],
                "next": page[limit - 1].id if len(page) > limit else None,
            }

        return await self._answer(request, ("editions", before, limit), make)

    async def edition(self, request: Request) -> Response:
        """The edition of a day or of a week, or the latest of a day, with a page of its papers."""
        name = request.path_params["name"]
        named = None if name == "latest" else parse_edition_name(name)
        number = Parameters(request, ("page",)).number("page", 1, 1, LAST_PAGE)

        def make(unit: UnitOfWork) -> Values | None:
            edition = self._edition(unit, named)
            return None if edition is None else self._edition_page(edition, name, number)

        return await self._answer(request, ("edition", name, number), make)

    def _edition(self, unit: UnitOfWork, named: tuple[EditionKind, date] | None) -> Edition | None:
        if named is not None:
            return self._find_edition(unit, *named)
        newest = unit.editions.newest(EditionKind.DAILY)
        return self._context.edition_cache.content(unit, newest) if newest else None

    def _edition_page(self, edition: Edition, name: str, number: int) -> Values:
        """One page of an edition's papers, the best first; of a page beyond the last, none."""
        entries = edition.best_first()
        first = (number - 1) * PAPERS_ON_A_PAGE
        shown = entries[first : first + PAPERS_ON_A_PAGE]
        own_name = edition.day.isoformat() if name == "latest" else name
        return {
            **edition_object(edition, own_name, self._base),
            "total": len(entries),
            "number": number,
            "pages": max(-(-len(entries) // PAPERS_ON_A_PAGE), 1),
            "papers": [entry_object(entry, self._base) for entry in shown],
        }

    async def topics(self, request: Request) -> Response:
        """Every topic, in the list's order."""
        Parameters(request, ())
        site = self._context.site
        today = site.clock().astimezone(site.zone).date()

        def make(unit: UnitOfWork) -> Values:
            recent = _recent(unit, today)
            return {
                "topics": [
                    topic_object(topic, recent[topic.id], self._base)
                    for topic in self._topics.values()
                ]
            }

        return await self._answer(request, ("topics", today), make)

    async def _answer(
        self,
        request: Request,
        key: tuple[Hashable, ...],
        make: Callable[[UnitOfWork], Values | None],
    ) -> Response:
        """Answer with the values of that key. Raises a 404 where there are none."""

        def page(unit: UnitOfWork) -> CachedPage | None:
            values = make(unit)
            return None if values is None else json_page(values)

        response = await self._context.page_cache.answer(request, ("api", *key), page)
        if response is None:
            raise Problem(404)
        return response


def _recent(unit: UnitOfWork, today: date) -> Mapping[str, int]:
    """The papers of the last four weeks by their first topic, as the list of topics counts them."""
    first = today - timedelta(days=LATELY - 1)
    counts = Counter[str]()
    for of_day in unit.published_papers.topic_counts(first, today + timedelta(days=1)).values():
        counts.update(of_day)
    return counts
