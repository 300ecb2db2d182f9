"""The outbox as a sender sees it: every call is a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.delivery.rate_limit import WarmUp
from digest.model import LeasedDelivery, Outcome, Tally
from digest.restore_guard.guard import RecordedSender
from digest.store import Store, UnitOfWork


@dataclass(frozen=True, slots=True)
class StoreOutbox:
    """The outbox of a store, and the sender that works on it.

    With ``warm_up`` a lease is never more than may still leave today, counting what every other
    sender on this store sends and holds.
    """

    store: Store
    sender: RecordedSender
    warm_up: WarmUp | None = None

    def lease(
        self,
        edition_id: int,
        *,
        now: datetime,
        limit: int,
        ttl: timedelta,
        worker: str,
        ignore_due: bool = False,
    ) -> tuple[LeasedDelivery, ...]:
        """As `Outbox.lease`; nothing at all once an older copy was put in the store's place, or
        another machine has paused the sending.
        """
        with self.store.begin() as unit:
            limit = self._allowed(unit, limit, now)
            return unit.outbox.lease(
                edition_id, now=now, limit=limit, ttl=ttl, worker=worker, ignore_due=ignore_due
            )

    def lease_and_begin(
        self,
        edition_id: int,
        enter: Callable[[Sequence[LeasedDelivery]], object],
        *,
        now: datetime,
        limit: int,
        ttl: timedelta,
        worker: str,
        ignore_due: bool = False,
    ) -> tuple[tuple[LeasedDelivery, ...], int]:
        """As `Outbox.lease_and_begin`, and no more than `lease` would take."""
        with self.store.begin() as unit:
            limit = self._allowed(unit, limit, now)
            return unit.outbox.lease_and_begin(
                edition_id,
                enter,
                now=now,
                limit=limit,
                ttl=ttl,
                worker=worker,
                ignore_due=ignore_due,
            )

    def _allowed(self, unit: UnitOfWork, limit: int, now: datetime) -> int:
        """How many of ``limit`` may be leased now."""
        if not self.sender.known(unit) or unit.runs.paused() is not None:
            return 0
        if self.warm_up is None or self.warm_up.left(now, 0) is None:
            return limit
        unit.outbox.lock()
        left = self.warm_up.left(now, unit.outbox.spent(self.warm_up.begins(now)))
        return limit if left is None else min(limit, left)

    def begin_sending(
        self, leases: Sequence[LeasedDelivery], now: datetime
    ) -> tuple[LeasedDelivery, ...]:
        """As `Outbox.begin_sending`; none of them from an older copy."""
        with self.store.begin() as unit:
            return unit.outbox.begin_sending(leases, now) if self.sender.known(unit) else ()

    def record(self, outcomes: Sequence[Outcome]) -> None:
        with self.store.begin() as unit:
            unit.outbox.record(outcomes)
            recorded = unit.senders.count(self.sender.token, len(outcomes))
        self.sender.remember(recorded)

    def release(self, leases: Sequence[LeasedDelivery]) -> None:
        with self.store.begin() as unit:
            unit.outbox.release(leases)

    def recover(
        self, now: datetime, *, unknown_policy: str, workers: Collection[str] = ()
    ) -> tuple[int, int]:
        with self.store.begin() as unit:
            return unit.outbox.recover(now, unknown_policy=unknown_policy, workers=workers)

    def expire(self, now: datetime) -> int:
        with self.store.begin() as unit:
            return unit.outbox.expire(now)

    def tally(self, edition_id: int) -> Tally:
        with self.store.read() as unit:
            return unit.outbox.tally(edition_id)
