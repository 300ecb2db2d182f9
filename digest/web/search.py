"""Search over the papers: their words, authors and ids."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.citations.embedded import coins
from digest.citations.formats import CITATION_FORMATS
from digest.citations.reference import reference_of
from digest.mail import plain_text
from digest.model import Paper
from digest.store import UnitOfWork
from digest.store.search import SearchOrder
from digest.web import display
from digest.web.page_cache import CachedPage, LruCache, json_page
from digest.web.page_context import PageContext
from digest.web.passages import Marker
from digest.web.readable_texts import READABLE_TEXTS
from digest.web.search_answer import ON_A_PAGE, SearchAnswer, Searches, SearchRequest
from digest.web.search_json import read_api_search, search_values
from digest.web.thread_pools import RequestThreads
from digest.web.topics import paper_marks

AT_ONCE = 2
"""Searches at once, and those that wait: a flood of them holds up no other page."""
MOST_WAITING = 40
MOST_CITED = 200
"""Papers found that a file of citations has."""
PASSAGE = 280
"""Characters of an abstract that are shown around what was found."""
_ORDERS = (
    (SearchOrder.RELEVANCE, "Best match"),
    (SearchOrder.NEWEST, "Newest first"),
    (SearchOrder.VOTES, "Most votes"),
)


class SearchPages:
    """``/search?q=``, ``/api/search?q=``, and what was found as ``/search.bib?q=``, ``.ris``, ``.json``."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._threads = RequestThreads(AT_ONCE, MOST_WAITING)
        self._searches = Searches(context.site.topics)
        self._counts: LruCache[int] = LruCache(1)

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            *(Route(f"/search.{ending}", self.citations) for ending in CITATION_FORMATS),
            Route("/search", self.results),
            Route("/api/search", self.json, methods=["GET"]),
        ]

    async def results(self, request: Request) -> Response:
        """The papers that the query asks for, best first."""
        asked = SearchRequest.read(request.query_params)
        return await self._context.page(
            request, ("search", asked), lambda unit: self._page(unit, asked), self._threads
        )

    async def json(self, request: Request) -> Response:
        """The same for programs."""
        asked = read_api_search(request, [topic.id for topic in self._topics])

        def make(unit: UnitOfWork) -> CachedPage:
            answer = self._searches.answer(unit, asked)
            return json_page(search_values(unit, answer, asked, self._context.site.base))

        return await self._context.page(request, ("search.json", asked), make, self._threads)

    async def citations(self, request: Request) -> Response:
        """The papers found, best first, as a file for programs that keep references."""
        asked = SearchRequest.read(request.query_params)
        ending = request.url.path.rpartition(".")[2]
        return await self._context.page(
            request,
            ("search.cite", asked, ending),
            lambda unit: self._file(unit, asked, ending),
            self._threads,
        )

    def _file(self, unit: UnitOfWork, asked: SearchRequest, ending: str) -> CachedPage | None:
        if not _asks(asked):
            return None
        answer = self._searches.answer(unit, replace(asked, page=1))
        papers = answer.found.papers
        if answer.found.total > len(papers):
            papers = unit.papers.find(
                answer.query, asked.order, limit=MOST_CITED, scope=self._searches.scope(unit)
            ).papers
        style = CITATION_FORMATS[ending]
        text = style.text([reference_of(paper) for paper in papers])
        return CachedPage.of(text, style.media_type, filename=f"search.{ending}")

    def _page(self, unit: UnitOfWork, asked: SearchRequest) -> CachedPage:
        answer = self._searches.answer(unit, asked)
        shown = answer.request
        more = answer.pages > shown.page
        return self._context.html(
            "search.html.j2",
            query=shown.words,
            asked=_asks(shown),
            files=_citation_links(shown) if answer.found.total else [],
            most_cited=MOST_CITED,
            narrowed=bool(shown.topic or shown.after or shown.before)
            or shown.order is not SearchOrder.RELEVANCE,
            after=shown.after,
            before=shown.before,
            topics=[(t.id, plain_text.clean(t.name), t.id == shown.topic) for t in self._topics],
            orders=[(str(order), words, order is shown.order) for order, words in _ORDERS],
            count=f"{self._count(unit):,}",
            found=_heading(answer),
            papers=_cards(answer),
            notes=_notes(answer),
            better=_link(answer, answer.better),
            any_word=_link(answer, answer.any_word),
            near=[(topic.id, plain_text.clean(topic.name)) for topic in answer.topics],
            page=f"Page {shown.page:,} of {answer.pages:,}" if answer.pages > 1 else "",
            previous=shown.address(page=shown.page - 1) if shown.page > 1 else "",
            following=shown.address(page=shown.page + 1) if more else "",
            here="/search",
        )

    @property
    def _topics(self) -> Any:
        return self._context.site.topics

    def _count(self, unit: UnitOfWork) -> int:
        """The papers that can be found."""
        return self._counts.get(
            unit.editions.stamp(), lambda: unit.papers.count() - len(unit.published_papers.hidden())
        )


def _asks(request: SearchRequest) -> bool:
    return bool(request.words or request.topic or request.after or request.before)


def _citation_links(request: SearchRequest) -> list[dict[str, str]]:
    """Links to what was found as citations, one for each format."""
    query = request.address(page=1)
    return [
        {**link, "path": f"{link['path']}?{query}"} for link in display.citation_links("/search")
    ]


def _heading(answer: SearchAnswer) -> str:
    total = answer.found.total
    if not total:
        words = answer.request.words
        return f"Nothing found for “{plain_text.clip(words, 60)}”" if words else "Nothing found"
    all_of_them = plain_text.counted(total, "paper")
    if not answer.found.exact:
        all_of_them = f"more than {all_of_them}"
    if total <= ON_A_PAGE:
        return all_of_them
    last = min(answer.first + ON_A_PAGE - 1, total)
    return f"{answer.first:,} to {last:,} of {all_of_them}"


def _notes(answer: SearchAnswer) -> list[str]:
    """Sentences about what was searched for instead, and what was left out."""
    notes = []
    for word, phrases in answer.instead.items():
        others = " or ".join(f"“{' '.join(phrase)}”" for phrase in phrases)
        notes.append(
            f"No paper has “{plain_text.clip(word, 40)}”. Showing papers with {others} instead."
        )
    for text in answer.query.left_out:
        kind = "topic" if text.lower().startswith("topic:") else "day"
        form = "" if kind == "topic" else " (write it as 2026-01-31)"
        notes.append(f"“{plain_text.clip(text, 40)}” is not a {kind} known here{form}.")
    return notes


def _link(answer: SearchAnswer, words: str) -> dict[str, str] | None:
    if not words:
        return None
    return {
        "words": plain_text.clip(words, 80),
        "address": answer.request.address(words=words, page=1),
    }


def _cards(answer: SearchAnswer) -> list[dict[str, Any]]:
    """The papers as a list shows them, with what was asked for marked."""
    marker = Marker(answer.query)
    return [_card(paper, marker) for paper in answer.found.papers]


def _card(paper: Paper, marker: Marker) -> dict[str, Any]:
    names = plain_text.joined([plain_text.clean(name) for name in paper.authors[:3]])
    if len(paper.authors) > 3:
        names += f" and {len(paper.authors) - 3:,} more"
    return {
        "id": paper.id,
        "title": marker.title(display.paper_title(paper.title)),
        "marks": [{"topic": "", "words": mark} for mark in paper_marks(paper)],
        "passage": marker.passage(READABLE_TEXTS.text(paper.abstract), PASSAGE),
        "authors": plain_text.clip(names, 160),
        "coins": coins(reference_of(paper)),
    }
