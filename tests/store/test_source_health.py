"""It is known of each source when it was last read, and since when and why it fails."""

from __future__ import annotations

from datetime import date, timedelta

from factories import NOW

from digest.model import SourceHealth
from digest.store import Store

DAY, LATER = date(2026, 11, 20), NOW + timedelta(hours=1)


def test_a_source_that_was_never_asked_has_no_health(store: Store) -> None:
    with store.read() as unit:
        assert unit.source_health.get("hf:daily") is None
        assert unit.source_health.all() == ()


def test_failures_in_a_row_are_counted_since_the_first_and_a_reading_ends_them(
    store: Store,
) -> None:
    with store.begin() as unit:
        health = unit.source_health
        health.note_read("hf:daily", DAY, NOW, items=50, new=12)
        health.note_failure("hf:daily", "the host answers 503", LATER)
        health.note_failure("hf:daily", "the host answers 502", LATER + timedelta(hours=1))
        failing = health.get("hf:daily")
        health.note_read("hf:daily", DAY, LATER, items=3, new=0)
        well = health.get("hf:daily")
    assert failing == SourceHealth(
        "hf:daily", LATER + timedelta(hours=1), NOW, DAY, 50, 12, 2, LATER, "the host answers 502"
    )
    assert well == SourceHealth("hf:daily", LATER, LATER, DAY, 3, 0)


def test_a_source_that_never_worked_fails_since_it_was_first_asked(store: Store) -> None:
    with store.begin() as unit:
        unit.source_health.note_failure("page.txt", "no such file", NOW)
        assert unit.source_health.get("page.txt") == SourceHealth(
            "page.txt", NOW, failures=1, failing_since=NOW, error="no such file"
        )


def test_sources_that_nobody_reads_any_more_are_forgotten(store: Store) -> None:
    with store.begin() as unit:
        for source in ("a", "b"):
            unit.source_health.note_read(source, DAY, NOW, items=1, new=1)
        unit.source_health.note_read("c", DAY, LATER, items=1, new=1)
        assert unit.source_health.forget_others(("b",), LATER) == 1
        assert [health.source for health in unit.source_health.all()] == ["b", "c"]


def test_the_operator_is_told_of_a_source_once_a_day_by_one_who_tells(store: Store) -> None:
    day = timedelta(days=1)
    with store.begin() as unit:
        health = unit.source_health
        health.note_failure("a", "it answers 503", NOW)
        assert health.claim_alerts(("a", "unknown"), NOW, day) == ("a",)
        assert health.claim_alerts(("a",), NOW, day) == ()
        health.end_alerts(("a",), NOW)
        health.note_failure("a", "it answers 503", LATER)
        assert health.claim_alerts(("a",), LATER, day) == ()
        assert health.claim_alerts(("a",), NOW + day, day) == ("a",)


def test_what_could_not_be_told_is_told_later(store: Store) -> None:
    day = timedelta(days=1)
    with store.begin() as unit:
        unit.source_health.note_failure("a", "it answers 503", NOW)
        for _ in range(2):
            assert unit.source_health.claim_alerts(("a",), NOW, day) == ("a",)
            unit.source_health.end_alerts(("a",), None)
        unit.source_health.claim_alerts(("a",), NOW, day)
        # The process that claimed it died.
        assert unit.source_health.claim_alerts(("a",), LATER, day) == ("a",)
