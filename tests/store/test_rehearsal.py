"""A rehearsal sees its own steps and leaves nothing behind."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from factories import DAY, NOW, change, edition_of, rendering
from fixtures.stores import SHARED_STORES
from store.steps import add_subscriber, remember_dump

from digest.model import EditionKind, SubscriberState
from digest.store import Store, open_store


def walk(store: Store) -> None:
    with store.begin() as unit:
        ids = remember_dump(unit, change("A"), change("B"))
    with store.begin() as unit:
        unit.editions.freeze(edition_of(ids), rendering(), published_at=NOW, expires_at=NOW)
        add_subscriber(unit, "ada@example.org")


def stumble(store: Store) -> None:
    with store.begin() as unit:
        add_subscriber(unit, "ada@example.org")
        raise ZeroDivisionError


def test_later_steps_see_earlier_ones_and_all_is_undone(store: Store) -> None:
    with store.rehearsal() as rehearsed:
        walk(rehearsed)
        assert rehearsed.is_current()
        assert rehearsed.migrate() is None
        assert rehearsed.dialect == store.dialect
        rehearsed.close()
        with rehearsed.read() as unit:
            assert unit.papers.count() == 2
            assert unit.editions.get(EditionKind.DAILY, DAY) is not None
    with store.read() as unit:
        assert unit.papers.count() == 0
        assert unit.editions.get(EditionKind.DAILY, DAY) is None
        assert unit.subscribers.by_email("ada@example.org") is None
    walk(store)


def test_a_step_that_fails_undoes_only_itself(store: Store) -> None:
    with store.rehearsal() as rehearsed:
        with rehearsed.begin() as unit:
            remember_dump(unit, change("A"))
        with pytest.raises(ZeroDivisionError):
            stumble(rehearsed)
        with rehearsed.read() as unit:
            assert unit.papers.count() == 1
            assert unit.subscribers.counts()[SubscriberState.ACTIVE] == 0


def test_a_rehearsal_that_fails_leaves_nothing_either(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.rehearsal() as rehearsed:
        stumble(rehearsed)
    with store.read() as unit:
        assert unit.papers.count() == 0


def test_a_rehearsal_may_hold_another(store: Store) -> None:
    with store.rehearsal() as outer:
        with outer.rehearsal() as inner:
            walk(inner)
        with outer.read() as unit:
            assert unit.papers.count() == 0
        walk(outer)
    with store.read() as unit:
        assert unit.papers.count() == 0


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_readers_are_undisturbed_and_see_nothing_of_it(store: Store, address: str) -> None:
    other = open_store(address)
    with store.rehearsal() as rehearsed:
        walk(rehearsed)
        with other.read() as unit:
            assert unit.papers.count() == 0
            assert unit.papers.pending() == ()
    other.close()


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_the_file_is_the_same_to_the_byte(store: Store, tmp_path: Path) -> None:
    def digest() -> str:
        store.close()
        return hashlib.sha256((tmp_path / "digest.db").read_bytes()).hexdigest()

    before = digest()
    with store.rehearsal() as rehearsed:
        walk(rehearsed)
        with rehearsed.begin() as unit:
            remember_dump(unit, *(change(f"P{i}") for i in range(2_000)), name="large")
    assert digest() == before
