"""Description of the public API, as OpenAPI 3.1 has it: papers, editions, topics, search, sign-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from digest import subscriptions
from digest.hours import zone_names
from digest.model import MAX_NAME_LENGTH, EditionKind, Frequency, LinkKind, MailFormat, Topic
from digest.store.search import SearchOrder
from digest.web.api_parameters import LARGEST_NUMBER
from digest.web.openapi_parts import (
    NUMBER_OR_NONE,
    PROBLEM,
    RETRY_AFTER,
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
from digest.web.public_api import LAST_PAGE, MOST_LISTED, PAPERS_ON_A_PAGE, USUALLY_LISTED
from digest.web.search_answer import LAST_PAGE as LAST_SEARCH_PAGE

_INFO = (
    "Papers, editions, topics and search, as the pages show them: for anybody, without a key, also from "
    "pages of other sites (CORS). Answers have an ETag; send it as If-None-Match, and what has not changed "
    "is not sent again. To ask for the digest at an address: nothing is sent to it but one mail that asks "
    "to confirm, at most one a day, and the answer never tells whether the address is known."
)
_NO_CONTROLS = r"^[^\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f]*$"
"""A text without control characters but those that count as space."""
_DAY: Schema = {"type": "string", "format": "date"}
_DAY_OR_NONE: Schema = {"type": ["string", "null"], "format": "date"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_URL: Schema = {"type": "string", "format": "uri"}
_IDS: Schema = many({"type": "integer"})
_NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}
_NEXT: Schema = {
    **NUMBER_OR_NONE,
    "description": "Give it as `before` for the next page; null on the last one.",
}
_NAME: Schema = {"type": "string", "description": "A day, 2026-11-20, or a week, 2026-W47."}
_LINKS = many(an_object({"kind": {"type": "string", "enum": list(LinkKind)}, "url": _URL}))
_BEFORE = parameter("before", "The next of the page before.", _NUMBER)
_LIMIT = parameter(
    "limit",
    "Items at most.",
    {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": USUALLY_LISTED},
)
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "What If-None-Match may name."}}
_PAPER: dict[str, Schema] = {
    "id": {"type": "integer"},
    "title": {"type": "string"},
    "abstract": {"type": "string"},
    "authors": {**TEXTS, "description": "The first hundred."},
    "author_count": {"type": "integer"},
    "topics": {**TEXTS, "description": "Ids of topics, the first one first."},
    "page": _URL,
    "external_id": {**TEXT_OR_NONE, "description": "An arXiv id, or another as scheme:id."},
    "url": TEXT_OR_NONE,
    "links": _LINKS,
    "votes": NUMBER_OR_NONE,
    "published": {**_DAY_OR_NONE, "description": "As its source says."},
    "first_seen": _DAY,
    "last_seen": _DAY,
}
_ENTRY: dict[str, Schema] = {
    "id": {"type": "integer"},
    "title": {"type": "string"},
    "summary": {"type": "string", "description": "One or two sentences."},
    "summary_source": {**TEXT_OR_NONE, "description": "Who wrote them, if not this program."},
    "why": {**TEXT_OR_NONE, "description": "Why it is worth reading."},
    "topic": {"type": "string"},
    "topics": TEXTS,
    "authors": {**TEXTS, "description": "The first three and the last."},
    "author_count": {"type": "integer"},
    "institution": TEXT_OR_NONE,
    "venue": TEXT_OR_NONE,
    "page": _URL,
    "external_id": TEXT_OR_NONE,
    "url": TEXT_OR_NONE,
    "links": _LINKS,
    "votes": NUMBER_OR_NONE,
    "score": {"type": "number"},
}
_EDITION: dict[str, Schema] = {
    "name": _NAME,
    "kind": {"type": "string", "enum": list(EditionKind)},
    "date": _DAY,
    "covers": {**many(_DAY), "description": "The first and the last day read."},
    "page": _URL,
}
_WHOLE: dict[str, Schema] = {
    **_EDITION,
    "read": {"type": "integer", "description": "Papers that were listed."},
    "new": {"type": "integer", "description": "Papers that were new."},
    "picks": {**_IDS, "description": "Numbers of the top picks."},
    "sections": many(
        an_object({"topic": {"type": "string"}, "name": {"type": "string"}, "papers": _IDS})
    ),
    "updated": {**_IDS, "description": "Numbers of papers that changed."},
    "total": {"type": "integer", "description": "Papers on all pages."},
    "number": {"type": "integer", "description": "The page, from 1."},
    "pages": {"type": "integer"},
    "papers": many(ref("EditionPaper")),
}
_FOUND: dict[str, Schema] = {
    "query": {"type": "string"},
    "total": {"type": "integer"},
    "exact": {"type": "boolean", "description": "False: there are more than total."},
    "page": {"type": "integer"},
    "pages": {"type": "integer"},
    "sort": {"type": "string", "enum": list(SearchOrder)},
    "instead": {
        "type": "object",
        "additionalProperties": TEXTS,
        "description": "Words searched for in the place of those that no paper has.",
    },
    "left_out": {**TEXTS, "description": "Parts of the query that make no sense here."},
    "papers": many(ref("Paper")),
}
_TOPIC: dict[str, Schema] = {
    "id": {"type": "string"},
    "name": {"type": "string"},
    "description": {"type": "string"},
    "recent": {"type": "integer", "description": "New papers of the last four weeks."},
    "page": _URL,
    "feed": _URL,
}
_SCHEMAS: dict[str, Schema] = {
    "Problem": PROBLEM,
    "Accepted": an_object({"status": {"const": "accepted"}, "message": {"type": "string"}}),
    "Failure": an_object(
        {"status": {"const": "error"}, "message": {"type": "string"}, "member": {"type": "string"}},
        optional=["member"],
    ),
    "Paper": an_object(_PAPER),
    "PaperInEditions": an_object({**_PAPER, "editions": many(_NAME)}),
    "Papers": an_object({"papers": many(ref("Paper")), "next": _NEXT}),
    "EditionPaper": an_object(_ENTRY),
    "Edition": an_object(_WHOLE),
    "EditionSummary": an_object(
        {
            **_EDITION,
            "papers": {"type": "integer"},
            "subject": {"type": "string"},
            "published_at": _MOMENT,
        }
    ),
    "Editions": an_object({"editions": many(ref("EditionSummary")), "next": _NEXT}),
    "Topics": an_object({"topics": many(an_object(_TOPIC))}),
    "Found": an_object(_FOUND),
}


def _read(
    name: str,
    summary: str,
    answer: Schema,
    *statuses: str,
    parameters: Sequence[Schema] = (),
) -> Schema:
    """An operation that anybody may ask for."""
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": list(parameters),
            "responses": {
                "200": json_answer(summary, answer, _ETAG),
                "304": {"description": "It has not changed."},
                **problems(*sorted({*statuses, "503"})),
            },
        }
    }


def _in_path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _failures(*statuses: str) -> Mapping[str, Schema]:
    """The errors of the sign-up, whose form is older than that of problem documents."""
    words = {status: answer["description"] for status, answer in problems(*statuses).items()}
    words["403"] = "The list's rule lets nobody sign up so; the message says why, and what to do."
    return {
        status: json_answer(
            words[status], ref("Failure"), RETRY_AFTER if status in ("429", "503") else None
        )
        for status in statuses
    }


_EDITION_NAME: Schema = {
    "type": "string",
    "pattern": r"^(latest|[0-9]{4}-([0-9]{2}-[0-9]{2}|W[0-9]{2}))$",
}
_PAGE = {"type": "integer", "minimum": 1}
_READING: dict[str, Schema] = {
    "/api/papers/{id}": _read(
        "paper", "A paper, and the editions that told of it.", ref("PaperInEditions"), "400", "404",
        parameters=[_in_path("id", _NUMBER)],
    ),
    "/api/editions": _read(
        "editions", "The editions, the newest first.", ref("Editions"), "400",
        parameters=[_BEFORE, _LIMIT],
    ),
    "/api/editions/{name}": _read(
        "edition",
        f"An edition, with {PAPERS_ON_A_PAGE} of its papers on a page, the best first.",
        ref("Edition"), "400", "404",
        parameters=[
            _in_path("name", _EDITION_NAME),
            parameter("page", "The page.", {**_PAGE, "maximum": LAST_PAGE}),
        ],
    ),
    "/api/topics": _read("topics", "The topics.", ref("Topics"), "400"),
    "/api/openapi.json": _read("describe", "This description.", {"type": "object"}),
}  # fmt: skip


def _paths(topics: Sequence[str]) -> dict[str, Schema]:
    topic = parameter("topic", "The id of a topic.", {"type": "string", "enum": list(topics)})
    search = [
        parameter("q", "Words, phrases, ids and filters, as on the page.", {"type": "string"}),
        topic,
        parameter("after", "The first day.", _DAY),
        parameter("before", "The day after the last.", _DAY),
        parameter("sort", "The order.", {"type": "string", "enum": list(SearchOrder)}),
        parameter("page", "The page.", {**_PAGE, "maximum": LAST_SEARCH_PAGE}),
    ]
    return {
        "/api/papers": _read(
            "papers", "The papers, the newest first.", ref("Papers"), "400",
            parameters=[topic, _BEFORE, _LIMIT],
        ),
        "/api/search": _read(
            "search", "A page of the papers found, of at most 20.", ref("Found"), "400",
            parameters=search,
        ),
        **_READING,
        "/api/subscribe": {
            "post": {
                "operationId": "subscribe",
                "summary": "Ask for the digest at an address.",
                "requestBody": json_body(ref("SignUp")),
                "responses": {
                    "202": json_answer("Taken; the same for every address.", ref("Accepted")),
                    **_failures("400", "403", "413", "415", "422", "429", "503"),
                },
            }
        },
    }  # fmt: skip


def describe_api(topics: Sequence[Topic], base_url: str, list_name: str) -> dict[str, Any]:
    """Describe the endpoints of the list at ``base_url``, with its topics as choices."""
    ids = [topic.id for topic in topics]
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{list_name}: papers and sign-up", "version": "1", "description": _INFO},
        "servers": [{"url": base_url}],
        "paths": _paths(ids),
        "components": {"schemas": {**_SCHEMAS, "SignUp": _sign_up_schema(ids)}},
    }


def _sign_up_schema(topics: Sequence[str]) -> dict[str, Any]:
    texts = {
        "type": "array",
        "items": {
            "type": "string",
            "maxLength": subscriptions.MAX_KEYWORD_LENGTH,
            "pattern": _NO_CONTROLS,
        },
        "maxItems": subscriptions.MAX_KEYWORDS,
    }
    return {
        "type": "object",
        "required": ["email"],
        "additionalProperties": False,
        "properties": {
            "email": {"type": "string", "format": "email", "maxLength": 254},
            "name": {
                "type": "string",
                "maxLength": MAX_NAME_LENGTH,
                "description": "A name, if you like; no link and no address.",
            },
            "invitation": {
                "type": "string",
                "description": "The token of an invitation link: what stands after invite=.",
            },
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
