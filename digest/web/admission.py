"""Limit of requests answered at once; health checks are answered whatever happens.

A request that is still coming in holds no place: its body is read here first. A place is free again
as soon as the answer is made, so that a visitor who reads slowly holds none, either.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.web.connections import most_connections
from digest.web.forms import (
    MAX_BODY,
    declared_length,
)

MAX_REQUESTS = 500
"""Requests in work; beyond these, visitors are told to come back: better than everyone waiting."""
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})
"""Paths of health checks: unanswered, a watchdog restarts a process that only has much to do."""


class Admission:
    """Answers ``busy`` for requests beyond ``most``, by default as many as leave room for new connections."""

    def __init__(self, app: ASGIApp, *, busy: ASGIApp, most: int | None = None) -> None:
        self._app = app
        self._busy = busy
        self._most = most if most is not None else min(MAX_REQUESTS, most_connections() // 2)
        self._in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, if there is a place for it."""
        if scope["type"] != "http" or scope["path"] in ALWAYS_ANSWERED:
            await self._app(scope, receive, send)
            return
        if declared_length(Headers(scope=scope)) <= MAX_BODY:
            receive = await _ahead(receive)
        if self._in_work >= self._most:
            await self._busy(scope, receive, send)
            return
        self._in_work += 1
        working = True

        def done() -> None:
            nonlocal working
            if working:
                working = False
                self._in_work -= 1

        async def sending(message: Message) -> None:
            done()
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            done()


async def _ahead(receive: Receive) -> Receive:
    """A ``receive`` whose body is here already, as far as anybody reads it."""
    messages: list[Message] = []
    size = 0
    while size <= MAX_BODY:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    messages.reverse()

    async def received() -> Message:
        return messages.pop() if messages else await receive()

    return received
