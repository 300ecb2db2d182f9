"""How fast the pages are beside a bare Starlette, and what the time of a sign-up's answer tells.

Run by hand: ``python tests/bench/web.py`` (needs wrk), ``--papers 50000``, ``--tries 500``. Nothing
here decides about the program; it prints figures.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from digest import subscriptions
from digest.daily.run_record import EditorialSettings
from digest.editorial.arrangement import EditionFrame
from digest.editorial.edition import compose_edition
from digest.editorial.topics import load_topics
from digest.editorial.trending import trend_score
from digest.mail.tokens import sign_token
from digest.model import (
    Assignment,
    Candidate,
    Change,
    Dump,
    IdentityKeys,
    Novelty,
    Preferences,
    Record,
    Rendering,
    SubscriberState,
)
from digest.store import Store, open_store

KEYS = ("a key for measuring",)
A_DAY = 250
WORDS = [
    "model",
    "learning",
    "data",
    "network",
    "language",
    "image",
    "video",
    "graph",
    "attention",
    "diffusion",
    "policy",
    "token",
    "speech",
    "robot",
    "sparse",
    "efficient",
    "neural",
    "transformer",
    "benchmark",
    "reasoning",
    "agent",
    "retrieval",
    "training",
    "method",
    "large",
    "deep",
    "representation",
    "generation",
    "segmentation",
    "detection",
    "alignment",
    "scaling",
    "optimization",
]


def fill(store: Store, papers: int) -> None:
    """A year's worth of invented papers, with their editions."""
    chance = random.Random(5)
    topics = list(load_topics().topics)
    desk = EditorialSettings(load_topics(), ZoneInfo("UTC"))
    day = date(2026, 11, 20) - timedelta(days=papers // A_DAY)
    for number in range(papers // A_DAY):
        day += timedelta(days=1)
        changes, assignments = [], []
        for place in range(A_DAY):
            words = chance.choices(WORDS, k=9)
            title = f"Paper {number}-{place}: {' '.join(words)}".title()
            abstract = " ".join(f"We {' '.join(chance.choices(WORDS, k=16))}." for _ in range(9))
            key = f"k{number}.{place}"
            changes.append(
                Change(
                    Record(title, abstract, place + 1, votes=chance.randrange(90)),
                    IdentityKeys((key,), key),
                    Novelty.NEW,
                    "invented",
                )
            )
            topic = chance.choice(topics).id
            assignments.append(Assignment(topic, (topic,), 0.9, ("invented",)))
        now = datetime.combine(day, datetime.min.time(), tzinfo=UTC)
        with store.begin() as unit:
            unit.papers.remember(
                Dump(f"{day}", f"{number:064x}", ()), day, changes, assignments, now
            )
            waiting = unit.papers.pending()
            seen = unit.papers.sightings([paper.id for paper, _, _ in waiting])
            edition = compose_edition(
                [Candidate(p, n, a, trend_score(p, seen[p.id], day=day)) for p, n, a in waiting],
                EditionFrame(topics, day, read=A_DAY, caps=desk.caps),
            )
            unit.editions.freeze(
                edition,
                Rendering(1, f"Edition of {day}", "", {}),
                published_at=now,
                expires_at=now + timedelta(days=1),
            )


SERVE = """
import sys
from digest.mail.list_identity import ListIdentity
from digest.editorial.topics import load_topics
from digest.store import open_store
from digest.web.app import create_app
from digest.web.serving import Server
from digest.web.site import Site
import signal, threading
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def hello(request):
    return PlainTextResponse("hello")

kind, url, port = sys.argv[1:]
if kind == "hello":
    app = Starlette(routes=[Route("/", hello)])
else:
    list_identity = ListIdentity("Daily Papers", "papers@example.org", "http://127.0.0.1:" + port)
    app = create_app(Site(open_store(url), load_topics().topics, list_identity, ("a key for measuring",),
                          proxies=("127.0.0.1",)))
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
with Server(app, host="127.0.0.1", port=int(port)).running():
    stop.wait()
"""


@contextmanager
def serving(kind: str, url: str, port: int) -> Iterator[str]:
    """That application in a process of its own."""
    process = subprocess.Popen([sys.executable, "-c", SERVE, kind, url, str(port)])
    base = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx.get(base)
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    try:
        yield base
    finally:
        process.terminate()
        process.wait()


def load(base: str, paths: list[str], folder: Path, seconds: int) -> dict[str, float]:
    """What wrk says of those paths in turn, over 16 connections."""
    script = folder / "paths.lua"
    quoted = ",".join(f'"{path}"' for path in paths)
    script.write_text(
        f"local paths = {{{quoted}}}\nlocal n = 0\n"
        "request = function() n = n + 1; return wrk.format('GET', paths[n % #paths + 1]) end\n"
        "done = function(s, l, r) io.write(string.format('p50 %f p95 %f p99 %f rate %f errors %d\\n',"
        " l:percentile(50), l:percentile(95), l:percentile(99), s.requests / s.duration * 1e6,"
        " s.errors.status + s.errors.connect + s.errors.read + s.errors.timeout)) end\n"
    )
    said = subprocess.run(
        ["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", str(script), base],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = re.search(r"p50 (\S+) p95 (\S+) p99 (\S+) rate (\S+) errors (\d+)", said)
    assert found, said
    names = ("p50", "p95", "p99", "rate", "errors")
    return dict(zip(names, map(float, found.groups()), strict=True))


def pages(url: str, folder: Path, papers: int, seconds: int) -> None:
    """Every kind of page beside a bare hello in the same run."""
    chance = random.Random(3)
    days = [date(2026, 11, 20) - timedelta(days=n) for n in range(papers // A_DAY)]
    topics = [topic.id for topic in load_topics().topics]
    kinds = {
        "front page": ["/"],
        "editions": [f"/editions/{day}" for day in days[:40]],
        "papers, all of them": [f"/papers/{chance.randint(1, papers)}" for _ in range(20_000)],
        "papers, all, later on": [],
        "papers of the week": [f"/papers/{papers - n}" for n in range(5 * A_DAY)],
        "topics": [f"/topics/{id}" for id in topics],
        "search, 400 queries": [
            f"/search?q={'+'.join(chance.sample(WORDS, k=chance.randint(1, 3)))}"
            for _ in range(400)
        ],
        "feed": ["/feed.xml"],
        "visitors": [],
    }
    kinds["papers, all, later on"] = kinds["papers, all of them"][::-1]
    kinds["visitors"] = [
        path
        for n in range(400)
        for path in ("/", f"/editions/{days[min(n // 20, len(days) - 1)]}", kinds["topics"][n % len(topics)],
                     *kinds["papers of the week"][3 * n : 3 * n + 3])
    ]  # fmt: skip
    with serving("hello", url, 18101) as hello, serving("pages", url, 18102) as base:
        heaviest = max(
            (len(httpx.get(base + path).content), path)
            for path in ("/", "/editions", f"/editions/{days[3]}", "/papers/9", "/topics", "/topics/language",
                         "/search?q=model", "/feed.xml", "/subscribe", "/editions/2026-W46",
                         f"/preferences/{sign_token('preferences', 1, KEYS)}")
        )  # fmt: skip
        style = re.search(r'href="(/style-[^"]+)"', httpx.get(base).text)
        sheet = len(httpx.get(base + style[1]).content) if style else 0
        print(f"heaviest page {heaviest[0]:,} bytes ({heaviest[1]}), style sheet {sheet:,}")
        for name, paths in kinds.items():
            if len(set(paths)) <= 1_500:
                for path in dict.fromkeys(paths):
                    httpx.get(base + path)
            bare = load(hello, ["/"], folder, seconds)
            ours = load(base, paths, folder, seconds)
            print(
                f"{name:22} p95 {ours['p95'] / 1000:8.2f} ms  hello {bare['p95'] / 1000:6.2f} ms  "
                f"ratio {ours['p95'] / bare['p95']:6.2f}  {ours['rate']:7.0f}/s of {bare['rate']:6.0f}/s"
                f"  errors {ours['errors']:.0f}"
            )


def flood(store: Store, url: str, folder: Path, seconds: int) -> None:
    """As many sign-ups a second as wrk can send, from many networks, all for one victim."""
    script = folder / "flood.lua"
    script.write_text(
        "local n = 0\n"
        "request = function() n = n + 1\n"
        " local from = string.format('%d.%d.%d.7', 11 + n % 90, math.floor(n / 90) % 250, n % 250)\n"
        " return wrk.format('POST', '/api/subscribe', {['Content-Type'] = 'application/json',"
        " ['X-Forwarded-For'] = from}, '{\"email\": \"victim@example.org\"}') end\n"
    )
    with serving("pages", url, 18104) as base, subprocess.Popen(
        ["wrk", "-t1", "-c200", f"-d{seconds}s", "-s", str(script), base],
        stdout=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        taken = []
        while running.poll() is None:
            begun = time.perf_counter()
            assert httpx.get(base).status_code == 200
            taken.append(time.perf_counter() - begun)
            time.sleep(0.05)
        said = running.stdout.read() if running.stdout else ""
    while subscriptions.process_sign_ups(store, now=datetime.now(UTC) + timedelta(days=2)):
        pass
    with store.read() as unit:
        victim = unit.subscribers.by_email("victim@example.org")
        history = unit.subscribers.history(victim.id) if victim is not None else ()
        planned = sum(event.kind == "asked" for event in history)
    rate = re.search(r"Requests/sec:\s+(\S+)", said)
    refused = re.search(r"Non-2xx[^\n]*", said)
    print(
        f"flood: {rate[1] if rate else '?'} sign-ups a second, {refused[0] if refused else 'all taken'}; "
        f"mails planned: {planned}; the front page meanwhile: median "
        f"{statistics.median(taken) * 1000:.0f} ms, worst {max(taken) * 1000:.0f} ms"
    )


def timing(store: Store, url: str, tries: int) -> None:
    """How long a sign-up's answer takes for each kind of address."""
    now = datetime.now(UTC)
    kinds = ("unknown", *SubscriberState)
    with store.begin() as unit:
        for state in SubscriberState:
            for n in range(tries):
                subscriber = unit.subscribers.add(
                    f"{state}{n}@example.org", state=SubscriberState.ACTIVE,
                    preferences=Preferences(), now=now, origin="bench",
                )  # fmt: skip
                unit.subscribers.set_state(subscriber.id, state, "bench", now)
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    bodies = set()
    with serving("pages", url, 18103) as base, httpx.Client(base_url=base) as client:
        for n in range(tries):
            for kind in random.Random(n).sample(kinds, len(kinds)):
                begun = time.perf_counter()
                answer = client.post(
                    "/api/subscribe", json={"email": f"{kind}{n}@example.org"},
                    headers={"X-Forwarded-For": f"10.{n % 250}.{n // 250}.1"},
                )  # fmt: skip
                taken[kind].append(time.perf_counter() - begun)
                bodies.add((answer.status_code, answer.content))
    print(f"{tries} tries each, {len(bodies)} different answer(s)")
    for kind, times in taken.items():
        quantiles = statistics.quantiles(times, n=100)
        print(
            f"{kind:14} mean {statistics.mean(times) * 1000:7.2f} ms  median "
            f"{statistics.median(times) * 1000:7.2f}  p95 {quantiles[94] * 1000:7.2f}"
        )
    low, high = sorted(statistics.median(times) for times in taken.values())[:: len(taken) - 1]
    print(f"medians differ by {(high - low) * 1e6:.0f} µs")


def main() -> None:
    """Fill a store, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=50_000)
    parser.add_argument("--tries", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--only", choices=["pages", "flood", "timing"])
    parser.add_argument("--store", type=Path, help="keep the filled store here, or use it")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("this needs wrk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = options.store or folder / "bench.sqlite3"
        url = f"sqlite:///{path}"
        store = open_store(url)
        if not path.exists():
            store.migrate()
            begun = time.perf_counter()
            fill(store, options.papers)
            print(f"{options.papers:,} papers stored in {time.perf_counter() - begun:.0f} s")
        if options.only in (None, "pages"):
            pages(url, folder, options.papers, options.seconds)
        if options.only in (None, "flood"):
            flood(store, url, folder, 10)
        if options.only in (None, "timing"):
            timing(store, url, options.tries)


if __name__ == "__main__":
    main()
