"""Deliver frozen editions: freeze their audience, send what is due, say why nothing was sent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from digest.daily.bounces import count_refusals
from digest.daily.delivery_settings import DeliverySettings
from digest.daily.freeze_audience import freeze_audience
from digest.daily.held_editions import hold_words, look_after_holds
from digest.daily.own_selections import own_selections
from digest.daily.posts import Poster, PostReport
from digest.daily.run_record import (
    Clock,
    EditorialSettings,
    plural,
    recorded,
    utc_now,
)
from digest.daily.store_outbox import StoreOutbox
from digest.daily.subscriber_mail import mail_recipient, selector
from digest.daily.warm_up_status import warm_up_status
from digest.delivery.drain import DrainReport, drain
from digest.delivery.progress import ProgressLog, SendProgress
from digest.delivery.retry import RetryPolicy
from digest.delivery.send_job import SendJob
from digest.errors import InputError, error_location
from digest.mail.dkim import add_signatures
from digest.mail.message import Composer
from digest.model import (
    EditionKind,
    Job,
    LeasedDelivery,
    Preferences,
    PublishedEdition,
    Selection,
    Subscriber,
    SubscriberState,
    Tally,
    pause_reason,
)
from digest.restore_guard.guard import RestoreGuard
from digest.store import Store, UnitOfWork

log = logging.getLogger(__name__)

DOMAINS_TO_PAUSE = 3
"""Recipient domains that must refuse us in a row before all sending pauses, where a list has so many."""


@dataclass(frozen=True, slots=True)
class DeliverOptions:
    """Choices for one run: the editions of ``day`` only, at once (``ignore_due``), until ``stop``."""

    day: date | None = None
    ignore_due: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Callable[[SendProgress], None] | None = None


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """Report of what went out. ``no_mail_reason`` says why nothing did, or why sending stopped.

    ``posted`` says what became of posts to chat channels and webhooks; readers are not among them.
    """

    tally: Tally
    sent: int = 0
    no_mail_reason: str = ""
    ok: bool = True
    posted: str = ""

    @property
    def summary(self) -> str:
        """One line for people."""
        return "; ".join(filter(None, (self._mails, self.posted)))

    @property
    def _mails(self) -> str:
        tally = self.tally
        if not tally.planned_at_start:
            return self.no_mail_reason or "nothing to deliver"
        parts = [
            f"{self.sent:,} sent now",
            f"{tally.accepted:,} of {tally.planned_at_start:,} accepted",
        ]
        for name in ("deferred", "rejected", "excluded", "unknown"):
            if getattr(tally, name):
                parts.append(f"{getattr(tally, name):,} {name}")
        waiting = tally.planned + tally.leased + tally.sending
        if waiting:
            parts.append(f"{waiting:,} waiting")
        line = ", ".join(parts)
        return f"{line}; {self.no_mail_reason}" if self.no_mail_reason else line


def deliver(
    store: Store,
    editorial: EditorialSettings,
    settings: DeliverySettings,
    options: DeliverOptions | None = None,
    *,
    clock: Clock = utc_now,
) -> DeliverReport:
    """Send what is due of every edition that is still fresh, or of those of one day only.

    Raises `digest.errors.InputError` if the day asked for has no edition, or a stale one.
    """
    run = _DeliverRun(store, editorial, settings, options or DeliverOptions(), clock)
    with recorded(store, Job.SEND, clock) as record:
        report = run.report()
        record.ok, record.no_mail_reason, record.summary = (
            report.ok,
            report.no_mail_reason,
            report.summary,
        )
    return report


class _DeliverRun:
    """One run over all editions that are due."""

    def __init__(
        self,
        store: Store,
        editorial: EditorialSettings,
        settings: DeliverySettings,
        options: DeliverOptions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._editorial = editorial
        self._settings = settings
        self._options = options
        self._clock = clock
        self._guard = RestoreGuard(store, settings.sender_files)
        self._sent = 0
        self._stopped = ""
        self._ok = True
        self._faults: list[str] = []
        self._poster = (
            None
            if settings.posts is None
            else Poster(store, editorial, settings.posts, self._guard, clock)
        )

    def report(self) -> DeliverReport:
        """Send, and report what went out."""
        self._guard.pause_if_restored(self._clock())
        with self._store.begin() as unit:
            unit.outbox.expire(self._clock())
        if not _paused(self._store):
            look_after_holds(
                self._store, self._editorial, self._settings, self._clock, self._options.stop
            )
        with self._store.read() as unit:
            due = self._editions(unit)
        for published in due:
            if self._poster is not None:
                self._poster.plan(published)
            freeze_audience(self._store, self._editorial, published, self._clock)
        self._stopped = _paused(self._store)
        self._ok = not self._stopped
        posted = self._post(due) if not self._stopped else PostReport()
        for published in due:
            if self._stopped:
                break
            self._send(published)
        now = self._clock()
        if self._settings.pause_alert is not None and not self._ok:
            self._settings.pause_alert.send(self._store, now)
        tally = _total(self._store, [published.id for published in due] or _latest(self._store))
        no_mail_reason = (
            self._stopped
            or "; ".join(self._faults)
            or self._held_back(now)
            or ("" if self._sent else _no_mail_reason(self._store, due, tally, now))
        )
        ok = self._ok and not self._faults
        return DeliverReport(tally, self._sent, no_mail_reason, ok, posted.summary)

    def _post(self, due: Sequence[PublishedEdition]) -> PostReport:
        """Post to chat channels and webhooks what is due; it takes seconds, the mails perhaps hours.

        A defect there costs nobody their mail.
        """
        if self._poster is None:
            return PostReport()
        chosen = None if self._options.day is None else [published.id for published in due]
        try:
            return self._poster.send_due(self._options.stop, chosen)
        except Exception as error:
            log.error("posting failed: %s (%s)", type(error).__name__, error_location(error))
            return PostReport()

    def _editions(self, unit: UnitOfWork) -> list[PublishedEdition]:
        day, now = self._options.day, self._clock()
        if day is None:
            undelivered = unit.editions.undelivered(now, resend=self._settings.resends)
            blocked = unit.holds.blocked(undelivered)
            published = [unit.editions.by_id(id) for id in undelivered if id not in blocked]
            return [edition for edition in published if edition is not None]
        of_the_day = [unit.editions.get(kind, day) for kind in EditionKind]
        editions = [edition for edition in of_the_day if edition is not None]
        if not editions:
            raise InputError(
                f"there is no edition of {day}", mend=f"Make it with: digest publish --date {day}"
            )
        stale = [edition for edition in editions if edition.expires_at <= now]
        if stale:
            limit = f"{stale[0].expires_at:%Y-%m-%d %H:%M} UTC"
            raise InputError(
                f"the edition of {day} may not be sent after {limit}",
                mend="Readers find it on the web; DIGEST_EXPIRE_AFTER sets the limit for later ones",
            )
        blocked = unit.holds.blocked([edition.id for edition in editions])
        return [edition for edition in editions if edition.id not in blocked]

    def _send(self, published: PublishedEdition) -> None:
        """Send what is due of an edition, and note why the run may have to stop."""
        fault = _fault(self._store, published)
        if fault:
            self._faults.append(fault)
            return
        report = self._drain(published)
        self._sent += report.accepted
        if report.paused:
            with self._store.begin() as unit:
                unit.runs.pause(report.paused, self._clock())
        elif report.rejected:
            count_refusals(self._store, published.id, self._clock())
        self._guard.pause_if_restored(self._clock())
        self._stopped = _paused(self._store) or report.halted or ""
        self._ok = not self._stopped
        if report.stopped:
            self._stopped = self._stopped or "stopped on request"

    def _policy(self) -> RetryPolicy:
        """The retry policy, under which one domain of several does not pause everybody's mail."""
        with self._store.read() as unit:
            domains = unit.subscribers.count_domains(DOMAINS_TO_PAUSE)
        return replace(self._settings.policy, domains_to_pause=max(domains, 1))

    def _drain(self, published: PublishedEdition) -> DrainReport:
        settings, options, edition = self._settings, self._options, published.edition
        own = own_selections(self._store, published.id)
        mails = _EditionMails(published, self._editorial, settings, own)
        with ExitStack() as stack:
            sender = stack.enter_context(self._guard.new_sender(self._clock()))
            progress = options.progress
            if progress is None:
                progress = stack.enter_context(closing(ProgressLog(str(edition.day), edition.kind)))
            job = SendJob(
                published.id,
                mails.compose,
                settings.return_path,
                sample=mails.sample,
                policy=self._policy(),
                limits=settings.limits,
                unknown_policy=settings.unknown_policy,
                journals=settings.journals,
                ignore_due=options.ignore_due,
                worker=sender.worker,
                clock=self._clock,
                stop=options.stop,
                progress=progress,
            )
            outbox = StoreOutbox(self._store, sender, settings.warm_up)
            return drain(outbox, settings.transport, job)

    def _held_back(self, now: datetime) -> str:
        """Reason that no mail more may leave today, and how many wait; ``""`` if some may."""
        with self._store.read() as unit:
            today = warm_up_status(unit, self._settings.warm_up, now)
        return today.holds_back if today is not None else ""


class _EditionMails:
    """Mails of one edition, signed."""

    def __init__(
        self,
        published: PublishedEdition,
        editorial: EditorialSettings,
        settings: DeliverySettings,
        own: Callable[[int], Selection | None],
    ) -> None:
        self._composer = Composer(published, settings.list_identity)
        self._has_votes = self._composer.has_votes
        self._select = selector(published, editorial)
        self._settings = settings
        self._own = own

    def compose(self, delivery: LeasedDelivery) -> bytes | None:
        """Compose a subscriber's mail; ``None`` if the edition has nothing for them."""
        return self._compose(delivery.subscriber)

    def sample(self) -> object:
        """Compose a mail for nobody in particular, with all papers."""
        address = self._settings.list_identity.address
        return self._compose(Subscriber(0, address, SubscriberState.ACTIVE, Preferences()))

    def _compose(self, subscriber: Subscriber) -> bytes | None:
        selection = self._own(subscriber.id) or self._select(subscriber.preferences)
        if selection is None:
            return None
        settings = self._settings
        recipient = mail_recipient(
            subscriber, settings.list_identity, settings.keys, votes=self._has_votes
        )
        return add_signatures(self._composer.compose(selection, recipient), settings.signers)


def _paused(store: Store) -> str:
    """Say that sending is paused, and why; also if another machine found the reason."""
    with store.read() as unit:
        reason = unit.runs.paused()
    return pause_reason(reason) if reason else ""


def _fault(store: Store, published: PublishedEdition) -> str:
    """Explain what does not add up in the frozen audience of an edition; ``""`` if it does."""
    with store.read() as unit:
        tally, rows = unit.outbox.tally(published.id), unit.outbox.count_rows(published.id)
    if tally.balanced and rows == tally.planned_at_start:
        return ""
    edition = published.edition
    return (
        f"nothing of the {edition.kind} edition of {edition.day} is sent, for its deliveries do not add "
        f"up: {tally.planned_at_start:,} were planned at its start, {rows:,} are kept, "
        f"{tally.counted:,} of them in a state that is known. Something else has changed the "
        "database, or this is a defect: report it"
    )


def _total(store: Store, editions: Sequence[int]) -> Tally:
    with store.read() as unit:
        tallies = [unit.outbox.tally(edition_id) for edition_id in editions]
    fields = Tally.__dataclass_fields__
    return Tally(**{name: sum(getattr(tally, name) for tally in tallies) for name in fields})


def _latest(store: Store) -> list[int]:
    """Id of the last edition, whose settled deliveries are what a run with nothing to do reports."""
    with store.read() as unit:
        return [summary.id for summary in unit.editions.list(limit=1, all=True)]


def _no_mail_reason(
    store: Store, due: Sequence[PublishedEdition], tally: Tally, now: datetime
) -> str:
    with store.read() as unit:
        blocking = unit.holds.blocking(now)
        next_due = unit.outbox.next_due(now)
    if blocking and not (due and tally.unfinished):
        return "; ".join(hold_words(hold, now) for hold in blocking)
    if not due:
        return "no edition waits to be delivered"
    if tally.unfinished:
        when = f" before {next_due:%Y-%m-%d %H:%M} UTC" if next_due else " now"
        return f"no delivery is due{when}: {plural(tally.unfinished, 'mail')} waiting"
    if not tally.planned_at_start:
        return "no subscriber is due: nobody is subscribed to this edition"
    return f"everyone was served: {plural(tally.planned_at_start, 'delivery')} settled"
