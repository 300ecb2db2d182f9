"""Description of the JSON sign-up and search, as OpenAPI 3.1 has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from digest import subscriptions
from digest.hours import zone_names
from digest.model import Frequency, MailFormat, Topic
from digest.store.search import SearchOrder
from digest.web.search_answer import LAST_PAGE

_ERROR = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}}
_LATER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
_INFO = (
    "Ask for the digest at an address. Nothing is sent to it but one mail that asks to confirm, at "
    "most one a day. The answer never tells whether the address is known."
)
_SIGN_UP_RESPONSES: dict[str, Any] = {
    "202": {
        "description": "Taken; the same for every address.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Accepted"}}},
    },
    "400": {"description": "The body is not JSON.", **_ERROR},
    "413": {"description": "The body is too large.", **_ERROR},
    "415": {"description": "The body is not called JSON.", **_ERROR},
    "422": {"description": "A member cannot be used.", **_ERROR},
    "429": {"description": "Too many at once.", "headers": _LATER, **_ERROR},
    "503": {"description": "Too busy now.", "headers": _LATER, **_ERROR},
}
_SEARCH_PARAMETERS: list[dict[str, Any]] = [
    {"name": name, "in": "query", "description": words, "schema": schema}
    for name, words, schema in (
        ("q", "Words, phrases, ids and filters, as on the page.", {"type": "string"}),
        ("topic", "The id of a topic.", {"type": "string"}),
        ("after", "The first day.", {"type": "string", "format": "date"}),
        ("before", "The day after the last.", {"type": "string", "format": "date"}),
        ("sort", "The order.", {"enum": [str(order) for order in SearchOrder]}),
        ("page", "The page, from 1.", {"type": "integer", "minimum": 1, "maximum": LAST_PAGE}),
    )
]
_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
_FOUND: dict[str, Any] = {
    "type": "object",
    "required": ["query", "total", "exact", "page", "pages", "sort", "papers"],
    "properties": {
        "query": {"type": "string"},
        "total": {"type": "integer"},
        "exact": {"type": "boolean", "description": "False: there are more than total."},
        "page": {"type": "integer"},
        "pages": {"type": "integer"},
        "sort": {"type": "string"},
        "instead": {"type": "object", "additionalProperties": _TEXTS},
        "left_out": _TEXTS,
        "papers": {"type": "array", "items": {"$ref": "#/components/schemas/Paper"}},
    },
}
_NO_TEXT = {"type": ["string", "null"]}
_PAPER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "title", "page", "first_seen"],
    "properties": {
        "id": {"type": "integer"},
        "title": {"type": "string"},
        "abstract": {"type": "string"},
        "authors": _TEXTS,
        "page": {"type": "string", "format": "uri"},
        "external_id": _NO_TEXT,
        "url": _NO_TEXT,
        "votes": {"type": ["integer", "null"]},
        "first_seen": {"type": "string", "format": "date"},
    },
}
_PATHS: dict[str, Any] = {
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
            "responses": _SIGN_UP_RESPONSES,
        }
    },
    "/api/search": {
        "get": {
            "operationId": "search",
            "summary": "Search the papers.",
            "parameters": _SEARCH_PARAMETERS,
            "responses": {
                "200": {
                    "description": "A page of the papers found, of at most 20.",
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Found"}}
                    },
                },
                "503": {"description": "Too busy now.", "headers": _LATER},
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
}
_ACCEPTED: dict[str, Any] = {
    "type": "object",
    "required": ["status", "message"],
    "properties": {"status": {"const": "accepted"}, "message": {"type": "string"}},
}
_FAILURE: dict[str, Any] = {
    "type": "object",
    "required": ["status", "message"],
    "properties": {
        "status": {"const": "error"},
        "message": {"type": "string"},
        "member": {"type": "string"},
    },
}


def describe_api(topics: Sequence[Topic], base_url: str, list_name: str) -> dict[str, Any]:
    """Describe the endpoints of the list at ``base_url``, with its topics as choices."""
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{list_name}: sign-up and search", "version": "1", "description": _INFO},
        "servers": [{"url": base_url}],
        "paths": _PATHS,
        "components": {
            "schemas": {
                "SignUp": _sign_up_schema([topic.id for topic in topics]),
                "Accepted": _ACCEPTED,
                "Failure": _FAILURE,
                "Found": _FOUND,
                "Paper": _PAPER,
            }
        },
    }


def _sign_up_schema(topics: Sequence[str]) -> dict[str, Any]:
    texts = {
        "type": "array",
        "items": {"type": "string", "maxLength": subscriptions.MAX_KEYWORD_LENGTH},
        "maxItems": subscriptions.MAX_KEYWORDS,
    }
    return {
        "type": "object",
        "required": ["email"],
        "additionalProperties": False,
        "properties": {
            "email": {"type": "string", "format": "email", "maxLength": 254},
            "topics": {**texts, "items": {"type": "string", "enum": list(topics)}},
            "exclude": {**texts, "description": "Topics, else words, to leave out."},
            "keywords": {**texts, "description": "A - before a word leaves it out."},
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
    }
