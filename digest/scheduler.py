"""The daemon's clock: which job is asked for when. What the jobs do is none of its business.

Three jobs share one thread, so no two ever run at once: the daily run (``DIGEST_SEND_AT`` in
``DIGEST_TIMEZONE``), the reading of the sources every so often, and each minute ``deliver_due``,
which sends what has become due (retries, readers' own hours) and catches up on a daily run that was
missed or failed. Where bounces come to a mailbox, a fourth reads it on a thread of its own: a mail
server that is slow holds up no mail, and hours of sending hold up nobody who wants to leave.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from time import monotonic
from types import FrameType
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digest.hours import last_wall_clock, next_wall_clock
from digest.model import Run

log = logging.getLogger(__name__)

DELIVER_DUE_EVERY = timedelta(minutes=1)
LONGEST_SLEEP = timedelta(seconds=1)
"""After which the main thread looks for signals."""
PRUNE_EVERY = timedelta(days=1)
RETRY_FAILED_RUN = timedelta(minutes=10)
_BOUNCES_THREAD = "bounces"


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of the daemon. ``daily`` ingests, publishes and delivers; ``deliver_due`` sends what
    is due.

    ``bounces`` reads the mail that came back; ``None`` where there is no mailbox to read. ``prune``
    deletes what is too old, once a day.
    """

    daily: Callable[[], object]
    ingest: Callable[[], object]
    deliver_due: Callable[[], object]
    last_daily: Callable[[], Run | None]
    bounces: Callable[[], object] | None = None
    prune: Callable[[], object] | None = None


class WallClockTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires once a day when a clock in ``zone`` shows ``clock``, also on days that change it."""

    def __init__(self, clock: time, zone: ZoneInfo) -> None:
        self.clock = clock
        self.zone = zone

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The next moment after both; what was missed while asleep is caught up elsewhere."""
        after = now if previous is None else max(previous, now - timedelta(microseconds=1))
        return next_wall_clock(after.astimezone(UTC), self.clock, self.zone)


def is_overdue(now: datetime, last: Run | None, send_at: time, zone: ZoneInfo) -> bool:
    """True if the daily run of the last daily moment is still owed.

    A store that never had a daily run owes none: its first is at the next daily moment. A run that
    failed is tried again after ten minutes.
    """
    if last is None:
        return False
    if not last.ok:
        return now >= last.started_at + RETRY_FAILED_RUN
    return last.started_at < last_wall_clock(now, send_at, zone)


def build_scheduler(
    jobs: Jobs,
    *,
    send_at: time,
    zone: ZoneInfo,
    ingest_every: timedelta,
    clock: Callable[[], datetime],
    bounces_every: timedelta = timedelta(minutes=10),
) -> BackgroundScheduler:
    """Build a scheduler, not started yet, in which a late or missed job runs once.

    No two run at once, except the reading of bounces, which runs beside any of the others.
    """

    def deliver_due() -> None:
        if is_overdue(clock(), jobs.last_daily(), send_at, zone):
            jobs.daily()
        jobs.deliver_due()

    def daily() -> None:
        last = jobs.last_daily()
        if last is None or is_overdue(clock(), last, send_at, zone):
            jobs.daily()

    scheduler = _one_at_a_time()
    scheduler.add_job(daily, WallClockTrigger(send_at, zone), id="daily")
    _add_from_now(scheduler, "ingest", jobs.ingest, ingest_every, clock)
    _add_from_now(scheduler, "deliver_due", deliver_due, DELIVER_DUE_EVERY, clock)
    if jobs.prune is not None:
        _add_from_now(scheduler, "prune", jobs.prune, PRUNE_EVERY, clock)
    if jobs.bounces is not None:
        scheduler.add_executor(ThreadPoolExecutor(max_workers=1), _BOUNCES_THREAD)
        _add_from_now(
            scheduler, "bounces", jobs.bounces, bounces_every, clock, executor=_BOUNCES_THREAD
        )
    return scheduler


def build_deliver_due_scheduler(
    deliver_due: Callable[[], object], *, clock: Callable[[], datetime]
) -> BackgroundScheduler:
    """Build a scheduler, not started yet, of the one job that a machine needs that only sends."""
    scheduler = _one_at_a_time()
    _add_from_now(scheduler, "deliver_due", deliver_due, DELIVER_DUE_EVERY, clock)
    return scheduler


def _add_from_now(
    scheduler: BackgroundScheduler,
    name: str,
    job: Callable[[], object],
    interval: timedelta,
    clock: Callable[[], datetime],
    *,
    executor: str = "default",
) -> None:
    """Add a job that runs as soon as the scheduler starts, and every ``interval`` from then on."""
    trigger = IntervalTrigger(seconds=int(interval.total_seconds()))
    scheduler.add_job(job, trigger, id=name, executor=executor, next_run_time=clock())


def _one_at_a_time() -> BackgroundScheduler:
    return BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(max_workers=1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )


def run_until_stopped(scheduler: BackgroundScheduler, stop: threading.Event) -> None:
    """Run until ``stop`` is set or SIGTERM or SIGINT comes, then let the job in hand finish.

    Jobs see ``stop`` too: a delivery ends after the mail in flight.
    """

    until_signal(stop)
    scheduler.start()
    try:
        looked_at = monotonic()
        # Python runs a signal's handler when the main thread runs: some kernels give the signal to
        # another thread, and this one would sleep on.
        while not stop.wait(LONGEST_SLEEP.total_seconds()):
            if monotonic() - looked_at >= DELIVER_DUE_EVERY.total_seconds():
                bring_forward_after_clock_change(scheduler, datetime.now(UTC))
                looked_at = monotonic()
    finally:
        scheduler.shutdown(wait=True)


def bring_forward_after_clock_change(scheduler: BackgroundScheduler, now: datetime) -> None:
    """Bring forward what waits too long, because the clock was set back.

    A job waits for a moment of the wall clock: after a day too far ahead, for instance before this
    machine had the time from the network, every job would be silent for a day.
    """
    for job in scheduler.get_jobs():
        trigger = job.trigger
        if isinstance(trigger, IntervalTrigger):
            soon, latest = now, now + trigger.interval
        else:
            soon = latest = trigger.get_next_fire_time(None, now)
        if job.next_run_time > latest:
            log.warning("the clock was set back: %s is due at %s again", job.id, soon)
            job.modify(next_run_time=soon)


def until_signal(stop: threading.Event) -> None:
    """Set ``stop`` when SIGTERM or SIGINT comes."""

    def stop_on_signal(number: int, _frame: FrameType | None) -> None:
        log.info("stopping on %s: mails being sent are finished first", signal.Signals(number).name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop_on_signal)
