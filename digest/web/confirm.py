"""The second half of a sign-up: the page with one button that the confirmation mail links to."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from digest import subscriptions
from digest.subscriptions import ActionResult, SignUpRefusal
from digest.web.link_pages import LinkPages
from digest.web.page_context import PageContext
from digest.web.visitors import Visitors


class ConfirmPages(LinkPages):
    """``/confirm/<token>``."""

    purpose = "confirm"

    def __init__(self, context: PageContext, visitors: Visitors) -> None:
        super().__init__(context)
        self._visitors = visitors

    def _page(self, signed_id: int) -> Response:
        request_id = subscriptions.confirmation_request_id(self._site.store, signed_id)
        return self._context.private(
            "confirm.html.j2",
            decline_url="" if request_id is None else self._link("decline", request_id),
        )

    async def _submit(self, request: Request, signed_id: int) -> Response:
        network = self._visitors.network(request)
        result = await self._threads.run(self._confirm, signed_id, network)
        if self._site.welcome and result is ActionResult.DONE:
            self._site.wake()
        return self._note(result, signed_id)

    def _confirm(self, signed_id: int, network: str) -> ActionResult | SignUpRefusal:
        return subscriptions.confirm(
            self._site.store,
            signed_id,
            network=network,
            now=self._site.clock(),
            welcome=self._site.welcome,
            rule=self._site.sign_up_rule,
        )

    def _note(self, result: ActionResult | SignUpRefusal, signed_id: int) -> Response:
        note = self._context.note
        if isinstance(result, SignUpRefusal):
            return self._refused(result)
        if result is ActionResult.WAITING:
            return self._waiting()
        again = [self._subscribe_link("Subscribe again")]
        if result in (ActionResult.DONE, ActionResult.ALREADY):
            title = (
                "You are subscribed"
                if result is ActionResult.DONE
                else "You are already subscribed"
            )
            lines = [
                "The next edition will come to you.",
                "You can also choose its topics, how often it comes and when.",
            ]
            return note(
                title,
                lines,
                [{"url": self._link("preferences", signed_id), "words": "Choose topics and days"}],
            )
        if result is ActionResult.LEFT:
            lines = ["This link is from before you unsubscribed, so it no longer works."]
            return note("You have unsubscribed since", lines, again)
        if result is ActionResult.CAME_BACK:
            lines = [
                "Mail to this address has come back to us, so we stopped sending.",
                "If the address works again, subscribe once more and confirm.",
            ]
            return note("Your mail came back", lines, again)
        if result is ActionResult.BARRED:
            lines = ["Mail to this address came back or was reported as unwanted, so we send none."]
            return note("We send no mail to this address", lines, [])
        lines = ["A request that is not confirmed within a few days expires."]
        return note("This link has expired", lines, again)

    def _refused(self, refusal: SignUpRefusal) -> Response:
        title = "You cannot subscribe to this list at the moment"
        return self._context.note(title, list(filter(None, (refusal.why, refusal.mend))), [], 403)

    def _waiting(self) -> Response:
        lines = [
            "The operator of the list looks at each new subscriber. You will get one mail that says "
            "what was decided.",
            "There is nothing more for you to do.",
        ]
        return self._context.note("Your address is confirmed", lines, [])
