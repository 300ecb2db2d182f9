"""Run the processes that stay: the daemon, the pages alone, and delivery alone."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Protocol, TypeVar

from digest.errors import DigestError
from digest.wiring.application import Application, open_application
from digest.wiring.logs import OneLine

log = logging.getLogger(__name__)
Read = TypeVar("Read", bound="ReadingReport")


class JobReport(Protocol):
    """A report that has one line for people."""

    @property
    def summary(self) -> str:
        """The line: what was done."""
        ...


class ReadingReport(JobReport, Protocol):
    """A report of sources that were read."""

    @property
    def problems(self) -> Sequence[str]:
        """A line for each file, page or whole source that could not be used."""
        ...


def run_daemon(*, web: bool = True) -> None:
    """Run every day's work until a signal comes."""
    from digest.scheduler import Jobs, build_scheduler, run_until_stopped

    _log_to_stderr()
    app = open_application()
    app.require_relay()
    app.renderer.check()
    stop, daily_run = threading.Event(), app.daily_run
    jobs = Jobs(
        daily=lambda: _log_result(lambda: _log_refused(daily_run.run(clock=app.clock, stop=stop))),
        ingest=lambda: _log_result(lambda: _log_refused(daily_run.ingest(clock=app.clock))),
        deliver_due=lambda: _log_result(lambda: daily_run.deliver_due(clock=app.clock, stop=stop)),
        last_daily=daily_run.last_run,
        bounces=_bounce_job(app, stop),
        prune=lambda: _log_result(app.prune),
    )
    scheduler = build_scheduler(
        jobs,
        send_at=app.settings.send_at,
        zone=app.settings.zone,
        ingest_every=timedelta(minutes=app.settings.ingest_every),
        clock=app.clock,
        bounces_every=timedelta(minutes=app.settings.bounce_every),
    )
    log.info(
        "running: daily at %s %s, sources every %s minutes",
        app.settings.send_at,
        app.settings.timezone,
        app.settings.ingest_every,
    )
    _log_hold(app)
    with ExitStack() as resources:
        resources.callback(stop.set)
        worker = resources.enter_context(app.service_mail_worker.running())
        if web:
            resources.enter_context(app.web_server(worker.wake).running())
            log.info("pages at %s", app.pages_url)
        run_until_stopped(scheduler, stop)
    log.info("stopped")


def _log_hold(app: Application) -> None:
    """Log that editions are held, and how one is stopped where a preview has no link for it."""
    hold = app.preview_hold
    if hold is None:
        return
    log.info("each edition is held %d min for a preview", hold.span.total_seconds() // 60)
    if app.settings.base_url is None:
        log.warning(
            "DIGEST_BASE_URL is not set, so no preview has a link that stops its edition: "
            "stop it with digest stop DATE"
        )


def _bounce_job(app: Application, stop: threading.Event) -> Callable[[], None] | None:
    """Make the job that reads the bounce mailboxes; ``None`` where none is set."""
    from digest.daily.bounce_mailbox import read_mailboxes
    from digest.wiring.bounces import mailboxes

    configured = mailboxes(app.settings)
    if not configured:
        return None
    reader = app.bounce_context
    log.info("bounces at %s", ", ".join(mailbox.name for mailbox in configured))
    return lambda: _log_result(
        lambda: read_mailboxes(reader, configured, clock=app.clock, stop=stop)
    )


def run_worker() -> None:
    """Deliver what is due until a signal comes; it reads and publishes no papers.

    Any number of machines may do so over one database, beside the one that runs the daemon: each
    delivery, and each service mail, is leased to one of them. Service mails link to the pages, so
    they are sent only where it is known at which address readers reach those.
    """
    from digest.daily.deliver_due import deliver_due
    from digest.scheduler import build_deliver_due_scheduler, run_until_stopped

    _log_to_stderr()
    app, stop = open_application(), threading.Event()
    delivery, editorial = app.delivery_settings, app.editorial
    scheduler = build_deliver_due_scheduler(
        lambda: _log_result(
            lambda: deliver_due(app.store, editorial, delivery, clock=app.clock, stop=stop)
        ),
        clock=app.clock,
    )
    with ExitStack() as resources:
        resources.callback(stop.set)
        if app.settings.base_url:
            resources.enter_context(app.service_mail_worker.running())
        else:
            log.info(
                "DIGEST_BASE_URL is not set: service mails wait for a machine that has the pages"
            )
        log.info("delivering what is due, from %s", app.store.place)
        run_until_stopped(scheduler, stop)
    log.info("stopped")


def run_web() -> None:
    """Serve the pages until a signal comes; confirm sign-ups by mail if there is a relay."""
    from digest.scheduler import LONGEST_SLEEP, until_signal

    _log_to_stderr()
    app, stop = open_application(), threading.Event()
    with ExitStack() as resources:
        wake_worker = None
        if app.settings.smtp_host and app.settings.sender:
            wake_worker = resources.enter_context(app.service_mail_worker.running()).wake
        else:
            log.warning("no relay is set, so sign-ups wait for a `digest daemon` that has one")
        resources.enter_context(app.web_server(wake_worker).running())
        log.info("pages at %s", app.pages_url)
        until_signal(stop)
        while not stop.wait(LONGEST_SLEEP.total_seconds()):
            pass
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


def _log_refused(report: Read) -> Read:
    """Log one line for whatever could not be used of the sources."""
    for line in report.problems:
        log.warning("%s", line)
    return report


def _log_result(job: Callable[[], JobReport | None]) -> None:
    """Run a job of the daemon and log its report, or its error, in one line."""
    try:
        report = job()
    except DigestError as error:
        log.error("%s", error)
        return
    if report is not None:
        log.info("%s", report.summary)
