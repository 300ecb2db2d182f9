"""The desk between the ledger and the crew: lease, commit attempts, hand out, record outcomes."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from digest.delivery.circuit_breaker import CircuitBreaker
from digest.delivery.journal import Journal
from digest.delivery.ports import SendingPort, SendLimits, SendProgress
from digest.delivery.rate_limit import RateLimiter
from digest.delivery.retry import (
    FailureOrigin,
    Reply,
    RetryPolicy,
    SmtpStage,
    decide_retry,
    says_too_fast,
)
from digest.delivery.uncomposed import Uncomposed
from digest.delivery.worker_pool import Result, Unsent, WorkerPool, uptime
from digest.errors import StoreBusyError
from digest.model import DeliveryState, LeasedDelivery, Outcome

__all__ = ["SendLimits", "SendLoop", "SendProgress", "SendingPort"]

log = logging.getLogger("digest.delivery")

T = TypeVar("T")

_TICK = 0.05
_RECORD_EVERY = 0.25
_EXPIRE_EVERY = 60.0
_IN_HAND_SECONDS = 0.5


class SendLoop:
    """One run over one edition. `run` returns when nothing is due, or says why it ended."""

    def __init__(
        self,
        ledger: SendingPort,
        crew: WorkerPool,
        journal: Journal | None,
        *,
        edition_id: int,
        policy: RetryPolicy,
        limits: SendLimits,
        clock: Callable[[], datetime],
        stop: threading.Event,
        progress: Callable[[SendProgress], None] | None,
        ignore_due: bool,
        worker: str,
        sample: Callable[[], object] | None = None,
    ) -> None:
        self._ledger = ledger
        self._crew = crew
        self._journal = journal
        self._edition_id = edition_id
        self._policy = policy
        self._limits = limits
        self._clock = clock
        self._stop = stop
        self._progress = progress
        self._ignore_due = ignore_due
        self._worker = worker
        self._half_life = limits.lease_for.total_seconds() / 2
        self._pace = RateLimiter(limits.rates)
        self._held: list[tuple[float, int, LeasedDelivery, float]] = []
        self._in_hand = 0
        self._retried: set[int] = set()
        self._outcomes: list[Outcome] = []
        self._back: list[LeasedDelivery] = []
        self._exhausted = False
        self._strikes = CircuitBreaker(policy)
        self._uncomposed = Uncomposed(sample)
        self._least = self._target = max(4 * limits.connections, 8)
        self._recorded_at = self._expired_at = self._started = time.monotonic()
        self._settled = 0
        self._sessions = 0
        self._planned = 0
        self.counts = dict.fromkeys(DeliveryState, 0)
        self.released = 0
        self.stopped = False
        self._bug: Exception | None = None

    def run(self) -> None:
        """Send until nothing is due, the stop is asked for, or trouble is not a reader's."""
        self._planned = self._ledger.tally(self._edition_id).unfinished
        try:
            while not self._finished():
                self._crew.wakeup.wait(self._until_next())
                self._crew.wakeup.clear()
                self._heed_stop()
                self._collect()
                if not self._ending:
                    self._expire()
                    self._lease()
                    self._hand_out()
                self._record(lazily=True)
        finally:
            self._wind_up()
        if self._bug is not None:
            raise self._bug
        self._strikes.close(self.counts[DeliveryState.ACCEPTED])

    @property
    def paused(self) -> str | None:
        """Why nothing may be sent before a person says so."""
        return self._strikes.paused

    @property
    def halted(self) -> str | None:
        """Why the relay could not be used."""
        return self._strikes.halted

    @property
    def _ending(self) -> bool:
        strikes = self._strikes
        in_trouble = strikes.paused is not None or strikes.halted is not None
        return self.stopped or in_trouble or self._bug is not None

    def _finished(self) -> bool:
        nothing_held = not self._in_hand and not self._held
        return self._ending or (self._exhausted and nothing_held and not self._crew.done)

    def _heed_stop(self) -> None:
        if self._stop.is_set():
            self.stopped = True

    def _until_next(self) -> float:
        """How long to sleep: until a tick, or until a held mail may leave."""
        if self._in_hand:
            return _TICK
        if not self._held:
            return 0.0
        return min(max(self._held[0][0] - time.monotonic(), 0.0), _TICK)

    def _expire(self) -> None:
        if time.monotonic() - self._expired_at >= _EXPIRE_EVERY:
            self._expired_at = time.monotonic()
            self._patiently(lambda: self._ledger.expire(self._clock()))

    def _lease(self) -> None:
        """Take a chunk more when the crew will soon have nothing to do."""
        if self._exhausted or self._in_hand > self._target // 2:
            return
        if self._held or self._pace.limited:
            self._lease_ahead()
        else:
            self._lease_and_begin()

    def _lease_ahead(self) -> None:
        """Hold mails that may have to wait for their moment."""
        limit = min(self._target, self._limits.chunk - len(self._held))
        if limit <= 0:
            return
        leases = self._patiently(
            lambda: self._ledger.lease(
                self._edition_id,
                now=self._clock(),
                limit=limit,
                ttl=self._limits.lease_for,
                worker=self._worker,
                ignore_due=self._ignore_due,
            )
        )
        self._exhausted = len(leases) < limit
        now, leased_at = time.monotonic(), uptime()
        for lease in leases:
            ready = self._pace.reserve(_domain(lease), now) if self._pace.limited else now
            heapq.heappush(self._held, (ready, lease.id, lease, leased_at))

    def _lease_and_begin(self) -> None:
        """Give the crew mails that may leave at once; their attempts are committed first."""
        limit = min(self._target, self._room())
        if limit <= 0:
            return
        leased_at = uptime()
        entered: list[LeasedDelivery] = []

        def enter(leases: Sequence[LeasedDelivery]) -> None:
            entered.extend(leases)
            self._remember(leases)

        def attempt() -> tuple[Sequence[LeasedDelivery], int]:
            if entered:
                # A commit that failed may have lasted all the same. No body of these was begun.
                self._ledger.release(entered)
                for lease in entered:
                    self._forget(lease.id)
                entered.clear()
            return self._ledger.lease_and_begin(
                self._edition_id,
                enter,
                now=self._clock(),
                limit=limit,
                ttl=self._limits.lease_for,
                worker=self._worker,
                ignore_due=self._ignore_due,
            )

        begun, excluded = self._patiently(attempt)
        self._exhausted = len(begun) + excluded < limit
        self.counts[DeliveryState.EXCLUDED] += excluded
        self._in_hand += len(begun)
        self._give(begun, until=leased_at + self._half_life)

    def _hand_out(self) -> None:
        """Commit the attempts of the mails whose moment has come, and give them to the crew."""
        now = time.monotonic()
        ready: list[LeasedDelivery] = []
        room, oldest = self._room(), uptime()
        while self._held and self._held[0][0] <= now and len(ready) < room:
            _, _, lease, leased_at = heapq.heappop(self._held)
            if uptime() - leased_at > self._half_life:
                self._back.append(lease)
                continue
            oldest = min(oldest, leased_at)
            ready.append(lease)
        if not ready:
            return
        self._remember(ready)
        begun = self._begun(ready)
        if begun is None:
            for lease in ready:
                self._forget(lease.id)
            self._exhausted = False
            return
        if len(begun) < len(ready):
            kept = {lease.id for lease in begun}
            for lease in ready:
                if lease.id not in kept:
                    self._forget(lease.id)
            self.counts[DeliveryState.EXCLUDED] += len(ready) - len(begun)
        self._in_hand += len(begun)
        self._give(begun, until=oldest + self._half_life)

    def _give(self, begun: Sequence[LeasedDelivery], *, until: float) -> None:
        # The bell rings in time for the next chunk to be there before this one has gone.
        self._crew.low_water = -1 if self._exhausted else (self._target - self._least) // 2
        self._crew.give(begun, until=until)

    def _begun(self, ready: Sequence[LeasedDelivery]) -> Sequence[LeasedDelivery] | None:
        """Those of them that may be sent; ``None`` if they were given back, to be leased anew."""
        tried = False

        def attempt() -> Sequence[LeasedDelivery] | None:
            nonlocal tried
            if tried:
                # A commit that failed may have lasted all the same. No body of these was begun.
                self._ledger.release(ready)
                return None
            tried = True
            return self._ledger.begin_sending(ready, self._clock())

        return self._patiently(attempt)

    def _collect(self) -> None:
        now = self._clock()
        for delivery, what in self._crew.results():
            if delivery is None:
                self._trouble(what)
            else:
                self._settle(delivery, what, now)

    def _trouble(self, what: Reply | Unsent | Exception) -> None:
        """No session could be opened, or a hand broke."""
        if isinstance(what, Exception):
            self._bug = self._bug or what
            return
        assert isinstance(what, Reply)
        decision = decide_retry(what, attempt=1, now=self._clock(), policy=self._policy)
        self._strikes.count(what, decision.fault, pause=decision.pause)

    def _settle(
        self, delivery: LeasedDelivery, what: Reply | Unsent | Exception, now: datetime
    ) -> None:
        if isinstance(what, Reply) and self._worth_another_session(delivery, what):
            self._strikes.count(what.about(delivery.subscriber.email), FailureOrigin.RELAY)
            if not self._ending:
                self._retried.add(delivery.id)
                patience = self._limits.lease_for.total_seconds() / 4
                self._crew.give([delivery], until=uptime() + patience)
                return
            what = Unsent.UNTOUCHED
        self._in_hand -= 1
        self._retried.discard(delivery.id)
        if what is Unsent.UNTOUCHED:
            self._back.append(delivery)
        elif what is Unsent.NOTHING:
            self._note(
                delivery, DeliveryState.EXCLUDED, Reply(SmtpStage.MAIL, text=what.value), now
            )
        elif isinstance(what, Exception):
            self._not_composed(delivery, what, now)
        elif isinstance(what, Reply):
            self._answered(delivery, what, now)

    def _worth_another_session(self, delivery: LeasedDelivery, reply: Reply) -> bool:
        """Whether the connection ended before the body: then another one may just do."""
        if reply.code not in (None, 421) or self._ending or delivery.id in self._retried:
            return False
        return reply.place in (SmtpStage.MAIL, SmtpStage.RCPT, SmtpStage.DATA)

    def _answered(self, delivery: LeasedDelivery, reply: Reply, now: datetime) -> None:
        self._settled += 1
        self._uncomposed.clear()
        decision = decide_retry(
            reply,
            attempt=delivery.attempt,
            now=now,
            policy=self._policy,
            spread=(delivery.id * 2654435761 % 1000) / 1000,
        )
        said = reply.about(delivery.subscriber.email)
        self._note(delivery, decision.state, said, now, decision.next_at)
        if decision.state is DeliveryState.ACCEPTED:
            self._strikes.clear()
            if self._pace.limited:
                self._pace.welcome(_domain(delivery))
            return
        if says_too_fast(reply):
            self._pace.slow_down(_domain(delivery), time.monotonic())
        self._strikes.count(said, decision.fault, pause=decision.pause)

    def _not_composed(self, delivery: LeasedDelivery, error: Exception, now: datetime) -> None:
        """One reader's mail could not be made: the others still get theirs."""
        state, reason = self._uncomposed.judge(delivery, error)
        self._bug = self._bug or self._uncomposed.fault
        waits = state is DeliveryState.DEFERRED
        next_at = now + self._policy.wait(delivery.attempt) if waits else None
        self._note(delivery, state, Reply(SmtpStage.MAIL, text=reason), now, next_at)

    def _note(
        self,
        delivery: LeasedDelivery,
        state: DeliveryState,
        reply: Reply,
        now: datetime,
        next_at: datetime | None = None,
    ) -> None:
        self.counts[state] += 1
        outcome = Outcome(
            delivery_id=delivery.id,
            state=state,
            at=now,
            code=reply.code,
            status=reply.status,
            reply=reply.text,
            next_at=next_at,
            lease_token=delivery.lease_token,
        )
        self._outcomes.append(outcome)

    def _record(self, *, lazily: bool) -> None:
        """Write outcomes down in one transaction, give back what was not sent in another."""
        since = time.monotonic() - self._recorded_at
        few = len(self._outcomes) + len(self._back) < max(self._target // 2, 8)
        if lazily and few and since < _RECORD_EVERY and self._in_hand:
            return
        if self._outcomes:
            outcomes = self._outcomes
            self._patiently(lambda: self._ledger.record(outcomes))
            self._outcomes = []
            for outcome in outcomes:
                self._forget(outcome.delivery_id)
        if self._back:
            back = self._back
            self._patiently(lambda: self._ledger.release(back))
            self._back = []
            self.released += len(back)
            for lease in back:
                self._forget(lease.id)
        if self._settled:
            self._adapt(since)
            if self._progress is not None:
                self._progress(self.advance())

    def _adapt(self, since: float) -> None:
        """Take as much at once as goes out in half a second."""
        rate = self._settled / max(since, 1e-3)
        fitting = int(rate * _IN_HAND_SECONDS)
        self._target = min(max(fitting, self._least), self._limits.chunk, 4 * self._target)
        self._settled = 0
        self._recorded_at = time.monotonic()

    def advance(self) -> SendProgress:
        """How far this run is."""
        counts = self.counts
        done = sum(counts.values())
        elapsed = max(time.monotonic() - self._started, 1e-6)
        # At the very end none is open any more, which says nothing of the run.
        self._sessions = self._crew.open_sessions or self._sessions
        return SendProgress(
            counts[DeliveryState.ACCEPTED],
            counts[DeliveryState.DEFERRED],
            counts[DeliveryState.REJECTED],
            counts[DeliveryState.EXCLUDED],
            counts[DeliveryState.UNKNOWN],
            max(self._planned - done, 0),
            done / elapsed,
            self._sessions,
        )

    def _room(self) -> int:
        """How many more mails can be in hand."""
        return self._journal.room if self._journal is not None else self._limits.chunk

    def _remember(self, leases: Sequence[LeasedDelivery]) -> None:
        if self._journal is not None:
            for lease in leases:
                self._journal.enter(lease.id, lease.edition_id, lease.attempt, lease.lease_token)

    def _forget(self, delivery_id: int) -> None:
        if self._journal is not None:
            self._journal.leave(delivery_id)

    def _wind_up(self) -> None:
        """Finish what is in flight, write everything down, and keep no lease."""
        self._crew.shut_down()
        leftover: list[Result] = self._crew.results()
        self.stopped = self.stopped or bool(leftover and not self._ending)
        now = self._clock()
        for delivery, what in leftover:
            if delivery is not None:
                self._settle(delivery, what, now)
        self._back.extend(lease for _, _, lease, _ in self._held)
        self._held.clear()
        self._record(lazily=False)

    def _patiently(self, call: Callable[[], T]) -> T:
        """Call the store again while it is busy or full, for as long as the limits say."""
        deadline = time.monotonic() + self._limits.store_patience.total_seconds()
        wait = _TICK
        while True:
            try:
                return call()
            except StoreBusyError:
                if time.monotonic() + wait > deadline:
                    raise
                time.sleep(wait)
                wait = min(2 * wait, 2.0)


def _domain(lease: LeasedDelivery) -> str:
    return lease.subscriber.email.rpartition("@")[2].lower()
