"""Description of the API for programs that manage the list, as OpenAPI 3.1 has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from digest.hours import zone_names
from digest.model import (
    MAX_KEYWORDS,
    MAX_PAPERS,
    DeliveryState,
    Frequency,
    Job,
    MailFormat,
    SubscriberState,
    Topic,
)
from digest.web.api_parameters import LARGEST_NUMBER
from digest.web.management_reports import MOST_LISTED, USUALLY_LISTED
from digest.web.management_requests import KEYWORD
from digest.web.openapi_parts import (
    MOMENT_OR_NONE,
    NUMBER_OR_NONE,
    PROBLEM,
    TEXT_OR_NONE,
    TEXTS,
    Schema,
    an_object,
    json_answer,
    json_body,
    many,
    parameter,
    problems,
    ref,
)

_INFO = (
    "For programs of the list's operator: what they do here is the operator's own act, by the rules of "
    "the commands `digest subscribers`, `digest deliveries` and `digest status`, and the fields are those "
    "that these print with `--json`. Nobody who left, complained or whose mail came back is mailed again "
    "because of it."
)
_EMAIL: Schema = {"type": "string", "format": "email", "maxLength": 254}
_NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}
_NEXT = {**NUMBER_OR_NONE, "description": "Where the next page goes on; null on the last one."}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_ALWAYS = ("401", "403", "429", "503")
_BODY = ("400", "413", "415", "422")
_ID: Schema = {"name": "id", "in": "path", "required": True, "schema": _NUMBER}
_LIMIT = parameter(
    "limit",
    "Items at most.",
    {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": USUALLY_LISTED},
)


def describe_management(topics: Sequence[Topic], base_url: str, list_name: str) -> dict[str, Any]:
    """Describe the endpoints below ``base_url``, with the list's topics as choices."""
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{list_name}: management", "version": "1", "description": _INFO},
        "servers": [{"url": base_url}],
        "security": [{"token": []}],
        "paths": {**_SUBSCRIBER_PATHS, **_REPORT_PATHS},
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "One of the tokens of DIGEST_API_TOKEN.",
                }
            },
            "schemas": _schemas([topic.id for topic in topics]),
        },
    }


def _operation(
    name: str, summary: str, answers: Mapping[str, Schema], *statuses: str, **more: Any
) -> Schema:
    return {
        "operationId": name,
        "summary": summary,
        **more,
        "responses": {**answers, **problems(*sorted({*statuses, *_ALWAYS}))},
    }


_ONE = {"200": json_answer("The subscriber.", ref("Subscriber"))}
_CHANGED = json_answer("The subscriber, and in words what was done.", ref("Result"))
_LOCATION = {"Location": {"schema": {"type": "string", "format": "uri"}}}
_ADDED = json_answer("Added.", ref("Result"), _LOCATION)
_BY_ADDRESS = json_body(ref("Address"))
_LISTED = json_answer("A page of the subscribers.", ref("Subscribers"))
_SUBSCRIBER_PATHS: dict[str, Schema] = {
    "/subscribers": {
        "get": _operation(
            "listSubscribers",
            "List the subscribers in the order they came.",
            {"200": _LISTED},
            "400",
            parameters=[
                parameter("state", "Only those in it.", {"enum": list(SubscriberState)}),
                parameter("after", "Only those of higher numbers.", {**_NUMBER, "minimum": 0}),
                _LIMIT,
            ],
        ),
        "post": _operation(
            "addSubscriber",
            "Add a subscriber; of one who is known, the preferences given change.",
            {"200": _CHANGED, "201": _ADDED},
            "409",
            *_BODY,
            requestBody=json_body(ref("NewSubscriber")),
        ),
    },
    "/addresses/find": {
        "post": _operation(
            "findSubscriber", "Find a subscriber by address.", _ONE, "404", *_BODY,
            requestBody=_BY_ADDRESS,
        )
    },
    "/addresses/remove": {
        "post": _operation(
            "removeAddress",
            "Unsubscribe by address. Doing it again changes nothing.",
            _ONE, "404", *_BODY,
            requestBody=_BY_ADDRESS,
        )
    },
    "/subscribers/{id}": {
        "parameters": [_ID],
        "get": _operation("showSubscriber", "Show a subscriber.", _ONE, "400", "404"),
        "patch": _operation(
            "changeSubscriber",
            "Change a subscriber's preferences: those given, the others stay.",
            {"200": _CHANGED},
            "404",
            "409",
            *_BODY,
            requestBody=json_body(ref("Preferences")),
        ),
    },
    "/subscribers/{id}/remove": {
        "parameters": [_ID],
        "post": _operation(
            "removeSubscriber", "Unsubscribe. Doing it again changes nothing.", _ONE, "404"
        ),
    },
}  # fmt: skip
_DELIVERIES = json_answer("A page of the deliveries.", ref("Deliveries"))
_REPORT_PATHS: dict[str, Schema] = {
    "/deliveries": {
        "get": _operation(
            "listDeliveries",
            "List who got the editions of a day, who did not, and why.",
            {"200": _DELIVERIES},
            "400",
            "404",
            parameters=[
                parameter(
                    "edition",
                    "The day of the editions; without it that of the newest.",
                    {"type": "string", "format": "date"},
                ),
                parameter("state", "Only those in it.", {"enum": list(DeliveryState)}),
                parameter(
                    "after",
                    "The next of the page before.",
                    {"type": "string", "pattern": r"^[0-9]{1,15}\.[0-9]{1,15}$"},
                ),
                _LIMIT,
            ],
        )
    },
    "/runs": {
        "get": _operation(
            "listRuns",
            "List the runs of the jobs, the newest first.",
            {"200": json_answer("A page of the runs.", ref("Runs"))},
            "400",
            parameters=[
                parameter("job", "Only those of it.", {"enum": list(Job)}),
                parameter("before", "Only those of lower numbers.", _NUMBER),
                _LIMIT,
            ],
        )
    },
    "/openapi.json": {
        "get": _operation(
            "describe",
            "This description.",
            {"200": json_answer("OpenAPI 3.1.", {"type": "object"})},
        )
    },
}


_FLAGS: dict[str, Schema] = {
    "confirmed": {
        "type": "boolean",
        "description": "True: the operator vouches that this person wants the digest. Otherwise a "
        "mail asks them to confirm.",
    },
    "again": {
        "type": "boolean",
        "description": "True: ask once more who refused or did not answer, for they changed their mind.",
    },
}
_SUBSCRIBER: dict[str, Schema] = {
    "id": {"type": "integer"},
    "email": {"type": "string"},
    "state": {"type": "string", "enum": list(SubscriberState)},
    "reason": {**TEXT_OR_NONE, "description": "Why they are in this state."},
    "set_aside": {
        **TEXT_OR_NONE,
        "description": "What of their record cannot be used; null for nearly everybody.",
    },
    "mend": {"type": "string", "description": "What to do about it."},
    "created_at": MOMENT_OR_NONE,
    "confirmed_at": MOMENT_OR_NONE,
    "topics": TEXTS,
    "exclude": TEXTS,
    "keywords": TEXTS,
    "frequency": {"type": "string", "enum": list(Frequency)},
    "hour": NUMBER_OR_NONE,
    "timezone": TEXT_OR_NONE,
    "max_papers": NUMBER_OR_NONE,
    "paused_until": {"type": ["string", "null"], "format": "date"},
    "format": {"type": "string", "enum": list(MailFormat)},
}
"""The members of a subscriber, as ``digest subscribers list --json`` prints them."""
_DELIVERY = an_object(
    {
        "subscriber": {"type": "integer"},
        "email": {**TEXT_OR_NONE, "description": "Null of who was erased since."},
        "edition": {"type": "string", "description": "As `daily 2026-11-20`."},
        "state": {"type": "string", "enum": list(DeliveryState)},
        "attempts": {"type": "integer"},
        "reply": {"type": "string", "description": "The reason, or the relay's reply."},
        "finished_at": MOMENT_OR_NONE,
    }
)
"""A delivery, as ``digest deliveries --json`` prints it."""
_POST = an_object(
    {
        "edition": {"type": "string"},
        "post": {"type": "string", "description": "The channel, as the settings name it."},
        "state": {"type": "string", "enum": list(DeliveryState)},
        "attempts": {"type": "integer"},
        "reply": {"type": "string"},
        "next_at": MOMENT_OR_NONE,
        "finished_at": MOMENT_OR_NONE,
    }
)
"""A post to a channel, as ``digest deliveries --json`` prints it."""
_RUN = an_object(
    {
        "id": {"type": "integer"},
        "job": {"type": "string", "enum": list(Job)},
        "started_at": _MOMENT,
        "ended_at": _MOMENT,
        "ok": {"type": "boolean"},
        "summary": {"type": "string"},
        "silence": {**TEXT_OR_NONE, "description": "Why no mail went out, if none did."},
    }
)
"""A run, as ``digest status --json`` prints it below its job."""
_SCHEMAS: dict[str, Schema] = {
    "Problem": {
        **PROBLEM,
        "properties": {**PROBLEM["properties"], "subscriber": ref("Subscriber")},
    },
    "Address": an_object({"email": _EMAIL}),
    "Subscriber": an_object(_SUBSCRIBER, optional=["mend"]),
    "Result": an_object({**_SUBSCRIBER, "said": {"type": "string"}}, optional=["mend"]),
    "Subscribers": an_object(
        {
            "subscribers": many(ref("Subscriber")),
            "total": {"type": "integer", "description": "On all pages together."},
            "next": _NEXT,
        }
    ),
    "Delivery": _DELIVERY,
    "Post": _POST,
    "Deliveries": an_object(
        {
            "edition": {"type": "string", "format": "date"},
            "counts": an_object({str(state): {"type": "integer"} for state in DeliveryState}),
            "deliveries": many(ref("Delivery")),
            "posts": {**many(ref("Post")), "description": "To channels; the same on every page."},
            "next": {**TEXT_OR_NONE, "description": _NEXT["description"]},
        }
    ),
    "Run": _RUN,
    "Runs": an_object({"runs": many(ref("Run")), "next": _NEXT}),
}


def _schemas(topics: Sequence[str]) -> dict[str, Schema]:
    preferences = _preferences(topics)
    new = {"email": _EMAIL, **_FLAGS, **preferences}
    return {
        **_SCHEMAS,
        "Preferences": an_object(preferences, optional=[*preferences]),
        "NewSubscriber": an_object(new, optional=[*_FLAGS, *preferences]),
    }


def _preferences(topics: Sequence[str]) -> dict[str, Schema]:
    """The preferences that a request may give."""
    some_topics = {
        "type": "array",
        "items": {"type": "string", "enum": list(topics)},
        "maxItems": len(topics),
    }
    return {
        "topics": {**some_topics, "description": "Topics wanted; none: all."},
        "exclude": {**some_topics, "description": "Topics not wanted."},
        "keywords": {
            "type": "array",
            "items": {"type": "string", "pattern": KEYWORD},
            "maxItems": MAX_KEYWORDS,
            "description": "Words wanted; with a - before it, not wanted.",
        },
        "frequency": {"type": "string", "enum": list(Frequency)},
        "hour": {"type": ["integer", "null"], "minimum": 0, "maximum": 23},
        "timezone": {"enum": [None, *sorted(zone_names())]},
        "max_papers": {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_PAPERS},
        "format": {"type": "string", "enum": list(MailFormat)},
    }
