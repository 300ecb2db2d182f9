"""Stand-ins that answer as told and keep what they were given: clocks, relays, an outbox in memory."""

from __future__ import annotations

import email
import email.policy
import http.server
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from digest.delivery.envelope import OutgoingMail
from digest.delivery.ports import SessionClient
from digest.delivery.retry import Reply, SmtpStage
from digest.delivery.smtp import NoSessionError, RelaySettings
from digest.errors import StoreBusyError
from digest.model import (
    DeliveryState,
    LeasedDelivery,
    LeaseRequest,
    Outcome,
    Subscriber,
    SubscriberState,
    Tally,
    UnknownPolicy,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
S = DeliveryState


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class RecordingTransport:
    """A relay that accepts everything and keeps it, but has ``answers`` for some recipients."""

    def __init__(self) -> None:
        self.answers: Mapping[str, Reply] = {}
        self.mails: list[OutgoingMail] = []
        self.usable = True
        self.sent = 0

    def open(self) -> RecordingTransport:
        return self

    def closed(self, session: object) -> None:
        """Nothing to hang up."""

    def close(self) -> None:
        """Nothing to hang up."""

    def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
        current: OutgoingMail | None = mail
        while current is not None:
            if current.recipient in self.answers:
                client.record_reply(current, self.answers[current.recipient])
            elif client.begin_body(current):
                self.mails.append(current)
                client.record_reply(current, Reply(SmtpStage.FINAL, 250, "2.0.0", "kept"))
            else:
                client.hand_back(current)
            current = client.next_mail()

    def to(self, address: str) -> list[EmailMessage]:
        """The mails for one reader, in the order they came."""
        return [parse_message(mail.content) for mail in self.mails if mail.recipient == address]


class QuietHttpServer(http.server.ThreadingHTTPServer):
    """A web server that prints nothing, and whose threads end with the tests."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what some tests are about."""


class UnreachableRelay(RecordingTransport):
    """A relay that cannot be reached."""

    def open(self) -> RecordingTransport:
        raise NoSessionError(
            Reply(SmtpStage.CONNECT, text="refused"), RelaySettings("relay.example.org", 25)
        )


def parse_message(content: bytes) -> EmailMessage:
    """A message as a mail program reads it."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@dataclass
class Row:
    """One delivery."""

    subscriber: Subscriber
    state: DeliveryState = S.PLANNED
    token: str = ""
    worker: str = ""
    until: datetime = NOON
    attempt: int = 0
    due_at: datetime = NOON
    doubts: int = 0
    outcomes: list[Outcome] = field(default_factory=list)


class MemoryOutbox:
    """Deliveries of edition 1 to the given addresses, numbered from 1."""

    def __init__(self, emails: Sequence[str], *, expires_at: datetime | None = None) -> None:
        self.rows = {
            number: Row(Subscriber(number, email, SubscriberState.ACTIVE))
            for number, email in enumerate(emails, start=1)
        }
        self.expires_at = expires_at or datetime(2999, 1, 1, tzinfo=UTC)
        self.busy = 0
        self.calls: Counter[str] = Counter()
        self._lock = threading.RLock()

    def _enter(self, name: str) -> None:
        self.calls[name] += 1
        if self.busy:
            self.busy -= 1
            raise StoreBusyError("the disk is full")

    def lease(self, request: LeaseRequest) -> tuple[LeasedDelivery, ...]:
        now = request.now
        with self._lock:
            self._enter("lease")
            leases: list[LeasedDelivery] = []
            for number, row in self.rows.items():
                if len(leases) == request.limit:
                    break
                due = row.due_at <= now or (request.ignore_due and row.state is S.PLANNED)
                if row.state in (S.PLANNED, S.DEFERRED) and due:
                    row.state, row.worker, row.until = S.LEASED, request.worker, now + request.ttl
                    row.token = secrets.token_hex(16)
                    leases.append(
                        LeasedDelivery(
                            number, request.edition_id, row.subscriber, row.attempt + 1, row.token
                        )
                    )
            return tuple(leases)

    def lease_and_begin(
        self, request: LeaseRequest, enter: Callable[[Sequence[LeasedDelivery]], object]
    ) -> tuple[tuple[LeasedDelivery, ...], int]:
        with self._lock:
            leases = self.lease(request)
            enter(leases)
            begun = self.begin_sending(leases, request.now)
            return begun, len(leases) - len(begun)

    def begin_sending(
        self, leases: Sequence[LeasedDelivery], now: datetime
    ) -> tuple[LeasedDelivery, ...]:
        with self._lock:
            self._enter("begin_sending")
            begun = []
            for lease in leases:
                row = self.rows[lease.id]
                if row.token != lease.lease_token or row.state is not S.LEASED:
                    continue
                if row.subscriber.state is not SubscriberState.ACTIVE:
                    row.state = S.EXCLUDED
                    continue
                row.state, row.attempt = S.SENDING, lease.attempt
                begun.append(lease)
            return tuple(begun)

    def record(self, outcomes: Sequence[Outcome]) -> None:
        with self._lock:
            self._enter("record")
            for outcome in outcomes:
                row = self.rows[outcome.delivery_id]
                if row.state is not S.SENDING or outcome.lease_token not in ("", row.token):
                    continue
                row.state = outcome.state
                row.outcomes.append(outcome)
                row.doubts += outcome.state is S.UNKNOWN
                if outcome.next_at is not None:
                    row.due_at = outcome.next_at

    def release(self, leases: Sequence[LeasedDelivery]) -> None:
        with self._lock:
            self._enter("release")
            for lease in leases:
                row = self.rows[lease.id]
                held = row.state in (S.LEASED, S.SENDING, S.UNKNOWN)
                if held and row.token == lease.lease_token:
                    row.state = S.PLANNED

    def recover(
        self, now: datetime, *, unknown_policy: UnknownPolicy, workers: Collection[str] = ()
    ) -> tuple[int, int]:
        with self._lock:
            self._enter("recover")
            leases = sendings = 0
            for row in self.rows.values():
                dead = row.until <= now or row.worker in workers
                if row.state is S.LEASED and dead:
                    row.state = S.PLANNED
                    leases += 1
                elif row.state is S.SENDING and dead:
                    row.state = S.UNKNOWN
                    row.doubts += 1
                    sendings += 1
                if (
                    row.state is S.UNKNOWN
                    and unknown_policy is UnknownPolicy.RESEND
                    and row.doubts <= 1
                ):
                    row.state = S.PLANNED
            return leases, sendings

    def expire(self, now: datetime) -> int:
        with self._lock:
            self._enter("expire")
            if now <= self.expires_at:
                return 0
            late = [r for r in self.rows.values() if r.state in (S.PLANNED, S.DEFERRED)]
            for row in late:
                row.state = S.EXCLUDED
            return len(late)

    def tally(self, edition_id: int) -> Tally:
        with self._lock:
            self._enter("tally")
            states = Counter(row.state.value for row in self.rows.values())
            return Tally(planned_at_start=len(self.rows), **states)

    def states(self) -> Counter[DeliveryState]:
        """How many deliveries are in which state."""
        return Counter(row.state for row in self.rows.values())

    def outcome(self, email: str) -> Outcome:
        """The last outcome of that address's delivery."""
        return next(r for r in self.rows.values() if r.subscriber.email == email).outcomes[-1]

    def unsubscribe(self, email: str) -> None:
        """That reader leaves."""
        for row in self.rows.values():
            if row.subscriber.email == email:
                row.subscriber = replace(row.subscriber, state=SubscriberState.UNSUBSCRIBED)
