"""Loop between the outbox and the workers: take a batch, collect results, record outcomes."""

from __future__ import annotations

import time
from datetime import datetime

from digest.delivery.circuit_breaker import CircuitBreaker
from digest.delivery.composition_failures import CompositionFailures
from digest.delivery.journal import Journal
from digest.delivery.lease_feeder import LeaseFeeder, recipient_domain
from digest.delivery.outcome_recorder import OutcomeRecorder
from digest.delivery.ports import SendingPort
from digest.delivery.progress import SendProgress
from digest.delivery.retry import FailureOrigin, Reply, SmtpStage, decide_retry, says_too_fast
from digest.delivery.send_job import SendJob
from digest.delivery.store_retry import retry_while_busy
from digest.delivery.worker_pool import Unsent, WorkerPool
from digest.model import DeliveryState, LeasedDelivery

_TICK = 0.05
_RECORD_EVERY = 0.25
_EXPIRE_EVERY = 60.0
_FEWEST_TO_RECORD = 8


class SendLoop:
    """One run over one edition. `run` returns when nothing is due, or says why it ended."""

    def __init__(
        self, outbox: SendingPort, pool: WorkerPool, journal: Journal | None, job: SendJob
    ) -> None:
        self._outbox = outbox
        self._pool = pool
        self._job = job
        self._breaker = CircuitBreaker(job.policy)
        self._composition_failures = CompositionFailures(job.sample)
        self._resubmitted: set[int] = set()
        self._expired_at = self._started = time.monotonic()
        self._planned = 0
        self._sessions = 0
        self._defect: Exception | None = None
        self.recorder = OutcomeRecorder(outbox, journal, job)
        self.stopped = False
        self._feeder = LeaseFeeder(outbox, pool, journal, self.recorder, job)

    def run(self) -> None:
        """Send until nothing is due, the stop is asked for, or the trouble is nobody's own.

        Raises what keeps every mail from being made, and `digest.errors.StoreBusyError`.
        """
        self._planned = self._outbox.tally(self._job.edition_id).unfinished
        try:
            while not self._finished():
                self._pool.wakeup.wait(self._feeder.seconds_until_next(_TICK))
                self._pool.wakeup.clear()
                self.stopped = self.stopped or self._job.stop.is_set()
                self._collect()
                if not self._ending:
                    self._expire()
                    self._feeder.feed()
                self._record(lazily=True)
        finally:
            self._wind_up()
        if self._defect is not None:
            raise self._defect
        self._breaker.close(self.recorder.counts[DeliveryState.ACCEPTED])

    @property
    def paused(self) -> str | None:
        """Reason that nothing may be sent before a person says so."""
        return self._breaker.paused

    @property
    def halted(self) -> str | None:
        """Reason that the relay could not be used."""
        return self._breaker.halted

    def progress(self) -> SendProgress:
        """Progress of this run until now."""
        counts = self.recorder.counts
        settled = sum(counts.values())
        elapsed = max(time.monotonic() - self._started, 1e-6)
        # At the very end none is open any more, which says nothing of the run.
        self._sessions = self._pool.open_sessions or self._sessions
        return SendProgress(
            counts[DeliveryState.ACCEPTED],
            counts[DeliveryState.DEFERRED],
            counts[DeliveryState.REJECTED],
            counts[DeliveryState.EXCLUDED],
            counts[DeliveryState.UNKNOWN],
            max(self._planned - settled, 0),
            settled / elapsed,
            self._sessions,
        )

    @property
    def _ending(self) -> bool:
        breaker = self._breaker
        in_trouble = breaker.paused is not None or breaker.halted is not None
        return self.stopped or in_trouble or self._defect is not None

    def _finished(self) -> bool:
        return self._ending or (self._feeder.drained and not self._pool.done)

    def _expire(self) -> None:
        if time.monotonic() - self._expired_at >= _EXPIRE_EVERY:
            self._expired_at = time.monotonic()
            patience = self._job.limits.store_patience
            retry_while_busy(lambda: self._outbox.expire(self._job.clock()), patience)

    def _collect(self) -> None:
        now = self._job.clock()
        for delivery, result in self._pool.take_results():
            if delivery is None:
                self._note_trouble(result, now)
            else:
                self._settle(delivery, result, now)

    def _note_trouble(self, result: Reply | Unsent | Exception, now: datetime) -> None:
        """Count that no session could be opened, or keep the error that ended a worker."""
        if isinstance(result, Exception):
            self._defect = self._defect or result
            return
        assert isinstance(result, Reply)
        decision = decide_retry(result, attempt=1, now=now, policy=self._job.policy)
        self._breaker.count_failure(result, decision.fault, pause=decision.pause)

    def _settle(
        self, delivery: LeasedDelivery, result: Reply | Unsent | Exception, now: datetime
    ) -> None:
        """Keep what became of a delivery, or send it again over another session."""
        if isinstance(result, Reply) and self._worth_another_session(delivery, result):
            reply = result.without_address(delivery.subscriber.email)
            self._breaker.count_failure(reply, FailureOrigin.RELAY)
            if not self._ending:
                self._resubmitted.add(delivery.id)
                self._feeder.resubmit(delivery)
                return
            result = Unsent.UNTOUCHED
        self._feeder.in_hand -= 1
        self._resubmitted.discard(delivery.id)
        if result is Unsent.UNTOUCHED:
            self.recorder.add_unsent(delivery)
        elif result is Unsent.NOTHING:
            self.recorder.add_uncomposed(delivery, DeliveryState.EXCLUDED, result.value, now)
        elif isinstance(result, Exception):
            self._settle_uncomposed(delivery, result, now)
        elif isinstance(result, Reply):
            self._settle_reply(delivery, result, now)

    def _worth_another_session(self, delivery: LeasedDelivery, reply: Reply) -> bool:
        """True if the connection ended before the body: then another one may just do."""
        if reply.code not in (None, 421) or self._ending or delivery.id in self._resubmitted:
            return False
        return reply.stage in (SmtpStage.MAIL, SmtpStage.RCPT, SmtpStage.DATA)

    def _settle_reply(self, delivery: LeasedDelivery, reply: Reply, now: datetime) -> None:
        self._feeder.batch.answered += 1
        self._composition_failures.clear()
        decision = decide_retry(
            reply,
            attempt=delivery.attempt,
            now=now,
            policy=self._job.policy,
            spread=(delivery.id * 2654435761 % 1000) / 1000,
        )
        redacted = reply.without_address(delivery.subscriber.email)
        self.recorder.add(delivery, decision.state, redacted, now, decision.next_at)
        limiter = self._feeder.rate_limiter
        if decision.state is DeliveryState.ACCEPTED:
            self._breaker.clear()
            if limiter.limited:
                limiter.speed_up(recipient_domain(delivery))
            return
        if says_too_fast(reply):
            limiter.slow_down(recipient_domain(delivery), time.monotonic())
        self._breaker.count_failure(
            redacted, decision.fault, domain=recipient_domain(delivery), pause=decision.pause
        )

    def _settle_uncomposed(self, delivery: LeasedDelivery, error: Exception, now: datetime) -> None:
        """Keep that one subscriber's mail could not be made: the others still get theirs."""
        state, reason = self._composition_failures.classify(delivery, error)
        self._defect = self._defect or self._composition_failures.defect
        deferred = state is DeliveryState.DEFERRED
        next_at = now + self._job.policy.wait(delivery.attempt) if deferred else None
        self.recorder.add_uncomposed(delivery, state, reason, now, next_at)

    def _record(self, *, lazily: bool) -> None:
        """Write outcomes down; ``lazily`` waits for more of them, or a quarter of a second."""
        batch = self._feeder.batch
        seconds = batch.age
        few = self.recorder.pending < max(batch.current // 2, _FEWEST_TO_RECORD)
        if lazily and few and seconds < _RECORD_EVERY and self._feeder.in_hand:
            return
        self.recorder.write()
        if batch.answered:
            batch.adapt(seconds)
            if self._job.progress is not None:
                self._job.progress(self.progress())

    def _wind_up(self) -> None:
        """Finish what is in flight, write everything down, and keep no lease."""
        self._pool.shut_down()
        leftover = self._pool.take_results()
        self.stopped = self.stopped or bool(leftover and not self._ending)
        now = self._job.clock()
        for delivery, result in leftover:
            if delivery is not None:
                self._settle(delivery, result, now)
        self._feeder.give_up_waiting()
        self._record(lazily=False)
