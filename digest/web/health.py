"""Health checks: liveness of the process, and readiness to serve, kept apart."""

from __future__ import annotations

from anyio import move_on_after
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest.errors import DigestError
from digest.web.site import Site
from digest.web.thread_pools import RequestThreads

ASKED_AT_ONCE = 2
"""Questions to the database at once; further ones wait, and give up after `PATIENCE`."""
PATIENCE = 3.0
"""Seconds after which a database that has not answered counts as away."""
NEVER_KEPT = {"Cache-Control": "no-store"}


class Health:
    """``/healthz`` and ``/readyz``."""

    def __init__(self, site: Site) -> None:
        self._site = site
        # Of its own: the threads of the pages may all be waiting for the database.
        self._threads = RequestThreads(ASKED_AT_ONCE, abandon_on_cancel=True)

    def routes(self) -> list[Route]:
        """List the routes."""
        return [Route("/healthz", self.alive), Route("/readyz", self.ready)]

    async def alive(self, request: Request) -> Response:
        """This answer is the proof. It asks nothing of the database, so that one that is away does
        not get every process restarted."""
        return PlainTextResponse("alive\n", headers=NEVER_KEPT)

    async def ready(self, request: Request) -> Response:
        """Tell whether the database can be reached and is of this version."""
        lacking = "the database takes its time"
        with move_on_after(PATIENCE):
            lacking = await self._threads.run(self._lacking)
        if lacking:
            return PlainTextResponse(f"not ready: {lacking}\n", 503, NEVER_KEPT)
        return PlainTextResponse("ready\n", headers=NEVER_KEPT)

    def _lacking(self) -> str:
        try:
            current = self._site.store.is_current()
        except DigestError as error:
            return error.what
        return "" if current else "the database is of another version; run: digest migrate"
