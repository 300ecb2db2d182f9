"""Being left in peace: who was signed up by somebody else says once that nobody may ask again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from digest import subscriptions
from digest.web.link_pages import LinkPages


class DeclinePages(LinkPages):
    """``/decline/<token>``; the signed_id in its token is that of a request, not of a reader."""

    purpose = "decline"

    def _page(self, signed_id: int) -> Response:
        return self._context.private("decline.html.j2")

    async def _submit(self, request: Request, signed_id: int) -> Response:
        return await self._threads.run(self._decline, signed_id)

    def _decline(self, signed_id: int) -> Response:
        if not subscriptions.decline_confirmation(
            self._site.store, signed_id, now=self._site.clock()
        ):
            lines = ["We no longer know anything about that address, and we send no mail to it."]
            return self._context.note("This link has expired", lines, [])
        return self._context.note(
            "You will not be asked again",
            [
                "We will never write to this address again, whoever types it into our form.",
                "If you ever want the digest, write to us: only a person can undo this.",
            ],
            [],
        )
