"""Real days and dumps in order: how many are held wrongly, and how many wrong ones are held.

    python tests/bench/plausibility.py FOLDER

FOLDER has ``dumps``, ``hf``, ``captures`` and ``arxiv`` (see ``DIGEST_REAL_DATA``). At each day of
each source these are read instead, each in a copy of what is remembered then: a tenth of the usual papers,
tenfold of them, papers of which none is known, and texts of another kind. The last line of each table is the number held of the number tried.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from math import ceil
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from digest.daily.held_readings import ReadingCheck
from digest.daily.ingest import ingest_dump
from digest.daily.run_record import EditorialSettings
from digest.editorial.plausibility import ENOUGH, LATELY
from digest.editorial.topics import load_topics
from digest.model import Dump, HeldReading, Record
from digest.sources import LocationReader
from digest.store import Store, open_store

START = date(2026, 11, 1)
SETTINGS = EditorialSettings(load_topics(), ZoneInfo("UTC"))
MENU = [
    "Home",
    "Models",
    "Datasets",
    "Spaces",
    "Docs",
    "Pricing",
    "Login",
    "Papers",
    "Blog",
    "Jobs",
    "About",
    "Terms",
]
WORDS = ["glacier", "tide", "orchard", "bridge", "market", "dialect", "harvest"]
DAY = timedelta(days=1)


def read(paths: Sequence[Path]) -> list[Dump]:
    """Every dump in these files, in order."""
    return list(LocationReader([str(path) for path in paths], today=date(2026, 11, 21)))


def take_in(store: Store, dump: Dump, day: date) -> HeldReading | None:
    now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    check = ReadingCheck("source")
    return ingest_dump(store, SETTINGS, replace(dump, day=day), now, check).held


def wrong_ones(dump: Dump, usual: float, overlap: bool) -> Iterator[tuple[str, Dump]]:
    """What else could be read that day, by name."""
    records = dump.records
    tenth = records[: max(int(usual // 10), 1)]
    yield "a tenth", replace(dump, records=tenth, fingerprint="a")
    tenfold = tuple(
        replace(
            record,
            title=f"{record.title} {WORDS[at % 7]} {WORDS[at // 7 % 7]}",
            external_id=None,
            position=at,
        )
        for at, record in enumerate(islice(cycle(records), ceil(10 * usual)), 1)
    )
    yield "tenfold", replace(dump, records=tenfold, fingerprint="b")
    if overlap:
        unknown = tuple(
            Record(f"{word}{i}: {title}", f"We study {word} {i}, {title} and more of it.", i)
            for i, (word, title) in enumerate(islice(zip(cycle(WORDS), cycle(MENU)), 30), 1)
        )
        yield "nothing known", replace(dump, records=unknown, fingerprint="c")
    menu = tuple(Record(words, "", i) for i, words in enumerate(MENU, 1))
    yield "a menu", replace(dump, records=menu, fingerprint="d")
    chapters = tuple(
        Record(f"Chapter {i} of the Manual", "Press the button and hold it for a while then.", i)
        for i in range(1, 30)
    )
    yield "one title over and over", replace(dump, records=chapters, fingerprint="e")
    yield "half not understood", replace(dump, understood=0.3, fingerprint="f")


def walk(name: str, dumps: Sequence[Dump], *, overlap: bool = False, first: date = START) -> None:
    """One source, day by day; what of it is held, and what of the wrong ones."""
    wrong: list[str] = []
    tried: Counter[str] = Counter()
    held: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    store = open_store("sqlite://")
    store.migrate()
    day = first
    for number, dump in enumerate(dumps):
        while day.weekday() >= 5:
            day += DAY
        with store.read() as unit:
            sizes = [reading.papers for reading in unit.readings.history("source")][-LATELY:]
        for kind, bad in wrong_ones(dump, median(sizes or [len(dump.records)]), overlap):
            if number < ENOUGH and kind in ("a tenth", "tenfold", "nothing known"):
                continue
            with store.rehearsal() as rehearsal:
                found = take_in(rehearsal, bad, day)
            tried[kind] += 1
            held[kind] += found is not None
            if found is not None:
                reasons[str(found.reason)] += 1
        found = take_in(store, dump, day)
        if found is not None:
            wrong.append(f"{dump.location}: {found.words}")
        day += DAY
    print(f"{name}: {len(dumps)} readings, {len(wrong)} held wrongly")
    for line in wrong:
        print(f"  WRONG {line}")
    for kind, count in tried.items():
        print(f"  {kind:24} {held[kind]:3} of {count:3} held")
    print(f"  reasons: {dict(reasons)}")


def overlapping(dumps: Sequence[Dump]) -> list[Dump]:
    """A list of which two thirds are of the day before, made of these."""
    records = list(dict.fromkeys(record for dump in dumps for record in dump.records))
    return [
        Dump("list", f"list {i}", tuple(records[start : start + 30]))
        for i, start in enumerate(range(0, min(len(records), 330) - 30, 10))
    ]


def bare(dump: Dump) -> tuple[Record, ...]:
    """Its papers without ids, as a copied page has them."""
    return tuple(replace(record, external_id=None, url=None) for record in dump.records)


def walk_hourly(days: Sequence[Dump]) -> None:
    """Look at a page every hour on which each day's papers come by and by, some weekends few."""
    store = open_store("sqlite://")
    store.migrate()
    looks = wrong = 0
    for number, dump in enumerate(days):
        day = START + number * DAY
        records = dump.records[:6] if day.weekday() >= 5 else dump.records
        for hour in range(1, 25):
            shown = records[: max(1, len(records) * hour // 20)]
            page = replace(dump, records=shown, fingerprint=f"{number} {hour}")
            looks += 1
            if held := take_in(store, page, day):
                wrong += 1
                print(f"  WRONG {day} at {hour}: {held.words}")
    print(f"a page that grows, looked at every hour: {looks} readings, {wrong} held wrongly")


def main(folder: Path) -> None:
    days = read(sorted((folder / "hf").iterdir()))
    dumps = read(sorted((folder / "dumps").iterdir()))
    walk("daily lists", days)
    walk("dumps", dumps)
    walk("dumps, then daily lists, as one source", [*dumps, *days])
    walk("daily lists backwards", days[::-1])
    walk_hourly([*days, *days[::-1]])
    walk_hourly([replace(day, records=bare(day)) for day in days])
    walk("a list that overlaps", overlapping(days), overlap=True)
    captures = [
        path
        for path in sorted((folder / "captures").rglob("*"))
        if path.is_file()
        and ".truth" not in path.name
        and path.suffix in (".md", ".txt", ".html")
        and path.name != "README.md"
    ]
    alone = read([*captures, *sorted((folder / "arxiv").iterdir())])
    wrong = 0
    for dump in alone:
        store = open_store("sqlite://")
        store.migrate()
        if held := take_in(store, dump, START):
            wrong += 1
            print(f"  WRONG {dump.location}: {held.words}")
    print(f"captures and feeds, each the first of its list: {len(alone)} readings, {wrong} held")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
