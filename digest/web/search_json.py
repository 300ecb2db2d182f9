"""The answer to a search as JSON."""

from __future__ import annotations

import json
from typing import Any

from digest.mail import urls
from digest.model import Paper
from digest.web import display
from digest.web.page_cache import CachedPage
from digest.web.readable_texts import READABLE_TEXTS
from digest.web.search_answer import SearchAnswer


def search_json(answer: SearchAnswer, base: str) -> CachedPage:
    """Describe one page of what was found; ``base`` is the address that the pages are below."""
    request = answer.request
    values = {
        "query": request.words,
        "total": answer.found.total,
        "exact": answer.found.exact,
        "page": request.page,
        "pages": answer.pages,
        "sort": str(request.order),
        "instead": {
            word: [" ".join(phrase) for phrase in phrases]
            for word, phrases in answer.instead.items()
        },
        "left_out": list(answer.query.left_out),
        "papers": [_paper(paper, base) for paper in answer.found.papers],
    }
    return CachedPage.of(json.dumps(values, ensure_ascii=True), "application/json")


def _paper(paper: Paper, base: str) -> dict[str, Any]:
    return {
        "id": paper.id,
        "title": display.paper_title(paper.title),
        "abstract": READABLE_TEXTS.text(paper.abstract),
        "authors": [READABLE_TEXTS.text(name) for name in paper.authors],
        "page": f"{base}/papers/{paper.id}",
        "external_id": paper.external_id,
        "url": urls.safe_url(paper.url),
        "votes": paper.votes,
        "first_seen": paper.first_seen.isoformat(),
    }
