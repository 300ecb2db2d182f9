"""Sign-up as JSON, by the same rules as the form, and the description of it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from digest import subscriptions
from digest.errors import SubscriberError
from digest.hours import zone_names
from digest.model import Frequency, MailFormat, Topic
from digest.subscriptions import SignUpResult
from digest.web.forms import read_body
from digest.web.page_context import PageContext
from digest.web.signup_queue import (
    SignUpQueue,
    wait_for_step,
)
from digest.web.subscribe import (
    RETRY_AFTER,
    new_sign_up,
)
from digest.web.visitors import (
    PostRateLimit,
    Visitors,
)

MESSAGE = "If that address does not get the digest yet, a mail that asks to confirm is on its way."
LISTS = ("topics", "exclude", "keywords")
TEXTS = ("frequency", "format")
NUMBERS = ("hour", "max_papers")
_PARTING = re.compile(r"[;,|\s]+")


class Api:
    """``/api/subscribe`` and ``/api/openapi.json``."""

    def __init__(
        self, rooms: PageContext, intake: SignUpQueue, visitors: Visitors, attempts: PostRateLimit
    ) -> None:
        self._site = rooms.site
        self._intake = intake
        self._visitors = visitors
        self._attempts = attempts
        self._description = describe(
            rooms.site.topics, rooms.site.base, rooms.site.list_identity.list_name
        )

    def routes(self) -> list[Route]:
        """Where they are."""
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
            asked = read_json(await read_body(request))
        except (ValueError, RecursionError):
            return error_response(400, "The body is not JSON.")
        try:
            address, wishes = read_sign_up(asked, self._site.topics, own=self._site.own_addresses)
        except SubscriberError as error:
            return error_response(422, f"{error.what}. {error.mend}".strip(), error.where)
        taken = await self._intake.take(new_sign_up(address, wishes, network, self._site))
        if taken is SignUpResult.TOO_MANY:
            return too_many_response()
        await wait_for_step(begun, self._site.answer_seconds)
        return JSONResponse(
            {"status": "accepted", "message": MESSAGE}, 202, {"Cache-Control": "no-store"}
        )

    async def description(self, request: Request) -> Response:
        """The description, as OpenAPI 3.1 has it."""
        return JSONResponse(self._description, headers={"Cache-Control": "public, max-age=3600"})


def read_json(body: bytes) -> Any:
    """The value that a body says, if it says it unmistakably (RFC 7493, I-JSON).

    Raises `ValueError` for what is no JSON, for ``NaN`` and ``Infinity``, for a member named twice,
    and for half of a surrogate pair, which is no text; `RecursionError` for one that is too deep.
    """
    asked = json.loads(body, parse_constant=_refuse, object_pairs_hook=_members)
    json.dumps(asked, ensure_ascii=False).encode()
    return asked


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is named twice")
    return members


def read_sign_up(
    asked: Any, topics: Sequence[Topic], *, own: Sequence[str] = ()
) -> tuple[str, Any]:
    """The address and the wishes of a request.

    Raises `digest.errors.SubscriberError` whose ``where`` is the wrong member.
    """
    if not isinstance(asked, dict):
        raise SubscriberError("the body is not an object", where="body")
    unknown = sorted(set(asked) - {"email", "timezone", *LISTS, *TEXTS, *NUMBERS})
    if unknown:
        raise SubscriberError("there is no such member", where=unknown[0][:40])
    cells = {name: _list(asked.get(name, []), name) for name in LISTS}
    cells |= {name: _text(asked.get(name, ""), name) for name in TEXTS}
    cells |= {name: _number(asked.get(name), name) for name in NUMBERS}
    zone = asked.get("timezone")
    cells["timezone"] = "" if zone is None else _text(zone, "timezone")
    email = asked.get("email")
    if not isinstance(email, str):
        raise SubscriberError("the address is missing", where="email")
    wishes = subscriptions.read_preferences(cells, topics=topics)
    try:
        return subscriptions.validate_visitor_address(email, own=own), wishes
    except SubscriberError as error:
        raise SubscriberError(error.what, where="email", mend=error.mend) from None


def _list(value: Any, name: str) -> str:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SubscriberError("this is a list of texts", where=name)
    longest = subscriptions.MAX_KEYWORD_LENGTH
    if len(value) > subscriptions.MAX_KEYWORDS or any(len(item) > longest for item in value):
        raise SubscriberError("this is too long a list, or has too long a text", where=name)
    # In the written form these part one item from the next; here the list does that.
    return "\n".join(_PARTING.sub(" ", item) for item in value)


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
    """What is wrong with a request, in words and with the member that is."""
    body = {"status": "error", "message": words} | ({"member": where} if where else {})
    return JSONResponse(body, status, {"Cache-Control": "no-store"})


def too_many_response() -> Response:
    """The visitor's network, or everyone together, asked too often."""
    response = error_response(429, "Too many at once. Try again in an hour.")
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def describe(topics: Sequence[Topic], base: str, name: str) -> dict[str, Any]:
    """The OpenAPI 3.1 description of the endpoint."""
    ids = [topic.id for topic in topics]
    words = {
        "type": "array",
        "items": {"type": "string", "maxLength": subscriptions.MAX_KEYWORD_LENGTH},
        "maxItems": subscriptions.MAX_KEYWORDS,
    }
    error = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}}
    later = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{name}: sign-up",
            "version": "1",
            "description": "Ask for the digest at an address. Nothing is sent to it but one mail "
            "that asks to confirm, at most one a day. The answer never tells whether the address "
            "is known.",
        },
        "servers": [{"url": base}],
        "paths": {
            "/api/subscribe": {
                "post": {
                    "operationId": "subscribe",
                    "summary": "Ask for the digest at an address.",
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/SignUp"}}
                        },
                    },
                    "responses": {
                        "202": {
                            "description": "Taken; the same for every address.",
                            "content": {
                                "application/json": {
                                    "schema": {"$ref": "#/components/schemas/Accepted"}
                                }
                            },
                        },
                        "400": {"description": "The body is not JSON.", **error},
                        "413": {"description": "The body is too large.", **error},
                        "415": {"description": "The body is not called JSON.", **error},
                        "422": {"description": "A member cannot be used.", **error},
                        "429": {"description": "Too many at once.", "headers": later, **error},
                        "503": {"description": "Too busy now.", "headers": later, **error},
                    },
                }
            },
            "/api/openapi.json": {
                "get": {
                    "operationId": "describe",
                    "summary": "This description.",
                    "responses": {
                        "200": {
                            "description": "OpenAPI 3.1.",
                            "content": {"application/json": {"schema": {"type": "object"}}},
                        }
                    },
                }
            },
        },
        "components": {
            "schemas": {
                "SignUp": {
                    "type": "object",
                    "required": ["email"],
                    "additionalProperties": False,
                    "properties": {
                        "email": {"type": "string", "format": "email", "maxLength": 254},
                        "topics": {**words, "items": {"type": "string", "enum": ids}},
                        "exclude": {**words, "description": "Topics, else words, to leave out."},
                        "keywords": {**words, "description": "A - before a word leaves it out."},
                        "frequency": {"type": "string", "enum": [str(f) for f in Frequency]},
                        "hour": {"type": ["integer", "null"], "minimum": 0, "maximum": 23},
                        "timezone": {"enum": [None, *sorted(zone_names())]},
                        "max_papers": {
                            "type": ["integer", "null"],
                            "minimum": 1,
                            "maximum": subscriptions.MAX_PAPERS,
                        },
                        "format": {"type": "string", "enum": [str(f) for f in MailFormat]},
                    },
                },
                "Accepted": {
                    "type": "object",
                    "required": ["status", "message"],
                    "properties": {
                        "status": {"const": "accepted"},
                        "message": {"type": "string"},
                    },
                },
                "Failure": {
                    "type": "object",
                    "required": ["status", "message"],
                    "properties": {
                        "status": {"const": "error"},
                        "message": {"type": "string"},
                        "member": {"type": "string"},
                    },
                },
            }
        },
    }
