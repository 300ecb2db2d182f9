"""On which terms a run sends: what it needs of the store, how much at once, how far it came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from digest.delivery.rate_limit import RateLimits
from digest.model import LeasedDelivery, Outcome, Tally


class SendingPort(Protocol):
    """What the dispatch needs of the store; each call is one transaction."""

    def lease(
        self,
        edition_id: int,
        *,
        now: datetime,
        limit: int,
        ttl: timedelta,
        worker: str,
        ignore_due: bool = False,
    ) -> tuple[LeasedDelivery, ...]: ...

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
        """Lease and begin in one move what leaves at once; ``enter`` hears of it before the commit.

        What was begun, and how many were excluded instead.
        """

    def begin_sending(
        self, leases: Sequence[LeasedDelivery], now: datetime
    ) -> tuple[LeasedDelivery, ...]: ...

    def record(self, outcomes: Sequence[Outcome]) -> None: ...

    def release(self, leases: Sequence[LeasedDelivery]) -> None: ...

    def expire(self, now: datetime) -> int: ...

    def tally(self, edition_id: int) -> Tally: ...


@dataclass(frozen=True, slots=True)
class SendLimits:
    """How much at once. ``chunk`` is the most deliveries in one transaction.

    Fewer are taken while sending is slow, so that no more than half a second of work is ever
    committed ahead and an unsubscription counts before the next mail. ``store_patience`` is how long
    outcomes wait for a store that is busy or full. How many may leave in a day is the ledger's to
    say, as it alone knows what other senders do: a lease of fewer than asked for ends the run.
    """

    connections: int = 2
    chunk: int = 1_000
    lease_for: timedelta = timedelta(minutes=30)
    rates: RateLimits = field(default_factory=RateLimits)
    mails_per_connection: int = 10_000
    store_patience: timedelta = timedelta(seconds=30)

    @property
    def journal_capacity(self) -> int:
        """How many mails can be in hand at once."""
        return 4 * self.chunk + 64


@dataclass(frozen=True, slots=True)
class SendProgress:
    """How far a run came: mails by outcome, those still to go, the speed in mails a second, and
    the connections that carry them.
    """

    accepted: int
    deferred: int
    rejected: int
    excluded: int
    unknown: int
    left: int
    per_second: float
    connections: int = 0

    @property
    def done(self) -> int:
        """How many mails have an outcome."""
        return self.accepted + self.deferred + self.rejected + self.excluded + self.unknown

    @property
    def seconds_left(self) -> float | None:
        """Time to go at this speed, where there is one."""
        return self.left / self.per_second if self.per_second > 0 else None
