"""Health checks: liveness of the process, and readiness to serve, kept apart."""

from __future__ import annotations

import logging
from datetime import timedelta

from anyio import move_on_after
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest.errors import DigestError
from digest.mail.plain_text import counted
from digest.web.site import Site
from digest.web.thread_pools import RequestThreads

ASKED_AT_ONCE = 2
"""Questions to the database at once; further ones wait, and give up after `PATIENCE`."""
PATIENCE = 3.0
"""Seconds after which a database that has not answered counts as away."""
_ASKED_LATELY = timedelta(days=2)
"""A source that was not asked for longer is probably not configured any more."""
NEVER_KEPT = {"Cache-Control": "no-store"}

log = logging.getLogger(__name__)


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
        problem, about_sources = "the database is slow to answer", ""
        with move_on_after(PATIENCE):
            problem, about_sources = await self._threads.run(self._status)
        if problem:
            return PlainTextResponse(f"not ready: {problem}\n", 503, NEVER_KEPT)
        return PlainTextResponse(f"ready{about_sources}\n", headers=NEVER_KEPT)

    def _status(self) -> tuple[str, str]:
        """Say what is amiss, and how the sources fare: the pages need none of them."""
        problem = self._problem()
        return (problem, "") if problem else ("", self._about_sources())

    def _about_sources(self) -> str:
        """Count the sources that fail, in words that go on; anyone may read it, so no names."""
        recent = self._site.clock() - _ASKED_LATELY
        try:
            with self._site.store.read() as unit:
                asked = [source for source in unit.source_health.all() if source.tried_at > recent]
        except DigestError:
            log.warning("the state of the sources is not known", exc_info=True)
            return ""
        failing = sum(source.failures > 0 for source in asked)
        return f"; {failing:,} of {counted(len(asked), 'source')} cannot be read" if failing else ""

    def _problem(self) -> str:
        try:
            current = self._site.store.is_current()
        except DigestError as error:
            return error.what
        return "" if current else "the database is of another version; run: digest migrate"
