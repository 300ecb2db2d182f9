"""From sources to remembered papers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from digest.daily.run_record import Clock, EditorialSettings, plural, recorded, utc_now
from digest.editorial import diff, identity
from digest.editorial.edition import OTHER
from digest.editorial.limits import fitted
from digest.editorial.topics import Topics
from digest.errors import DigestError
from digest.model import Assignment, Change, Dump, IdentityKeys, Novelty, Record, Rejected
from digest.sources import SourceLimits, readings
from digest.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestedDump:
    """What one dump brought. ``repeated`` means that the same bytes had been ingested before.

    ``rejected`` tells of records that could not be compared, or were cut, or could not be given
    a topic.
    """

    location: str
    day: date
    changes: tuple[Change, ...]
    repeated: bool
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What was read, in the order it was read, and what could not be."""

    dumps: tuple[IngestedDump, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    failed: tuple[DigestError, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every decision, in reading order."""
        return tuple(change for dump in self.dumps for change in dump.changes)

    def count(self, novelty: Novelty) -> int:
        """How many records were judged so."""
        return sum(change.novelty is novelty for change in self.changes)

    @property
    def summary(self) -> str:
        """One line for people."""
        words = ", ".join(f"{self.count(novelty)} {novelty}" for novelty in Novelty)
        line = f"{len(self.changes)} read from {plural(len(self.dumps), 'dump')}: {words}"
        if self.rejected:
            line += f"; {plural(len(self.rejected), 'piece')} rejected"
        if self.failed:
            line += f"; {plural(len(self.failed), 'source')} failed"
        return line


def ingest(
    store: Store,
    desk: EditorialSettings,
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
    dumps: list[IngestedDump] = []
    rejected: list[Rejected] = []
    failed: list[DigestError] = []
    with recorded(store, "ingest", clock) as run:
        with store.read() as unit:
            known = unit.papers.known_dumps()
        for reading in readings(
            locations, today=desk.day(clock()), known=known, limits=limits or SourceLimits()
        ):
            if isinstance(reading, DigestError):
                failed.append(reading)
            elif isinstance(reading, Rejected):
                rejected.append(reading)
            else:
                rejected.extend(reading.rejected)
                try:
                    done = remember(store, desk, reading, clock())
                except DigestError as error:
                    failed.append(error)
                    continue
                dumps.append(done)
                rejected.extend(done.rejected)
                if progress is not None:
                    progress(done)
        report = IngestReport(tuple(dumps), tuple(rejected), tuple(failed))
        run.summary = report.summary
        run.ok = not failed
        if not dumps:
            run.silence = str(failed[0]) if failed else "no new dump"
    return report


def remember(store: Store, desk: EditorialSettings, dump: Dump, now: datetime) -> IngestedDump:
    """Compare one dump with the memory, and add to it what it brings; one transaction.

    A record that cannot be compared is left aside and told of; the others are remembered.
    """
    day = dump_day(dump, desk, now)
    kept, rejected = _comparable(dump)
    dump = replace(dump, records=tuple(record for record, _ in kept))
    keys = [each for _, each in kept]
    with store.begin() as unit:
        unit.papers.lock()
        changes = diff.decide_changes(dump.records, keys, unit.papers.candidates(keys))
        repeated = dump.fingerprint in unit.papers.known_dumps()
        if not repeated:
            assignments = [_assign(desk.topics, change, dump, rejected) for change in changes]
            unit.papers.remember(dump, day, changes, assignments, now)
    return IngestedDump(dump.location, day, changes, repeated, tuple(rejected))


def _comparable(dump: Dump) -> tuple[list[tuple[Record, IdentityKeys]], list[Rejected]]:
    """The records within the limits of length, with their keys, and what there is to tell."""
    kept: list[tuple[Record, IdentityKeys]] = []
    rejected: list[Rejected] = []
    for read in dump.records:
        try:
            record, said = fitted(read)
            kept.append((record, identity.identity_keys(record)))
        except Exception as error:  # one record's text does not keep the others from being read
            rejected.append(_told(dump, read, f"cannot be compared: {type(error).__name__}"))
            log.warning("record %d of a dump cannot be compared", read.position, exc_info=True)
            continue
        rejected.extend(_told(dump, read, what) for what in said)
    return kept, rejected


def _told(dump: Dump, record: Record, what: str) -> Rejected:
    return Rejected(
        f"paper {record.position} of the list: {what}", dump.location, excerpt=record.title[:80]
    )


def dump_day(dump: Dump, desk: EditorialSettings, now: datetime) -> date:
    """The day a dump shows: the page's own date, else the file's, else today."""
    return dump.day or desk.day(dump.modified or now)


def _assign(
    topics: Topics, change: Change, dump: Dump, rejected: list[Rejected]
) -> Assignment | None:
    if change.novelty is Novelty.SEEN:
        return None
    record = change.record
    try:
        return topics.assign(record.title, record.abstract)
    except Exception as error:  # it goes under "Other", and everything else goes on
        rejected.append(_told(dump, record, f"no topic can be found: {type(error).__name__}"))
        log.warning("no topic can be found for record %d", record.position, exc_info=True)
        return Assignment(OTHER, (OTHER,), 0.0)
