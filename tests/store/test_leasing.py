"""Leasing and beginning in one move, for mails that leave at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from factories import MINUTE, NOW, TTL, lease_request
from sqlalchemy import Connection, event, text
from store.steps import add_audience, balanced_tally, begin_sending, lease, record_outcomes

from digest.model import (
    DeliveryState,
    LeasedDelivery,
    Outcome,
    Preferences,
    SubscriberState,
    Tally,
    UnknownPolicy,
)
from digest.store import Store
from digest.store.attempt_outcomes import ENDS

Begun = tuple[tuple[LeasedDelivery, ...], int]


def lease_and_begin(
    store: Store,
    edition_id: int,
    limit: int = 100,
    *,
    now: datetime = NOW,
    enter: Callable[[Sequence[LeasedDelivery]], Any] = len,
    **other: Any,
) -> Begun:
    request = lease_request(edition_id, limit, now=now, **other)
    with store.begin() as unit:
        return unit.outbox.lease_and_begin(request, enter)


def test_attempts_are_counted_as_they_are_leased(store: Store) -> None:
    edition_id = add_audience(store, 5)
    begun, excluded = lease_and_begin(store, edition_id, 3)
    assert (len(begun), excluded) == (3, 0)
    assert {one.attempt for one in begun} == {1}
    assert balanced_tally(store, edition_id) == Tally(5, planned=2, sending=3)
    record_outcomes(
        store,
        *(
            Outcome(one.id, DeliveryState.ACCEPTED, NOW, lease_token=one.lease_token)
            for one in begun
        ),
    )
    assert balanced_tally(store, edition_id) == Tally(5, planned=2, accepted=3)
    with store.read() as unit:
        lines = unit.connection.execute(text("SELECT attempt, worker FROM attempts")).all()
    assert {tuple(line) for line in lines} == {(1, "a")}


def test_it_gives_what_leasing_and_beginning_give(store: Store) -> None:
    edition_id = add_audience(store, 4)
    with store.begin() as unit:
        unit.subscribers.set_preferences(2, Preferences(max_papers=7))
    begun, _ = lease_and_begin(store, edition_id, 4)
    with store.begin() as unit:
        unit.outbox.release(begun)
    apart = begin_sending(store, lease(store, edition_id, 4))
    told = [(one.id, one.edition_id, one.subscriber) for one in begun]
    assert told == [(one.id, one.edition_id, one.subscriber) for one in apart]
    assert [one.subscriber.preferences.max_papers for one in begun] == [None, 7, None, None]


def test_they_are_entered_elsewhere_before_the_attempts_last(store: Store) -> None:
    edition_id = add_audience(store, 3)
    entered: list[LeasedDelivery] = []

    def full(leases: Sequence[LeasedDelivery]) -> None:
        entered.extend(leases)
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        lease_and_begin(store, edition_id, enter=full)
    assert len(entered) == 3
    assert balanced_tally(store, edition_id) == Tally(3, planned=3)
    begun, _ = lease_and_begin(store, edition_id, enter=entered.extend)
    assert tuple(entered[3:]) == begun


def test_who_left_or_was_erased_is_excluded_and_not_entered(store: Store) -> None:
    edition_id = add_audience(store, 5)
    taken = begin_sending(store, lease(store, edition_id, 1))
    with store.begin() as unit:
        unit.subscribers.erase(taken[0].subscriber.id)
        unit.outbox.release(taken)
        unit.subscribers.set_state(2, SubscriberState.UNSUBSCRIBED, "bye", NOW)
        unit.subscribers.set_state(3, SubscriberState.SUPPRESSED, "5.1.1", NOW)
    entered: list[LeasedDelivery] = []
    begun, excluded = lease_and_begin(store, edition_id, enter=entered.extend)
    assert (len(begun), excluded) == (2, 3)
    assert tuple(entered) == begun
    assert balanced_tally(store, edition_id) == Tally(5, sending=2, excluded=3)
    with store.read() as unit:
        reasons = unit.outbox.reasons(edition_id)
    assert reasons == {"erased": 1, "suppressed": 1, "unsubscribed": 1}


def test_erased_readers_do_not_make_a_lease_look_like_the_last(store: Store) -> None:
    edition_id = add_audience(store, 6)
    taken = begin_sending(store, lease(store, edition_id, 2))
    with store.begin() as unit:
        for one in taken:
            unit.subscribers.erase(one.subscriber.id)
        unit.outbox.release(taken)
    assert len(lease(store, edition_id, 3)) == 3
    assert balanced_tally(store, edition_id) == Tally(6, planned=1, leased=3, excluded=2)


def test_only_what_is_due_begins_and_nothing_of_an_expired_edition(store: Store) -> None:
    edition_id = add_audience(store, 2, lasts=timedelta(hours=1))
    ((one,), _) = lease_and_begin(store, edition_id, 1)
    later = NOW + timedelta(minutes=5)
    record_outcomes(store, Outcome(one.id, DeliveryState.DEFERRED, NOW, next_at=later))
    begun, _ = lease_and_begin(store, edition_id)
    assert [other.attempt for other in begun] == [1]
    ((again,), _) = lease_and_begin(store, edition_id, now=later)
    assert (again.id, again.attempt) == (one.id, 2)
    with store.begin() as unit:
        unit.outbox.release([again])
    assert lease_and_begin(store, edition_id, now=NOW + timedelta(hours=2)) == ((), 0)


def test_what_was_begun_is_recovered_as_any_attempt(store: Store) -> None:
    edition_id = add_audience(store, 2)
    lease_and_begin(store, edition_id)
    with store.begin() as unit:
        assert unit.outbox.recover(NOW + TTL, unknown_policy=UnknownPolicy.HOLD) == (0, 0)
        assert unit.outbox.recover(NOW + TTL + MINUTE, unknown_policy=UnknownPolicy.HOLD) == (0, 2)
    assert balanced_tally(store, edition_id) == Tally(2, unknown=2)


@pytest.mark.parametrize("reply", ["nul \0 byte", "lone \ud800 surrogate", 'quotes " \\ \u2028'])
def test_whatever_a_relay_says_is_kept_or_replaced(store: Store, reply: str) -> None:
    edition_id = add_audience(store, 2)
    begun, _ = lease_and_begin(store, edition_id)
    record_outcomes(
        store,
        Outcome(begun[0].id, DeliveryState.ACCEPTED, NOW, 250, reply, reply),
        Outcome(begun[1].id, DeliveryState.REJECTED, NOW, 550, None, reply),
    )
    assert balanced_tally(store, edition_id) == Tally(2, accepted=1, rejected=1)
    with store.read() as unit:
        lines = unit.connection.execute(
            text("SELECT reply, status FROM attempts ORDER BY delivery_id")
        ).all()
    kept = reply.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    assert [tuple(line) for line in lines] == [(kept, kept), (kept, None)]


def test_moments_in_the_log_are_those_of_the_outcomes(store: Store) -> None:
    edition_id = add_audience(store, 3)
    begun, _ = lease_and_begin(store, edition_id)
    moments = [NOW + timedelta(microseconds=n) for n in (1, 20, 300)]
    record_outcomes(
        store,
        *(
            Outcome(one.id, DeliveryState.ACCEPTED, at, lease_token=one.lease_token)
            for one, at in zip(begun, moments, strict=True)
        ),
    )
    with store.read() as unit:
        found = [unit.outbox.of_subscriber(one.subscriber.id)[0].finished_at for one in begun]
        attempts = unit.connection.execute(
            text("SELECT started_at, ended_at FROM attempts ORDER BY delivery_id")
        ).all()
    assert found == [max(moments)] * 3
    spelled = [str(line.ended_at)[:26] for line in attempts]
    assert spelled == [at.isoformat(" ", "microseconds")[:26] for at in moments]


@pytest.mark.parametrize("kind", ["sqlite memory"])
def test_nothing_a_sender_does_reads_every_delivery_there_ever_was(store: Store) -> None:
    edition_id = add_audience(store, 10)
    plans: dict[str, list[str]] = {}

    def explain(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if "outbox" in statement and not statement.startswith("EXPLAIN"):
            parameters = rest[0][0] if rest[2] else rest[0]
            raw = connection.connection.dbapi_connection
            assert raw is not None
            told = raw.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans[statement] = [row[3] for row in told]

    with store.begin() as unit:
        event.listen(unit.connection, "before_cursor_execute", explain)
        taken = unit.outbox.lease(lease_request(edition_id, 3))
        begun = unit.outbox.begin_sending(taken, NOW)
        more, _ = unit.outbox.lease_and_begin(lease_request(edition_id, 3, ignore_due=True), len)
        for state, one in zip(ENDS, (*begun, *more), strict=False):
            unit.outbox.record([Outcome(one.id, state, NOW, lease_token=one.lease_token)])
        unit.outbox.release(more)
        unit.outbox.recover(NOW, unknown_policy=UnknownPolicy.RESEND)
        unit.outbox.recover(NOW, unknown_policy=UnknownPolicy.RESEND, workers=["a"])
        unit.outbox.expire(NOW)
        unit.outbox.tally(edition_id)
        unit.outbox.next_due(NOW)
    whole = [step for plan in plans.values() for step in plan if step == "SCAN outbox"]
    assert len(plans) > 10
    assert whole == []
