"""Empty an edition's outbox: every planned mail ends in exactly one recorded state.

::

    execute what dead senders left ─▶ recover ─▶ expire ─▶ ┌ lease a chunk
                                                          │ commit its attempts
                                                          │ send, over several sessions
                                                          └ record the outcomes, a batch at a time

A chunk whose mails may all leave at once is leased and its attempts committed in one transaction.

The ledger is the store's; each of its calls is one transaction. Attempts are committed before any
body is written, so a crash can leave a mail in doubt but never lose it or send it unawares; the
journal (`digest.delivery.journal`) narrows the doubt to the mails that were on the wire.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from digest.delivery.journal import (
    AbandonedJournal,
    EntryProgress,
    Journal,
    JournalEntry,
    abandoned_journals,
)
from digest.delivery.retry import Reply, RetryPolicy, SmtpStage, decide_retry
from digest.delivery.send_loop import SendingPort, SendLimits, SendLoop, SendProgress
from digest.delivery.session import OutgoingMail
from digest.delivery.worker_pool import Transport, WorkerPool
from digest.model import DeliveryState, LeasedDelivery, Outcome, Subscriber, SubscriberState, Tally
from digest.redaction import without_addresses


class OutboxPort(SendingPort, Protocol):
    """What delivery needs of the store; each call is one transaction."""

    def recover(
        self, now: datetime, *, unknown_policy: str, workers: Collection[str] = ()
    ) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True)
class DrainReport:
    """How a run ended. The numbers are this run's; ``tally`` is the edition's, afterwards.

    ``paused`` says why the relay refuses us: nothing may be sent before a person says so.
    ``halted`` says why the relay could not be used: the next run tries again. ``recovered`` and
    ``in_doubt`` count what earlier, dead senders had left.
    """

    accepted: int
    deferred: int
    rejected: int
    excluded: int
    unknown: int
    released: int
    recovered: int
    in_doubt: int
    seconds: float
    tally: Tally
    paused: str | None = None
    halted: str | None = None
    stopped: bool = False


def drain(
    ledger: OutboxPort,
    transport: Transport,
    compose: Callable[[LeasedDelivery], bytes | None],
    *,
    edition_id: int,
    sender: Callable[[LeasedDelivery], str],
    sample: Callable[[], object] | None = None,
    policy: RetryPolicy | None = None,
    limits: SendLimits | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    stop: threading.Event | None = None,
    progress: Callable[[SendProgress], None] | None = None,
    journals: Path | None = None,
    unknown_policy: str = "hold",
    ignore_due: bool = False,
    worker: str | None = None,
) -> DrainReport:
    """Send everything of that edition that is due now, and record what became of each mail.

    ``compose`` gives a mail's bytes (``None``: nothing for this reader) and ``sender`` its envelope
    sender; both are called from several threads. ``sample`` makes a mail for nobody in particular:
    asked where many mails in a row cannot be made, it tells whether that is the edition's fault,
    which ends the run with its error, or those readers' own, which costs nobody else their mail.
    ``stop`` ends the run after the mails in flight.
    ``journals`` is a folder on a local disk that outlives the process; without it a kill leaves the
    whole chunk in doubt until its lease runs out. Safe to call twice, also at the same time.

    Raises `StoreBusyError` when the store cannot be written for longer than ``limits`` allow.
    """
    started = time.monotonic()
    policy, limits = policy or RetryPolicy(), limits or SendLimits()
    worker = worker or worker_name()
    recovered, in_doubt = recover(
        ledger, policy=policy, clock=clock, journals=journals, unknown_policy=unknown_policy
    )
    ledger.expire(clock())

    def write(delivery: LeasedDelivery) -> OutgoingMail | None:
        content = compose(delivery)
        if content is None:
            return None
        return OutgoingMail(delivery.id, sender(delivery), delivery.subscriber.email, content)

    with contextlib.ExitStack() as stack:
        journal = None
        if journals is not None:
            capacity = limits.journal_capacity
            journal = stack.enter_context(Journal(journals, worker, capacity=capacity))
        crew = WorkerPool(
            transport,
            write,
            journal,
            connections=limits.connections,
            mails_per_connection=limits.mails_per_connection,
        )
        dispatch = SendLoop(
            ledger,
            crew,
            journal,
            edition_id=edition_id,
            policy=policy,
            limits=limits,
            sample=sample,
            clock=clock,
            stop=stop or threading.Event(),
            progress=progress,
            ignore_due=ignore_due,
            worker=worker,
        )
        dispatch.run()
    counts = dispatch.counts
    return DrainReport(
        accepted=counts[DeliveryState.ACCEPTED],
        deferred=counts[DeliveryState.DEFERRED],
        rejected=counts[DeliveryState.REJECTED],
        excluded=counts[DeliveryState.EXCLUDED],
        unknown=counts[DeliveryState.UNKNOWN],
        released=dispatch.released,
        recovered=recovered,
        in_doubt=in_doubt,
        seconds=time.monotonic() - started,
        tally=ledger.tally(edition_id),
        paused=dispatch.paused,
        halted=dispatch.halted,
        stopped=dispatch.stopped,
    )


def recover(
    ledger: OutboxPort,
    *,
    policy: RetryPolicy,
    clock: Callable[[], datetime],
    journals: Path | None,
    unknown_policy: str = "hold",
) -> tuple[int, int]:
    """Bring the rows of dead senders to a true state: how many go out again, how many in doubt.

    What a journal proves counts first; the rest follows from the leases that ran out.
    """
    if journals is None:
        return ledger.recover(clock(), unknown_policy=unknown_policy)
    with abandoned_journals(journals) as left:
        again = doubt = 0
        for testament in left:
            outcomes = _outcomes(testament, policy, clock())
            if outcomes:
                ledger.record(outcomes)
            untouched = _untouched(testament)
            if untouched:
                ledger.release(untouched)
            again += len(untouched)
            doubt += sum(outcome.state is DeliveryState.UNKNOWN for outcome in outcomes)
        workers = tuple(testament.worker for testament in left)
        leases, sendings = ledger.recover(clock(), unknown_policy=unknown_policy, workers=workers)
    return again + leases, doubt + sendings


def _outcomes(testament: AbandonedJournal, policy: RetryPolicy, now: datetime) -> Sequence[Outcome]:
    """What a dead sender knew and had not yet recorded, and what it was writing when it died."""
    outcomes = []
    for memory in testament.memories:
        reply = memory.reply
        if memory.progress is EntryProgress.BEGUN:
            reply = Reply(SmtpStage.FINAL, text="the sender died while the mail was on the wire")
        if reply is not None:
            decision = decide_retry(reply, attempt=memory.attempt, now=now, policy=policy)
            outcome = Outcome(
                delivery_id=memory.delivery_id,
                state=decision.state,
                at=now,
                code=reply.code,
                status=reply.status,
                reply=without_addresses(reply.text),
                next_at=decision.next_at,
                lease_token=memory.lease_token,
            )
            outcomes.append(outcome)
    return outcomes


def _untouched(testament: AbandonedJournal) -> Sequence[LeasedDelivery]:
    if not testament.trusted:
        return ()
    return [_lease(m) for m in testament.memories if m.progress is EntryProgress.UNTOUCHED]


def _lease(memory: JournalEntry) -> LeasedDelivery:
    """The lease as far as giving it back needs it; the dead sender knew no more of the reader."""
    nobody = Subscriber(0, "", SubscriberState.ACTIVE)
    return LeasedDelivery(
        memory.delivery_id, memory.edition_id, nobody, memory.attempt, memory.lease_token
    )


def worker_name() -> str:
    """A name that no other sender has, and that tells a person where it ran."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
