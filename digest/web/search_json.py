"""The answer to a search as JSON."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.requests import Request

from digest.store import UnitOfWork
from digest.store.search import SearchOrder
from digest.web.api_objects import paper_object
from digest.web.api_parameters import Parameters
from digest.web.search_answer import LAST_PAGE, SearchAnswer, SearchRequest

_LONGEST = 16_000
"""Characters of a query: more than an address may have. The first 300 of them are read."""


def read_api_search(request: Request, topics: Collection[str]) -> SearchRequest:
    """Read a program's search. Words may be anything; a wrong parameter beside them is a 400."""
    given = Parameters(request, ("q", "topic", "after", "before", "sort", "page"))
    given.text("q", _LONGEST)
    given.choice("topic", topics)
    given.day("after")
    given.day("before")
    given.choice("sort", list(SearchOrder))
    given.number("page", 1, 1, LAST_PAGE)
    return SearchRequest.read(request.query_params)


def search_values(
    unit: UnitOfWork, answer: SearchAnswer, asked: SearchRequest, base: str
) -> dict[str, Any]:
    """Describe one page of what was found; ``base`` is the address that the pages are below.

    Of a page beyond the last, there are no papers.
    """
    request = answer.request
    public = unit.published_papers.several([paper.id for paper in answer.found.papers])
    papers = answer.found.papers if request.page == asked.page else ()
    return {
        "query": request.words,
        "total": answer.found.total,
        "exact": answer.found.exact,
        "page": asked.page,
        "pages": answer.pages,
        "sort": str(request.order),
        "instead": {
            word: [" ".join(phrase) for phrase in phrases]
            for word, phrases in answer.instead.items()
        },
        "left_out": list(answer.query.left_out),
        "papers": [paper_object(*public[paper.id], base) for paper in papers if paper.id in public],
    }
