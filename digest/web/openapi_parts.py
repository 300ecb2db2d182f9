"""Parts of OpenAPI 3.1 documents that both APIs describe themselves with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from digest.web.problems import PROBLEM_JSON

Schema = Mapping[str, Any]
RETRY_AFTER: Schema = {
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}
}
NUMBER_OR_NONE: Schema = {"type": ["integer", "null"]}
TEXT_OR_NONE: Schema = {"type": ["string", "null"]}
MOMENT_OR_NONE: Schema = {"type": ["string", "null"], "format": "date-time"}
TEXTS: Schema = {"type": "array", "items": {"type": "string"}}
PROBLEM: Schema = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people: what is wrong."},
        "parameter": {"type": "string", "description": "The parameter that is wrong."},
        "member": {"type": "string", "description": "The member of the body that is wrong."},
    },
}
_WORDS = {
    "400": "A parameter or the body cannot be read.",
    "401": "There is no token, or a wrong one.",
    "403": "A page of another site may not ask.",
    "404": "There is no such thing.",
    "409": "It may not be: its owner left, or mail to it is barred. Nothing was changed.",
    "413": "The body is too large.",
    "415": "The body is not called JSON.",
    "422": "A member of the body cannot be used.",
    "429": "Too many at once.",
    "503": "Too busy now.",
}
_CHALLENGE = {
    "WWW-Authenticate": {"schema": {"type": "string"}, "description": "Bearer (RFC 6750)."}
}


def ref(name: str) -> Schema:
    """Refer to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(members: Mapping[str, Schema], *, optional: Sequence[str] = ()) -> Schema:
    """An object with exactly these members, all there but the ``optional`` ones."""
    return {
        "type": "object",
        "required": [name for name in members if name not in optional],
        "additionalProperties": False,
        "properties": dict(members),
    }


def many(schema: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": schema}


def parameter(name: str, words: str, schema: Schema) -> Schema:
    """A parameter after the question mark."""
    return {"name": name, "in": "query", "description": words, "schema": schema}


def problems(*statuses: str) -> dict[str, Schema]:
    """The answers with these statuses."""
    headers = {"429": RETRY_AFTER, "503": RETRY_AFTER, "401": _CHALLENGE}
    return {
        status: {
            "description": _WORDS[status],
            **({"headers": headers[status]} if status in headers else {}),
            "content": {PROBLEM_JSON: {"schema": ref("Problem")}},
        }
        for status in statuses
    }


def json_answer(words: str, schema: Schema, headers: Schema | None = None) -> Schema:
    """An answer of that schema."""
    return {
        "description": words,
        **({"headers": headers} if headers else {}),
        "content": {"application/json": {"schema": schema}},
    }


def json_body(schema: Schema) -> Schema:
    """A body that must be there."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}
