"""Limits of a run: how much is sent at once, over how many connections, and how fast."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from digest.delivery.rate_limit import RateLimits


@dataclass(frozen=True, slots=True)
class SendLimits:
    """Amounts of one run. ``chunk`` is the most deliveries in one transaction.

    Fewer are taken while sending is slow, so that no more than half a second of work is ever
    committed ahead and an unsubscription counts before the next mail. ``store_patience`` is how
    long outcomes wait for a store that is busy or full. How many may leave in a day is the
    outbox's to say, as it alone knows what other senders do: a lease of fewer than asked for ends
    the run.
    """

    connections: int = 2
    chunk: int = 1_000
    lease_for: timedelta = timedelta(minutes=30)
    rates: RateLimits = field(default_factory=RateLimits)
    mails_per_connection: int = 10_000
    store_patience: timedelta = timedelta(seconds=30)

    @property
    def journal_capacity(self) -> int:
        """Most mails that can be in hand at once."""
        return 4 * self.chunk + 64

    @property
    def latest_start(self) -> float:
        """Seconds after its lease until which a body may begin: half the time of the lease."""
        return self.lease_for.total_seconds() / 2
