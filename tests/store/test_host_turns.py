"""Every process on one database asks a host in turns, with a pause between two."""

from __future__ import annotations

from datetime import timedelta

from digest.store import Store

NONE, LONG = timedelta(), timedelta(minutes=5)


def take(
    store: Store, holder: str, host: str = "a.org", lease: timedelta = LONG
) -> timedelta | None:
    with store.begin() as unit:
        return unit.host_turns.take(host, holder, lease)


def test_a_turn_is_taken_by_one_alone(store: Store) -> None:
    assert take(store, "first") is None
    assert take(store, "second") is not None
    assert take(store, "second", host="b.org") is None


def test_a_turn_that_ended_leaves_a_pause(store: Store) -> None:
    take(store, "first")
    with store.begin() as unit:
        unit.host_turns.give_back("a.org", "first", timedelta(seconds=60))
    wait = take(store, "second")
    assert wait is not None
    assert timedelta(seconds=50) < wait <= timedelta(seconds=60)


def test_only_who_has_a_turn_ends_it(store: Store) -> None:
    take(store, "first")
    with store.begin() as unit:
        unit.host_turns.give_back("a.org", "second", NONE)
    assert take(store, "second") is not None


def test_a_turn_of_a_process_that_died_ends_by_itself(store: Store) -> None:
    assert take(store, "first", lease=timedelta(seconds=-1)) is None
    assert take(store, "second") is None


def test_a_host_that_wants_rest_gets_it_and_a_shorter_wish_does_not_cut_it(store: Store) -> None:
    with store.begin() as unit:
        unit.host_turns.postpone("a.org", timedelta(minutes=10))
        unit.host_turns.postpone("a.org", timedelta(minutes=1))
    wait = take(store, "first")
    assert wait is not None
    assert wait > timedelta(minutes=9)


def test_a_name_of_any_length_has_its_turn(store: Store) -> None:
    host = "a" * 400
    assert take(store, "first", host=host) is None
    assert take(store, "second", host=host) is not None
