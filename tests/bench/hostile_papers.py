"""The cost of hostile papers to the others: publishing, the pages; and every good one comes out.

Run by hand: ``python tests/bench/hostile_papers.py``; ``--random 10000`` is the number of random
hostile records in the second part. Both halves of a comparison are measured side by side in one
run. Exits with 1 if a good paper is missing; times are printed, not judged.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import httpx

# In place of this folder, whose modules have the names of rooms of the tests.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from editorial.hostile_texts import KINDS, scrambled

from digest.daily.ingest import ingest_dump
from digest.daily.publish import PublishSettings, publish
from digest.daily.run_record import EditorialSettings
from digest.editorial.topics import load_topics
from digest.mail.list_identity import ListIdentity
from digest.mail.render import Renderer
from digest.model import Dump, Record
from digest.store import Store, open_store
from digest.web.app import create_app
from digest.web.site import Site

EDITORIAL = EditorialSettings(load_topics(), ZoneInfo("UTC"))
LIST_IDENTITY = ListIdentity("Daily Papers", "papers@list.example", "https://list.example")
PUBLISHING = PublishSettings(Renderer(), LIST_IDENTITY, timedelta(days=2))
FIRST = date(2026, 1, 1)
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
    "neural",
    "transformer",
    "benchmark",
    "reasoning",
    "agent",
    "retrieval",
    "training",
    "detection",
]
TEN_KINDS = [
    "unclosed markup", "nested markup", "braces", "full stops", "no blank", "combining marks",
    "addresses", "joined emoji", "short sentences", "line ends",
]  # fmt: skip


def good(dice: random.Random, number: int) -> Record:
    """A paper as any other: nine sentences, some mathematics."""
    title = f"{dice.choice(WORDS)}{number}: {' '.join(dice.choices(WORDS, k=8))}".title()
    sentences = [
        f"We {' '.join(dice.choices(WORDS, k=16))} by ${number}\\times$." for _ in range(9)
    ]
    return Record(title, " ".join(sentences), number)


def hostile(number: int) -> Record:
    """One of ten kinds; of every other the title, too."""
    text = KINDS[TEN_KINDS[number % 10]]
    return Record(f"{text if number % 20 < 10 else 'A Title'} {number}", f"{number} {text}", number)


class Cost(NamedTuple):
    """Processor seconds that one dump took, and the titles that came out."""

    remember: float
    publish: float
    titles: set[str]


def measure(store: Store, records: list[Record], day: date) -> Cost:
    """Remember and publish the records as one dump.

    Garbage is collected before each step, so that none pays for what another one left behind.
    """
    now = datetime.combine(day, datetime.min.time(), tzinfo=UTC)
    dump = Dump("a dump", f"{day} {len(records)}", tuple(records), day=day)
    gc.collect()
    began = time.process_time()
    ingest_dump(store, EDITORIAL, dump, now)
    remembered = time.process_time() - began
    gc.collect()
    began = time.process_time()
    report = publish(store, EDITORIAL, PUBLISHING, day=day, clock=lambda: now)
    published = time.process_time() - began
    entries = report.editions[0].edition.entries
    return Cost(remembered, published, {entry.raw_title for entry in entries})


async def visit(stores: dict[str, Store]) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of each kind of page, first and later visits, the stores in turn."""
    clients = {}
    for name, store in stores.items():
        app = create_app(
            Site(store, EDITORIAL.topics.topics, LIST_IDENTITY, ("a key for measuring",))
        )
        transport = httpx.ASGITransport(app=app)
        clients[name] = httpx.AsyncClient(transport=transport, base_url="https://list.example")
        await clients[name].get("/healthz")
    milliseconds: dict[str, dict[str, list[float]]] = {name: {} for name in stores}
    paths = ["/", "/editions", "/feed.xml", f"/editions/{FIRST}"]
    paths += [f"/search?q={word}" for word in WORDS] + [f"/papers/{id}" for id in range(1, 251)]
    for visits in ("first", "later", "later", "later"):
        for path in paths:
            for name, client in clients.items():
                began = time.perf_counter()
                response = await client.get(path)
                taken = (time.perf_counter() - began) * 1000
                if response.status_code != 200:
                    raise SystemExit(f"{name} {path}: {response.status_code}")
                milliseconds[name].setdefault(visits, []).append(taken)
    return milliseconds


def fresh(folder: Path, name: str) -> Store:
    store = open_store(f"sqlite:///{folder / name}.db")
    store.migrate()
    return store


def compare(folder: Path, turns: int) -> None:
    """250 good papers alone, and with 100 hostile ones among them."""
    dice = random.Random(1)
    alone = [good(dice, number) for number in range(1, 251)]
    mixed = [*alone, *(hostile(number) for number in range(100))]
    dice.shuffle(mixed)
    PUBLISHING.renderer.check()  # type: ignore[attr-defined]
    ratios = []
    for turn in range(turns):
        stores = {"alone": fresh(folder, f"alone{turn}"), "mixed": fresh(folder, f"mixed{turn}")}
        good_only = measure(stores["alone"], alone, FIRST)
        both = measure(stores["mixed"], mixed, FIRST)
        missing = {record.title for record in alone} - both.titles
        if missing:
            raise SystemExit(f"missing: {sorted(missing)[:5]}")
        ratios.append(both.publish / good_only.publish)
        print(f"250 alone: remember {good_only.remember:.2f} s, publish {good_only.publish:.2f} s; "
              f"with 100 hostile: remember {both.remember:.2f} s, publish {both.publish:.2f} s "
              f"(×{ratios[-1]:.2f})")  # fmt: skip
    print(f"publish, {turns} turns: median ×{statistics.median(ratios):.2f}, "
          f"range ×{min(ratios):.2f} to ×{max(ratios):.2f}")  # fmt: skip
    figures = asyncio.run(visit(stores))
    for visits in ("first", "later"):
        line = [f"{visits} visits, p95:"]
        for name in stores:
            line.append(f"{name} {statistics.quantiles(figures[name][visits], n=20)[-1]:.1f} ms")
        print(" ".join(line))


def among_random(folder: Path, count: int, seed: int) -> None:
    """Random hostile records in dumps of 400 with 20 good ones each: all good ones come out."""
    dice = random.Random(seed)
    store = fresh(folder, "random")
    number, slowest, missing, good_ones = 0, 0.0, 0, 0
    for turn in range(-(-count // 400)):
        bad = [Record(scrambled(dice, 15) + str(n), scrambled(dice, dice.randint(0, 300)), n)
               for n in range(number, min(number + 400, count))]  # fmt: skip
        number += len(bad)
        honest = [good(dice, 1_000_000 + turn * 100 + n) for n in range(20)]
        records = bad + honest
        dice.shuffle(records)
        cost = measure(store, records, FIRST + timedelta(days=turn))
        slowest = max(slowest, cost.remember + cost.publish)
        missing += len({record.title for record in honest} - cost.titles)
        good_ones += len(honest)
    print(f"{number} random hostile records: {missing} of {good_ones} good papers missing, "
          f"slowest dump of 420 {slowest:.1f} s (seed {seed})")  # fmt: skip
    if missing:
        sys.exit(1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--random", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--seed", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), arguments.turns)
        if arguments.random:
            among_random(Path(folder), arguments.random, arguments.seed)


if __name__ == "__main__":
    main()
