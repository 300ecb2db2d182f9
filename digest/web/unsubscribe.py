"""Leaving: a page that changes nothing, a button that does, and the mail program's own one click."""

from __future__ import annotations

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest import subscriptions
from digest.model import Frequency, SubscriberState
from digest.subscriptions import ActionResult
from digest.web import display
from digest.web.forms import PostedForm, read_form
from digest.web.link_pages import LinkPages


class UnsubscribePages(LinkPages):
    """``/unsubscribe/<token>``.

    Its pages never lead to the preferences: an unsubscribe token travels much further than the mail
    (headers, sent folders, the bounce mailbox, scanners), and must open nothing but the way out.
    """

    purpose = "unsubscribe"
    cross_site_posts = True

    async def _submit(self, request: Request, signed_id: int) -> Response:
        """Unsubscribe, at once: by the button, or by the mail program (RFC 8058 §3.2).

        Mail programs post without cookies, from anywhere, urlencoded or multipart, and follow no
        redirect. Whoever holds the link and does not ask for less wants to leave, so a body that
        cannot be read is no reason to keep them.
        """
        try:
            form = await read_form(request)
        except HTTPException as error:
            if error.status_code == 413:
                raise
            form = PostedForm()
        if form.one("action") == "weekly" and not form.has("List-Unsubscribe"):
            return await self._threads.run(self._weekly, signed_id)
        return await self._threads.run(self._leave, signed_id)

    async def _may_still_post(self, signed_id: int) -> bool:
        """True as long as there is somebody to leave: that is never refused."""
        subscriber = await self._threads.run(
            subscriptions.find_subscriber, self._site.store, signed_id
        )
        return subscriber is not None and subscriber.state in (
            SubscriberState.ACTIVE,
            SubscriberState.PENDING,
        )

    def _page(self, signed_id: int) -> Response:
        subscriber = subscriptions.find_subscriber(self._site.store, signed_id)
        if subscriber is None or subscriber.state in (
            SubscriberState.UNSUBSCRIBED,
            SubscriberState.SUPPRESSED,
        ):
            return self._gone("You are already unsubscribed")
        return self._context.private(
            "unsubscribe.html.j2",
            whose=display.masked_address(subscriber.email),
            fewer=subscriber.preferences.frequency is not Frequency.WEEKLY
            and subscriber.state is SubscriberState.ACTIVE,
        )

    def _leave(self, signed_id: int) -> Response:
        result = subscriptions.unsubscribe(
            self._site.store,
            signed_id,
            reason="unsubscribed by their link",
            now=self._site.clock(),
            goodbye=self._site.goodbye,
        )
        if result is ActionResult.DONE:
            if self._site.goodbye:
                self._site.wake()
            return self._gone("You are unsubscribed")
        return self._gone("You are already unsubscribed")

    def _weekly(self, signed_id: int) -> Response:
        subscriber = subscriptions.find_subscriber(self._site.store, signed_id)
        if subscriber is None or subscriber.state is not SubscriberState.ACTIVE:
            return self._gone("You are already unsubscribed")
        subscriptions.save_preferences(
            self._site.store,
            signed_id,
            replace(subscriber.preferences, frequency=Frequency.WEEKLY),
            now=self._site.clock(),
        )
        return self._context.note(
            "Once a week from now on",
            ["You stay subscribed, and get the best of each week in one mail."],
            [{"url": f"{self._site.root_path}/", "words": "The latest edition"}],
        )

    def _gone(self, title: str) -> Response:
        return self._context.note(
            title,
            ["We will send you no more mail. Thank you for reading."],
            [self._subscribe_link("Subscribe again")],
        )
