"""The daemon asks for the right job at the right moment, and for no two at once."""

from __future__ import annotations

import os
import signal
import threading
import time as real_time
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from digest.model import Job, Run
from digest.scheduler import (
    Jobs,
    WallClockTrigger,
    bring_forward_after_clock_change,
    build_scheduler,
    is_overdue,
    run_until_stopped,
)

PARIS = ZoneInfo("Europe/Paris")
EIGHT = time(8)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def ran(moment: datetime, *, ok: bool = True) -> Run:
    return Run(Job.DAILY, moment, moment, ok, "")


def test_a_run_is_owed_once_its_moment_has_passed() -> None:
    yesterday = ran(at(19, 8))
    assert not is_overdue(at(20, 7, 59), yesterday, EIGHT, PARIS)
    assert is_overdue(at(20, 8), yesterday, EIGHT, PARIS)


def test_days_off_owe_one_run_and_not_one_a_day() -> None:
    assert is_overdue(at(20, 12), ran(at(10, 8)), EIGHT, PARIS)
    assert not is_overdue(at(20, 12), ran(at(20, 11)), EIGHT, PARIS)


def test_a_fresh_store_owes_nothing() -> None:
    assert not is_overdue(at(20, 12), None, EIGHT, PARIS)


def test_a_failed_run_is_tried_again_after_ten_minutes() -> None:
    failed = ran(at(20, 8), ok=False)
    assert not is_overdue(at(20, 8, 9), failed, EIGHT, PARIS)
    assert is_overdue(at(20, 8, 10), failed, EIGHT, PARIS)


@pytest.mark.parametrize("month_day", [(3, 26), (10, 22)], ids=["spring", "autumn"])
def test_a_week_across_a_clock_change_fires_at_eight_every_day(month_day: tuple[int, int]) -> None:
    month, day = month_day
    trigger = WallClockTrigger(EIGHT, PARIS)
    now = at(day, 7, month=month)
    previous: datetime | None = None
    fired = []
    for _ in range(7):
        previous = now = trigger.get_next_fire_time(previous, now)
        fired.append(now.astimezone(PARIS))
    assert [moment.time() for moment in fired] == [EIGHT] * 7
    start = date(2026, month, day)
    assert [moment.date() for moment in fired] == [start + timedelta(days=n) for n in range(7)]


def test_the_trigger_fires_at_the_exact_moment_it_is_asked_at() -> None:
    trigger = WallClockTrigger(EIGHT, PARIS)
    assert trigger.get_next_fire_time(at(19, 8), at(20, 8)) == at(20, 8)


class Diary:
    """Jobs that note when they ran, and whether another was running."""

    def __init__(self, last: Run | None = None) -> None:
        self.ran: list[str] = []
        self.overlaps = 0
        self.busy = threading.Lock()
        self.last = last

    def job(self, name: str) -> None:
        if not self.busy.acquire(blocking=False):
            self.overlaps += 1
            return
        real_time.sleep(0.05)
        self.ran.append(name)
        if name == "daily":
            self.last = ran(datetime.now(UTC))
        self.busy.release()

    def jobs(self) -> Jobs:
        return Jobs(
            daily=lambda: self.job("daily"),
            ingest=lambda: self.job("ingest"),
            deliver_due=lambda: self.job("deliver_due"),
            last_daily=lambda: self.last,
        )


def test_a_daemon_that_missed_days_catches_up_once_and_stops_on_sigterm() -> None:
    diary = Diary(last=ran(datetime.now(UTC) - timedelta(days=3)))
    scheduler = build_scheduler(
        diary.jobs(),
        send_at=EIGHT,
        zone=PARIS,
        ingest_every=timedelta(minutes=60),
        clock=lambda: datetime.now(UTC),
    )
    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        run_until_stopped(scheduler, threading.Event())
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert diary.ran.count("daily") == 1
    assert "ingest" in diary.ran
    assert "deliver_due" in diary.ran
    assert diary.overlaps == 0


@pytest.mark.parametrize("reads_bounces", [True, False])
def test_bounces_are_looked_for_where_there_is_a_mailbox(reads_bounces: bool) -> None:
    jobs = Diary(last=None).jobs()
    if reads_bounces:
        jobs = replace(jobs, bounces=lambda: None)
    scheduler = build_scheduler(
        jobs,
        send_at=EIGHT,
        zone=PARIS,
        ingest_every=timedelta(minutes=60),
        clock=lambda: datetime.now(UTC),
        bounces_every=timedelta(minutes=7),
    )
    job = scheduler.get_job("bounces")
    assert (job is not None) is reads_bounces
    if job is not None:
        assert job.trigger.interval == timedelta(minutes=7)


@pytest.mark.parametrize("slow", ["bounces", "ingest"])
def test_a_mailbox_and_a_delivery_do_not_wait_for_each_other(slow: str) -> None:
    over, others = (
        threading.Event(),
        {"bounces": threading.Event(), "deliver_due": threading.Event()},
    )
    waits_for = others["deliver_due" if slow == "bounces" else "bounces"]
    busy = threading.Event()

    def take_long() -> None:
        busy.set()
        over.wait(60)

    scheduler = build_scheduler(
        Jobs(
            daily=lambda: None,
            ingest=take_long if slow == "ingest" else lambda: None,
            deliver_due=others["deliver_due"].set,
            last_daily=lambda: None,
            bounces=take_long if slow == "bounces" else others["bounces"].set,
        ),
        send_at=EIGHT,
        zone=PARIS,
        ingest_every=timedelta(minutes=60),
        clock=lambda: datetime.now(UTC),
    )
    scheduler.start()
    try:
        assert busy.wait(30)
        waits_for.clear()
        job = scheduler.get_job("deliver_due" if slow == "bounces" else "bounces")
        job.modify(next_run_time=datetime.now(UTC))
        assert waits_for.wait(30)
    finally:
        over.set()
        scheduler.shutdown()


def test_a_clock_that_is_set_back_silences_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, diary = threading.Event(), Diary(last=ran(datetime.now(UTC)))

    def tomorrow() -> datetime:
        return datetime.now(UTC) + timedelta(days=1)

    scheduler = build_scheduler(
        replace(diary.jobs(), deliver_due=stop.set),
        send_at=EIGHT,
        zone=PARIS,
        ingest_every=timedelta(minutes=60),
        clock=tomorrow,
    )
    monkeypatch.setattr("digest.scheduler.DELIVER_DUE_EVERY", timedelta(seconds=0.1))
    handlers = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    guard = threading.Timer(60, stop.set)
    guard.start()
    try:
        run_until_stopped(scheduler, stop)
        assert guard.is_alive()
    finally:
        guard.cancel()
        signal.signal(signal.SIGTERM, handlers[0])
        signal.signal(signal.SIGINT, handlers[1])


def test_after_a_clock_was_set_back_each_job_has_its_next_moment_again() -> None:
    ahead = datetime(2030, 1, 1, 12, tzinfo=UTC)
    scheduler = build_scheduler(
        Diary().jobs(),
        send_at=EIGHT,
        zone=PARIS,
        ingest_every=timedelta(minutes=60),
        clock=lambda: ahead,
    )
    scheduler.start(paused=True)
    try:
        scheduler.modify_job("daily", next_run_time=ahead + timedelta(hours=20))
        now = datetime(2026, 11, 20, 12, tzinfo=UTC)
        bring_forward_after_clock_change(scheduler, now)
        moments = {job.id: job.next_run_time for job in scheduler.get_jobs()}
        assert moments == {
            "daily": datetime(2026, 11, 21, 7, tzinfo=UTC),
            "ingest": now,
            "deliver_due": now,
        }
        bring_forward_after_clock_change(scheduler, now - timedelta(seconds=30))
        assert {job.id: job.next_run_time for job in scheduler.get_jobs()} == moments
    finally:
        scheduler.shutdown()
