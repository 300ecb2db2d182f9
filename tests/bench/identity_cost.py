"""The cost of telling new from seen when the memory is large: 10 thousand to 1 million papers.

    python tests/bench/identity_cost.py [--sizes 10000,100000,1000000] [--keep FOLDER]

Fills a store with invented papers of realistic lengths (titles of 6 to 14 words, abstracts of 120
to 260, words as unevenly frequent as those of a language), and at each size ingests dumps of 250
papers, half of them known, in a process of its own. Bars: the time at the largest size at most 3
times that at the smallest, and 1.5 s; memory 300 MB. Beside it, in the same run, RapidFuzz compares
the 250 titles with all titles.
"""

# ruff: noqa: E402 - the folder of the tests comes first
from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

# In place of this folder, whose modules have the names of rooms of the tests.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from editorial.memories import DAY, NOW, SOMETHING, Shelf

from digest.editorial import identity_keys
from digest.model import Change, Dump, IdentityKeys, Novelty, Record
from digest.store import Store, open_store

SIZES = (10_000, 100_000, 1_000_000)
DUMP = 250
RUNS = 5
BATCH = 2_000
AHEAD = 8
VOCABULARY = 60_000


def vocabulary() -> tuple[list[str], list[float]]:
    """Invented words, and cumulative weights after Zipf and Mandelbrot (1 / (rank + 2.7))."""
    chance = random.Random(0)
    syllables = ["".join(pair) for pair in itertools.product("bcdfglmnprstvz", "aeiou")]
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(chance.choices(syllables, k=chance.choice((1, 2, 3, 3, 4))))] = None
    weights = itertools.accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY))
    return list(words), list(weights)


WORDS, WEIGHTS = vocabulary()


def drawn(chance: random.Random, least: int, most: int) -> list[str]:
    return chance.choices(WORDS, cum_weights=WEIGHTS, k=chance.randint(least, most))


def title(number: int) -> str:
    return " ".join(drawn(random.Random(number), 6, 14)).title()


def paper(number: int) -> Record:
    """The invented paper of that number, the same in every run."""
    chance = random.Random(number)
    named, words = drawn(chance, 6, 14), drawn(chance, 120, 260)
    sentences = [" ".join(words[i : i + 20]).capitalize() for i in range(0, len(words), 20)]
    return Record(" ".join(named).title(), ". ".join(sentences) + ".")


def dump(number: int, size: int) -> list[Record]:
    """A dump of 250: every second paper is one of the ``size`` known ones, the others are new."""
    chance = random.Random(f"{number} of {size}")
    first = 10_000_000 * number + size
    return [paper(chance.randrange(size) if place % 2 else first + place) for place in range(DUMP)]


def batch(start: int) -> list[tuple[Record, IdentityKeys]]:
    records = [paper(number) for number in range(start, start + BATCH)]
    return [(record, identity_keys.identity_keys(record)) for record in records]


def named(start: int) -> str:
    return f"papers from {title(start)}"


def fill(store: Store, size: int) -> None:
    """Remember the papers of numbers below ``size`` that are not there yet, by the store's door."""
    with store.begin() as unit:
        there = unit.papers.known_dumps()
    missing = [start for start in range(0, size, BATCH) if named(start) not in there]
    with multiprocessing.Pool() as pool:
        # A few batches at a time, so that the papers made do not pile up before the store.
        for first in range(0, len(missing), AHEAD):
            for made in pool.imap(batch, missing[first : first + AHEAD]):
                changes = [Change(record, keys, Novelty.NEW, "") for record, keys in made]
                name = f"papers from {made[0][0].title}"
                listed = Dump(name, name, tuple(record for record, _ in made))
                with store.begin() as unit:
                    topics = [SOMETHING] * len(changes)
                    unit.papers.remember(listed, DAY, changes, topics, NOW)


def measure(url: str, size: int, run: int) -> None:
    """Ingest one dump in this process; print seconds, peak memory in MB, and what was new."""
    records = dump(run, size)
    # A rehearsal does all but the last commit, and leaves the memory as large as it was.
    with open_store(url).rehearsal() as store:
        shelf = Shelf(store, dumps=size + run)
        started, work = time.perf_counter(), time.process_time()
        changes, _ = shelf.ingest(records)
        seconds, cpu = time.perf_counter() - started, time.process_time() - work
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    new = sum(change.novelty is Novelty.NEW for change in changes)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "memory": memory, "new": new}))


def measured(url: str, size: int) -> Iterator[dict[str, float]]:
    for run in range(1, RUNS + 1):
        command = [sys.executable, __file__, "--measure", url, str(size), str(run)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        yield json.loads(done.stdout)


def all_titles(titles: Sequence[str], size: int) -> float:
    """Seconds in which RapidFuzz compares ``titles`` with all titles of the memory, one core."""
    from rapidfuzz import fuzz, process

    seconds = 0.0
    for start in range(0, size, 50_000):
        known = [title(number) for number in range(start, min(size, start + 50_000))]
        started = time.perf_counter()
        process.cdist(titles, known, scorer=fuzz.ratio, score_cutoff=90, workers=1)
        seconds += time.perf_counter() - started
    return seconds


def report(folder: Path, sizes: Sequence[int]) -> None:
    url = f"sqlite:///{folder}/papers.db"
    store = open_store(url)
    store.migrate()
    print(f"a dump of {DUMP}, median of {RUNS} runs, each in a new process")
    print(
        f"{'papers known':>14} {'seconds':>9} {'of CPU':>7} {'memory MB':>10} {'new':>5} {'cdist s':>9}"
    )
    first = 0.0
    for size in sizes:
        fill(store, size)
        runs = list(measured(url, size))
        seconds = statistics.median(run["seconds"] for run in runs)
        first = first or seconds
        print(
            f"{size:>14,} {seconds:>9.3f}"
            f" {statistics.median(run['cpu'] for run in runs):>7.3f}"
            f" {max(run['memory'] for run in runs):>10.0f}"
            f" {runs[0]['new']:>5} {all_titles([r.title for r in dump(1, size)], size):>9.2f}"
            f"   {seconds / first:.2f} times the first",
            flush=True,
        )
    store.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", default=",".join(map(str, SIZES)))
    arguments.add_argument("--keep", type=Path, help="use and leave the database in this folder")
    arguments.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.measure:
        url, size, run = chosen.measure
        measure(url, int(size), int(run))
        return
    sizes = [int(size) for size in chosen.sizes.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        report(chosen.keep or Path(folder), sizes)


if __name__ == "__main__":
    main()
