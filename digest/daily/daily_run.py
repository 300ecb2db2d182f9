"""The whole day in one: read, publish, send. What the daemon does, and ``digest run``."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from digest.daily.approval_alert import alert_of_waiting
from digest.daily.deliver import DeliverOptions, DeliverReport, deliver
from digest.daily.deliver_due import deliver_due
from digest.daily.delivery_settings import DeliverySettings
from digest.daily.fill import fill
from digest.daily.hold_alert import alert_of_held
from digest.daily.ingest import IngestReport, ingest
from digest.daily.publish import PublishReport, PublishSettings, publish, publish_weekly
from digest.daily.relate import relate_edition
from digest.daily.run_record import Clock, EditorialSettings, plural, recorded, utc_now
from digest.daily.source_reports import alert_of_sources, report_sources
from digest.delivery.progress import SendProgress
from digest.errors import TemporaryError
from digest.model import Job, Run
from digest.restore_guard.guard import RestoreGuard
from digest.sources.tools import SourceTools
from digest.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DailyRunReport:
    """The outcome of a day's run, step by step, and the reason if no mail left."""

    ingested: IngestReport
    published: PublishReport
    delivered: DeliverReport

    @property
    def summary(self) -> str:
        """One line for people."""
        plain = len(self.published.plain)
        about_plain = (f"{plural(plain, 'paper')} with title and link only",) if plain else ()
        return "; ".join((self.ingested.summary, *about_plain, self.delivered.summary))

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for people for each file, page or whole source that could not be used."""
        return self.ingested.problems

    @property
    def no_mail_reason(self) -> str:
        """The reason that nothing went out, ``""`` if something did."""
        if self.delivered.sent:
            return ""
        if not self.delivered.ok or self.delivered.tally.unfinished:
            return self.delivered.no_mail_reason
        return self.published.no_mail_reason or self.delivered.no_mail_reason

    @property
    def ok(self) -> bool:
        """True if there is nothing that a later try could mend."""
        return self.delivered.ok and not self.ingested.failed


@dataclass(frozen=True, slots=True)
class DailyRun:
    """The parts of a daily run, put together once."""

    store: Store
    editorial: EditorialSettings
    publishing: PublishSettings
    delivery: DeliverySettings
    locations: Sequence[str]
    weekly_on: int = 0
    tools: SourceTools | None = None

    def run(
        self,
        *,
        clock: Clock = utc_now,
        stop: threading.Event | None = None,
        progress: Callable[[SendProgress], None] | None = None,
    ) -> DailyRunReport:
        """Read every source, publish what is new, and send what is due.

        A source that fails does not keep the others from being published. The run is recorded as
        failed, to be tried again soon, only if a source was out of reach and that left the day
        without an edition, or if the database is an older copy, from which nothing is published.
        """
        with recorded(self.store, Job.DAILY, clock) as note:
            ingested = self._ingest(clock)
            reports = report_sources(self.store, self.editorial, self.locations, clock())
            alert_of_sources(self.store, self.delivery.pause_alert, reports, clock())
            fill(self.store, self.editorial, self.locations, self.tools, clock=clock)
            published = self.publish(clock=clock)
            options = DeliverOptions(stop=stop or threading.Event(), progress=progress)
            delivered = deliver(self.store, self.editorial, self.delivery, options, clock=clock)
            report = DailyRunReport(ingested, published, delivered)
            out_of_reach = any(isinstance(error, TemporaryError) for error in ingested.failed)
            note.ok = bool(published.editions) or not (
                out_of_reach or self.restore_guard.restored_reason()
            )
            note.no_mail_reason = report.no_mail_reason
            note.summary = report.summary
        return report

    def publish(self, *, clock: Clock = utc_now) -> PublishReport:
        """The editions of today, and the week's where it is due or was missed.

        None if the database is an older copy: it would print again what it has forgotten.
        """
        reason = self.restore_guard.pause_if_restored(clock())
        if reason:
            return PublishReport(no_mail_reason=reason)
        published = publish(self.store, self.editorial, self.publishing, clock=clock)
        relate_edition(self.store, self.editorial.day(clock()))
        day = weekly_day(self.editorial.day(clock()), self.weekly_on)
        weekly = publish_weekly(self.store, self.editorial, self.publishing, day=day, clock=clock)
        if not weekly.made:
            return published
        return PublishReport(
            (*published.editions, *weekly.editions),
            published.made + weekly.made,
            published.no_mail_reason,
            (*published.plain, *weekly.plain),
        )

    def ingest(self, *, clock: Clock = utc_now) -> IngestReport:
        """Read the sources between the daily moments; what is new waits for the next edition.

        The restore guard looks at the database, too: subscribers come and go between the mails, and
        a copy from before that is to be recognised.
        """
        report = self._ingest(clock)
        if reason := self.restore_guard.pause_if_restored(clock()):
            log.error("sending is paused: %s", reason)
        else:
            self.restore_guard.checkpoint(clock())
        return report

    def _ingest(self, clock: Clock) -> IngestReport:
        report = ingest(self.store, self.editorial, self.locations, clock=clock, tools=self.tools)
        alert_of_held(self.store, self.delivery.pause_alert, clock())
        alert_of_waiting(self.store, self.delivery.pause_alert, clock())
        return report

    def deliver_due(
        self, *, clock: Clock = utc_now, stop: threading.Event | None = None
    ) -> DeliverReport | None:
        """Send what has become due since: retries, and subscribers whose hour has come."""
        return deliver_due(self.store, self.editorial, self.delivery, clock=clock, stop=stop)

    def last_run(self) -> Run | None:
        """The last daily run on record."""
        with self.store.read() as unit:
            return unit.runs.last(Job.DAILY)

    @property
    def restore_guard(self) -> RestoreGuard:
        """The guard that recognises a restored database."""
        return RestoreGuard(self.store, self.delivery.sender_files)


def weekly_day(today: date, weekly_on: int) -> date:
    """The last day, up to ``today``, on which a weekly edition was due (0: Monday)."""
    return today - timedelta(days=(today.weekday() - weekly_on) % 7)
