"""Sign-up: the form and its answer; what follows by mail ends in `digest.web.confirm`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest import subscriptions
from digest.errors import SubscriberError
from digest.model import Invitation, Preferences, SignUp
from digest.subscriptions import SignUpResult
from digest.web.embedding import is_embedded, is_from_embedder
from digest.web.forms import (
    HONEYPOT,
    PostedForm,
    form_age,
    is_cross_site,
    read_form,
)
from digest.web.page_cache import new_form_token
from digest.web.page_context import PageContext
from digest.web.preference_fields import blank_form, read_preference_fields
from digest.web.sign_up_form import LONGEST_TOKEN, SignUpForm
from digest.web.sign_up_gate import SignUpGate
from digest.web.signup_queue import (
    SignUpQueue,
    wait_for_step,
)
from digest.web.visitors import (
    PostRateLimit,
    Visitors,
)


class SignUpPages:
    """``/subscribe``; with ``?embed`` bare, for a frame, with ``?invite=TOKEN`` by an invitation."""

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
        self._gate = SignUpGate(context.site)

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route("/subscribe", self.form, methods=["GET"]),
            Route("/subscribe", self.submit, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """The form, empty; the reason instead where nobody may sign up so."""
        token = request.query_params.get("invite", "")[:LONGEST_TOKEN]
        invitation = await self._gate.invitation(token)
        page = self._page(request, invitation)
        refusal = self._gate.refusal(None, invitation)
        if refusal is not None:
            return page.refused(refusal, 403 if token else 200)
        values = {**blank_form(self._site), "invite": token}
        return page.show(values, new_form_token(self._site))

    async def submit(self, request: Request) -> Response:
        """Take a sign-up. The answer is the same whoever the address belongs to."""
        begun = asyncio.get_running_loop().time()
        from_embedder = is_from_embedder(request, self._site.embedders)
        if is_cross_site(request) and not from_embedder:
            raise HTTPException(403)
        network = self._visitors.network(request)
        if not self._attempts.allows(network):
            return self._page(request).too_many()
        form = await read_form(request)
        invitation = await self._gate.invitation(form.one("invite"))
        page = self._page(request, invitation)
        refusal = self._gate.refusal(None, invitation)
        if refusal is not None:
            return page.refused(refusal, 403)
        token = form.one("form")
        passed = form_age(token, self._site)
        # A form of their own has no token of ours. Programs can do without one, too (`digest.web.api`).
        if not from_embedder and (passed is None or passed < self._site.least_form_seconds):
            return page.once_more(form, token if passed is not None else "")
        try:
            sign_up = self._read(form, invitation, network)
        except SubscriberError as error:
            return page.faulty(form, error)
        refusal = self._gate.refusal(sign_up.email, invitation)
        if refusal is not None:
            return page.faulty(form, SubscriberError(refusal.why, where="email", mend=refusal.mend))
        robot = bool(form.one(HONEYPOT))
        if not robot and await self._sign_up_queue.take(sign_up) is SignUpResult.TOO_MANY:
            return page.too_many()
        await wait_for_step(begun, self._site.answer_seconds)
        return page.asked()

    def _page(self, request: Request, invitation: Invitation | None = None) -> SignUpForm:
        invited = self._gate.is_good(invitation)
        return SignUpForm(self._context, bare=is_embedded(request), invited=invited)

    def _read(self, form: PostedForm, invitation: Invitation | None, network: str) -> SignUp:
        preferences = read_preference_fields(form, self._site.topics)
        name = subscriptions.read_name(form.one("name"))
        own = self._site.own_addresses
        address = subscriptions.validate_visitor_address(form.one("email"), own=own)
        sign_up = new_sign_up(address, preferences, network, self._site)
        number = None if invitation is None else invitation.id
        return replace(sign_up, name=name, invitation=number)


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
