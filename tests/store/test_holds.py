"""What is held or stopped is neither leased nor begun, whoever asks and however late."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from factories import NOW, lease_request
from fixtures.stores import SHARED_STORES
from sqlalchemy import text
from store.steps import add_audience, balanced_tally, begin_sending, lease

from digest.model import DeliveryState, HoldState, LeasedPreview, Outcome, PreviewHold
from digest.store import Store

TERMS = PreviewHold(("one@example.org", "two@example.org"), timedelta(hours=1))
TTL = timedelta(minutes=15)


def held_audience(store: Store, count: int = 3) -> int:
    """An edition with an audience, held as if it had been published so."""
    edition_id = add_audience(store, count)
    with store.begin() as unit:
        unit.holds.hold(edition_id, TERMS, NOW)
    return edition_id


def leased_previews(store: Store) -> tuple[LeasedPreview, ...]:
    with store.begin() as unit:
        return unit.edition_previews.lease(NOW, ttl=TTL)


def record(store: Store, preview: LeasedPreview, state: DeliveryState, minutes: int = 0) -> None:
    at = NOW + timedelta(minutes=minutes)
    with store.begin() as unit:
        unit.edition_previews.record(preview, Outcome(0, state, at, next_at=at))


def state_of(store: Store, edition_id: int) -> HoldState:
    with store.read() as unit:
        hold = unit.holds.of(edition_id)
    assert hold is not None
    return hold.state


def test_nothing_of_a_held_edition_is_leased_or_due(store: Store) -> None:
    edition_id = held_audience(store)
    assert lease(store, edition_id) == ()
    with store.begin() as unit:
        assert unit.outbox.lease_and_begin(lease_request(edition_id), len) == ((), 0)
        assert unit.outbox.next_due(NOW) is None
        unit.holds.release([edition_id], NOW)
    assert len(lease(store, edition_id)) == 3


def test_what_was_leased_before_a_stop_is_not_begun_and_comes_back(store: Store) -> None:
    edition_id = add_audience(store, 3)
    leases = lease(store, edition_id, 2)
    with store.begin() as unit:
        assert len(unit.holds.stop([edition_id], "a test", NOW, told=True)) == 1
        assert unit.holds.stop([edition_id], "a test", NOW, told=True) == ()
    assert begin_sending(store, leases) == ()
    with store.begin() as unit:
        assert unit.discarding.may_have_left([edition_id])
        unit.outbox.release(leases)
        assert not unit.discarding.may_have_left([edition_id])
    assert balanced_tally(store, edition_id).planned == 3


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_a_stop_waits_for_the_lease_that_has_seen_the_edition_free(store: Store) -> None:
    edition_id = add_audience(store, 3)
    stopped = threading.Event()

    def stop() -> None:
        with store.begin() as unit:
            unit.holds.stop([edition_id], "a test", NOW, told=True)
        stopped.set()

    stopper = threading.Thread(target=stop)
    with store.begin() as unit:
        assert len(unit.outbox.lease(lease_request(edition_id, 2))) == 2
        stopper.start()
        assert not stopped.wait(0.3)
    stopper.join(30)
    assert stopped.is_set()
    assert balanced_tally(store, edition_id).leased == 2
    assert lease(store, edition_id) == ()


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_a_lease_that_waited_for_a_stop_takes_nothing(store: Store) -> None:
    edition_id = add_audience(store, 3)
    taken: list[int] = []

    def take() -> None:
        taken.append(len(lease(store, edition_id)))

    taker = threading.Thread(target=take)
    with store.begin() as unit:
        unit.holds.stop([edition_id], "a test", NOW, told=True)
        taker.start()
        taker.join(0.3)
        assert taker.is_alive()
    taker.join(30)
    assert taken == [0]


def test_the_first_preview_that_is_taken_starts_the_clock_of_the_hold(store: Store) -> None:
    edition_id = held_audience(store)
    first, second = leased_previews(store)
    for preview in (first, second):
        with store.begin() as unit:
            assert unit.edition_previews.begin_sending(preview)
    record(store, first, DeliveryState.REJECTED, 5)
    record(store, first, DeliveryState.ACCEPTED, 7)  # its lease is over
    with store.read() as unit:
        hold = unit.holds.of(edition_id)
    assert hold is not None
    assert hold.until == NOW + timedelta(minutes=65)
    record(store, second, DeliveryState.ACCEPTED, 20)
    with store.begin() as unit:
        hold = unit.holds.of(edition_id)
        assert hold is not None
        assert hold.until == NOW + timedelta(minutes=80)
        assert unit.holds.end(NOW + timedelta(minutes=79)) == ()
        assert [one.edition_id for one in unit.holds.end(NOW + timedelta(minutes=80))] == [
            edition_id
        ]
        assert unit.holds.end(NOW + timedelta(minutes=81)) == ()
    assert state_of(store, edition_id) is HoldState.RELEASED


def test_a_stop_and_an_end_at_the_same_moment_leave_it_stopped_or_released_once(
    store: Store,
) -> None:
    edition_id = held_audience(store)
    for preview in leased_previews(store):
        record(store, preview, DeliveryState.ACCEPTED)
    over = NOW + timedelta(hours=2)
    with store.begin() as unit:
        unit.holds.stop([edition_id], "a test", over, told=True)
        assert unit.holds.end(over) == ()
    assert state_of(store, edition_id) is HoldState.STOPPED


def test_a_preview_is_begun_by_nobody_once_its_edition_is_decided_about(store: Store) -> None:
    edition_id = held_audience(store)
    first, second = leased_previews(store)
    with store.begin() as unit:
        unit.holds.stop([edition_id], "a test", NOW, told=True)
        assert not unit.edition_previews.begin_sending(first)
        unit.edition_previews.release(second)
        assert unit.edition_previews.lease(NOW, ttl=TTL) == ()
        kept = unit.connection.execute(text("SELECT email, state FROM edition_previews")).all()
    assert [tuple(row) for row in kept] == [(None, "excluded")] * 2


def test_the_addresses_of_an_edition_that_grew_stale_are_forgotten(store: Store) -> None:
    held_audience(store)
    with store.begin() as unit:
        assert unit.holds.end(NOW + timedelta(hours=21)) == ()
        kept = unit.connection.execute(text("SELECT DISTINCT email FROM edition_previews")).all()
    assert [tuple(row) for row in kept] == [(None,)]


def test_each_stopped_edition_is_told_of_by_one_sender(store: Store) -> None:
    edition_id = held_audience(store)
    with store.begin() as unit:
        assert unit.holds.claim_untold(NOW) == ()
        unit.holds.stop([edition_id], "a test", NOW, told=False)
        assert unit.holds.work_waits(NOW, tells=True)
        assert not unit.holds.work_waits(NOW, tells=False)
        assert len(unit.holds.claim_untold(NOW)) == 1
        assert unit.holds.claim_untold(NOW) == ()
        assert not unit.holds.work_waits(NOW, tells=True)
