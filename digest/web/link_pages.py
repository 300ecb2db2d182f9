"""Pages behind a signed link from a mail. Looking changes nothing; only a press of a button acts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from typing import ClassVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.mail.tokens import read_token, sign_token
from digest.web.forms import is_cross_site
from digest.web.page_context import PageContext
from digest.web.thread_pools import RequestThreads
from digest.web.visitors import PostRateLimit

POSTS = 30
"""Posts with one link in a minute: a person presses a button a few times."""
AT_ONCE = 3
"""Readers of one purpose whose pages are made, or preferences written, at once."""


class LinkPages(ABC):
    """``/<purpose>/<token>`` for the subscriber, or the request, that the token was signed for.

    ``cross_site_posts`` says that a page or a program elsewhere may post, too.
    """

    purpose: ClassVar[str]
    posts_a_minute: ClassVar[int] = POSTS
    cross_site_posts: ClassVar[bool] = False

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._site = context.site
        # Nobody who wants to leave is sent away, so all of them may wait.
        self._threads = RequestThreads(AT_ONCE)
        self._rate_limit = PostRateLimit(self.posts_a_minute)

    def routes(self) -> list[Route]:
        """List the routes."""
        path = f"/{self.purpose}/{{token}}"
        return [
            Route(path, self.show, methods=["GET"]),
            Route(path, self.submit, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show the page, which changes nothing: mail scanners open it, too."""
        signed_id = self._signed_id(request)
        if signed_id is None:
            return self._bad_link()
        return await self._threads.run(self._page, signed_id)

    async def submit(self, request: Request) -> Response:
        """Do what a button of the page asks for. Raises a 403 for a form of another site."""
        signed_id = self._signed_id(request)
        if signed_id is None:
            return self._bad_link()
        if not self.cross_site_posts and is_cross_site(request):
            raise HTTPException(403)
        if not self._rate_limit.allows(str(signed_id)) and not await self._may_still_post(
            signed_id
        ):
            raise HTTPException(429, headers={"Retry-After": "60"})
        return await self._submit(request, signed_id)

    @abstractmethod
    def _page(self, signed_id: int) -> Response:
        """Make the page; called in a thread that may wait for the store."""

    async def _may_still_post(self, signed_id: int) -> bool:
        """True if a post is taken although too many came with that link."""
        return False

    def _link(self, purpose: str, signed_id: int) -> str:
        """Address of a page behind a link, signed for that id."""
        return f"{self._site.root_path}/{purpose}/{sign_token(purpose, signed_id, self._site.keys)}"

    @abstractmethod
    async def _submit(self, request: Request, signed_id: int) -> Response:
        """Act on the posted form."""

    def _today(self) -> date:
        return self._site.clock().astimezone(self._site.zone).date()

    def _signed_id(self, request: Request) -> int | None:
        return read_token(self.purpose, request.path_params["token"], self._site.keys)

    def _subscribe_link(self, words: str) -> dict[str, str]:
        return {"url": f"{self._site.root_path}/subscribe", "words": words}

    def _bad_link(self) -> Response:
        """Answer a link that nobody signed: cut in two by a mail program, or made up."""
        return self._context.note(
            "This link does not work",
            ["It may have been cut in two on the way. Copy the whole link from the mail."],
            [self._subscribe_link("Subscribe")],
            status=404,
        )
