"""A reader's own page: what they wish, a pause, their data. No account, only a signed link."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest import subscriptions
from digest.errors import SubscriberError
from digest.mail import wording
from digest.mail.tokens import sign_token
from digest.model import Subscriber, SubscriberState
from digest.subscriptions import ActionResult
from digest.subscriptions.preferences import LONGEST_PAUSE
from digest.web.forms import (
    PostedForm,
    is_cross_site,
    read_form,
)
from digest.web.link_pages import LinkPages
from digest.web.preference_fields import (
    form_choices,
    form_values,
    posted_values,
    read_preference_fields,
)

_STANDING = {
    SubscriberState.ACTIVE: "The next mail follows what you choose here.",
    SubscriberState.PENDING: "You have not confirmed yet: the mail with the button does that.",
    SubscriberState.UNSUBSCRIBED: "You are unsubscribed: no mail is sent to you.",
    SubscriberState.SUPPRESSED: "Mail to your address came back, so none is sent.",
}


class PreferencePages(LinkPages):
    """``/preferences/<token>``."""

    purpose = "preferences"

    async def _act(self, request: Request, number: int) -> Response:
        if is_cross_site(request):
            raise HTTPException(403)
        form = await read_form(request)
        act = {"export": self._export, "erase": self._erase}.get(form.one("action"), self._save)
        return await self._lane.run(act, number, form)

    def _today(self) -> date:
        return self._site.clock().astimezone(self._site.zone).date()

    def _page(
        self,
        number: int,
        *,
        typed_form: Mapping[str, Any] | None = None,
        faults: Mapping[str, str] | None = None,
        saved: str = "",
    ) -> Response:
        reader = subscriptions.find_subscriber(self._site.store, number)
        if reader is None:
            return self._forgotten()
        today = self._today()
        wishes = reader.preferences
        if wishes.paused_until is not None and wishes.paused_until <= today:
            wishes = replace(wishes, paused_until=None)
        token = sign_token("unsubscribe", number, self._site.keys)
        return self._rooms.private(
            "preferences.html.j2",
            status=422 if faults else 200,
            standing=_standing(reader, wishes.paused_until),
            active=reader.state in (SubscriberState.ACTIVE, SubscriberState.PENDING),
            saved=saved,
            form=typed_form or form_values(wishes),
            faults=faults or {},
            tomorrow=(today + timedelta(days=1)).isoformat(),
            in_a_year=(today + LONGEST_PAUSE).isoformat(),
            unsubscribe_url=f"{self._site.at}/unsubscribe/{token}",
            **form_choices(self._site),
        )

    def _save(self, number: int, form: PostedForm) -> Response:
        try:
            wishes = replace(
                read_preference_fields(form, self._site.topics),
                paused_until=subscriptions.read_pause(
                    form.one("paused_until"), today=self._today()
                ),
            )
            both = set(wishes.topics) & set(wishes.exclude_topics)
            if both:
                name = self._site.topic_name(sorted(both)[0])
                raise SubscriberError(f"{name} is both followed and left out", where="topics")
        except SubscriberError as error:
            name = error.where if error.where in posted_values(form) else "topics"
            words = f"{error.what[:1].upper()}{error.what[1:]}. {error.mend}".strip()
            return self._page(number, typed_form=posted_values(form), faults={name: words})
        subscriptions.save_preferences(self._site.store, number, wishes, now=self._site.clock())
        return self._page(number, saved="Saved. The next mail obeys.")

    def _export(self, number: int, form: PostedForm) -> Response:
        known = subscriptions.export_subscriber(self._site.store, number)
        if known is None:
            return self._forgotten()
        return Response(
            json.dumps(known, ensure_ascii=False, indent=2),
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": 'attachment; filename="my-digest.json"',
                "X-Robots-Tag": "noindex",
            },
            media_type="application/json",
        )

    def _erase(self, number: int, form: PostedForm) -> Response:
        if form.one("sure") != "yes":
            return self._page(number, faults={"sure": "Tick this first: it cannot be undone."})
        standing = subscriptions.erase_subscriber(
            self._site.store,
            number,
            now=self._site.clock(),
            forget_files=self._site.forget_files,
        )
        return self._forgotten("" if standing is ActionResult.DONE else "It was so already.")

    def _forgotten(self, more: str = "") -> Response:
        lines = ["Nothing is kept about you, and no mail is sent to you.", more]
        return self._rooms.note(
            "Nothing is known of you here",
            [line for line in lines if line],
            [{"url": f"{self._site.at}/subscribe", "words": "Subscribe"}],
        )


def _standing(reader: Subscriber, paused_until: date | None) -> str:
    if reader.state is SubscriberState.ACTIVE and paused_until is not None:
        return f"Paused until {wording.day_in_words(paused_until)}; it goes on by itself."
    return _STANDING[reader.state]
