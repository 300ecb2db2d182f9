"""Read the sources, and remember their papers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from digest.daily.run_record import Clock, EditorialSettings, plural, recorded, utc_now
from digest.editorial import diff, identity
from digest.editorial.arrangement import OTHER
from digest.editorial.limits import fitted
from digest.editorial.topics import Topics
from digest.errors import DigestError
from digest.model import Assignment, Change, Dump, IdentityKeys, Job, Novelty, Record, Rejected
from digest.sources import LocationReader, SourceLimits
from digest.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestedDump:
    """The changes that one dump brought. ``repeated``: the same bytes had been ingested before.

    ``rejected`` has records that could not be compared, or were cut, or could not be given
    a topic.
    """

    location: str
    day: date
    changes: tuple[Change, ...]
    repeated: bool
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The dumps in the order they were read, and what could not be read."""

    dumps: tuple[IngestedDump, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    failed: tuple[DigestError, ...] = ()

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
        if self.rejected:
            line += f"; {plural(len(self.rejected), 'piece')} rejected"
        if self.failed:
            line += f"; {plural(len(self.failed), 'source')} failed"
        return line


def ingest(
    store: Store,
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
        report = IngestReport(tuple(dumps), tuple(reader.rejected), tuple(reader.failed))
        run.summary = report.summary
        run.ok = not report.failed
        if not dumps:
            run.silence = str(report.failed[0]) if report.failed else "no new dump"
    return report


def ingest_dump(
    store: Store, editorial: EditorialSettings, dump: Dump, now: datetime
) -> IngestedDump:
    """Compare one dump with the known papers, and add what it brings; one transaction.

    A record that cannot be compared is left aside and reported; the others are remembered.
    """
    day = dump_day(dump, editorial, now)
    comparable, rejected = _comparable(dump)
    dump = replace(dump, records=tuple(record for record, _ in comparable))
    keys = [record_keys for _, record_keys in comparable]
    with store.begin() as unit:
        unit.papers.lock()
        changes = diff.decide_changes(dump.records, keys, unit.papers.candidates(keys))
        repeated = dump.fingerprint in unit.papers.known_dumps()
        if not repeated:
            topics = editorial.topics
            assignments = [_assign(topics, change, dump, rejected) for change in changes]
            unit.papers.remember(dump, day, changes, assignments, now)
    return IngestedDump(dump.location, day, changes, repeated, tuple(rejected))


def _comparable(dump: Dump) -> tuple[list[tuple[Record, IdentityKeys]], list[Rejected]]:
    """The records within the limits of length, with their keys, and what could not be used."""
    comparable: list[tuple[Record, IdentityKeys]] = []
    rejected: list[Rejected] = []
    for whole in dump.records:
        try:
            record, cuts = fitted(whole)
            comparable.append((record, identity.identity_keys(record)))
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
    if change.novelty is Novelty.SEEN:
        return None
    record = change.record
    try:
        return topics.assign(record.title, record.abstract)
    except Exception as error:  # it goes under "Other", and everything else goes on
        reason = f"no topic can be found: {type(error).__name__}"
        rejected.append(_rejection(dump, record, reason))
        log.warning("no topic can be found for record %d", record.position, exc_info=True)
        return Assignment(OTHER, (OTHER,), 0.0)
