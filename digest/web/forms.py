"""Forms that visitors post, read with limits, and with guards against robots."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from digest.mail.tokens import read_token
from digest.web.site import Site

MAX_BODY = 32_000
"""Bytes of a body: the longest preferences that can be saved, and some room."""
MOST_FIELDS = 300
OLDEST = 7 * 86_400
"""Seconds after which a form is to be handed out anew; a page may lie open for days."""
HONEYPOT = "website"
"""A field that nobody sees, and robots fill in."""


@dataclass(frozen=True)
class PostedForm:
    """The fields of a posted form."""

    fields: dict[str, list[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The first value of that name, ``""`` without any."""
        values = self.fields.get(name)
        return values[0] if values else ""

    def joined(self, *names: str, separator: str = ",") -> str:
        """Every value of those names."""
        return separator.join(value for name in names for value in self.fields.get(name, ()))

    def has(self, name: str) -> bool:
        """Tell whether there is such a field at all."""
        return name in self.fields


def declared_length(headers: Headers) -> int:
    """The bytes that a request says its body has; 0 where it does not say."""
    declared = headers.get("content-length", "0")
    return int(declared[:20]) if declared.isascii() and declared.isdigit() else 0


async def read_body(request: Request, largest: int = MAX_BODY) -> bytes:
    """The body, if it is no longer than that. Raises a 413, a 400 if the visitor hangs up."""
    if declared_length(request.headers) > largest:
        raise HTTPException(413)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > largest:
                raise HTTPException(413)
    except ClientDisconnect:
        raise HTTPException(400) from None
    return bytes(body)


async def read_form(
    request: Request, *, largest: int = MAX_BODY, most: int = MOST_FIELDS, files: bool = False
) -> PostedForm:
    """The posted form of so many bytes and fields at most, urlencoded or multipart.

    Files in it are left aside; with ``files`` they are read as text. Raises a 400 for what cannot be read, a 413 for too much, a 415 for another kind of body.
    """
    body = await read_body(request, largest)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _multipart(request, body, most, files=files)
    if kind in ("application/x-www-form-urlencoded", ""):
        return _urlencoded(body, most)
    raise HTTPException(415)


def _urlencoded(body: bytes, most: int) -> PostedForm:
    try:
        pairs = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="replace",
            max_num_fields=most,
        )
    except ValueError:
        raise HTTPException(400) from None
    return _collected(pairs)


async def _multipart(request: Request, body: bytes, most: int, *, files: bool) -> PostedForm:
    async def stream() -> AsyncIterator[bytes]:
        yield body

    parser: Any = MultiPartParser(
        request.headers,
        stream(),  # type: ignore[arg-type]
        max_files=5,
        max_fields=most,
    )
    try:
        multipart = await parser.parse()
    # The parser has an error of its own, and lets those of odd headers and charsets through.
    except (MultiPartException, ValueError, LookupError, AttributeError, TypeError):
        raise HTTPException(400) from None
    try:
        fields = []
        for name, value in multipart.multi_items():
            if not isinstance(value, UploadFile):
                fields.append((name, value))
            elif files:
                fields.append((name, (await value.read()).decode("utf-8", "replace")))
        return _collected(fields)
    finally:
        await multipart.close()


def _collected(pairs: Sequence[tuple[str, str]]) -> PostedForm:
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return PostedForm(fields)


def form_age(token: str, site: Site) -> float | None:
    """Seconds since a form with that token was handed out; ``None`` if we did not do it."""
    tenths = read_token("form", token, site.keys)
    if tenths is None:
        return None
    passed = site.clock().timestamp() - tenths / 10
    return passed if -1 <= passed <= OLDEST else None


def is_cross_site(request: Request) -> bool:
    """Tell whether a browser says that another site's page made it post (Fetch Metadata, RFC 6454)."""
    where = request.headers.get("sec-fetch-site")
    if where is not None:
        return where not in ("same-origin", "none")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    return origin is not None and origin.partition("://")[2] != host
