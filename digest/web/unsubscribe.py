"""Leaving: a page that changes nothing, a button that does, and the mail program's own one click."""

from __future__ import annotations

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest import subscriptions
from digest.mail.tokens import sign_token
from digest.model import Frequency, SubscriberState
from digest.subscriptions import ActionResult
from digest.web.forms import PostedForm, read_form
from digest.web.link_pages import LinkPages


class UnsubscribePages(LinkPages):
    """``/unsubscribe/<token>``."""

    purpose = "unsubscribe"

    async def _act(self, request: Request, number: int) -> Response:
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
            return await self._lane.run(self._weekly, number)
        return await self._lane.run(self._leave, number)

    def _page(self, number: int) -> Response:
        reader = subscriptions.find_subscriber(self._site.store, number)
        if reader is None or reader.state in (
            SubscriberState.UNSUBSCRIBED,
            SubscriberState.SUPPRESSED,
        ):
            return self._gone("You are unsubscribed already")
        return self._rooms.private(
            "unsubscribe.html.j2",
            fewer=reader.preferences.frequency is not Frequency.WEEKLY
            and reader.state is SubscriberState.ACTIVE,
            preferences_url=self._preferences(number),
        )

    def _leave(self, number: int) -> Response:
        standing = subscriptions.unsubscribe(
            self._site.store,
            number,
            reason="unsubscribed by their link",
            now=self._site.clock(),
            goodbye=self._site.goodbye,
        )
        if standing is ActionResult.DONE:
            if self._site.goodbye:
                self._site.wake()
            return self._gone("You are unsubscribed")
        return self._gone("You are unsubscribed already")

    def _weekly(self, number: int) -> Response:
        reader = subscriptions.find_subscriber(self._site.store, number)
        if reader is None or reader.state is not SubscriberState.ACTIVE:
            return self._gone("You are unsubscribed already")
        subscriptions.save_preferences(
            self._site.store,
            number,
            replace(reader.preferences, frequency=Frequency.WEEKLY),
            now=self._site.clock(),
        )
        return self._rooms.note(
            "Once a week from now on",
            ["You stay subscribed, and get the best of each week in one mail."],
            [{"url": self._preferences(number), "words": "Choose topics and days"}],
        )

    def _preferences(self, number: int) -> str:
        return f"{self._site.at}/preferences/{sign_token('preferences', number, self._site.keys)}"

    def _gone(self, title: str) -> Response:
        return self._rooms.note(
            title,
            ["No further mail leaves for you. Thank you for having read along."],
            [{"url": f"{self._site.at}/subscribe", "words": "Subscribe again"}],
        )
