"""Read the sources, and remember their papers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import PurePath
from time import thread_time

from digest.daily.run_record import Clock, EditorialSettings, plural, recorded, utc_now
from digest.daily.store_ports import EditorialStore, EditorialUnit
from digest.editorial import diff, identity_keys
from digest.editorial.arrangement import OTHER
from digest.editorial.limits import SECONDS_FOR_A_DUMP, SECONDS_FOR_EACH, Budget, fitted
from digest.editorial.topics import Topics
from digest.errors import DigestError
from digest.model import (
    Assignment,
    Change,
    Dump,
    IdentityKeys,
    Job,
    Novelty,
    Paper,
    Record,
    Rejected,
)
from digest.sources import LocationReader, SourceLimits

JUDGINGS = 3
"""Times that a dump is compared with the memory before other programs that write have to wait."""
SECONDS_WHILE_OTHERS_WAIT = 3.0
_MOST_SHORTFALLS = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestedDump:
    """The changes that one dump brought. ``repeated``: the same bytes had been ingested before.

    ``rejected`` has records that could not be compared, or were cut, or could not be given
    a topic. ``shortfall`` is that of the `Dump`.
    """

    location: str
    day: date
    changes: tuple[Change, ...]
    repeated: bool
    rejected: tuple[Rejected, ...] = ()
    shortfall: str = ""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The dumps in the order they were read, and what could not be read.

    ``refused`` are those of the ``rejected`` pieces that were a whole file or page.
    """

    dumps: tuple[IngestedDump, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    failed: tuple[DigestError, ...] = ()
    refused: tuple[Rejected, ...] = ()

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
        line += "".join(f"; {told}" for told in self._shortfalls())
        if self.rejected:
            line += f"; {plural(len(self.rejected), 'piece')} rejected"
        if self.failed:
            line += f"; {plural(len(self.failed), 'source')} failed"
        return line

    @property
    def complaints(self) -> tuple[str, ...]:
        """A line for people for each file, page or whole source that could not be used."""
        refused = (f"{piece.location}: {piece.reason}" for piece in self.refused)
        return (*refused, *map(str, self.failed))

    def _shortfalls(self) -> Iterator[str]:
        """Yield what is lacking of the dumps: of the only one, or of each of the first by name."""
        lacking = [dump for dump in self.dumps if dump.shortfall]
        for dump in lacking[:_MOST_SHORTFALLS]:
            name = PurePath(dump.location).name or dump.location
            yield dump.shortfall if len(self.dumps) == 1 else f"{name}: {dump.shortfall}"
        if len(lacking) > _MOST_SHORTFALLS:
            yield f"{plural(len(lacking) - _MOST_SHORTFALLS, 'more dump')} not read wholly"


def ingest(
    store: EditorialStore,
    editorial: EditorialSettings,
    locations: Iterable[str],
    *,
    clock: Clock = utc_now,
    limits: SourceLimits | None = None,
    progress: Callable[[IngestedDump], None] | None = None,
) -> IngestReport:
    """Read every location, and remember what is there.

    A location that cannot be used is reported and the others are read. A dump whose bytes were
    ingested before is compared again but changes nothing.
    """
    with recorded(store, Job.INGEST, clock) as run:
        with store.read() as unit:
            known = unit.papers.known_dumps()
        reader = LocationReader(locations, today=editorial.day(clock()), known=known, limits=limits)
        dumps: list[IngestedDump] = []
        for dump in reader:
            try:
                ingested = ingest_dump(store, editorial, dump, clock())
            except DigestError as error:
                reader.failed.append(error)
                continue
            dumps.append(ingested)
            reader.rejected.extend(ingested.rejected)
            if progress is not None:
                progress(ingested)
        report = IngestReport(
            tuple(dumps), tuple(reader.rejected), tuple(reader.failed), tuple(reader.refused)
        )
        run.summary = report.summary
        run.ok = not report.failed
        if not dumps:
            run.no_mail_reason = _why_nothing(report)
    return report


def _why_nothing(report: IngestReport) -> str:
    """The reason that no dump came, for a person who wonders about a quiet day."""
    if report.failed:
        return str(report.failed[0])
    if report.complaints:
        more = len(report.complaints) - 1
        return report.complaints[0] + (f" (and {more:,} more)" if more else "")
    return "no new dump"


def ingest_dump(
    store: EditorialStore, editorial: EditorialSettings, dump: Dump, now: datetime
) -> IngestedDump:
    """Compare one dump with the known papers, and add what it brings.

    A record that cannot be compared is left aside and reported; the others are remembered. Comparing
    takes its time, so it is done outside the transaction that writes, in which only is looked
    whether another dump was taken in meanwhile: then it is done again.
    """
    day = dump_day(dump, editorial, now)
    shortfall = dump.shortfall
    comparable, rejected = _comparable(dump, now)
    dump = replace(dump, records=tuple(record for record, _ in comparable))
    keys = [record_keys for _, record_keys in comparable]
    budget = Budget(thread_time, SECONDS_FOR_A_DUMP + SECONDS_FOR_EACH * len(keys))
    for _ in range(JUDGINGS):
        with store.read() as unit:
            memory = _look_up(unit, dump, keys)
        budget.begin()
        judgement = _judge(dump, keys, memory, editorial.topics, budget)
        if memory.has_dump:
            break
        with store.begin() as unit:
            unit.papers.lock()
            if unit.papers.last_dump() == memory.last_dump:
                unit.papers.remember(dump, day, judgement.changes, judgement.assignments, now)
                break
    else:
        with store.begin() as unit:
            unit.papers.lock()
            memory = _look_up(unit, dump, keys)
            budget = Budget(thread_time, SECONDS_WHILE_OTHERS_WAIT)
            budget.begin()
            judgement = _judge(dump, keys, memory, editorial.topics, budget)
            if not memory.has_dump:
                unit.papers.remember(dump, day, judgement.changes, judgement.assignments, now)
    rejected += judgement.rejected
    return IngestedDump(
        dump.location, day, judgement.changes, memory.has_dump, tuple(rejected), shortfall
    )


@dataclass(frozen=True, slots=True)
class _Memory:
    """Knowledge of the papers that a dump may have, at one moment."""

    last_dump: int
    has_dump: bool
    candidates: tuple[tuple[Paper, ...], ...]


@dataclass(frozen=True, slots=True)
class _Judgement:
    """Papers of a dump, compared with the knowledge of one such moment."""

    changes: tuple[Change, ...]
    assignments: list[Assignment | None]
    rejected: list[Rejected]


def _look_up(unit: EditorialUnit, dump: Dump, keys: list[IdentityKeys]) -> _Memory:
    # The number first: what another program adds after it is then seen as a change.
    last = unit.papers.last_dump()
    has_dump = dump.fingerprint in unit.papers.known_dumps()
    return _Memory(last, has_dump, unit.papers.candidates(keys))


def _judge(
    dump: Dump, keys: list[IdentityKeys], memory: _Memory, topics: Topics, budget: Budget
) -> _Judgement:
    changes = diff.decide_changes(dump.records, keys, memory.candidates, budget)
    if memory.has_dump:
        return _Judgement(changes, [], [])
    rejected = [
        _rejection(dump, change.record, f"another paper is known by its id {change.disputed_id}")
        for change in changes
        if change.disputed_id is not None
    ]
    exact = sum(change.exactly for change in changes)
    if exact:
        what = f"comparing took more than {budget.seconds:g} s, so {plural(exact, 'paper')} that"
        rejected.append(Rejected(f"{what} may be known count as new", dump.location))
    return _Judgement(
        changes, [_assign(topics, change, dump, rejected) for change in changes], rejected
    )


def _comparable(
    dump: Dump, now: datetime
) -> tuple[list[tuple[Record, IdentityKeys]], list[Rejected]]:
    """The records within the limits of length, with their keys, and what could not be used."""
    comparable: list[tuple[Record, IdentityKeys]] = []
    rejected: list[Rejected] = []
    for whole in dump.records:
        try:
            record, cuts = fitted(whole)
            # Somewhere the next day, and so the next month, has begun.
            if not identity_keys.has_begun(record.external_id, (now + timedelta(days=1)).date()):
                cuts = (*cuts, f"its id {record.external_id} is of a month that has not begun")
                record = replace(record, external_id=None)
            comparable.append((record, identity_keys.identity_keys(record)))
        except Exception as error:  # one record's text does not keep the others from being read
            rejected.append(_rejection(dump, whole, f"cannot be compared: {type(error).__name__}"))
            log.warning("record %d of a dump cannot be compared", whole.position, exc_info=True)
            continue
        rejected.extend(_rejection(dump, whole, cut) for cut in cuts)
    return comparable, rejected


def _rejection(dump: Dump, record: Record, reason: str) -> Rejected:
    return Rejected(
        f"paper {record.position} of the list: {reason}", dump.location, excerpt=record.title[:80]
    )


def dump_day(dump: Dump, editorial: EditorialSettings, now: datetime) -> date:
    """The day a dump shows: the page's own date, else the file's, else today."""
    return dump.day or editorial.day(dump.modified or now)


def _assign(
    topics: Topics, change: Change, dump: Dump, rejected: list[Rejected]
) -> Assignment | None:
    if change.novelty is Novelty.SEEN and not change.fuller:
        return None
    record = change.record
    try:
        return topics.assign(record.title, record.abstract)
    except Exception as error:  # it goes under "Other", and everything else goes on
        reason = f"no topic can be found: {type(error).__name__}"
        rejected.append(_rejection(dump, record, reason))
        log.warning("no topic can be found for record %d", record.position, exc_info=True)
        return Assignment(OTHER, (OTHER,), 0.0)
