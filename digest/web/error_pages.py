"""Pages for errors: something is not there, not allowed, or broken."""

from __future__ import annotations

import logging
import traceback

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from digest.errors import ConfigurationError
from digest.web.api import error_response
from digest.web.page_context import PageContext

log = logging.getLogger(__name__)

SOON = "30"

_WORDS = {
    400: ("That could not be read", "The form came back broken. Please try again."),
    403: ("Not from there", "This form was sent from another site, so nothing was done."),
    404: ("There is nothing here", "The page may have moved, or the address has a slip in it."),
    405: ("Not like that", "This address does not do what was asked of it."),
    413: ("That is too much", "The form holds more than anyone needs to send."),
    415: ("That could not be read", "This address takes forms only."),
    429: ("Too many at once", "Please try again in a while."),
    500: ("Something broke", "It is our fault, it is written down, and nothing of yours is lost."),
    503: ("Busy for a moment", "Please try again in half a minute."),
}


class ErrorPages:
    """The handlers of errors. No page or log line repeats what a visitor sent."""

    def __init__(self, context: PageContext) -> None:
        self._context = context

    async def http(self, request: Request, error: Exception) -> Response:
        """An answer that a page asked for by its status."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        return self._answer(request, status, headers)

    async def store_busy(self, request: Request, error: Exception) -> Response:
        """The store is locked or out of reach; a later try may succeed."""
        log.warning("%s: %s", type(error).__name__, getattr(error, "what", ""))
        return self._answer(request, 503, {})

    async def overloaded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Too many requests are in work; an ASGI application."""
        await self._answer(Request(scope), 503, {})(scope, receive, send)

    async def unexpected(self, request: Request, error: Exception) -> Response:
        """A defect. The log has its kind and its place, never its words: they may hold an address.

        A template of the operator's own that does not work is no defect, and its line says enough.
        """
        if isinstance(error, ConfigurationError):
            log.error("%s", error)
            return self._answer(request, 500, {})
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        where = ", ".join(f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
        log.error("a defect: %s at %s", type(error).__name__, where)
        return self._answer(request, 500, {})

    def _answer(self, request: Request, status: int, headers: dict[str, str]) -> Response:
        title, line = _WORDS.get(status, _WORDS[500 if status >= 500 else 400])
        if request.scope["path"].startswith(f"{self._context.site.root_path}/api/"):
            response = error_response(status, line)
        else:
            response = self._context.private(
                "note.html.j2",
                status=status,
                title=title,
                lines=[line],
                ways=[
                    {"url": f"{self._context.site.root_path}/", "words": "To the latest edition"}
                ],
            )
        for name, value in headers.items():
            response.headers[name] = value
        if status == 503:
            response.headers["Retry-After"] = SOON
        return response
