"""Let held readings in, on the operator's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digest.daily.held_readings import ReadingCheck
from digest.daily.ingest import IngestedDump, ingest_dump
from digest.daily.run_record import Clock, EditorialSettings, plural, recorded, utc_now
from digest.daily.store_ports import EditorialStore
from digest.errors import InputError
from digest.model import HeldReading, Job, Novelty
from digest.sources import source_name


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """The dumps that came in; ``passed`` counts what stays held after a good reading."""

    dumps: tuple[IngestedDump, ...] = ()
    passed: int = 0

    @property
    def summary(self) -> str:
        """One line for people."""
        changes = [change for dump in self.dumps for change in dump.changes]
        new = sum(change.novelty is Novelty.NEW for change in changes)
        if not self.dumps and self.passed:
            return (
                f"no held reading waits for a decision; {plural(self.passed, 'reading')} "
                "replaced by a later good one can still be accepted by number (digest status)"
            )
        if not self.dumps:
            return "no reading is held"
        return (
            f"accepted {plural(len(self.dumps), 'held reading')}: "
            f"{plural(len(changes), 'paper')}, {new:,} new"
        )


def release_readings(
    store: EditorialStore,
    editorial: EditorialSettings,
    names: Sequence[str] = (),
    *,
    clock: Clock = utc_now,
) -> ReleaseReport:
    """Ingest the held readings of those numbers or locations; without any, all that wait.

    Those that a good reading came after wait no more: they are let in by their number or location
    only. What is let in becomes usual for its source. Raises `digest.errors.InputError` for a name
    that nothing is held under.
    """
    with store.read() as unit:
        held_now = unit.held_readings.held()
    chosen = choose_readings(held_now, names)
    if not chosen:
        return ReleaseReport(passed=len(held_now))
    with recorded(store, Job.INGEST, clock) as run:
        dumps = []
        for held in chosen:
            with store.read() as unit:
                dump = unit.held_readings.dump(held.id)
            check = ReadingCheck(held.reading.source, released=held.id)
            ingested = ingest_dump(store, editorial, dump, clock(), check)
            if ingested.repeated:
                with store.begin() as unit:
                    unit.held_readings.decide(held.id)
            dumps.append(ingested)
        report = ReleaseReport(tuple(dumps))
        run.summary = report.summary
    return report


def choose_readings(held: Sequence[HeldReading], names: Sequence[str]) -> tuple[HeldReading, ...]:
    """The held readings of those numbers or locations, in the order of their days."""
    chosen = [reading for reading in held if reading.passed_at is None] if not names else []
    for name in names:
        named = [reading for reading in held if _is_named(reading, name)]
        if not named:
            raise InputError(
                "no reading is held under this name",
                where=name[:200],
                mend="See what is held, and its numbers, with: digest status",
            )
        chosen += [reading for reading in named if reading not in chosen]
    return tuple(sorted(chosen, key=lambda reading: (reading.reading.day, reading.id)))


def _is_named(held: HeldReading, name: str) -> bool:
    places = (held.location, held.reading.source)
    return name in (str(held.id), *places) or source_name(name) in places
