"""The second half of a sign-up: the page with one button that the confirmation mail links to."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest import subscriptions
from digest.mail.tokens import sign_token
from digest.subscriptions import ActionResult
from digest.web.forms import is_cross_site
from digest.web.link_pages import LinkPages
from digest.web.page_context import PageContext
from digest.web.visitors import Visitors


class ConfirmPages(LinkPages):
    """``/confirm/<token>``."""

    purpose = "confirm"

    def __init__(self, rooms: PageContext, visitors: Visitors) -> None:
        super().__init__(rooms)
        self._visitors = visitors

    def _page(self, number: int) -> Response:
        request = subscriptions.confirmation_request_id(self._site.store, number)
        decline = "" if request is None else sign_token("decline", request, self._site.keys)
        return self._rooms.private(
            "confirm.html.j2", decline_url=f"{self._site.at}/decline/{decline}" if decline else ""
        )

    async def _act(self, request: Request, number: int) -> Response:
        if is_cross_site(request):
            raise HTTPException(403)
        network = self._visitors.network(request)
        standing = await self._lane.run(self._confirm, number, network)
        if self._site.welcome and standing is ActionResult.DONE:
            self._site.wake()
        return self._stands(standing, number)

    def _confirm(self, number: int, network: str) -> ActionResult:
        return subscriptions.confirm(
            self._site.store,
            number,
            network=network,
            now=self._site.clock(),
            welcome=self._site.welcome,
        )

    def _stands(self, standing: ActionResult, number: int) -> Response:
        note = self._rooms.note
        again = [{"url": f"{self._site.at}/subscribe", "words": "Subscribe again"}]
        if standing in (ActionResult.DONE, ActionResult.ALREADY):
            own = (
                f"{self._site.at}/preferences/{sign_token('preferences', number, self._site.keys)}"
            )
            title = "You are subscribed" if standing is ActionResult.DONE else "You are in already"
            lines = [
                "The next edition comes to you by itself.",
                "Until then you may say what it should be about, how often it comes and when.",
            ]
            return note(title, lines, [{"url": own, "words": "Choose topics and days"}])
        if standing is ActionResult.LEFT:
            lines = ["This link is of a time before you unsubscribed, so it does nothing now."]
            return note("You have left since", lines, again)
        if standing is ActionResult.CAME_BACK:
            lines = [
                "Mail to this address came back to us since, so no more was sent.",
                "Does it work again? Then subscribe once more, and confirm.",
            ]
            return note("Your mail came back", lines, again)
        if standing is ActionResult.BARRED:
            lines = ["Mail to this address came back, or was called unwanted, so none is sent."]
            return note("This address takes no mail from us", lines, [])
        lines = ["A request that is not confirmed within some days is forgotten."]
        return note("This link has grown old", lines, again)
