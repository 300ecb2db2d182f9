"""What hostile papers cost the others: publishing, the pages, and whether every good one comes out.

Run by hand: ``PYTHONPATH=tests python tests/bench/hostile_papers.py``; ``--random 10000`` is the
number of random hostile records in the second part. Both halves of a comparison are measured side
by side in one run. Exits with 1 if a good paper is missing; times are printed, not judged.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from editorial.hostile_texts import KINDS, scrambled

from digest.daily.ingest import remember
from digest.daily.publish import PublishSettings, publish
from digest.daily.run_record import EditorialSettings
from digest.editorial.topics import load_topics
from digest.mail.list_identity import ListIdentity
from digest.mail.render import Renderer
from digest.model import Dump, Record
from digest.store import Store, open_store
from digest.web.app import create_app
from digest.web.site import Site

DESK = EditorialSettings(load_topics(), ZoneInfo("UTC"))
LETTERHEAD = ListIdentity("Daily Papers", "papers@list.example", "https://list.example")
PRESS = PublishSettings(Renderer(), LETTERHEAD, timedelta(days=2))
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
TEN = [
    "unclosed markup", "nested markup", "braces", "full stops", "no blank", "combining marks",
    "addresses", "joined emoji", "short sentences", "line ends",
]  # fmt: skip


def good(chance: random.Random, number: int) -> Record:
    """A paper as any other: nine sentences, some mathematics."""
    title = f"{chance.choice(WORDS)}{number}: {' '.join(chance.choices(WORDS, k=8))}".title()
    said = [f"We {' '.join(chance.choices(WORDS, k=16))} by ${number}\\times$." for _ in range(9)]
    return Record(title, " ".join(said), number)


def hostile(number: int) -> Record:
    """One of ten kinds; of every other the title, too."""
    text = KINDS[TEN[number % 10]]
    return Record(f"{text if number % 20 < 10 else 'A Title'} {number}", f"{number} {text}", number)


def seconds(store: Store, records: list[Record], day: date) -> tuple[float, float, set[str]]:
    """Processor seconds to remember and to publish the records as one dump, and the titles published."""
    now = datetime.combine(day, datetime.min.time(), tzinfo=UTC)
    dump = Dump("a dump", f"{day} {len(records)}", tuple(records), day=day)
    began = time.process_time()
    remember(store, DESK, dump, now)
    between = time.process_time()
    report = publish(store, DESK, PRESS, day=day, clock=lambda: now)
    ended = time.process_time()
    entries = report.editions[0].edition.entries
    return between - began, ended - between, {entry.raw_title for entry in entries}


async def visit(stores: dict[str, Store]) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of each kind of page, first and later visits, the stores in turn."""
    clients = {}
    for name, store in stores.items():
        app = create_app(Site(store, DESK.topics.topics, LETTERHEAD, ("a key for measuring",)))
        transport = httpx.ASGITransport(app=app)
        clients[name] = httpx.AsyncClient(transport=transport, base_url="https://list.example")
        await clients[name].get("/healthz")
    found: dict[str, dict[str, list[float]]] = {name: {} for name in stores}
    paths = ["/", "/editions", "/feed.xml", f"/editions/{FIRST}"]
    paths += [f"/search?q={word}" for word in WORDS] + [f"/papers/{id}" for id in range(1, 251)]
    for visits in ("first", "later", "later", "later"):
        for path in paths:
            for name, client in clients.items():
                began = time.perf_counter()
                answer = await client.get(path)
                taken = (time.perf_counter() - began) * 1000
                if answer.status_code != 200:
                    raise SystemExit(f"{name} {path}: {answer.status_code}")
                found[name].setdefault(visits, []).append(taken)
    return found


def fresh(folder: Path, name: str) -> Store:
    store = open_store(f"sqlite:///{folder / name}.db")
    store.migrate()
    return store


def compare(folder: Path) -> None:
    """250 good papers alone, and with 100 hostile ones among them."""
    chance = random.Random(1)
    alone = [good(chance, number) for number in range(1, 251)]
    mixed = [*alone, *(hostile(number) for number in range(100))]
    chance.shuffle(mixed)
    PRESS.renderer.check()  # type: ignore[attr-defined]
    ratios = []
    for turn in range(5):
        stores = {"alone": fresh(folder, f"alone{turn}"), "mixed": fresh(folder, f"mixed{turn}")}
        one, other = (seconds(stores[n], r, FIRST) for n, r in (("alone", alone), ("mixed", mixed)))
        missing = {record.title for record in alone} - other[2]
        if missing:
            raise SystemExit(f"missing: {sorted(missing)[:5]}")
        ratios.append(other[1] / one[1])
        print(f"250 alone: remember {one[0]:.2f} s, publish {one[1]:.2f} s; with 100 hostile: "
              f"remember {other[0]:.2f} s, publish {other[1]:.2f} s (×{ratios[-1]:.2f})")  # fmt: skip
    print(f"publish, median ratio: ×{statistics.median(ratios):.2f}")
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
        first, second, told = seconds(store, records, FIRST + timedelta(days=turn))
        slowest = max(slowest, first + second)
        missing += len({record.title for record in honest} - told)
        good_ones += len(honest)
    print(f"{number} random hostile records: {missing} of {good_ones} good papers missing, "
          f"slowest dump of 420 {slowest:.1f} s (seed {seed})")  # fmt: skip
    if missing:
        sys.exit(1)


def main() -> None:
    reading = argparse.ArgumentParser()
    reading.add_argument("--random", type=int, default=10_000)
    reading.add_argument("--seed", type=int, default=10)
    told = reading.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder))
        if told.random:
            among_random(Path(folder), told.random, told.seed)


if __name__ == "__main__":
    main()
