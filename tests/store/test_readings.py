"""The figures of each source's last readings are kept, oldest first, and no more than that."""

from __future__ import annotations

from datetime import date

from factories import NOW

from digest.model import SourceReading
from digest.store import Store
from digest.store.readings import MOST_KEPT


def reading(source: str, papers: int) -> SourceReading:
    return SourceReading(source, date(2026, 11, 20), NOW, papers, papers // 2, 0.5)


def test_the_readings_of_a_source_are_its_own(store: Store) -> None:
    with store.begin() as unit:
        for papers in (3, 1, 2):
            unit.readings.record(reading("a", papers))
        unit.readings.record(reading("b\0", 9))
    with store.read() as unit:
        assert unit.readings.history("a") == tuple(reading("a", papers) for papers in (3, 1, 2))
        assert [one.papers for one in unit.readings.history("b\0")] == [9]
        assert unit.readings.history("c") == ()


def test_only_the_last_are_kept(store: Store) -> None:
    with store.begin() as unit:
        for papers in range(MOST_KEPT + 3):
            unit.readings.record(reading("a", papers))
            if papers < 2:
                unit.readings.record(reading("b", 1))
    with store.read() as unit:
        kept = [one.papers for one in unit.readings.history("a")]
        assert kept == list(range(3, MOST_KEPT + 3))
        assert len(unit.readings.history("b")) == 2


def test_what_was_usual_is_forgotten(store: Store) -> None:
    with store.begin() as unit:
        unit.readings.record(reading("a", 1))
        unit.readings.record(reading("b", 2))
        unit.readings.forget("a")
    with store.read() as unit:
        assert unit.readings.history("a") == ()
        assert len(unit.readings.history("b")) == 1
