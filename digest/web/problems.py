"""Problem documents: the errors of the API, in the form of RFC 9457."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

PROBLEM_JSON = "application/problem+json"
WORDS = {
    400: "The request cannot be read.",
    401: "A token is needed, or this one is not known: Authorization: Bearer TOKEN.",
    404: "There is nothing at this address.",
    405: "This address does not take this method; the header Allow names those that it does.",
    413: "The body is too large.",
    415: "Send JSON, with Content-Type: application/json.",
    429: "Too many requests. Try again later.",
    500: "Something went wrong here. The fault is ours and has been recorded.",
    503: "Busy at the moment. Try again in half a minute.",
}


class PlainJson(JSONResponse):
    """JSON in ASCII, which can say whatever stands in a database, half of a surrogate pair too."""

    def render(self, content: Any) -> bytes:
        """Write the content."""
        return json.dumps(content, ensure_ascii=True).encode("ascii")


class Problem(HTTPException):
    """An error that a program is told of, with what is wrong and further ``members``."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(status, detail or WORDS[status], headers=dict(headers or {}))
        self.members = members


def problem_response(
    status: int, detail: str = "", members: Mapping[str, Any] | None = None
) -> PlainJson:
    """Answer with a problem document."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or WORDS.get(status, WORDS[500 if status >= 500 else 400]),
        **(members or {}),
    }
    return PlainJson(document, status, {"Cache-Control": "no-store"}, PROBLEM_JSON)
