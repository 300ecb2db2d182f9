"""Whatever senders, readers and the clock do, in any order, every delivery is in one state.

A machine plays several senders on one store: they lease, begin, record, release, die and wake;
readers leave and are erased; time passes; and the sum is checked after each transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

import pytest
from factories import NOW, TTL
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from store.steps import add_audience, add_subscriber, balanced_tally

from digest.model import (
    DeliveryState,
    LeasedDelivery,
    LeaseRequest,
    Outcome,
    SubscriberState,
    Tally,
    UnknownPolicy,
)
from digest.store import Store, open_store

ENDS = [
    DeliveryState.ACCEPTED,
    DeliveryState.DEFERRED,
    DeliveryState.REJECTED,
    DeliveryState.EXCLUDED,
    DeliveryState.UNKNOWN,
]
READERS = 12


@cache
def migrated() -> Store:
    """One store for every example; each leaves it as it was."""
    store = open_store("sqlite://")
    store.migrate()
    return store


@pytest.fixture(autouse=True, scope="module")
def _closed() -> Iterator[None]:
    yield
    migrated().close()


class Outboxes(RuleBasedStateMachine):
    """Senders that never learn of each other, on one outbox."""

    leases = Bundle("leases")
    sendings = Bundle("sendings")

    def __init__(self) -> None:
        super().__init__()
        self.stage = migrated().rehearsal()
        self.store = self.stage.__enter__()
        self.now: datetime = NOW
        self.finished: set[int] = set()

    def teardown(self) -> None:
        self.stage.__exit__(None, None, None)

    @initialize()
    def freeze(self) -> None:
        self.edition_id = add_audience(self.store, READERS)

    @rule(target=leases, limit=st.integers(1, 5), worker=st.sampled_from("ab"), soon=st.booleans())
    def lease(self, limit: int, worker: str, soon: bool) -> object:
        with self.store.begin() as unit:
            found = unit.outbox.lease(
                LeaseRequest(self.edition_id, self.now, limit, TTL, worker, ignore_due=soon)
            )
        assert not self.finished & {one.id for one in found}
        return multiple(found) if found else multiple()

    @rule(target=sendings, leases=leases)
    def begin(self, leases: tuple[LeasedDelivery, ...]) -> object:
        with self.store.begin() as unit:
            found = unit.outbox.begin_sending(leases, self.now)
            for one in found:
                subscriber = unit.subscribers.by_id(one.subscriber.id)
                assert subscriber is not None
                assert subscriber.state is SubscriberState.ACTIVE
        assert not self.finished & {one.id for one in found}
        return multiple(found) if found else multiple()

    @rule(sending=sendings, state=st.sampled_from(ENDS), wait=st.integers(0, 30))
    def record(self, sending: tuple[LeasedDelivery, ...], state: DeliveryState, wait: int) -> None:
        outcomes = [
            Outcome(
                one.id,
                state,
                self.now,
                next_at=self.now + timedelta(minutes=wait),
                lease_token=one.lease_token,
            )
            for one in sending
        ]
        before = balanced_tally(self.store, self.edition_id)
        with self.store.begin() as unit:
            unit.outbox.record(outcomes)
        after = balanced_tally(self.store, self.edition_id)
        if state is DeliveryState.ACCEPTED and after.accepted > before.accepted:
            self.finished.update(one.id for one in sending)

    @rule(leases=leases)
    def release(self, leases: tuple[LeasedDelivery, ...]) -> None:
        with self.store.begin() as unit:
            unit.outbox.release(leases)

    @rule(policy=st.sampled_from(UnknownPolicy), dead=st.sets(st.sampled_from("ab")))
    def recover(self, policy: UnknownPolicy, dead: set[str]) -> None:
        with self.store.begin() as unit:
            unit.outbox.recover(self.now, unknown_policy=policy, workers=dead)

    @rule(minutes=st.integers(-60, 400))
    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def expire(self) -> None:
        with self.store.begin() as unit:
            unit.outbox.expire(self.now)

    @rule(
        which=st.integers(0, READERS - 1),
        state=st.sampled_from([SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED]),
    )
    def leave_or_return(self, which: int, state: SubscriberState) -> None:
        with self.store.begin() as unit:
            subscriber = unit.subscribers.by_email(f"reader{which}@example.org")
            if subscriber is not None:
                unit.subscribers.set_state(subscriber.id, state, "as they like", self.now)

    @rule(which=st.integers(0, READERS - 1))
    def erase(self, which: int) -> None:
        with self.store.begin() as unit:
            subscriber = unit.subscribers.by_email(f"reader{which}@example.org")
            if subscriber is not None:
                unit.subscribers.erase(subscriber.id)

    @rule()
    def join_late(self) -> None:
        with self.store.begin() as unit:
            add_subscriber(unit, "late@example.org")
            unit.outbox.freeze_audience(self.edition_id, [], self.now)

    @invariant()
    def adds_up(self) -> None:
        found: Tally = balanced_tally(self.store, self.edition_id)
        assert found.balanced
        assert found.planned_at_start == READERS

    @invariant()
    def what_is_done_stays_done(self) -> None:
        assert balanced_tally(self.store, self.edition_id).accepted >= len(self.finished)


TestOutboxes = Outboxes.TestCase
TestOutboxes.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
