"""Empty an edition's outbox: every planned mail ends in exactly one recorded state.

::

    recover what dead senders left ─▶ expire ─▶ ┌ lease a batch
                                                │ commit its attempts
                                                │ send, over several sessions
                                                └ record the outcomes, a batch at a time

A batch whose mails may all leave at once is leased and its attempts committed in one transaction.

Each call of the outbox is one transaction. Attempts are committed before any body is written, so a
crash can leave a mail in doubt but never lose it or send it unawares; the journal
(`digest.delivery.journal`) narrows the doubt to the mails that were on the wire.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass

from digest.delivery.journal import Journal
from digest.delivery.journal_recovery import recover_abandoned
from digest.delivery.ports import OutboxPort, Transport
from digest.delivery.send_job import SendJob
from digest.delivery.send_loop import SendLoop
from digest.delivery.worker_pool import WorkerPool
from digest.model import DeliveryState, Tally


@dataclass(frozen=True, slots=True)
class DrainReport:
    """End of a run. The numbers are this run's; ``tally`` is the edition's, afterwards.

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


def drain(outbox: OutboxPort, transport: Transport, job: SendJob) -> DrainReport:
    """Send everything of the job that is due now, and record what became of each mail.

    Safe to call twice, also at the same time. Raises `digest.errors.StoreBusyError` when the store
    cannot be written for longer than the limits of the job allow.
    """
    started = time.monotonic()
    recovered, in_doubt = recover_abandoned(outbox, job)
    outbox.expire(job.clock())
    with contextlib.ExitStack() as stack:
        journal = None
        if job.journals is not None:
            journal = Journal(job.journals, job.worker, capacity=job.limits.journal_capacity)
            stack.enter_context(journal)
        pool = WorkerPool(
            transport,
            job.mail,
            journal,
            connections=job.limits.connections,
            mails_per_connection=job.limits.mails_per_connection,
        )
        loop = SendLoop(outbox, pool, journal, job)
        loop.run()
    counts = loop.recorder.counts
    return DrainReport(
        accepted=counts[DeliveryState.ACCEPTED],
        deferred=counts[DeliveryState.DEFERRED],
        rejected=counts[DeliveryState.REJECTED],
        excluded=counts[DeliveryState.EXCLUDED],
        unknown=counts[DeliveryState.UNKNOWN],
        released=loop.recorder.released,
        recovered=recovered,
        in_doubt=in_doubt,
        seconds=time.monotonic() - started,
        tally=outbox.tally(job.edition_id),
        paused=loop.paused,
        halted=loop.halted,
        stopped=loop.stopped,
    )
