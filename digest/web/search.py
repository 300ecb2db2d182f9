"""Search over the titles and abstracts of all papers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.mail import plain_text
from digest.store import UnitOfWork
from digest.web.page_cache import CachedPage
from digest.web.page_context import PageContext
from digest.web.thread_pools import RequestThreads
from digest.web.topics import paper_card

ON_A_PAGE = 20
LAST_PAGE = 25
LONGEST_QUERY = 300
AT_ONCE = 2
"""Searches at once, and those that wait: a flood of them holds up no other page."""
MOST_WAITING = 40


class SearchPages:
    """``/search?q=``."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._threads = RequestThreads(AT_ONCE, MOST_WAITING)

    def routes(self) -> list[Route]:
        """List the routes."""
        return [Route("/search", self.results)]

    async def results(self, request: Request) -> Response:
        """The papers that have every word of the query, best first."""
        query = plain_text.clean(request.query_params.get("q", "")[:LONGEST_QUERY])
        number = request.query_params.get("page", "1")
        page = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
        page = min(max(page, 1), LAST_PAGE)
        return await self._context.page(
            request,
            ("search", query, page),
            lambda unit: self._page(unit, query, page),
            self._threads,
        )

    def _page(self, unit: UnitOfWork, query: str, page: int) -> CachedPage:
        start = (page - 1) * ON_A_PAGE
        papers = unit.papers.search(query, limit=ON_A_PAGE + 1, offset=start) if query else ()
        shown = papers[:ON_A_PAGE]
        if not shown:
            words = f"Nothing has “{plain_text.clip(query, 60)}”"
        elif len(papers) <= ON_A_PAGE and page == 1:
            words = plain_text.counted(len(shown), "paper")
        else:
            words = f"Papers {start + 1:,} to {start + len(shown):,}"
        return self._context.html(
            "search.html.j2",
            query=query,
            count=f"{unit.papers.count():,}",
            found=words,
            papers=[paper_card(paper) for paper in shown],
            next_page=page + 1 if len(papers) > ON_A_PAGE and page < LAST_PAGE else None,
            here="/search",
        )
