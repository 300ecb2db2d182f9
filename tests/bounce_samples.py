"""Mail that comes back, for tests: a store with readers and deliveries, and reports about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from fakes import Clock

from digest.bounces.quarantine import Quarantine
from digest.daily.bounces import (
    BounceContext,
    BounceResult,
    process_message,
)
from digest.mail.tokens import sign_bounce_token, sign_token
from digest.model import (
    DeliveryState,
    Edition,
    EditionKind,
    LeaseRequest,
    Outcome,
    PlannedDelivery,
    Preferences,
    Rendering,
    Subscriber,
    SubscriberEvent,
    SubscriberState,
)
from digest.store import Store, open_store

ADDRESS = "bounces@list.example"
KEYS = ("a key that only tests know",)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class BounceInstallation:
    """Everything that returned mail is read with, and a clock that tests move."""

    folder: Path
    store: Store = field(default_factory=lambda: open_store("sqlite://"))
    goodbye: bool = False
    authserv_id: str = ""

    def __post_init__(self) -> None:
        self.clock = Clock(NOON)
        self.store.migrate()
        self.quarantine = Quarantine(self.folder / "quarantine", most_files=20)
        self._days = 0

    @property
    def returns(self) -> BounceContext:
        return BounceContext(
            self.store,
            ADDRESS,
            KEYS,
            self.quarantine,
            "list.example",
            goodbye=self.goodbye,
            authserv_id=self.authserv_id,
        )

    def subscribe(self, email: str = "reader@example.net") -> Subscriber:
        with self.store.begin() as unit:
            return unit.subscribers.add(
                email,
                state=SubscriberState.ACTIVE,
                preferences=Preferences(),
                now=self.clock() - timedelta(days=30),
                origin="test",
            )

    def send(self, subscribers: Sequence[Subscriber]) -> list[int]:
        """An edition that the relay took for all these readers: the numbers of the deliveries."""
        day = date(2026, 1, 1) + timedelta(days=self._days)
        self._days += 1
        now = self.clock()
        with self.store.begin() as unit:
            published = unit.editions.freeze(
                Edition(EditionKind.DAILY, day, (day, day), (), (), ()),
                Rendering(1, "Papers", "", {}),
                published_at=now,
                expires_at=now + timedelta(days=1),
            )
            planned = [PlannedDelivery(reader.id, now) for reader in subscribers]
            unit.outbox.freeze_audience(published.id, planned, now)
            leases = unit.outbox.lease(
                LeaseRequest(published.id, now, 1000, timedelta(hours=1), "a")
            )
            unit.outbox.begin_sending(leases, now)
            unit.outbox.record(
                [Outcome(one.id, DeliveryState.ACCEPTED, now, 250, "2.0.0") for one in leases]
            )
        by_reader = {one.subscriber.id: one.id for one in leases}
        return [by_reader[reader.id] for reader in subscribers]

    def subscriber_with_delivery(self, email: str = "reader@example.net") -> tuple[Subscriber, int]:
        """A reader and a delivery to them."""
        subscriber = self.subscribe(email)
        return subscriber, self.send([subscriber])[0]

    def take(self, raw: bytes, **other: str) -> BounceResult:
        return process_message(self.returns, raw, clock=self.clock, **other)

    def now(self, subscriber: Subscriber) -> Subscriber | None:
        with self.store.read() as unit:
            return unit.subscribers.by_id(subscriber.id)

    def state(self, subscriber: Subscriber) -> SubscriberState:
        found = self.now(subscriber)
        assert found is not None
        return found.state

    def points(self, subscriber: Subscriber) -> float:
        with self.store.read() as unit:
            return unit.subscribers.bounce_points(subscriber.id)[0]

    def events(self, subscriber: Subscriber, kind: str = "bounced") -> list[SubscriberEvent]:
        with self.store.read() as unit:
            return [one for one in unit.subscribers.history(subscriber.id) if one.kind == kind]

    def known(self, subscriber: Subscriber) -> tuple[object, ...]:
        """All that the store knows of a reader, to see that nothing changed."""
        with self.store.read() as unit:
            number = subscriber.id
            history = unit.subscribers.history(number)
            return (unit.subscribers.by_id(number), unit.subscribers.bounce_points(number), history)

    def everything(self) -> list[tuple[object, ...]]:
        """The same of all readers."""
        with self.store.read() as unit:
            return [
                (one, unit.subscribers.bounce_points(one.id), unit.subscribers.history(one.id))
                for one in unit.subscribers.list(limit=1000)
            ]

    def kept(self) -> list[str]:
        """Why each message in the quarantine is there."""
        return sorted(self.quarantine.waiting().reasons)

    def letters(self) -> list[str]:
        """The kinds of the letters that wait."""
        with self.store.begin() as unit:
            found = unit.service_mails.lease(self.clock(), limit=100, ttl=timedelta(minutes=1))
            for letter in found:
                unit.service_mails.release(letter)
        return [letter.kind for letter in found]

    def later(self, **time: float) -> None:
        self.clock.now += timedelta(**time)


def return_path(delivery_id: int, keys: Sequence[str] = KEYS) -> str:
    return f"bounces+{sign_bounce_token(delivery_id, keys)}@list.example"


def bounce(
    delivery_id: int,
    status: str = "5.1.1",
    *,
    recipient: str = "reader@example.net",
    to: str = "",
    action: str = "failed",
    words: str = "550 no such user",
    original: str = "",
) -> bytes:
    """A delivery report (RFC 3464) as Postfix writes it."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {to or return_path(delivery_id)}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--=_b
Content-Type: message/rfc822

{original or "Subject: Papers"}

--=_b--
""".encode()


def complaint(delivery_id: int, *, recipient: str = "reader@example.net") -> bytes:
    """A complaint (ARF, RFC 5965)."""
    return f"""From: <feedback@isp.example>
To: <fbl@list.example>
Subject: FW: Papers
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="arf"

--arf
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1
Original-Mail-From: <{return_path(delivery_id)}>
Original-Rcpt-To: <{recipient}>

--arf
Content-Type: message/rfc822

From: Daily Papers <papers@list.example>

--arf--
""".encode()


def wish(subject: str, *, sender: str = "Reader <reader@example.net>") -> bytes:
    """A mail that a person wrote, with nothing in it but a subject."""
    return (
        f"From: {sender}\nTo: {ADDRESS}\nSubject: {subject}\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n\n\n"
    ).encode()


def leave_token(subscriber: Subscriber) -> str:
    return sign_token("unsubscribe", subscriber.id, KEYS)
