"""Finished pages, kept until something they show has changed.

What a page shows changes only when a dump or an edition is added; the store's stamp says so. A page
that lies here costs no query and no template, and its ETag lets browsers keep it, too.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from digest.mail.tokens import sign_token
from digest.model import Edition, EditionSummary
from digest.store import Store, UnitOfWork
from digest.web.site import Site
from digest.web.templates import FORM_TOKEN
from digest.web.thread_pools import RequestThreads

Value = TypeVar("Value")

FRESH_FOR = 0.25
"""Seconds for which the store is not asked again whether anything changed."""
MAX_BYTES = 24_000_000
"""Bytes of finished pages kept."""
MAX_PAGES = 10_000
"""Finished pages kept: each takes a little beside its bytes."""
MAKERS = 4
"""Pages made at once: more would only slow each other down."""
MAX_WAITING = 200
"""Pages that wait to be made; whoever asks for another one is told to come back."""
MAX_EDITIONS = 24
"""Editions kept as data, about a megabyte each."""

HTML = "text/html; charset=utf-8"
REVALIDATE = "public, no-cache"


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A finished page, cut where each answer has its own form token.

    ``filename`` is the name, in plain ASCII, under which a browser keeps it as a file; ``""`` if it
    shows it. Search engines are to keep one out that is not ``listed``.
    """

    parts: tuple[bytes, ...]
    etag: str
    media_type: str = HTML
    status: int = 200
    filename: str = ""
    listed: bool = True

    @classmethod
    def of(
        cls, text: str, media_type: str = HTML, status: int = 200, *, filename: str = ""
    ) -> CachedPage:
        """The page with that text."""
        digest = hashlib.sha256(text.replace(FORM_TOKEN, "").encode("utf-8", "replace"))
        parts = tuple(part.encode("utf-8", "replace") for part in text.split(FORM_TOKEN))
        return cls(parts, f'W/"{digest.hexdigest()[:24]}"', media_type, status, filename)

    @property
    def size(self) -> int:
        """Bytes, without the token."""
        return sum(map(len, self.parts))


def json_page(values: Mapping[str, Any]) -> CachedPage:
    """A page of JSON."""
    return CachedPage.of(json.dumps(values, ensure_ascii=True), "application/json")


class PageCache:
    """The finished pages of one process. Belongs to its event loop; pages are made in threads."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages: OrderedDict[Hashable, CachedPage] = OrderedDict()
        self._size = 0
        self._stamp = ""
        self._checked_at = float("-inf")
        self._threads = RequestThreads(MAKERS, MAX_WAITING)
        self._stamps = RequestThreads(1)

    async def answer(
        self,
        request: Request,
        key: Hashable,
        make: Callable[[UnitOfWork], CachedPage | None],
        threads: RequestThreads | None = None,
    ) -> Response | None:
        """The page of that key, made if it is not here; ``None`` if there is no such page."""
        await self._drop_if_stale()
        page = self._pages.get(key)
        if page is None:
            stamp = self._stamp
            page = await (threads or self._threads).run(_read, self._site.store, make)
            if page is not None and page.status == 200 and stamp == self._stamp:
                self._keep(key, page)
        else:
            self._pages.move_to_end(key)
        return None if page is None else page_response(page, request, self._site)

    async def _drop_if_stale(self) -> None:
        """Throw everything away if the store has something new."""
        now = time.monotonic()
        if now < self._checked_at + FRESH_FOR:
            return
        self._checked_at = now
        stamp = await self._stamps.run(_read, self._site.store, _stamp)
        if stamp != self._stamp:
            self._stamp = stamp
            self._pages.clear()
            self._size = 0

    def _keep(self, key: Hashable, page: CachedPage) -> None:
        before = self._pages.pop(key, None)
        self._size += page.size - (before.size if before is not None else 0)
        self._pages[key] = page
        while (self._size > MAX_BYTES or len(self._pages) > MAX_PAGES) and self._pages:
            self._size -= self._pages.popitem(last=False)[1].size


def _stamp(unit: UnitOfWork) -> str:
    return unit.editions.stamp()


def _read(store: Store, make: Callable[[UnitOfWork], Value]) -> Value:
    with store.read() as unit:
        return make(unit)


def page_response(page: CachedPage, request: Request, site: Site) -> Response:
    """The answer with that page, or that the browser has it already."""
    headers = {"ETag": page.etag, "Cache-Control": REVALIDATE}
    if not page.listed:
        headers["X-Robots-Tag"] = "noindex"
    if page.status == 200 and _is_current(request, page.etag):
        return Response(status_code=304, headers=headers)
    if page.filename:
        headers["Content-Disposition"] = f'attachment; filename="{page.filename}"'
    body = page.parts[0]
    if len(page.parts) > 1:
        body = new_form_token(site).encode("ascii").join(page.parts)
    return Response(body, page.status, headers, page.media_type)


def _is_current(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match")
    if not known:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def new_form_token(site: Site) -> str:
    """A form token that says when its form was handed out."""
    return sign_token("form", int(site.clock().timestamp() * 10), site.keys)


class LruCache(Generic[Value]):
    """The last few of something that is slow to make and never changes, shared by threads."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Take the value from the cache, or make and keep it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return made


class EditionCache:
    """Editions as data; the last few asked for are kept, until a paper is withdrawn from them."""

    def __init__(self) -> None:
        self._kept: LruCache[Edition] = LruCache(MAX_EDITIONS)

    def content(self, unit: UnitOfWork, edition: EditionSummary) -> Edition:
        """The content of that edition, which must exist."""
        return self._kept.get(_version(edition), lambda: _content(unit, edition.id))

    def composed(
        self, name: Hashable, of: Sequence[EditionSummary], make: Callable[[], Edition]
    ) -> Edition:
        """The edition of that name, made of others."""
        return self._kept.get((name, *map(_version, of)), make)


def _version(edition: EditionSummary) -> Hashable:
    """The key of an edition as it is now: of a paper that is withdrawn, it has one less."""
    return edition.id, edition.papers


def _content(unit: UnitOfWork, edition_id: int) -> Edition:
    edition = unit.editions.content(edition_id)
    if edition is None:
        raise LookupError(f"no edition {edition_id}")
    return edition
