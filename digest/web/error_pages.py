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
from digest.web.problems import Problem, problem_response

log = logging.getLogger(__name__)

SOON = "30"

_WORDS = {
    400: ("The form could not be read", "It arrived damaged. Please try again."),
    403: ("The form was refused", "This form was sent from another site, so nothing was done."),
    404: ("Page not found", "The page may have moved, or the address may have a mistake in it."),
    405: ("This page cannot do that", "It does not accept this kind of request."),
    413: ("The form is too large", "It holds more than we accept. Please send less."),
    415: ("The form could not be read", "This page accepts forms only."),
    429: ("Too many requests", "Please try again later."),
    500: (
        "Something went wrong",
        "The fault is ours and has been recorded. Nothing of yours is lost.",
    ),
    503: ("Busy at the moment", "Please try again in half a minute."),
}


class ErrorPages:
    """The handlers of errors. No page or log line repeats what a visitor sent."""

    def __init__(self, context: PageContext) -> None:
        self._context = context

    async def http(self, request: Request, error: Exception) -> Response:
        """An answer that a page asked for by its status."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        if isinstance(error, Problem):
            response = problem_response(status, error.detail, error.members)
            response.headers.update(headers)
            return response
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
        response: Response
        title, line = _WORDS.get(status, _WORDS[500 if status >= 500 else 400])
        path, root = request.scope["path"], self._context.site.root_path
        if path == f"{root}/api/subscribe":
            response = error_response(status, line)
        elif path.startswith(f"{root}/api/"):
            response = problem_response(status)
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
