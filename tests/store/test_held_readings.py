"""Held readings are kept whole, once, and never let go of in silence."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from factories import NOW

from digest.errors import ConfigurationError
from digest.model import Dump, HeldReading, HoldReason, Link, LinkKind, Record, SourceReading
from digest.store import Store, UnitOfWork, held_readings
from digest.store.reading_tables import held_readings as held_rows

DAY = timedelta(days=1)


def dump(letters: str, name: str = "") -> Dump:
    """A dump of the papers of these letters; its bytes have a name."""
    records = tuple(Record(letter, f"About {letter}.", i) for i, letter in enumerate(letters, 1))
    return Dump("page", name or letters, records, day=date(2026, 11, 20))


def hold(unit: UnitOfWork, what: Dump, *, source: str = "page", day: int = 0) -> HeldReading:
    at = NOW + day * DAY
    reading = SourceReading(source, date(2026, 11, 20), at, len(what.records), 0, 0.5)
    return unit.held_readings.hold(reading, what, HoldReason.FEW, "too few")


def held(store: Store) -> Sequence[HeldReading]:
    with store.read() as unit:
        return unit.held_readings.held()


def letters(store: Store, held_id: int) -> str:
    with store.read() as unit:
        return "".join(record.title for record in unit.held_readings.dump(held_id).records)


def test_what_was_read_is_kept_whole(store: Store) -> None:
    rich = Record(
        "Ä\0\ud800",
        "Abstract",
        1,
        "2611.00001",
        "https://example.org/",
        10**30,
        ("A", "B"),
        5,
        "Org",
        date(2026, 11, 1),
        (Link(LinkKind.CODE, "https://example.org/code"),),
        3,
    )
    what = replace(dump("a"), records=(rich,), modified=NOW, understood=0.25)
    with store.begin() as unit:
        one = hold(unit, what)
    with store.read() as unit:
        assert unit.held_readings.dump(one.id) == what
        assert unit.held_readings.held() == (one,)
    assert one.reading == SourceReading("page", date(2026, 11, 20), NOW, 1, 0, 0.5)
    assert (one.location, one.reason, one.words) == ("page", HoldReason.FEW, "too few")


def test_the_same_papers_are_held_once_whatever_the_bytes(store: Store) -> None:
    with store.begin() as unit:
        first = hold(unit, dump("abc"))
        assert hold(unit, dump("abc"), day=1) == first
        assert hold(unit, dump("cba", "other bytes"), day=1) == first
        assert hold(unit, dump("ab"), day=2) == first
        assert hold(unit, dump("abc"), source="another").id != first.id
    assert [one.reading.source for one in held(store)] == ["page", "another"]
    with store.read() as unit:
        assert unit.held_readings.fingerprints() == {"abc", "other bytes", "ab"}


def test_a_hold_is_found_by_its_bytes_until_it_is_decided_or_passed(store: Store) -> None:
    with store.begin() as unit:
        one, other = hold(unit, dump("ab")), hold(unit, dump("xyz"))
        assert unit.held_readings.with_bytes("ab") == one
        assert unit.held_readings.with_bytes("abc") is None
        unit.held_readings.decide(one.id)
        unit.held_readings.mark_passed(other.id, 1, NOW)
        assert unit.held_readings.with_bytes("ab") is None
        assert unit.held_readings.with_bytes("xyz") is None


def test_a_hold_grows_with_its_page_and_keeps_its_number(store: Store) -> None:
    with store.begin() as unit:
        first = hold(unit, dump("ab"))
        grown = hold(unit, dump("abc"), day=1)
        other = hold(unit, dump("xyz"), day=1)
    assert (grown.id, grown.held_at, grown.reading.papers) == (first.id, NOW, 3)
    assert letters(store, grown.id) == "abc"
    assert letters(store, other.id) == "xyz"
    with store.read() as unit:
        assert unit.held_readings.fingerprints() == {"ab", "abc", "xyz"}


def test_after_a_good_reading_what_it_confirmed_is_settled_and_the_rest_stays(store: Store) -> None:
    with store.begin() as unit:
        confirmed, rest = hold(unit, dump("ab")), hold(unit, dump("xyz"))
        unit.held_readings.mark_passed(confirmed.id, 0, NOW + DAY)
        unit.held_readings.mark_passed(rest.id, 3, NOW + DAY)
        unit.held_readings.mark_passed(rest.id, 2, NOW + 2 * DAY)
    assert held(store) == (replace(rest, passed_at=NOW + DAY, unconfirmed=2),)
    assert letters(store, rest.id) == "xyz"
    with store.read() as unit, pytest.raises(LookupError):
        unit.held_readings.dump(confirmed.id)


def test_what_was_settled_or_passed_and_comes_again_is_held_anew(store: Store) -> None:
    with store.begin() as unit:
        settled, passed = hold(unit, dump("ab")), hold(unit, dump("xyz"))
        unit.held_readings.mark_passed(settled.id, 0, NOW)
        unit.held_readings.mark_passed(passed.id, 1, NOW)
        unit.held_readings.end_alerts([settled, passed], NOW)
        assert hold(unit, dump("ab"), day=3).held_at == NOW + 3 * DAY
        assert hold(unit, dump("xyz"), day=3).held_at == NOW + 3 * DAY
        assert len(unit.held_readings.claim_alerts(NOW + 3 * DAY, DAY)) == 2
    assert all(one.passed_at is None and one.unconfirmed is None for one in held(store))
    assert len(held(store)) == 2


def test_what_is_too_old_is_told_as_it_goes(store: Store) -> None:
    with store.begin() as unit:
        old, young = hold(unit, dump("ab")), hold(unit, dump("xyz"), day=2)
    with store.begin() as unit:
        assert unit.held_readings.forget(NOW + DAY) == (old,)
        assert unit.held_readings.forget(NOW + DAY) == ()
        assert unit.held_readings.held() == (young,)
        assert "ab" in unit.held_readings.fingerprints()


def test_of_too_many_the_oldest_become_one_and_none_is_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_readings, "MOST_HELD", 2)
    with store.begin() as unit:
        hold(unit, dump("z"), source="another")
        first = hold(unit, dump("a"))
        unit.held_readings.mark_passed(first.id, 1, NOW)
        for letter in "bcde":
            hold(unit, dump(letter))
    assert [letters(store, one.id) for one in held(store)] == ["z", "abcd", "e"]
    merged = held(store)[1]
    assert (merged.id, merged.passed_at, merged.reading.papers) == (first.id, None, 4)
    with store.read() as unit:
        assert [one.position for one in unit.held_readings.dump(first.id).records] == [1, 2, 3, 4]
        assert unit.held_readings.fingerprints() == set("abcdez")


def test_what_is_decided_is_known_again_for_so_long(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_readings, "MOST_KNOWN", 2)
    with store.begin() as unit:
        hold(unit, dump("z"), source="another")
        for letter in "abcde":
            unit.held_readings.decide(hold(unit, dump(letter)).id)
    with store.read() as unit:
        assert unit.held_readings.fingerprints() == set("dez")


def test_a_damaged_one_makes_room(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(held_readings, "MOST_HELD", 2)
    with store.begin() as unit:
        first = hold(unit, dump("a"))
        hold(unit, dump("b"))
        unit.connection.execute(
            held_rows.update().where(held_rows.c.id == first.id).values(content=b"x")
        )
        monkeypatch.setattr(unit.held_readings, "_titles", lambda _: {"another"})
        hold(unit, dump("c"))
    assert [letters(store, one.id) for one in held(store)] == ["b", "c"]
    assert f"held reading {first.id}" in caplog.text


def test_of_a_giant_only_so_much_is_kept_and_that_is_said(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_readings, "MOST_BYTES", 2_000)
    noise = random.Random(1)
    giant = replace(
        dump("a"),
        records=tuple(Record(f"{i}", f"{noise.getrandbits(2_000):x}", i) for i in range(40)),
    )
    with store.begin() as unit:
        one = hold(unit, giant)
    assert one.words == "too few; only its first 5 are kept"
    assert letters(store, one.id) == "01234"
    assert one.reading.papers == 40


def test_the_operator_is_to_be_told_of_each_once_and_of_a_source_once_a_day(store: Store) -> None:
    with store.begin() as unit:
        first, other = hold(unit, dump("ab")), hold(unit, dump("ab"), source="another")
        assert unit.held_readings.claim_alerts(NOW, DAY) == (first, other)
        assert unit.held_readings.claim_alerts(NOW, DAY) == ()
        unit.held_readings.end_alerts([first], NOW)
        unit.held_readings.end_alerts([other], None)
        assert unit.held_readings.claim_alerts(NOW, DAY) == (other,)
        unit.held_readings.end_alerts([other], NOW)
        later = hold(unit, dump("xyz"))
        assert unit.held_readings.claim_alerts(NOW + DAY / 2, DAY) == ()
        assert unit.held_readings.claim_alerts(NOW + DAY, DAY) == (later,)


def test_who_dies_while_telling_is_followed_by_another(store: Store) -> None:
    with store.begin() as unit:
        one = hold(unit, dump("ab"))
        unit.held_readings.claim_alerts(NOW, DAY)
    with store.begin() as unit:
        assert unit.held_readings.claim_alerts(NOW + timedelta(minutes=9), DAY) == ()
        assert unit.held_readings.claim_alerts(NOW + timedelta(minutes=11), DAY) == (one,)


def test_a_damaged_hold_names_itself(store: Store) -> None:
    with store.begin() as unit:
        one = hold(unit, dump("ab"))
        unit.connection.execute(held_rows.update().values(content=b"x"))
    with (
        store.read() as unit,
        pytest.raises(ConfigurationError, match=f"held reading {one.id}"),
    ):
        unit.held_readings.dump(one.id)
    with store.begin() as unit:
        assert hold(unit, dump("abc"), day=1).id == one.id
    assert letters(store, one.id) == "abc"
