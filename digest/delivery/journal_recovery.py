"""Recovery before a run: what dead senders left is brought to a true state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digest.delivery.journal import (
    AbandonedJournal,
    EntryProgress,
    JournalEntry,
    abandoned_journals,
)
from digest.delivery.ports import OutboxPort
from digest.delivery.retry import Reply, RetryPolicy, SmtpStage, decide_retry
from digest.delivery.send_job import SendJob
from digest.model import DeliveryState, LeasedDelivery, Outcome, Subscriber, SubscriberState
from digest.redaction import without_addresses


def recover_abandoned(outbox: OutboxPort, job: SendJob) -> tuple[int, int]:
    """Bring the rows of dead senders to a true state: how many go out again, how many in doubt.

    What a journal proves counts first; the rest follows from the leases that ran out.
    """
    policy = job.unknown_policy
    if job.journals is None:
        return outbox.recover(job.clock(), unknown_policy=policy)
    with abandoned_journals(job.journals) as journals:
        again = in_doubt = 0
        for journal in journals:
            outcomes = _outcomes(journal, job.policy, job.clock())
            if outcomes:
                outbox.record(outcomes)
            untouched = _untouched(journal)
            if untouched:
                outbox.release(untouched)
            again += len(untouched)
            in_doubt += sum(outcome.state is DeliveryState.UNKNOWN for outcome in outcomes)
        workers = tuple(journal.worker for journal in journals)
        leased, sending = outbox.recover(job.clock(), unknown_policy=policy, workers=workers)
    return again + leased, in_doubt + sending


def _outcomes(journal: AbandonedJournal, policy: RetryPolicy, now: datetime) -> Sequence[Outcome]:
    """Outcomes that a dead sender knew and had not recorded, and of what it wrote as it died."""
    outcomes = []
    for entry in journal.entries:
        reply = entry.reply
        if entry.progress is EntryProgress.BEGUN:
            reply = Reply(SmtpStage.FINAL, text="the sender died while the mail was on the wire")
        if reply is not None:
            decision = decide_retry(reply, attempt=entry.attempt, now=now, policy=policy)
            outcome = Outcome(
                delivery_id=entry.delivery_id,
                state=decision.state,
                at=now,
                code=reply.code,
                status=reply.status,
                reply=without_addresses(reply.text),
                next_at=decision.next_at,
                lease_token=entry.lease_token,
            )
            outcomes.append(outcome)
    return outcomes


def _untouched(journal: AbandonedJournal) -> Sequence[LeasedDelivery]:
    if not journal.trusted:
        return ()
    return [_lease(entry) for entry in journal.entries if entry.progress is EntryProgress.UNTOUCHED]


def _lease(entry: JournalEntry) -> LeasedDelivery:
    """Lease as far as giving it back needs it; the journal knows no more of the subscriber."""
    nobody = Subscriber(0, "", SubscriberState.ACTIVE)
    return LeasedDelivery(
        entry.delivery_id, entry.edition_id, nobody, entry.attempt, entry.lease_token
    )
