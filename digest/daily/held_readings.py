"""Hold readings that are implausible, and let go of those that a good reading settles."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from time import thread_time

from digest.daily.comparison import comparable_records, look_up
from digest.daily.store_ports import EditorialStore, EditorialUnit
from digest.editorial import diff
from digest.editorial.paper_limits import SECONDS_FOR_A_DUMP, SECONDS_FOR_EACH, Budget
from digest.editorial.plausibility import judge_reading
from digest.editorial.source_warnings import field_shares
from digest.errors import ConfigurationError
from digest.model import Change, Dump, HeldReading, SourceReading

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadingCheck:
    """Judge the readings of ``source`` beside those before them, and keep their figures.

    ``released`` is the number of a held reading that the operator lets in: from then on it, and not
    what was before it, is usual for its source.
    """

    source: str
    released: int | None = None

    def hold(
        self, unit: EditorialUnit, dump: Dump, day: date, changes: Sequence[Change], now: datetime
    ) -> HeldReading | None:
        """Keep an implausible dump aside; ``None`` if it may come in.

        Called in the transaction that would remember it, so that a crash leaves both or none.
        """
        known = sum(change.paper_id is not None for change in changes)
        fields = field_shares([change.record for change in changes])
        reading = SourceReading(self.source, day, now, len(changes), known, dump.understood, fields)
        if self.released is not None:
            unit.held_readings.decide(self.released)
            unit.readings.forget(self.source)
            unit.readings.record(reading)
            return None
        # A file that is held in its folder is not let in by naming the file.
        if (same := unit.held_readings.with_bytes(dump.fingerprint)) is not None:
            return same
        history = unit.readings.history(self.source)
        verdict = judge_reading(reading, dump.records, history)
        if verdict.reason is not None:
            # What it shows has no day of its own perhaps, and must not get a later one when let in.
            kept = replace(dump, day=day)
            return unit.held_readings.hold(reading, kept, verdict.reason, verdict.words)
        # A page that is looked at every hour is no other reading while it stays as it is.
        unchanged = (len(changes), len(changes), fields)
        if not history or (known, history[-1].papers, history[-1].fields) != unchanged:
            unit.readings.record(reading)
        return None


def note_good_reading(store: EditorialStore, source: str, now: datetime) -> None:
    """Settle what is held of ``source``, now that a plausible reading of it was taken in.

    What that confirmed has come in with it. Where nothing else is in a held reading, it is done
    with; otherwise it stays for the operator, who may still let it out, and alarms nobody again.
    """
    with store.read() as unit:
        held = unit.held_readings.held(source)
        missing = {reading.id: _unconfirmed(unit, reading, now) for reading in held}
    if not missing:
        return
    with store.begin() as unit:
        for held_id, unconfirmed in missing.items():
            unit.held_readings.mark_passed(held_id, unconfirmed, now)


def count_waiting(store: EditorialStore) -> int:
    """Count the held readings that no good one came after yet."""
    with store.read() as unit:
        return sum(held.passed_at is None for held in unit.held_readings.held())


def _unconfirmed(unit: EditorialUnit, held: HeldReading, now: datetime) -> int:
    """Count the papers of a held reading that are not remembered: all, if it cannot be read."""
    try:
        dump = unit.held_readings.dump(held.id)
    except ConfigurationError as error:
        log.error("%s", error)
        return held.reading.papers
    comparable, _ = comparable_records(dump, now)
    dump = replace(dump, records=tuple(record for record, _ in comparable))
    keys = [record_keys for _, record_keys in comparable]
    budget = Budget(thread_time, SECONDS_FOR_A_DUMP + SECONDS_FOR_EACH * len(keys))
    budget.begin()
    changes = diff.decide_changes(dump.records, keys, look_up(unit, dump, keys).candidates, budget)
    return sum(change.paper_id is None for change in changes)
