"""The pages: what is where.

::

    /  /editions  /editions/2026-11-20  /editions/2026-W47      editions
    /papers/<id>                                                papers
    /papers/<id>.bib  /editions/2026-11-20.bib  .ris  .json     citation_files
    /search.bib?q=  .ris  .json                                 search
    /top  /top/2026-W47  /top/2026-11                           top
    /topics  /topics/<id>                                       topics
    /search?q=                                                  search
    /feed.xml  /topics/<id>/feed.xml                            feeds
    /subscribe                                                  subscribe
    /confirm/<token>                                            confirm
    /preferences/<token>                                        preferences
    /taste/<token>                                              taste
    /vote/<token>/<edition>  /papers/<id>/vote  /vote.js        voting
    /reading/<token>                                            reading_list
    /unsubscribe/<token>                                        unsubscribe
    /stop/<token>                                               stop
    /api/subscribe  /api/openapi.json                           api
    /api/papers  /api/editions  /api/topics                     public_api
    /api/search?q=                                              search
    /api/manage/…                                               management
    /healthz  /readyz                                           health
    /robots.txt  /sitemap.xml  /style-….css  /favicon.svg       crawlers

Nothing needs a script or a cookie; a vote may use both, on a device where its reader has voted before. A
GET never changes anything: mail scanners follow every link.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp

from digest.errors import TemporaryError
from digest.web.admission import Admission
from digest.web.api import Api
from digest.web.citation_files import CitationFiles
from digest.web.confirm import ConfirmPages
from digest.web.cors import PublicApiSharing
from digest.web.crawlers import Crawlers
from digest.web.decline import DeclinePages
from digest.web.editions import EditionPages
from digest.web.error_pages import ErrorPages
from digest.web.feeds import Feeds
from digest.web.health import Health
from digest.web.management import ManagementApi
from digest.web.page_context import PageContext
from digest.web.papers import PaperPages
from digest.web.preferences import PreferencePages
from digest.web.public_api import PublicApi
from digest.web.reading_list import ReadingListPages
from digest.web.search import SearchPages
from digest.web.security import (
    SecurityHeaders,
    UnhandledErrors,
)
from digest.web.signup_queue import SignUpQueue
from digest.web.site import Site
from digest.web.stop import StopPages
from digest.web.subscribe import SignUpPages
from digest.web.taste import TastePages
from digest.web.top import TopPages
from digest.web.topics import TopicPages
from digest.web.unsubscribe import UnsubscribePages
from digest.web.visitors import (
    PostRateLimit,
    Visitors,
)
from digest.web.voting import VotePages


def create_app(site: Site) -> ASGIApp:
    """Create the pages of that site, as an ASGI application.

    Raises `digest.errors.ConfigurationError` for a broken template or proxy setting.
    """
    context = PageContext.of(site)
    context.templates.check()
    error_pages = ErrorPages(context)
    # An address with a slash too many is not found, rather than sent on to whatever host it names.
    pages = Router(_page_routes(context), redirect_slashes=False)
    app = Starlette(
        routes=[*Health(site).routes(), Mount(site.root_path, app=pages)],
        middleware=[
            Middleware(SecurityHeaders, encrypted=site.encrypted),
            Middleware(PublicApiSharing, root=site.root_path),
            Middleware(UnhandledErrors, answer=error_pages.unexpected),
            Middleware(Admission, busy=error_pages.overloaded),
        ],
        exception_handlers={
            HTTPException: error_pages.http,
            TemporaryError: error_pages.store_busy,
        },
    )
    app.router.redirect_slashes = False
    return app


def _page_routes(context: PageContext) -> list[BaseRoute]:
    """List the routes of all pages but the health checks."""
    site = context.site
    sign_up_queue, attempts = SignUpQueue(site), PostRateLimit()
    visitors = Visitors.of(
        site.proxies, site.keys, behind=site.encrypted, notice=site.notify_operator
    )
    editions = EditionPages(context)
    return [
        *CitationFiles(context, editions.find).routes(),
        *editions.routes(),
        *PaperPages(context).routes(),
        *Feeds(context).routes(),
        *TopPages(context).routes(),
        *TopicPages(context).routes(),
        *SearchPages(context).routes(),
        *SignUpPages(context, sign_up_queue, visitors, attempts).routes(),
        *ConfirmPages(context, visitors).routes(),
        *DeclinePages(context).routes(),
        *PreferencePages(context).routes(),
        *TastePages(context).routes(),
        *VotePages(context).routes(),
        *ReadingListPages(context).routes(),
        *UnsubscribePages(context).routes(),
        *StopPages(context).routes(),
        *PublicApi(context, editions.find).routes(),
        *Api(context, sign_up_queue, visitors, attempts).routes(),
        *ManagementApi(context, visitors).routes(),
        *Crawlers(context).routes(),
    ]
