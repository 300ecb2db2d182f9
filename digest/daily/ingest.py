"""Read the sources, and remember their papers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import PurePath
from time import thread_time
from typing import TYPE_CHECKING

from digest.daily.comparison import (
    Comparison,
    Memory,
    comparable_records,
    compare_dump,
    look_up,
)
from digest.daily.held_readings import ReadingCheck, count_waiting, note_good_reading
from digest.daily.run_record import Clock, EditorialSettings, plural, recorded, utc_now
from digest.daily.store_ports import EditorialStore, EditorialUnit
from digest.editorial.paper_limits import SECONDS_FOR_A_DUMP, SECONDS_FOR_EACH, Budget
from digest.editorial.topics import Topics
from digest.errors import DigestError
from digest.model import Change, Dump, HeldReading, IdentityKeys, Job, Novelty, Rejected
from digest.sources import LocationReader

if TYPE_CHECKING:
    from digest.sources.tools import SourceTools
    from digest.store import Store

COMPARISONS = 3
"""Times that a dump is compared with the memory before other programs that write have to wait."""
SECONDS_WHILE_OTHERS_WAIT = 3.0
_MOST_SHORTFALLS = 3
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class IngestedDump:
    """The changes that one dump brought. ``repeated``: the same bytes had been ingested before.

    ``rejected`` has records that could not be compared, or were cut, or could not be given
    a topic. ``shortfall`` is that of the `Dump`. ``held``: it looks implausible, so it is kept
    aside, and brought nothing. ``source`` is the name of the location it is of.
    """

    location: str
    day: date
    changes: tuple[Change, ...]
    repeated: bool
    rejected: tuple[Rejected, ...] = ()
    shortfall: str = ""
    held: HeldReading | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The dumps in the order they were read, and what could not be read.

    ``refused`` are those of the ``rejected`` pieces that were a whole file or page. ``held`` has
    the readings that looked implausible, and ``waiting`` counts all that are held now. ``troubles``
    has each source that was not read in full, with why.
    """

    dumps: tuple[IngestedDump, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    failed: tuple[DigestError, ...] = ()
    refused: tuple[Rejected, ...] = ()
    held: tuple[HeldReading, ...] = ()
    waiting: int = 0
    troubles: Mapping[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every decision, in reading order."""
        return tuple(change for dump in self.dumps for change in dump.changes)

    def count(self, novelty: Novelty) -> int:
        """The number of records of that novelty."""
        return sum(change.novelty is novelty for change in self.changes)

    @property
    def summary(self) -> str:
        """One line for people."""
        words = ", ".join(f"{self.count(novelty)} {novelty}" for novelty in Novelty)
        line = f"{len(self.changes)} read from {plural(len(self.dumps), 'dump')}: {words}"
        line += "".join(f"; {shortfall}" for shortfall in self._shortfalls())
        if self.rejected:
            line += f"; {plural(len(self.rejected), 'piece')} rejected"
        if self.troubles:
            line += f"; not read in full: {_listed(tuple(self.troubles))}"
        if self.waiting:
            line += f"; {self.waiting_words}"
        return line

    @property
    def waiting_words(self) -> str:
        """The number of readings that are held now, and where to see them."""
        return f"{plural(self.waiting, 'reading')} held as implausible (digest status has them)"

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for people for each file, page or whole source that could not be used, or is held."""
        refused = (f"{piece.location}: {piece.reason}" for piece in self.refused)
        held = (reading.line for reading in self.held)
        return (*refused, *map(str, self.failed), *held)

    def _shortfalls(self) -> Iterator[str]:
        """Yield what is missing of the dumps: of the only one, or of each of the first by name."""
        incomplete = [dump for dump in self.dumps if dump.shortfall]
        for dump in incomplete[:_MOST_SHORTFALLS]:
            name = PurePath(dump.location).name or dump.location
            yield dump.shortfall if len(self.dumps) == 1 else f"{name}: {dump.shortfall}"
        if len(incomplete) > _MOST_SHORTFALLS:
            yield f"{plural(len(incomplete) - _MOST_SHORTFALLS, 'more dump')} not read wholly"


def ingest(
    store: Store,
    editorial: EditorialSettings,
    locations: Iterable[str],
    *,
    clock: Clock = utc_now,
    tools: SourceTools | None = None,
    progress: Callable[[IngestedDump], None] | None = None,
) -> IngestReport:
    """Read every location, and remember what is there.

    A location that cannot be used is reported and the others are read. A dump whose bytes were
    ingested before is compared again but changes nothing. One that does not look like its source,
    or like papers, is held: nothing of it is remembered.
    """
    with recorded(store, Job.INGEST, clock) as run:
        with store.read() as unit:
            known = unit.papers.known_dumps() | unit.held_readings.fingerprints()
        reader = LocationReader(locations, today=editorial.day(clock()), known=known, tools=tools)
        ingested: list[IngestedDump] = []
        for dump in reader:
            try:
                ingested.append(_ingest_from(store, editorial, dump, reader.source, clock()))
            except DigestError as error:
                reader.failed.append(error)
                continue
            if progress is not None and ingested[-1].held is None:
                progress(ingested[-1])
        _note_health(store, reader, ingested, editorial.day(clock()), clock())
        report = _report(reader, ingested, count_waiting(store))
        run.summary = report.summary
        run.ok = not report.failed
        if not report.dumps:
            run.no_mail_reason = _why_nothing(report)
    return report


def _listed(sources: Sequence[str]) -> str:
    more = len(sources) - _MOST_NAMED
    return ", ".join((*sources[:_MOST_NAMED], *([f"and {more:,} more"] if more > 0 else [])))


def _report(reader: LocationReader, ingested: Sequence[IngestedDump], waiting: int) -> IngestReport:
    of_records = (piece for dump in ingested for piece in dump.rejected)
    return IngestReport(
        tuple(dump for dump in ingested if dump.held is None),
        (*reader.rejected, *of_records),
        tuple(reader.failed),
        tuple(reader.refused),
        tuple({dump.held.id: dump.held for dump in ingested if dump.held is not None}.values()),
        waiting,
        {source: why for source, why in reader.troubles.items() if why is not None},
    )


def _note_health(
    store: Store,
    reader: LocationReader,
    ingested: Sequence[IngestedDump],
    today: date,
    now: datetime,
) -> None:
    """Remember of each source how it fared, and up to which day it was read in full."""
    with store.begin() as unit:
        for source, trouble in reader.troubles.items():
            if trouble is not None:
                unit.source_health.note_failure(source, trouble, now)
                continue
            dumps = [dump for dump in ingested if dump.source == source]
            changes = [change for dump in dumps for change in dump.changes]
            held = sum(dump.held.reading.papers for dump in dumps if dump.held is not None)
            new = sum(change.novelty is Novelty.NEW for change in changes)
            unit.source_health.note_read(source, today, now, items=len(changes) + held, new=new)


def _why_nothing(report: IngestReport) -> str:
    """The reason that no dump came, for a person who wonders about a quiet day."""
    if report.failed:
        return str(report.failed[0])
    if report.problems:
        more = len(report.problems) - 1
        return report.problems[0] + (f" (and {more:,} more)" if more else "")
    return f"no new dump; {report.waiting_words}" if report.waiting else "no new dump"


def _ingest_from(
    store: EditorialStore, editorial: EditorialSettings, dump: Dump, source: str, now: datetime
) -> IngestedDump:
    ingested = replace(
        ingest_dump(store, editorial, dump, now, ReadingCheck(source)), source=source
    )
    if ingested.held is None:
        note_good_reading(store, source, now)
    return ingested


def ingest_dump(
    store: EditorialStore,
    editorial: EditorialSettings,
    dump: Dump,
    now: datetime,
    check: ReadingCheck | None = None,
) -> IngestedDump:
    """Compare one dump with the known papers, and add what it brings.

    A record that cannot be compared is left aside and reported; the others are remembered. ``check``
    may hold what is implausible; without it everything is taken in.
    """
    day = dump_day(dump, editorial, now)
    comparable, rejected = comparable_records(dump, now)
    records = tuple(record for record, _ in comparable)
    keys = [record_keys for _, record_keys in comparable]
    work = _Ingestion(replace(dump, records=records), day, keys, editorial.topics, now, check)
    memory, comparison, held = work.take_turns(store)
    if held is not None:
        return IngestedDump(dump.location, day, (), False, tuple(rejected), held=held)
    rejected += comparison.rejected
    return IngestedDump(
        dump.location, day, comparison.changes, memory.has_dump, tuple(rejected), dump.shortfall
    )


@dataclass(frozen=True, slots=True)
class _Ingestion:
    """One dump on its way in, and what it is compared by."""

    dump: Dump
    day: date
    keys: list[IdentityKeys]
    topics: Topics
    now: datetime
    check: ReadingCheck | None

    def take_turns(self, store: EditorialStore) -> tuple[Memory, Comparison, HeldReading | None]:
        """Compare and take in.

        Comparing takes its time, so it is done outside the transaction that writes, in which only
        is looked whether another dump was taken in meanwhile: then it is done again.
        """
        seconds = SECONDS_FOR_A_DUMP + SECONDS_FOR_EACH * len(self.keys)
        for _ in range(COMPARISONS):
            with store.read() as unit:
                memory = look_up(unit, self.dump, self.keys)
            comparison = self._compare(memory, seconds)
            if memory.has_dump:
                return memory, comparison, None
            with store.begin() as unit:
                unit.papers.lock()
                if unit.papers.last_dump() == memory.last_dump:
                    return memory, comparison, self._take_in(unit, comparison)
        with store.begin() as unit:
            unit.papers.lock()
            memory = look_up(unit, self.dump, self.keys)
            comparison = self._compare(memory, SECONDS_WHILE_OTHERS_WAIT)
            if memory.has_dump:
                return memory, comparison, None
            return memory, comparison, self._take_in(unit, comparison)

    def _compare(self, memory: Memory, seconds: float) -> Comparison:
        budget = Budget(thread_time, seconds)
        budget.begin()
        return compare_dump(self.dump, self.keys, memory, self.topics, budget)

    def _take_in(self, unit: EditorialUnit, comparison: Comparison) -> HeldReading | None:
        """Remember what the dump brings, unless it is held."""
        if self.check is not None:
            held = self.check.hold(unit, self.dump, self.day, comparison.changes, self.now)
            if held is not None:
                return held
        unit.papers.remember(
            self.dump, self.day, comparison.changes, comparison.assignments, self.now
        )
        return None


def dump_day(dump: Dump, editorial: EditorialSettings, now: datetime) -> date:
    """The day a dump shows: the page's own date, else the file's, else today."""
    return dump.day or editorial.day(dump.modified or now)
