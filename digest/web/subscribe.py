"""Sign-up: the form and its answer; what follows by mail ends in `digest.web.confirm`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest import subscriptions
from digest.errors import SubscriberError
from digest.model import Preferences, SignUp
from digest.subscriptions import SignUpResult
from digest.web.forms import (
    HONEYPOT,
    PostedForm,
    form_age,
    is_cross_site,
    read_form,
)
from digest.web.page_cache import new_form_token
from digest.web.page_context import PageContext
from digest.web.preference_fields import (
    blank_form,
    form_choices,
    posted_values,
    read_preference_fields,
)
from digest.web.signup_queue import (
    SignUpQueue,
    wait_for_step,
)
from digest.web.visitors import (
    PostRateLimit,
    Visitors,
)

RETRY_AFTER = "3600"
"""Seconds after which a visitor who was told "too many" may try again."""


class SignUpPages:
    """``/subscribe``."""

    def __init__(
        self,
        context: PageContext,
        sign_up_queue: SignUpQueue,
        visitors: Visitors,
        attempts: PostRateLimit,
    ) -> None:
        self._context = context
        self._site = context.site
        self._sign_up_queue = sign_up_queue
        self._visitors = visitors
        self._attempts = attempts

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route("/subscribe", self.form, methods=["GET"]),
            Route("/subscribe", self.submit, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """The form, empty."""
        return self._form(blank_form(self._site), new_form_token(self._site))

    async def submit(self, request: Request) -> Response:
        """Take a sign-up. The answer is the same whoever the address belongs to."""
        begun = asyncio.get_running_loop().time()
        if is_cross_site(request):
            raise HTTPException(403)
        network = self._visitors.network(request)
        if not self._attempts.allows(network):
            return self._too_many()
        form = await read_form(request)
        token = form.one("form")
        passed = form_age(token, self._site)
        if passed is None or passed < self._site.least_form_seconds:
            return self._once_more(form, token if passed is not None else "")
        try:
            preferences = read_preference_fields(form, self._site.topics)
            address = subscriptions.validate_visitor_address(
                form.one("email"), own=self._site.own_addresses
            )
        except SubscriberError as error:
            return self._faulty(form, error)
        if not form.one(HONEYPOT):
            sign_up = new_sign_up(address, preferences, network, self._site)
            if await self._sign_up_queue.take(sign_up) is SignUpResult.TOO_MANY:
                return self._too_many()
        await wait_for_step(begun, self._site.answer_seconds)
        return self._asked()

    def _form(
        self,
        values: Mapping[str, Any],
        token: str,
        *,
        faults: Mapping[str, str] | None = None,
        notice: str = "",
        status: int = 200,
    ) -> Response:
        faults = faults or {}
        return self._context.private(
            "subscribe.html.j2",
            status=status,
            form=values,
            faults=faults,
            notice=notice,
            open=bool(set(faults) - {"email"})
            or values != {**blank_form(self._site), "email": values["email"]},
            form_token=token,
            here="/subscribe",
            **form_choices(self._site),
        )

    def _once_more(self, form: PostedForm, token: str) -> Response:
        """Too quick for a person, or a form we did not hand out: a person presses again."""
        return self._form(
            posted_values(form),
            token or new_form_token(self._site),
            notice=(
                "Please press Subscribe once more. (You are not signed up yet: we ask twice when "
                "a form comes back faster than people type, or from an old page.)"
            ),
        )

    def _faulty(self, form: PostedForm, error: SubscriberError) -> Response:
        name = error.where if error.where in posted_values(form) else "email"
        words = f"{error.what[:1].upper()}{error.what[1:]}. {error.mend}".strip()
        return self._form(posted_values(form), form.one("form"), faults={name: words}, status=422)

    def _asked(self) -> Response:
        lines = [
            "If that address does not get the digest yet, a mail is on its way there. Press the "
            "button in it to confirm.",
            "If nothing comes in a few minutes, look in your spam folder. We write to an address "
            "at most once a day, and at busy hours it can take a while.",
        ]
        front = [{"url": f"{self._site.root_path}/", "words": "Read the latest edition"}]
        return self._context.note("Check your inbox", lines, front)

    def _too_many(self) -> Response:
        response = self._context.note(
            "Too many at once",
            ["Too many addresses were signed up from your network. Please try again in an hour."],
            [],
            status=429,
        )
        response.headers["Retry-After"] = RETRY_AFTER
        return response


def new_sign_up(address: str, preferences: Preferences, network: str, site: Any) -> SignUp:
    """Put a visitor's request into the form that the store keeps."""
    return SignUp(
        mailbox=subscriptions.mailbox_key(address),
        email=address,
        preferences=preferences,
        network=network,
        wording=subscriptions.CONSENT_VERSION,
        due_at=site.clock(),
    )
