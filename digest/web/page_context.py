"""Parts that every family of pages works with: the site, its templates, and the caches."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.model import SignUpMode
from digest.store import UnitOfWork
from digest.web.page_cache import CachedPage, EditionCache, PageCache
from digest.web.site import Site
from digest.web.templates import PageTemplates
from digest.web.thread_pools import RequestThreads


@dataclass(frozen=True)
class PageContext:
    """The parts that page families share."""

    site: Site
    templates: PageTemplates
    page_cache: PageCache
    edition_cache: EditionCache

    @classmethod
    def of(cls, site: Site) -> PageContext:
        """The parts for that site."""
        templates = PageTemplates(
            site.templates, site.list_identity, site.root_path, site.sign_up_rule
        )
        return cls(site, templates, PageCache(site), EditionCache())

    async def page(
        self,
        request: Request,
        key: Hashable,
        make: Callable[[UnitOfWork], CachedPage | None],
        threads: RequestThreads | None = None,
    ) -> Response:
        """A public page, from the cache or made now. Raises a 404 where ``make`` finds nothing."""
        response = await self.page_cache.answer(request, key, make, threads)
        if response is None:
            raise HTTPException(404)
        return response

    def html(self, template: str, **values: object) -> CachedPage:
        """A public page from a template."""
        return CachedPage.of(self.templates.render(template, **values))

    def private(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A page meant for one visitor now: kept nowhere."""
        text = self.templates.render(template, **values)
        return private_response(text, status)

    def note(
        self, title: str, lines: Sequence[str], ways: Sequence[Mapping[str, str]], status: int = 200
    ) -> Response:
        """A page of a few ``lines``, and where to go from there (``url``, ``words``).

        Nobody is sent to a sign-up that is closed.
        """
        if self.site.sign_up_rule.mode is SignUpMode.CLOSED:
            sign_up = f"{self.site.root_path}/subscribe"
            ways = [way for way in ways if way["url"] != sign_up]
        return self.private("note.html.j2", title=title, lines=lines, ways=ways, status=status)


def private_response(text: str, status: int = 200) -> Response:
    """An HTML answer that nobody keeps and no search engine lists."""
    return Response(
        text.encode("utf-8", "replace"),
        status,
        {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"},
        "text/html; charset=utf-8",
    )
