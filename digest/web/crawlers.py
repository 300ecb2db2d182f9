"""Files that crawlers and browsers ask for: robots.txt, the sitemap, the style sheet, the icon."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest.mail import plain_text
from digest.model import EditionKind
from digest.store import UnitOfWork
from digest.web.page_cache import CachedPage
from digest.web.page_context import PageContext

XML = "application/xml; charset=utf-8"
A_YEAR = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
MOST_URLS = 5_000
"""Far below the protocol's 50,000, and more than ten years of days."""
PRIVATE = (
    "/confirm/",
    "/decline/",
    "/preferences/",
    "/unsubscribe/",
    "/stop/",
    "/taste/",
    "/vote/",
    "/reading/",
    "/search",
    "/api/",
)


class Crawlers:
    """``/robots.txt``, ``/sitemap.xml``, ``/style-….css``, ``/favicon.svg``."""

    def __init__(self, context: PageContext) -> None:
        self._context = context

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route("/robots.txt", self.robots),
            Route("/sitemap.xml", self.sitemap),
            Route("/favicon.svg", self.icon),
            Route("/favicon.ico", self.icon),
            Route("/{name}.css", self.style),
        ]

    async def robots(self, request: Request) -> Response:
        """Everything but the pages of single readers and the endless ones may be crawled."""
        site = self._context.site
        lines = ["User-agent: *", *(f"Disallow: {site.root_path}{path}" for path in PRIVATE)]
        lines += ["", f"Sitemap: {site.base}/sitemap.xml", ""]
        return PlainTextResponse("\n".join(lines), headers={"Cache-Control": A_DAY})

    async def sitemap(self, request: Request) -> Response:
        """Editions and topics; papers are one link away from their edition."""
        return await self._context.page(request, ("sitemap",), self._sitemap)

    async def style(self, request: Request) -> Response:
        """The style sheet, kept by browsers for good: its name changes with it."""
        if f"{request.path_params['name']}.css" != self._context.templates.style_name:
            raise HTTPException(404)
        return Response(
            self._context.templates.style, 200, {"Cache-Control": A_YEAR}, "text/css; charset=utf-8"
        )

    async def icon(self, request: Request) -> Response:
        """The icon."""
        return Response(
            self._context.templates.icon, 200, {"Cache-Control": A_DAY}, "image/svg+xml"
        )

    def _sitemap(self, unit: UnitOfWork) -> CachedPage:
        base, zone = self._context.site.base, self._context.site.zone
        urls = [
            {"address": f"{base}{path}", "changed": ""}
            for path in ("/", "/top", "/editions", "/topics")
        ]
        urls += [
            {"address": f"{base}/topics/{topic.id}", "changed": ""}
            for topic in self._context.site.topics
        ]
        urls += [
            {
                "address": f"{base}/editions/{plain_text.edition_name(edition.kind, edition.day)}",
                "changed": edition.published_at.astimezone(zone).date().isoformat(),
            }
            for edition in unit.editions.list(MOST_URLS)
            if edition.kind is not EditionKind.WEEKDAYS
        ]
        return CachedPage.of(self._context.templates.render("sitemap.xml.j2", urls=urls), XML)
