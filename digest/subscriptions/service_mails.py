"""Mails about a subscription: planned when something happens, sent one at a time.

They are few, so they take a session of their own and are written down one by one, in the order
that an edition's deliveries are: the attempt before the body's first byte, then the outcome.

Their envelope sender is the plain bounce address, without a token. A token names a delivery of an
edition, and what comes back counts against its subscriber; a service mail goes to a mailbox that
has mostly not confirmed yet and gets no second one unasked, so there is nothing to count. The empty
sender would keep their bounces away, but a mail from it proves its domain by DKIM alone (RFC 7208
§2.4 checks the relay's own name instead), and not every list signs.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.delivery.envelope import OutgoingMail
from digest.delivery.ports import SessionPort, Transport
from digest.delivery.retry import Reply, RetryPolicy, decide_retry
from digest.errors import (
    RelayUnavailableError,
    SubscriberError,
    error_location,
)
from digest.mail.dkim import Signer
from digest.mail.list_identity import ListIdentity, wire_address
from digest.model import (
    DeliveryState,
    ExclusionReason,
    Outcome,
    ServiceMail,
    ServiceMailKind,
    SetAsideCause,
    SubscriberState,
)
from digest.store import Store, UnitOfWork
from digest.subscriptions.service_mail_composer import ServiceMailComposer, ServiceMailRenderer
from digest.subscriptions.sign_up import MAX_CLOCK_SKEW

log = logging.getLogger(__name__)

EXPIRES_AFTER = timedelta(days=3)
LEASE_TIME = timedelta(minutes=15)
"""Longer than a relay may take for one mail (RFC 5321 §4.5.3.2)."""
BATCH_SIZE = 50

_STATES = {
    ServiceMailKind.CONFIRM: {SubscriberState.PENDING, SubscriberState.UNSUBSCRIBED},
    ServiceMailKind.WELCOME: {SubscriberState.ACTIVE},
    ServiceMailKind.GOODBYE: {SubscriberState.UNSUBSCRIBED},
    ServiceMailKind.LEAVE: {SubscriberState.ACTIVE},
    ServiceMailKind.APPROVED: {SubscriberState.ACTIVE},
    ServiceMailKind.DECLINED: {SubscriberState.UNSUBSCRIBED},
}
"""The states of a subscriber in which a mail of that kind is still wanted when it is to leave."""


def _is_wanted(service_mail: ServiceMail) -> bool:
    """True if it is still wanted.

    Also by an owner who asks again after their mailbox took no mail: this mail shows if it does.
    """
    subscriber = service_mail.subscriber
    asks_again = service_mail.kind is ServiceMailKind.CONFIRM and subscriber.suppressed_by_bounce
    return asks_again or subscriber.state in _STATES.get(service_mail.kind, ())


@dataclass(frozen=True, slots=True)
class ServiceMailSettings:
    """The parts that service mails are made with and leave by; see `ServiceMailComposer`.

    ``check`` pauses the sending if the database turns out to be an older copy, in which service
    mails wait that were sent long ago.
    """

    transport: Transport
    renderer: ServiceMailRenderer
    list_identity: ListIdentity
    keys: Sequence[str]
    envelope_sender: str
    policy: RetryPolicy = field(
        default_factory=lambda: RetryPolicy(first_wait=timedelta(minutes=1))
    )
    signers: Sequence[Signer] = ()
    check: Callable[[datetime], object] = lambda _: None
    pages_are_known: bool = True

    @property
    def composer(self) -> ServiceMailComposer:
        """The composer of these parts."""
        return ServiceMailComposer(
            self.renderer, self.list_identity, self.keys, self.signers, self.pages_are_known
        )


@dataclass(slots=True)
class ServiceMailReport:
    """The outcome of sending the service mails that were due."""

    sent: int = 0
    failed: int = 0
    no_mail_reason: str = ""

    @property
    def summary(self) -> str:
        """One line for people."""
        words = f"service mails: {self.sent} sent"
        if self.failed:
            words += f", {self.failed} not"
        return f"{words} ({self.no_mail_reason})" if self.no_mail_reason else words


def plan_service_mail(
    unit: UnitOfWork, subscriber_id: int, kind: ServiceMailKind, now: datetime
) -> bool:
    """Plan a mail that answers something a subscriber just did, at most one of its kind a day.

    False if there was one already.
    """
    return unit.service_mails.plan(
        subscriber_id,
        kind,
        now=now,
        not_since=now - timedelta(days=1),
        expires_at=now + EXPIRES_AFTER,
    )


def send_service_mails(
    store: Store,
    settings: ServiceMailSettings,
    *,
    clock: Callable[[], datetime],
    stop: threading.Event | None = None,
) -> ServiceMailReport:
    """Send every service mail that is due. A relay out of reach leaves them planned, and says
    so.
    """
    report = ServiceMailReport()
    settings.check(clock())
    with store.begin() as unit:
        unit.service_mails.redate_future(clock(), MAX_CLOCK_SKEW, EXPIRES_AFTER)
        unit.service_mails.expire(clock())
        unit.service_mails.recover(clock())
        paused = unit.runs.paused()
        leased = (
            () if paused else unit.service_mails.lease(clock(), limit=BATCH_SIZE, ttl=LEASE_TIME)
        )
    if paused:
        report.no_mail_reason = f"sending is paused: {paused}"
    if leased:
        _LeasedMails(store, settings, clock, stop or threading.Event(), report).send(leased)
    return report


class _LeasedMails:
    """The service mails of one lease on their way through one session."""

    def __init__(
        self,
        store: Store,
        settings: ServiceMailSettings,
        clock: Callable[[], datetime],
        stop: threading.Event,
        report: ServiceMailReport,
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._stop = stop
        self._report = report
        self._current: ServiceMail | None = None

    def send(self, service_mails: Sequence[ServiceMail]) -> None:
        """Send them in order; what cannot be tried now is released."""
        session: SessionPort | None = None
        transport = self._settings.transport
        try:
            for service_mail in service_mails:
                content = None if self._stop.is_set() else self._content(service_mail)
                if content is None or self._report.no_mail_reason:
                    continue
                if session is None or not session.usable:
                    session = self._open_session(service_mail)
                if session is not None:
                    self._current = service_mail
                    session.deliver(self._outgoing(service_mail, content), self)
        finally:
            if session is not None:
                transport.closed(session)
            with self._store.begin() as unit:
                for service_mail in service_mails:
                    unit.service_mails.release(service_mail)

    def _open_session(self, service_mail: ServiceMail) -> SessionPort | None:
        try:
            return self._settings.transport.open()
        except RelayUnavailableError as error:
            self._report.no_mail_reason = str(error)
            self._defer(service_mail, str(error))
            return None

    def _content(self, service_mail: ServiceMail) -> bytes | None:
        """The mail's bytes; ``None`` where its outcome is recorded without sending it."""
        subscriber = service_mail.subscriber
        if subscriber.unusable:
            reason = subscriber.set_aside
            log.warning(
                "service mail %d to subscriber %d: %s", service_mail.id, subscriber.id, reason
            )
            self._record(service_mail, DeliveryState.EXCLUDED, reason)
            return None
        if not _is_wanted(service_mail):
            self._record(service_mail, DeliveryState.EXCLUDED, ExclusionReason.NOT_WANTED)
            return None
        try:
            wire_address(subscriber.email)
            return self._settings.composer.compose(service_mail, self._store)
        except SubscriberError:
            reason = "not an address that mail can go to"
            self._record(service_mail, DeliveryState.REJECTED, reason)
        except Exception as error:
            # A defect, at one subscriber's mail: the others still get theirs.
            self._put_off(service_mail, error)
        return None

    def _put_off(self, service_mail: ServiceMail, error: Exception) -> None:
        """Try a mail again that could not be composed: a defect may be mended in the meantime."""
        reason = SetAsideCause.DEFECT.reason(type(error).__name__)
        log.error(
            "service mail %d to subscriber %d %s (%s)",
            service_mail.id,
            service_mail.subscriber.id,
            reason,
            error_location(error),
        )
        self._report.failed += 1
        self._defer(service_mail, reason)

    def _defer(self, service_mail: ServiceMail, reason: str) -> None:
        now = self._clock()
        next_at = now + self._settings.policy.wait(service_mail.attempt)
        self._record(service_mail, DeliveryState.DEFERRED, reason, next_at)

    def _record(
        self,
        service_mail: ServiceMail,
        state: DeliveryState,
        reason: str,
        next_at: datetime | None = None,
    ) -> None:
        outcome = Outcome(
            service_mail.id,
            state,
            self._clock(),
            reason=reason,
            next_at=next_at,
            lease_token=service_mail.lease_token,
        )
        with self._store.begin() as unit:
            unit.service_mails.record(service_mail, outcome)

    def _outgoing(self, service_mail: ServiceMail, content: bytes) -> OutgoingMail:
        recipient = wire_address(service_mail.subscriber.email)
        return OutgoingMail(service_mail.id, self._settings.envelope_sender, recipient, content)

    # The methods of a session's client (`digest.delivery.ports.SessionClient`).

    def next_mail(self) -> OutgoingMail | None:
        """No further mail: they go one by one."""
        return None

    def begin_body(self, mail: OutgoingMail) -> bool:
        """Record the attempt: from the next byte on, the mail may arrive."""
        if self._current is None:
            return False
        with self._store.begin() as unit:
            return unit.service_mails.begin_sending(self._current)

    def record_reply(self, mail: OutgoingMail, reply: Reply) -> None:
        """Record the relay's reply."""
        if self._current is None:
            return
        service_mail, now = self._current, self._clock()
        decision = decide_retry(
            reply, attempt=service_mail.attempt, now=now, policy=self._settings.policy
        )
        accepted = decision.state is DeliveryState.ACCEPTED
        if accepted:
            self._report.sent += 1
        else:
            self._report.failed += 1
            answer = reply.code or reply.stage
            log.warning("service mail %d: %s: %s", service_mail.id, decision.state, answer)
        outcome = Outcome(
            service_mail.id,
            decision.state,
            now,
            code=reply.code,
            status=reply.status,
            reply="" if accepted else str(reply.stage),
            next_at=decision.next_at,
            lease_token=service_mail.lease_token,
        )
        with self._store.begin() as unit:
            unit.service_mails.record(service_mail, outcome)

    def hand_back(self, mail: OutgoingMail) -> None:
        """Do nothing: a mail of which nothing was sent is released with the rest."""
