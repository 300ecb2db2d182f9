"""Mails about a subscription: composed from the list's service templates, sent one at a time.

They are few, so they take a session of their own and are written down one by one, in the order
that an edition's deliveries are: the attempt before the body's first byte, then the outcome.

Their envelope sender is the plain bounce address, without a token. A token names a delivery of an
edition, and what comes back counts against its reader; a letter goes to a mailbox that has mostly
not confirmed yet and gets no second one unasked, so there is nothing to count. The empty sender
would keep their bounces away, but a mail from it proves its domain by DKIM alone (RFC 7208 §2.4
checks the relay's own name instead), and not every list signs.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from digest.delivery.retry import Reply, RetryPolicy, decide_retry
from digest.delivery.session import OutgoingMail
from digest.delivery.worker_pool import SessionPort, Transport
from digest.errors import RelayUnavailableError, SubscriberError, place_of
from digest.mail.dkim import (
    Signer,
    add_signatures,
)
from digest.mail.list_identity import ListIdentity, wire_address
from digest.mail.message import service_message
from digest.mail.render import ServiceMailContent
from digest.mail.tokens import sign_token
from digest.model import DeliveryState, ServiceMail, SubscriberState
from digest.store import Store, UnitOfWork
from digest.subscriptions.addresses import mailbox_key
from digest.subscriptions.sign_up import MAX_CLOCK_SKEW

log = logging.getLogger(__name__)

WELCOME = "welcome"
GOODBYE = "goodbye"
LEAVE = "leave"
EXPIRES_AFTER = timedelta(days=3)
LEASE_TIME = timedelta(minutes=15)
"""Longer than a relay may take for one mail (RFC 5321 §4.5.3.2)."""
BATCH_SIZE = 50

_FOR_WHOM = {
    "confirm": {SubscriberState.PENDING, SubscriberState.UNSUBSCRIBED},
    WELCOME: {SubscriberState.ACTIVE},
    GOODBYE: {SubscriberState.UNSUBSCRIBED},
    LEAVE: {SubscriberState.ACTIVE},
}
"""Which state of a reader a letter still makes sense in when it is about to leave."""


def _makes_sense(letter: ServiceMail) -> bool:
    """Also to a mailbox that took no mail, whose owner asks again: the letter shows if it does."""
    reader = letter.subscriber
    asks_again = letter.kind == "confirm" and reader.suppressed_by_bounce
    return asks_again or reader.state in _FOR_WHOM.get(letter.kind, ())


class ServiceMailRenderer(Protocol):
    """Who words a service mail: `digest.mail.render.Renderer`."""

    def service(self, kind: str, letterhead: ListIdentity, /, **values: str) -> ServiceMailContent:
        """The mail of that kind."""
        ...


@dataclass(frozen=True, slots=True)
class ServiceMailSettings:
    """What letters are made with and leave by. ``letterhead`` must have pages (a base URL).

    ``pages_are_known`` is false where that is only this machine's own name for them. Who asked on a
    page confirms there; who leaves by a mail may never have seen one, and is not sent to it.
    ``signers`` sign every letter with DKIM. ``heed`` pauses the sending if the database turns out to
    be an older copy, in which letters wait that were sent long ago.
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

    def letterhead_of(self, kind: str) -> ListIdentity:
        """Who signs a letter of that kind: without pages where its reader may not reach them."""
        known = self.pages_are_known or kind not in (GOODBYE, LEAVE)
        return self.list_identity if known else replace(self.list_identity, base_url=None)


@dataclass(slots=True)
class ServiceMailReport:
    """What became of the letters that were due."""

    sent: int = 0
    failed: int = 0
    silence: str = ""

    @property
    def summary(self) -> str:
        """One line for people."""
        words = f"letters: {self.sent} sent"
        if self.failed:
            words += f", {self.failed} not"
        return f"{words} ({self.silence})" if self.silence else words


def plan_service_mail(unit: UnitOfWork, subscriber_id: int, kind: str, now: datetime) -> bool:
    """Plan a letter that answers something a reader just did, at most one of its kind a day.

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
    mailroom: ServiceMailSettings,
    *,
    clock: Callable[[], datetime],
    stop: threading.Event | None = None,
) -> ServiceMailReport:
    """Send every letter that is due. A relay out of reach leaves them planned, and is said so."""
    report = ServiceMailReport()
    mailroom.check(clock())
    with store.begin() as unit:
        unit.service_mails.redate_future(clock(), MAX_CLOCK_SKEW, EXPIRES_AFTER)
        unit.service_mails.expire(clock())
        unit.service_mails.recover(clock())
        paused = unit.runs.paused()
        held = () if paused else unit.service_mails.lease(clock(), limit=BATCH_SIZE, ttl=LEASE_TIME)
    if paused:
        report.silence = f"sending is paused: {paused}"
    if held:
        _Round(store, mailroom, clock, stop or threading.Event(), report).send(held)
    return report


class _Round:
    """The letters of one lease on their way through one session."""

    def __init__(
        self,
        store: Store,
        settings_of_mail: ServiceMailSettings,
        clock: Callable[[], datetime],
        stop: threading.Event,
        report: ServiceMailReport,
    ) -> None:
        self._store = store
        self._mailroom = settings_of_mail
        self._clock = clock
        self._stop = stop
        self._report = report
        self._letter: ServiceMail | None = None

    def send(self, letters: Sequence[ServiceMail]) -> None:
        """Send them in order; what cannot be tried now is given back."""
        session: SessionPort | None = None
        transport = self._mailroom.transport
        try:
            for letter in letters:
                content = None if self._stop.is_set() else self._content(letter)
                if content is None or self._report.silence:
                    continue
                if session is None or not session.usable:
                    session = self._opened(letter)
                if session is not None:
                    self._letter = letter
                    session.deliver(self._mail(letter, content), self)
        finally:
            if session is not None:
                transport.closed(session)
            with self._store.begin() as unit:
                for letter in letters:
                    unit.service_mails.release(letter)

    def _opened(self, letter: ServiceMail) -> SessionPort | None:
        try:
            return self._mailroom.transport.open()
        except RelayUnavailableError as error:
            self._report.silence = str(error)
            later = self._clock() + self._mailroom.policy.wait(letter.attempt)
            with self._store.begin() as unit:
                unit.service_mails.record(
                    letter, DeliveryState.DEFERRED, self._clock(), reason=str(error), next_at=later
                )
            return None

    def _content(self, letter: ServiceMail) -> bytes | None:
        """The letter's bytes; ``None`` where it is settled without being sent."""
        if letter.subscriber.unusable:
            reason = letter.subscriber.set_aside
            log.warning("letter %d to subscriber %d: %s", letter.id, letter.subscriber.id, reason)
            self._settled(letter, DeliveryState.EXCLUDED, reason)
            return None
        if not _makes_sense(letter):
            self._settled(letter, DeliveryState.EXCLUDED, "not wanted any more")
            return None
        try:
            wire_address(letter.subscriber.email)
            return self._compose(letter)
        except SubscriberError:
            self._settled(letter, DeliveryState.REJECTED, "not an address that mail can go to")
        except Exception as error:
            # A defect, at one reader's letter: the others still get theirs.
            self._put_off(letter, error)
        return None

    def _put_off(self, letter: ServiceMail, error: Exception) -> None:
        """Try a letter again that could not be composed: a defect may be mended in the meantime."""
        reason = f"could not be composed: {type(error).__name__}"
        log.error(
            "letter %d to subscriber %d %s (%s)",
            letter.id,
            letter.subscriber.id,
            reason,
            place_of(error),
        )
        self._report.failed += 1
        later = self._clock() + self._mailroom.policy.wait(letter.attempt)
        with self._store.begin() as unit:
            unit.service_mails.record(
                letter, DeliveryState.DEFERRED, self._clock(), reason=reason, next_at=later
            )

    def _compose(self, letter: ServiceMail) -> bytes:
        room, reader = self._mailroom, letter.subscriber
        letterhead = room.letterhead_of(letter.kind)

        def page(purpose: str) -> str:
            return letterhead.page(f"{purpose}/{sign_token(purpose, reader.id, room.keys)}") or ""

        def decline_page() -> str:
            with self._store.read() as unit:
                request = unit.confirmation_requests.of(mailbox_key(reader.email))
            if request is None:
                return ""
            return letterhead.page(f"decline/{sign_token('decline', request.id, room.keys)}") or ""

        values = {
            "confirm": lambda: {"confirm_url": page("confirm"), "decline_url": decline_page()},
            WELCOME: lambda: {
                "preferences_url": page("preferences"),
                "unsubscribe_url": page("unsubscribe"),
                "when": "The next edition comes by itself.",
            },
            LEAVE: lambda: {
                "unsubscribe_url": page("unsubscribe"),
                "unsubscribe_mailto": letterhead.unsubscribe_mailto(
                    sign_token("unsubscribe", reader.id, room.keys)
                ),
            },
            GOODBYE: lambda: {
                "subscribe_url": letterhead.page("subscribe") or "",
                "sender_address": letterhead.address,
            },
        }[letter.kind]()
        message = service_message(
            room.renderer.service(letter.kind, letterhead, **values),
            letterhead,
            reader.email,
            at=letter.asked_at,
            key=f"{letter.id}/{letter.asked_at.isoformat()}",
            format=reader.preferences.format,
        )
        return add_signatures(message, room.signers)

    def _mail(self, letter: ServiceMail, content: bytes) -> OutgoingMail:
        recipient = wire_address(letter.subscriber.email)
        return OutgoingMail(letter.id, self._mailroom.envelope_sender, recipient, content)

    def _settled(self, letter: ServiceMail, state: DeliveryState, reason: str) -> None:
        with self._store.begin() as unit:
            unit.service_mails.record(letter, state, self._clock(), reason=reason)

    # What a session asks of its courier.

    def take(self) -> OutgoingMail | None:
        """Letters go one by one."""
        return None

    def begin(self, mail: OutgoingMail) -> bool:
        """Note the attempt: from the next byte on, the letter may arrive."""
        if self._letter is None:
            return False
        with self._store.begin() as unit:
            return unit.service_mails.begin_sending(self._letter)

    def settle(self, mail: OutgoingMail, reply: Reply) -> None:
        """Keep what the relay said."""
        if self._letter is None:
            return
        letter, now = self._letter, self._clock()
        decision = decide_retry(
            reply, attempt=letter.attempt, now=now, policy=self._mailroom.policy
        )
        if decision.state is DeliveryState.ACCEPTED:
            self._report.sent += 1
        else:
            self._report.failed += 1
            log.warning("letter %d: %s: %s", letter.id, decision.state, reply.code or reply.place)
        with self._store.begin() as unit:
            unit.service_mails.record(
                letter,
                decision.state,
                now,
                code=reply.code,
                status=reply.status,
                reason="" if decision.state is DeliveryState.ACCEPTED else str(reply.place),
                next_at=decision.next_at,
            )

    def give_back(self, mail: OutgoingMail) -> None:
        """Nothing of it was sent; it is released with the rest."""
