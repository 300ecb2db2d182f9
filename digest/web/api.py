"""Sign-up as JSON, by the same rules as the form."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from digest import subscriptions
from digest.errors import SubscriberError
from digest.model import Topic
from digest.subscriptions import SignUpResult
from digest.web.forms import read_body
from digest.web.openapi import describe_api
from digest.web.page_cache import json_page, page_response
from digest.web.page_context import PageContext
from digest.web.sign_up_form import RETRY_AFTER
from digest.web.sign_up_gate import SignUpGate
from digest.web.signup_queue import (
    SignUpQueue,
    wait_for_step,
)
from digest.web.subscribe import new_sign_up
from digest.web.visitors import (
    PostRateLimit,
    Visitors,
)

MESSAGE = "If that address does not get the digest yet, a mail that asks to confirm is on its way."
LISTS = ("topics", "exclude", "keywords")
TEXTS = ("frequency", "format")
NUMBERS = ("hour", "max_papers")
_SEPARATORS = re.compile(r"[;,|\s]+")


class Api:
    """``/api/subscribe`` and ``/api/openapi.json``."""

    def __init__(
        self,
        context: PageContext,
        sign_up_queue: SignUpQueue,
        visitors: Visitors,
        attempts: PostRateLimit,
    ) -> None:
        self._site = context.site
        self._sign_up_queue = sign_up_queue
        self._visitors = visitors
        self._attempts = attempts
        self._gate = SignUpGate(context.site)
        self._description = json_page(
            describe_api(
                context.site.topics, context.site.base, context.site.list_identity.list_name
            )
        )

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route("/api/subscribe", self.subscribe, methods=["POST"]),
            Route("/api/openapi.json", self.description, methods=["GET"]),
        ]

    async def subscribe(self, request: Request) -> Response:
        """Take a sign-up; the answer is the same whoever the address belongs to."""
        begun = asyncio.get_running_loop().time()
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            # A page of another site can post forms, but no JSON without being asked first (CORS).
            return error_response(415, "Send JSON, with Content-Type: application/json.")
        network = self._visitors.network(request)
        if not self._attempts.allows(network):
            return too_many_response()
        try:
            members = read_json(await read_body(request))
        except (ValueError, RecursionError):
            return error_response(400, "The body is not JSON.")
        try:
            own = self._site.own_addresses
            address, preferences = read_sign_up(members, self._site.topics, own=own)
            name = subscriptions.read_name(_text(members.get("name", ""), "name"))
            token = _text(members.get("invitation", ""), "invitation")
        except SubscriberError as error:
            return error_response(422, f"{error.what}. {error.mend}".strip(), error.where)
        invitation = await self._gate.invitation(token)
        refusal = self._gate.refusal(address, invitation)
        if refusal is not None:
            return error_response(403, str(refusal), refusal.where)
        sign_up = replace(
            new_sign_up(address, preferences, network, self._site),
            name=name,
            invitation=None if invitation is None else invitation.id,
        )
        result = await self._sign_up_queue.take(sign_up)
        if result is SignUpResult.TOO_MANY:
            return too_many_response()
        await wait_for_step(begun, self._site.answer_seconds)
        return JSONResponse(
            {"status": "accepted", "message": MESSAGE}, 202, {"Cache-Control": "no-store"}
        )

    async def description(self, request: Request) -> Response:
        """Answer with the description of this API."""
        return page_response(self._description, request, self._site)


def read_json(body: bytes) -> Any:
    """The value that a body says, if it says it unmistakably (RFC 7493, I-JSON).

    Raises `ValueError` for what is no JSON, for ``NaN`` and ``Infinity``, for a member named twice,
    and for half of a surrogate pair, which is no text; `RecursionError` for one that is too deep.
    """
    value = json.loads(body, parse_constant=_refuse, object_pairs_hook=_members)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is named twice")
    return members


def read_sign_up(
    members: Any, topics: Sequence[Topic], *, own: Sequence[str] = ()
) -> tuple[str, Any]:
    """The address and the preferences of a request.

    Raises `digest.errors.SubscriberError` whose ``where`` is the wrong member.
    """
    if not isinstance(members, dict):
        raise SubscriberError("the body is not an object", where="body")
    unknown = sorted(
        set(members) - {"email", "timezone", "name", "invitation", *LISTS, *TEXTS, *NUMBERS}
    )
    if unknown:
        raise SubscriberError("there is no such member", where=unknown[0][:40])
    cells = {name: _list(members.get(name, []), name) for name in LISTS}
    cells |= {name: _text(members.get(name, ""), name) for name in TEXTS}
    cells |= {name: _number(members.get(name), name) for name in NUMBERS}
    zone = members.get("timezone")
    cells["timezone"] = "" if zone is None else _text(zone, "timezone")
    email = members.get("email")
    if not isinstance(email, str):
        raise SubscriberError("the address is missing", where="email")
    preferences = subscriptions.read_preferences(cells, topics=topics)
    try:
        return subscriptions.validate_visitor_address(email, own=own), preferences
    except SubscriberError as error:
        raise SubscriberError(error.what, where="email", mend=error.mend) from None


def _list(value: Any, name: str) -> str:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SubscriberError("this is a list of texts", where=name)
    longest = subscriptions.MAX_KEYWORD_LENGTH
    if len(value) > subscriptions.MAX_KEYWORDS or any(len(item) > longest for item in value):
        raise SubscriberError("this is too long a list, or has too long a text", where=name)
    # In the written form these part one item from the next; here the list does that.
    return "\n".join(_SEPARATORS.sub(" ", item) for item in value)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise SubscriberError("this is a text", where=name)
    return value


def _number(value: Any, name: str) -> str:
    if value is None:
        return ""
    # JSON has one kind of number: 7.0 is a whole one.
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole or abs(value) > 10**9:
        raise SubscriberError("this is a whole number", where=name)
    return str(int(value))


def error_response(status: int, words: str, where: str = "") -> Response:
    """Answer what is wrong with a request, in words and with the member that is."""
    body = {"status": "error", "message": words} | ({"member": where} if where else {})
    return JSONResponse(body, status, {"Cache-Control": "no-store"})


def too_many_response() -> Response:
    """The visitor's network, or everyone together, asked too often."""
    response = error_response(429, "Too many at once. Try again in an hour.")
    response.headers["Retry-After"] = RETRY_AFTER
    return response
