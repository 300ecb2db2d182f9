"""Outcomes of a run on their way to the outbox: collected, then written a batch at a time."""

from __future__ import annotations

from datetime import datetime

from digest.delivery.journal import Journal
from digest.delivery.ports import SendingPort
from digest.delivery.retry import Reply
from digest.delivery.send_job import SendJob
from digest.delivery.store_retry import retry_while_busy
from digest.model import DeliveryState, LeasedDelivery, Outcome


class OutcomeRecorder:
    """Collector of outcomes and of unsent deliveries; the journal lets go of what was written.

    ``counts`` are the deliveries of this run by the state they ended in, ``released`` those that
    were given back unsent.
    """

    def __init__(self, outbox: SendingPort, journal: Journal | None, job: SendJob) -> None:
        self._outbox = outbox
        self._journal = journal
        self._patience = job.limits.store_patience
        self._outcomes: list[Outcome] = []
        self._unsent: list[LeasedDelivery] = []
        self.counts = dict.fromkeys(DeliveryState, 0)
        self.released = 0

    @property
    def pending(self) -> int:
        """Deliveries that wait to be written."""
        return len(self._outcomes) + len(self._unsent)

    def add(
        self,
        delivery: LeasedDelivery,
        state: DeliveryState,
        reply: Reply,
        now: datetime,
        next_at: datetime | None = None,
    ) -> None:
        """Keep how an attempt ended, for the next `write`."""
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

    def add_uncomposed(
        self,
        delivery: LeasedDelivery,
        state: DeliveryState,
        reason: str,
        now: datetime,
        next_at: datetime | None = None,
    ) -> None:
        """Keep for the next `write` why no mail was made, and what becomes of the delivery."""
        self.counts[state] += 1
        token = delivery.lease_token
        self._outcomes.append(
            Outcome(delivery.id, state, now, next_at=next_at, lease_token=token, reason=reason)
        )

    def add_unsent(self, delivery: LeasedDelivery) -> None:
        """Keep a delivery of which no body was begun, to be given back at the next `write`."""
        self._unsent.append(delivery)

    def write(self) -> None:
        """Write outcomes down in one transaction, give back what was not sent in another.

        Raises `digest.errors.StoreBusyError` when the patience of the job is over.
        """
        if self._outcomes:
            outcomes = self._outcomes
            retry_while_busy(lambda: self._outbox.record(outcomes), self._patience)
            self._outcomes = []
            for outcome in outcomes:
                self.forget(outcome.delivery_id)
        if self._unsent:
            unsent = self._unsent
            retry_while_busy(lambda: self._outbox.release(unsent), self._patience)
            self._unsent = []
            self.released += len(unsent)
            for lease in unsent:
                self.forget(lease.id)

    def forget(self, delivery_id: int) -> None:
        """Let the journal go of a delivery whose state is in the store."""
        if self._journal is not None:
            self._journal.remove(delivery_id)
