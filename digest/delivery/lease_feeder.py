"""Supply of the workers: lease due deliveries, commit their attempts, hand them out."""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence

from digest.delivery.batch_size import BatchSize
from digest.delivery.journal import Journal
from digest.delivery.outcome_recorder import OutcomeRecorder
from digest.delivery.ports import SendingPort
from digest.delivery.rate_limit import RateLimiter
from digest.delivery.send_job import SendJob
from digest.delivery.store_retry import retry_while_busy
from digest.delivery.worker_pool import WorkerPool, uptime
from digest.model import DeliveryState, LeasedDelivery


class LeaseFeeder:
    """Source of the workers' mails.

    ``in_hand`` counts the deliveries whose attempt is committed and whose result is not back.
    Mails that may all leave at once are leased and begun in one transaction; where a rate limit
    makes them wait, they are leased first and begun when their moment has come.
    """

    def __init__(
        self,
        outbox: SendingPort,
        pool: WorkerPool,
        journal: Journal | None,
        recorder: OutcomeRecorder,
        job: SendJob,
    ) -> None:
        self._outbox = outbox
        self._pool = pool
        self._journal = journal
        self._recorder = recorder
        self._job = job
        self._patience = job.limits.store_patience
        self._latest_start = job.limits.latest_start
        self._waiting: list[tuple[float, int, LeasedDelivery, float]] = []
        self._exhausted = False
        self.batch = BatchSize(job.limits)
        self.rate_limiter = RateLimiter(job.limits.rates)
        self.in_hand = 0

    @property
    def drained(self) -> bool:
        """True if nothing more is due, and nothing waits or is in hand."""
        return self._exhausted and not self.in_hand and not self._waiting

    def seconds_until_next(self, tick: float) -> float:
        """Seconds until a waiting mail may leave, ``tick`` at most; 0 if there is nothing to do."""
        if self.in_hand:
            return tick
        if not self._waiting:
            return 0.0
        return min(max(self._waiting[0][0] - time.monotonic(), 0.0), tick)

    def feed(self) -> None:
        """Take a batch more when the workers will soon have nothing to do, and hand out."""
        if not self._exhausted and self.in_hand <= self.batch.current // 2:
            if self._waiting or self.rate_limiter.limited:
                self._lease_ahead()
            else:
                self._lease_and_begin()
        self._hand_out()

    def resubmit(self, delivery: LeasedDelivery) -> None:
        """Send a delivery in hand over another session, if that can begin soon."""
        self._pool.submit([delivery], until=uptime() + self._latest_start / 2)

    def give_up_waiting(self) -> None:
        """Give back the mails whose moment has not come."""
        for _, _, lease, _ in self._waiting:
            self._recorder.add_unsent(lease)
        self._waiting.clear()

    def _lease_ahead(self) -> None:
        """Hold mails that may have to wait for their moment."""
        limit = min(self.batch.current, self._job.limits.chunk - len(self._waiting))
        if limit <= 0:
            return
        leases = retry_while_busy(
            lambda: self._outbox.lease(self._job.lease_request(limit)), self._patience
        )
        self._exhausted = len(leases) < limit
        limiter = self.rate_limiter
        now, leased_at = time.monotonic(), uptime()
        for lease in leases:
            ready = limiter.reserve(recipient_domain(lease), now) if limiter.limited else now
            heapq.heappush(self._waiting, (ready, lease.id, lease, leased_at))

    def _lease_and_begin(self) -> None:
        """Give the workers mails that may leave at once; their attempts are committed first."""
        limit = min(self.batch.current, self._room())
        if limit <= 0:
            return
        leased_at = uptime()
        entered: list[LeasedDelivery] = []

        def enter(leases: Sequence[LeasedDelivery]) -> None:
            entered.extend(leases)
            self._enter(leases)

        def attempt() -> tuple[Sequence[LeasedDelivery], int]:
            if entered:
                # A commit that failed may have lasted all the same. No body of these was begun.
                self._outbox.release(entered)
                self._forget(entered)
                entered.clear()
            return self._outbox.lease_and_begin(self._job.lease_request(limit), enter)

        begun, excluded = retry_while_busy(attempt, self._patience)
        self._exhausted = len(begun) + excluded < limit
        self._recorder.counts[DeliveryState.EXCLUDED] += excluded
        self._submit(begun, until=leased_at + self._latest_start)

    def _hand_out(self) -> None:
        """Commit the attempts of the mails whose moment has come, and give them to the workers."""
        ready, oldest = self._take_ready()
        if not ready:
            return
        self._enter(ready)
        begun = self._begin(ready)
        if begun is None:
            self._forget(ready)
            self._exhausted = False
            return
        if len(begun) < len(ready):
            kept = {lease.id for lease in begun}
            self._forget([lease for lease in ready if lease.id not in kept])
            self._recorder.counts[DeliveryState.EXCLUDED] += len(ready) - len(begun)
        self._submit(begun, until=oldest + self._latest_start)

    def _take_ready(self) -> tuple[list[LeasedDelivery], float]:
        """Take the mails whose moment has come, and the `uptime` of their oldest lease.

        Leases that grew old while they waited are given back.
        """
        now = time.monotonic()
        ready: list[LeasedDelivery] = []
        room, oldest = self._room(), uptime()
        while self._waiting and self._waiting[0][0] <= now and len(ready) < room:
            _, _, lease, leased_at = heapq.heappop(self._waiting)
            if uptime() - leased_at > self._latest_start:
                self._recorder.add_unsent(lease)
                continue
            oldest = min(oldest, leased_at)
            ready.append(lease)
        return ready, oldest

    def _begin(self, ready: Sequence[LeasedDelivery]) -> Sequence[LeasedDelivery] | None:
        """Commit attempts: those that may be sent; ``None`` if all were given back, to be leased
        anew.
        """
        tried = False

        def attempt() -> Sequence[LeasedDelivery] | None:
            nonlocal tried
            if tried:
                # A commit that failed may have lasted all the same. No body of these was begun.
                self._outbox.release(ready)
                return None
            tried = True
            return self._outbox.begin_sending(ready, self._job.clock())

        return retry_while_busy(attempt, self._patience)

    def _submit(self, begun: Sequence[LeasedDelivery], *, until: float) -> None:
        self.in_hand += len(begun)
        # Workers wake the loop in time for the next batch to be there before this one has gone.
        self._pool.low_water = -1 if self._exhausted else self.batch.low_water
        self._pool.submit(begun, until=until)

    def _room(self) -> int:
        """Mails that can still be taken in hand."""
        return self._journal.room if self._journal is not None else self._job.limits.chunk

    def _enter(self, leases: Sequence[LeasedDelivery]) -> None:
        if self._journal is not None:
            for lease in leases:
                self._journal.add(lease)

    def _forget(self, leases: Sequence[LeasedDelivery]) -> None:
        for lease in leases:
            self._recorder.forget(lease.id)


def recipient_domain(lease: LeasedDelivery) -> str:
    """Domain that the mail goes to, in lower case."""
    return lease.subscriber.email.rpartition("@")[2].lower()
