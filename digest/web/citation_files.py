"""Citations of a paper or of a whole edition, as files for programs that keep references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.citations.formats import CITATION_FORMATS
from digest.citations.reference import reference_of
from digest.model import Edition, EditionKind, Paper
from digest.store import UnitOfWork
from digest.web.editions import parse_edition_name
from digest.web.page_cache import CachedPage
from digest.web.page_context import PageContext
from digest.web.papers import parse_paper_id, telling_editions

FindEdition = Callable[[UnitOfWork, EditionKind, date], Edition | None]


class CitationFiles:
    """``/papers/<id>.bib``, ``/editions/<day or week>.bib``; ``.ris`` and ``.json`` as well."""

    def __init__(self, context: PageContext, find_edition: FindEdition) -> None:
        self._context = context
        self._find_edition = find_edition

    def routes(self) -> list[Route]:
        """List the routes, which go before those of the pages."""
        return [
            Route(f"/{folder}/{{name}}.{ending}", endpoint)
            for ending in CITATION_FORMATS
            for folder, endpoint in (("papers", self.paper), ("editions", self.edition))
        ]

    async def paper(self, request: Request) -> Response:
        """The paper with that number."""
        paper_id, ending = parse_paper_id(request.path_params["name"]), _ending(request)
        return await self._context.page(
            request, ("cite", paper_id, ending), lambda unit: _paper_file(unit, paper_id, ending)
        )

    async def edition(self, request: Request) -> Response:
        """Every paper of an edition, the best first."""
        name, ending = request.path_params["name"], _ending(request)
        kind, day = parse_edition_name(name)

        def make(unit: UnitOfWork) -> CachedPage | None:
            edition = self._find_edition(unit, kind, day)
            if edition is None:
                return None
            papers = unit.papers.by_ids([entry.paper_id for entry in edition.best_first()])
            return _file(papers, ending, name)

        return await self._context.page(request, ("cite", name, ending), make)


def _ending(request: Request) -> str:
    ending = request.url.path.rpartition(".")[2]
    if ending not in CITATION_FORMATS:
        raise HTTPException(404)
    return ending


def _paper_file(unit: UnitOfWork, paper_id: int, ending: str) -> CachedPage | None:
    paper, editions = unit.papers.get(paper_id), telling_editions(unit, paper_id)
    if paper is None or editions is None:
        return None
    return _file((paper,), ending, reference_of(paper).key, listed=bool(editions))


def _file(papers: tuple[Paper, ...], ending: str, name: str, *, listed: bool = True) -> CachedPage:
    style = CITATION_FORMATS[ending]
    text = style.text([reference_of(paper) for paper in papers])
    file = CachedPage.of(text, style.media_type, filename=f"{name}.{ending}")
    return replace(file, listed=listed)
