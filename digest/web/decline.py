"""Being left in peace: who was signed up by somebody else says once that nobody may ask again."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest import subscriptions
from digest.web.forms import is_cross_site
from digest.web.link_pages import LinkPages


class DeclinePages(LinkPages):
    """``/decline/<token>``; the number in its token is that of a request, not of a reader."""

    purpose = "decline"

    def _page(self, number: int) -> Response:
        return self._rooms.private("decline.html.j2")

    async def _act(self, request: Request, number: int) -> Response:
        if is_cross_site(request):
            raise HTTPException(403)
        return await self._lane.run(self._decline, number)

    def _decline(self, number: int) -> Response:
        if not subscriptions.decline_confirmation(self._site.store, number, now=self._site.clock()):
            lines = ["Nothing is known of that address here any more, and no mail is sent to it."]
            return self._rooms.note("This link has grown old", lines, [])
        return self._rooms.note(
            "You will not be asked again",
            [
                "No mail from us comes to this address any more, whoever types it into our form.",
                "Should you want the digest one day, write to us: only a person can undo this.",
            ],
            [],
        )
