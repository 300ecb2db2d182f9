"""A reader's own page: what they wish, a pause, their data. No account, only a signed link."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from digest import subscriptions
from digest.errors import SubscriberError
from digest.mail import plain_text
from digest.model import Subscriber, SubscriberState
from digest.subscriptions import ActionResult
from digest.subscriptions.preferences import LONGEST_PAUSE
from digest.web import display
from digest.web.forms import (
    PostedForm,
    read_form,
)
from digest.web.link_pages import LinkPages
from digest.web.preference_fields import (
    form_choices,
    form_values,
    posted_values,
    read_preference_fields,
)

_STATE_LINES = {
    SubscriberState.ACTIVE: "Your next mail follows what you choose here.",
    SubscriberState.PENDING: "You have not confirmed yet: press the button in the mail we sent you.",
    SubscriberState.UNSUBSCRIBED: "You are unsubscribed: no mail is sent to you.",
    SubscriberState.SUPPRESSED: "Mail to your address came back, so none is sent.",
}


class PreferencePages(LinkPages):
    """``/preferences/<token>``."""

    purpose = "preferences"

    async def _submit(self, request: Request, signed_id: int) -> Response:
        form = await read_form(request)
        act = {"export": self._export, "erase": self._erase}.get(form.one("action"), self._save)
        return await self._threads.run(act, signed_id, form)

    def _page(
        self,
        signed_id: int,
        *,
        posted: Mapping[str, Any] | None = None,
        faults: Mapping[str, str] | None = None,
        saved: str = "",
    ) -> Response:
        subscriber = subscriptions.find_subscriber(self._site.store, signed_id)
        if subscriber is None:
            return self._forgotten()
        today = self._today()
        preferences = subscriber.preferences
        if preferences.paused_until is not None and preferences.paused_until <= today:
            preferences = replace(preferences, paused_until=None)
        return self._context.private(
            "preferences.html.j2",
            status=422 if faults else 200,
            whose=display.masked_address(subscriber.email),
            standing=_state_line(subscriber, preferences.paused_until),
            active=subscriber.state in (SubscriberState.ACTIVE, SubscriberState.PENDING),
            saved=saved,
            form=posted or form_values(preferences),
            faults=faults or {},
            tomorrow=(today + timedelta(days=1)).isoformat(),
            in_a_year=(today + LONGEST_PAUSE).isoformat(),
            taste_url=self._link("taste", signed_id),
            reading_url=self._link("reading", signed_id)
            if self._site.list_identity.has_reading_lists
            else "",
            unsubscribe_url=self._link("unsubscribe", signed_id),
            **form_choices(self._site),
        )

    def _save(self, signed_id: int, form: PostedForm) -> Response:
        try:
            preferences = replace(
                read_preference_fields(form, self._site.topics),
                paused_until=subscriptions.read_pause(
                    form.one("paused_until"), today=self._today()
                ),
            )
            contradictory = set(preferences.topics) & set(preferences.exclude_topics)
            if contradictory:
                name = self._site.topic_name(sorted(contradictory)[0])
                raise SubscriberError(f"{name} is both followed and left out", where="topics")
        except SubscriberError as error:
            name = error.where if error.where in posted_values(form) else "topics"
            words = f"{error.what[:1].upper()}{error.what[1:]}. {error.mend}".strip()
            return self._page(signed_id, posted=posted_values(form), faults={name: words})
        subscriptions.save_preferences(
            self._site.store, signed_id, preferences, now=self._site.clock()
        )
        return self._page(signed_id, saved="Saved. Your next mail follows these preferences.")

    def _export(self, signed_id: int, form: PostedForm) -> Response:
        personal_data = subscriptions.export_subscriber(self._site.store, signed_id)
        if personal_data is None:
            return self._forgotten()
        return Response(
            json.dumps(personal_data, ensure_ascii=False, indent=2),
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": 'attachment; filename="my-digest.json"',
                "X-Robots-Tag": "noindex",
            },
            media_type="application/json",
        )

    def _erase(self, signed_id: int, form: PostedForm) -> Response:
        if form.one("sure") != "yes":
            return self._page(signed_id, faults={"sure": "Tick this first: it cannot be undone."})
        result = subscriptions.erase_subscriber(
            self._site.store,
            signed_id,
            now=self._site.clock(),
            forget_files=self._site.forget_files,
        )
        return self._forgotten(
            "" if result is ActionResult.DONE else "Everything had been erased before."
        )

    def _forgotten(self, more: str = "") -> Response:
        lines = ["We keep nothing about you and send you no mail.", more]
        return self._context.note(
            "We know nothing about you",
            [line for line in lines if line],
            [self._subscribe_link("Subscribe")],
        )


def _state_line(subscriber: Subscriber, paused_until: date | None) -> str:
    if subscriber.state is SubscriberState.ACTIVE and paused_until is not None:
        return (
            f"Paused until {plain_text.day_in_words(paused_until)}; after that, mail starts "
            "again by itself."
        )
    return _STATE_LINES[subscriber.state]
