"""Pages behind a signed link from a mail. Looking changes nothing; only a press of a button acts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.mail.tokens import read_token
from digest.web.page_context import PageContext
from digest.web.thread_pools import RequestThreads

AT_ONCE = 3
"""Readers of one purpose whose pages are made, or wishes written, at once."""


class LinkPages(ABC):
    """``/<purpose>/<token>`` for the reader that the token was signed for."""

    purpose: ClassVar[str]

    def __init__(self, rooms: PageContext) -> None:
        self._rooms = rooms
        self._site = rooms.site
        # Nobody who wants to leave is sent away, so all of them may wait.
        self._lane = RequestThreads(AT_ONCE)

    def routes(self) -> list[Route]:
        """Where it is."""
        path = f"/{self.purpose}/{{token}}"
        return [
            Route(path, self.look, methods=["GET"]),
            Route(path, self.act, methods=["POST"]),
        ]

    async def look(self, request: Request) -> Response:
        """The page: mail scanners open it, too."""
        number = self._number(request)
        if number is None:
            return self._bad_link()
        return await self._lane.run(self._page, number)

    async def act(self, request: Request) -> Response:
        """What its buttons do."""
        number = self._number(request)
        if number is None:
            return self._bad_link()
        return await self._act(request, number)

    @abstractmethod
    def _page(self, number: int) -> Response:
        """What that reader sees; called in a thread that may wait for the store."""

    @abstractmethod
    async def _act(self, request: Request, number: int) -> Response:
        """Do what that reader asked for."""

    def _number(self, request: Request) -> int | None:
        return read_token(self.purpose, request.path_params["token"], self._site.keys)

    def _bad_link(self) -> Response:
        """A link that nobody signed: cut in two by a mail program, or made up."""
        return self._rooms.note(
            "This link does not work",
            ["It may have been cut in two on its way. Copy the whole of it from the mail."],
            [{"url": f"{self._site.at}/subscribe", "words": "Subscribe"}],
            status=404,
        )
