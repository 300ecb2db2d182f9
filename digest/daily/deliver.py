"""From frozen editions to readers' mailboxes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from pathlib import Path

from digest.bounces.verp import return_path
from digest.daily.bounces import count_refusals
from digest.daily.pause_alert import PauseAlert
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
from digest.delivery.audience import plan_delivery
from digest.delivery.outbox import DrainReport, drain
from digest.delivery.progress_log import ProgressLog
from digest.delivery.rate_limit import WarmUp
from digest.delivery.retry import RetryPolicy
from digest.delivery.send_loop import SendLimits, SendProgress
from digest.delivery.worker_pool import Transport
from digest.errors import InputError, place_of
from digest.mail.dkim import (
    Signer,
    add_signatures,
)
from digest.mail.list_identity import ListIdentity
from digest.mail.message import Composer
from digest.mail.tokens import sign_bounce_token
from digest.model import (
    EditionKind,
    Job,
    LeasedDelivery,
    PlannedDelivery,
    Preferences,
    PublishedEdition,
    Subscriber,
    SubscriberState,
    Tally,
    pause_silence,
)
from digest.restore_guard.guard import RestoreGuard
from digest.store import Store, UnitOfWork

log = logging.getLogger(__name__)

TOLD_AT_MOST = 20
"""Readers set aside that a log names in one run; `digest status` counts all of them."""


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """What carries mail out, and on which terms.

    ``keys`` sign the links of a mail, newest first. ``envelope_sender`` is where bounces go; with
    ``verp`` each mail has its own, which names the delivery. ``signers`` sign every mail with DKIM.
    ``journals`` and ``witness`` are folders on a local disk where a sender notes the mail in flight,
    and where this machine remembers its senders, so that a restored database shows. ``warm_up``
    limits the mails of a day, ``alarm`` tells the operator when sending pauses.
    """

    transport: Transport
    list_identity: ListIdentity
    keys: tuple[str, ...]
    envelope_sender: str
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    limits: SendLimits = field(default_factory=SendLimits)
    unknown_policy: str = "hold"
    journals: Path | None = None
    witness: Path | None = None
    verp: bool = False
    signers: tuple[Signer, ...] = ()
    warm_up: WarmUp | None = None
    alarm: PauseAlert | None = None

    @property
    def resends(self) -> bool:
        """Whether a mail whose outcome was lost is sent once more."""
        return self.unknown_policy == "resend"

    def return_path(self, delivery: LeasedDelivery) -> str:
        """The envelope sender of that delivery's mail."""
        if not self.verp:
            return self.envelope_sender
        return return_path(self.envelope_sender, sign_bounce_token(delivery.id, self.keys))


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """What went out. ``silence`` is the reason where nothing did, or where sending stopped."""

    tally: Tally
    sent: int = 0
    silence: str = ""
    ok: bool = True

    @property
    def summary(self) -> str:
        """One line for people."""
        tally = self.tally
        if not tally.planned_at_start:
            return self.silence or "nothing to deliver"
        words = [
            f"{self.sent:,} sent now",
            f"{tally.accepted:,} of {tally.planned_at_start:,} accepted",
        ]
        for name in ("deferred", "rejected", "excluded", "unknown"):
            if getattr(tally, name):
                words.append(f"{getattr(tally, name):,} {name}")
        waiting = tally.planned + tally.leased + tally.sending
        if waiting:
            words.append(f"{waiting:,} waiting")
        line = ", ".join(words)
        return f"{line}; {self.silence}" if self.silence else line


def deliver(
    store: Store,
    desk: EditorialSettings,
    post: DeliverySettings,
    *,
    day: date | None = None,
    ignore_due: bool = False,
    clock: Clock = utc_now,
    stop: threading.Event | None = None,
    progress: Callable[[SendProgress], None] | None = None,
) -> DeliverReport:
    """Send what is due of every edition that is still fresh, or of those of ``day`` only.

    Raises `digest.errors.InputError` if ``day`` has no edition.
    """
    watch = RestoreGuard(store, post.witness)
    with recorded(store, Job.SEND, clock) as run:
        watch.check(clock())
        with store.begin() as unit:
            unit.outbox.expire(clock())
            due = _editions(unit, day, clock(), resend=post.resends)
        for published in due:
            freeze_audience(store, desk, published, clock)
        sent, stopped, faults = 0, _paused(store), []
        ok = not stopped
        for published in due:
            if stopped:
                break
            fault = _fault(store, published)
            if fault:
                faults.append(fault)
                continue
            report = _send(watch, desk, post, published, ignore_due, clock, stop, progress)
            sent += report.accepted
            if report.paused:
                _pause(store, report.paused, clock())
            elif report.rejected:
                count_refusals(store, published.id, clock())
            watch.check(clock())
            stopped = _paused(store) or report.halted or ""
            ok = not stopped
            if report.stopped:
                stopped = stopped or "stopped on request"
        if post.alarm is not None and not ok:
            post.alarm.sound(store, clock())
        tally = _total(store, [published.id for published in due] or _latest(store))
        silence = (
            stopped
            or "; ".join(faults)
            or _held_back(store, post, clock())
            or ("" if sent else _why_silent(store, due, tally, clock()))
        )
        run.ok, run.silence = ok and not faults, silence
        result = DeliverReport(tally, sent, silence, run.ok)
        run.summary = result.summary
    return result


def _editions(
    unit: UnitOfWork, day: date | None, now: datetime, *, resend: bool
) -> list[PublishedEdition]:
    if day is None:
        undelivered = unit.editions.undelivered(now, resend=resend)
        found = [unit.editions.by_id(number) for number in undelivered]
        return [one for one in found if one is not None]
    of_the_day = [unit.editions.get(kind, day) for kind in EditionKind]
    editions = [one for one in of_the_day if one is not None]
    if not editions:
        raise InputError(
            f"there is no edition of {day}", mend=f"Make it with: digest publish --date {day}"
        )
    stale = [one for one in editions if one.expires_at <= now]
    if stale:
        raise InputError(
            f"the edition of {day} may not be sent after {stale[0].expires_at:%Y-%m-%d %H:%M} UTC",
            mend="Readers find it on the web; DIGEST_EXPIRE_AFTER sets the limit for later ones",
        )
    return editions


def freeze_audience(
    store: Store, desk: EditorialSettings, published: PublishedEdition, clock: Clock = utc_now
) -> Tally:
    """Count and freeze who gets an edition, before anything of it is sent.

    The second time changes nothing: who comes later gets the next edition. As long as there is
    no reader at all, it stays open, so that the first reader of a new list gets the day's mail.
    """
    with store.begin() as unit:
        kind, day = published.edition.kind, published.edition.day
        retold = (
            kind is EditionKind.DAILY and unit.editions.get(EditionKind.WEEKDAYS, day) is not None
        )
        plans = _plans(unit, desk, published, retold)
        first = next(plans, None)
        if first is None and not unit.subscribers.active(limit=1):
            return Tally()
        known = () if first is None else (first,)
        return unit.outbox.freeze_audience(published.id, chain(known, plans), clock())


def _plans(
    unit: UnitOfWork, desk: EditorialSettings, published: PublishedEdition, retold: bool
) -> Iterator[PlannedDelivery]:
    """Plans for all active readers. What fails for one of them costs nobody their mail."""
    select = selector(published, desk)
    faulty = 0
    for reader in _active(unit):
        try:
            planned = plan_delivery(
                reader,
                kind=published.edition.kind,
                day=published.edition.day,
                published_at=published.published_at,
                send_at=desk.send_at,
                zone=desk.zone,
                matches=bool(reader.unusable) or select(reader.preferences) is not None,
                weekend_retold=retold,
            )
        except Exception as error:
            # A defect, and perhaps of this moment only: composing the mail tries once more, and
            # tells the operator what becomes of it.
            faulty += 1
            if faulty <= TOLD_AT_MOST:
                log.error(
                    "subscriber %d: planning failed: %s (%s)",
                    reader.id,
                    type(error).__name__,
                    place_of(error),
                )
            planned = PlannedDelivery(reader.id, published.published_at)
        if planned is None:
            continue
        if reader.unusable and planned.excluded:
            faulty += 1
            if faulty <= TOLD_AT_MOST:
                log.warning("subscriber %d is set aside: %s", reader.id, planned.excluded)
        yield planned
    if faulty > TOLD_AT_MOST:
        log.warning("%d readers in all could not be planned as usual", faulty)


def _active(unit: UnitOfWork) -> Iterator[Subscriber]:
    after = 0
    while chunk := unit.subscribers.active(after=after, limit=1000):
        yield from chunk
        after = chunk[-1].id


def _send(
    watch: RestoreGuard,
    desk: EditorialSettings,
    post: DeliverySettings,
    published: PublishedEdition,
    ignore_due: bool,
    clock: Clock,
    stop: threading.Event | None,
    progress: Callable[[SendProgress], None] | None,
) -> DrainReport:
    composer = Composer(published, post.list_identity)
    select = selector(published, desk)

    def compose(delivery: LeasedDelivery) -> bytes | None:
        selection = select(delivery.subscriber.preferences)
        if selection is None:
            return None
        reader = mail_recipient(delivery.subscriber, post.list_identity, post.keys)
        return add_signatures(composer.compose(selection, reader), post.signers)

    def sample() -> object:
        general = select(Preferences())
        nobody = Subscriber(0, post.list_identity.address, SubscriberState.ACTIVE)
        reader = mail_recipient(nobody, post.list_identity, post.keys)
        return general and add_signatures(composer.compose(general, reader), post.signers)

    told = published.edition
    with ExitStack() as stack:
        me = stack.enter_context(watch.sender(clock()))
        if progress is None:
            progress = stack.enter_context(closing(ProgressLog(str(told.day), told.kind)))
        return drain(
            StoreOutbox(watch.store, me, post.warm_up),
            post.transport,
            compose,
            sample=sample,
            edition_id=published.id,
            sender=post.return_path,
            policy=post.policy,
            limits=post.limits,
            clock=clock,
            stop=stop,
            progress=progress,
            journals=post.journals,
            unknown_policy=post.unknown_policy,
            ignore_due=ignore_due,
            worker=me.worker,
        )


def _pause(store: Store, reason: str, now: datetime) -> None:
    with store.begin() as unit:
        unit.runs.pause(reason, now)


def _paused(store: Store) -> str:
    """That sending is paused, and why; also if another machine found the reason."""
    with store.read() as unit:
        reason = unit.runs.paused()
    return pause_silence(reason) if reason else ""


def _fault(store: Store, published: PublishedEdition) -> str:
    """What does not add up in the frozen audience of an edition, of which nothing is sent then."""
    with store.read() as unit:
        tally, rows = unit.outbox.tally(published.id), unit.outbox.rows(published.id)
    if tally.balanced and rows == tally.planned_at_start:
        return ""
    told = published.edition
    return (
        f"nothing of the {told.kind} edition of {told.day} is sent, for its deliveries do not add "
        f"up: {tally.planned_at_start:,} were planned at its start, {rows:,} are kept, "
        f"{tally.counted:,} of them in a state that is known. Something else has changed the "
        "database, or this is a defect: report it"
    )


def _held_back(store: Store, post: DeliverySettings, now: datetime) -> str:
    """That no mail more may leave today, and how many wait for that; ``""`` if some may."""
    with store.read() as unit:
        today = warm_up_status(unit, post.warm_up, now)
    return today.holds if today is not None else ""


def _total(store: Store, editions: Sequence[int]) -> Tally:
    with store.read() as unit:
        tallies = [unit.outbox.tally(number) for number in editions]
    fields = Tally.__dataclass_fields__
    return Tally(**{name: sum(getattr(tally, name) for tally in tallies) for name in fields})


def _latest(store: Store) -> list[int]:
    """The last edition, whose settled deliveries are what a run with nothing to do reports."""
    with store.read() as unit:
        return [summary.id for summary in unit.editions.list(limit=1)]


def _why_silent(store: Store, due: Sequence[PublishedEdition], tally: Tally, now: datetime) -> str:
    if not due:
        return "no edition waits to be delivered"
    with store.read() as unit:
        next_due = unit.outbox.next_due(now)
    if tally.unfinished:
        when = f" before {next_due:%Y-%m-%d %H:%M} UTC" if next_due else " now"
        return f"no delivery is due{when}: {plural(tally.unfinished, 'mail')} waiting"
    if not tally.planned_at_start:
        return "no subscriber is due: nobody is subscribed to this edition"
    return f"everyone was served: {plural(tally.planned_at_start, 'delivery')} settled"
