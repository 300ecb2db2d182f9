"""Leave for pages of other sites to read the public API (the Fetch standard's CORS)."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT = {
    **SHARED,
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_OWN = ("/api/subscribe", "/api/manage")
"""What no page of another site may use: sign-up, and what needs a token."""


class PublicApiSharing:
    """Lets pages of any site read the public API below ``root``, its errors too. No cookie counts there."""

    def __init__(self, app: ASGIApp, *, root: str) -> None:
        self._app = app
        self._api = f"{root}/api/"
        self._own = tuple(f"{root}{path}" for path in _OWN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with its headers; answer a preflight here."""
        path = scope.get("path", "")
        if not path.startswith(self._api) or path.startswith(self._own):
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in Headers(scope=scope):
            await Response(status_code=204, headers=PREFLIGHT)(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SHARED)
            await send(message)

        await self._app(scope, receive, sending)
