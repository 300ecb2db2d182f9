"""Outbox of a store, as one sender works on it: every call is a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.delivery.warm_up import WarmUp
from digest.model import LeasedDelivery, LeaseRequest, Outcome, Tally, UnknownPolicy
from digest.restore_guard.guard import RecordedSender
from digest.store import Store, UnitOfWork


@dataclass(frozen=True, slots=True)
class StoreOutbox:
    """Outbox of a store for one sender.

    With ``warm_up`` a lease is never more than may still leave today, counting what every other
    sender on this store sends and holds.
    """

    store: Store
    sender: RecordedSender
    warm_up: WarmUp | None = None

    def lease(self, request: LeaseRequest) -> tuple[LeasedDelivery, ...]:
        """Lease as `Outbox.lease` does; nothing at all once an older copy was put in the store's place, or
        another machine has paused the sending.
        """
        with self.store.begin() as unit:
            return unit.outbox.lease(self._allowed(unit, request))

    def lease_and_begin(
        self, request: LeaseRequest, enter: Callable[[Sequence[LeasedDelivery]], object]
    ) -> tuple[tuple[LeasedDelivery, ...], int]:
        """Lease and begin as `Outbox.lease_and_begin` does, and no more than `lease` would take."""
        with self.store.begin() as unit:
            return unit.outbox.lease_and_begin(self._allowed(unit, request), enter)

    def _allowed(self, unit: UnitOfWork, request: LeaseRequest) -> LeaseRequest:
        """Limit a request to what may be leased now."""
        if not self.sender.store_is_current(unit) or unit.runs.paused() is not None:
            return replace(request, limit=0)
        warm_up, now = self.warm_up, request.now
        if warm_up is None or warm_up.left(now, 0) is None:
            return request
        unit.outbox.lock_day_limit()
        left = warm_up.left(now, unit.outbox.count_sent_or_held(warm_up.day_start(now)))
        return request if left is None else replace(request, limit=min(request.limit, left))

    def begin_sending(
        self, leases: Sequence[LeasedDelivery], now: datetime
    ) -> tuple[LeasedDelivery, ...]:
        """Begin as `Outbox.begin_sending` does; none of them from an older copy."""
        with self.store.begin() as unit:
            if not self.sender.store_is_current(unit):
                return ()
            return unit.outbox.begin_sending(leases, now)

    def record(self, outcomes: Sequence[Outcome]) -> None:
        with self.store.begin() as unit:
            unit.outbox.record(outcomes)
            recorded = unit.senders.add_recorded(self.sender.token, len(outcomes))
        self.sender.note_recorded(recorded)

    def release(self, leases: Sequence[LeasedDelivery]) -> None:
        with self.store.begin() as unit:
            unit.outbox.release(leases)

    def recover(
        self, now: datetime, *, unknown_policy: UnknownPolicy, workers: Collection[str] = ()
    ) -> tuple[int, int]:
        with self.store.begin() as unit:
            return unit.outbox.recover(now, unknown_policy=unknown_policy, workers=workers)

    def expire(self, now: datetime) -> int:
        with self.store.begin() as unit:
            return unit.outbox.expire(now)

    def tally(self, edition_id: int) -> Tally:
        with self.store.read() as unit:
            return unit.outbox.tally(edition_id)
