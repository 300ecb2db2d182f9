"""The processes that stay: the daemon, the pages alone, and delivery alone."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Protocol

from digest.errors import DigestError
from digest.wiring.application import Application, open_application
from digest.wiring.logs import OneLine

log = logging.getLogger(__name__)


class JobReport(Protocol):
    """A report that has one line for people."""

    @property
    def summary(self) -> str:
        """What was done."""
        ...


def run_daemon(*, web: bool = True) -> None:
    """Run every day's work until a signal comes."""
    from digest.scheduler import Jobs, build_scheduler, run_until_stopped

    _log_to_stderr()
    house = open_application()
    house.require_relay()
    house.renderer.check()
    stop, day = threading.Event(), house.day
    jobs = Jobs(
        daily=lambda: _told(lambda: day.run(clock=house.clock, stop=stop)),
        ingest=lambda: _told(lambda: day.look(clock=house.clock)),
        pulse=lambda: _told(lambda: day.pulse(clock=house.clock, stop=stop)),
        last_daily=day.last_run,
        bounces=_bounces(house, stop),
        prune=lambda: _told(house.prune),
    )
    scheduler = build_scheduler(
        jobs,
        send_at=house.settings.send_at,
        zone=house.settings.zone,
        ingest_every=timedelta(minutes=house.settings.ingest_every),
        clock=house.clock,
        bounces_every=timedelta(minutes=house.settings.bounce_every),
    )
    log.info(
        "running: daily at %s %s, sources every %s minutes",
        house.settings.send_at,
        house.settings.timezone,
        house.settings.ingest_every,
    )
    with ExitStack() as open_doors:
        open_doors.callback(stop.set)
        letterbox = open_doors.enter_context(house.service_mail_worker.running())
        if web:
            open_doors.enter_context(house.pages(letterbox.wake).running())
            log.info("pages at %s", house.address)
        run_until_stopped(scheduler, stop)
    log.info("stopped")


def _bounces(house: Application, stop: threading.Event) -> Callable[[], None] | None:
    """The job that reads the bounce mailbox; ``None`` where none is set."""
    from digest.daily.bounce_mailbox import read_mailboxes
    from digest.wiring.bounces import mailboxes

    boxes = mailboxes(house.settings)
    if not boxes:
        return None
    desk = house.bounce_reader
    log.info("bounces at %s", ", ".join(box.name for box in boxes))
    return lambda: _told(lambda: read_mailboxes(desk, boxes, clock=house.clock, stop=stop))


def run_worker() -> None:
    """Deliver what is due until a signal comes, and nothing else: reads, publishes and shows nothing.

    Any number of machines may do so over one database, beside the one that runs the daemon: each
    delivery, and each letter, is leased to one of them. Letters link to the pages, so they are
    posted only where it is known at which address readers reach those.
    """
    from digest.daily.deliver_due import deliver_due
    from digest.scheduler import build_pulse, run_until_stopped

    _log_to_stderr()
    house, stop = open_application(), threading.Event()
    post, desk = house.post, house.desk
    scheduler = build_pulse(
        lambda: _told(lambda: deliver_due(house.store, desk, post, clock=house.clock, stop=stop)),
        clock=house.clock,
    )
    with ExitStack() as open_doors:
        open_doors.callback(stop.set)
        if house.settings.base_url:
            open_doors.enter_context(house.service_mail_worker.running())
        else:
            log.info("DIGEST_BASE_URL is not set: letters wait for a machine that has the pages")
        log.info("delivering what is due, from %s", house.store.place)
        run_until_stopped(scheduler, stop)
    log.info("stopped")


def run_web() -> None:
    """Serve the pages until a signal comes; confirm sign-ups by mail if there is a relay."""
    from digest.scheduler import until_signal

    _log_to_stderr()
    house, stop = open_application(), threading.Event()
    with ExitStack() as open_doors:
        ring = None
        if house.settings.smtp_host and house.settings.sender:
            ring = open_doors.enter_context(house.service_mail_worker.running()).wake
        else:
            log.warning("no relay is set, so sign-ups wait for a `digest daemon` that has one")
        open_doors.enter_context(house.pages(ring).running())
        log.info("pages at %s", house.address)
        until_signal(stop)
        stop.wait()
    log.info("stopped")


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for library in ("alembic", "apscheduler"):
        logging.getLogger(library).setLevel(logging.WARNING)
    # Their warnings are of requests that are none: any visitor could fill the log with them.
    for library in ("uvicorn.error", "python_multipart"):
        logging.getLogger(library).setLevel(logging.ERROR)


def _told(job: Callable[[], JobReport | None]) -> None:
    """Run a job of the daemon and log its one line; an error of ours is one line, too."""
    try:
        report = job()
    except DigestError as error:
        log.error("%s", error)
        return
    if report is not None:
        log.info("%s", report.summary)
