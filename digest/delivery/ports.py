"""Ports of a run: what sending needs of the outbox, of sessions and of what opens them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from digest.delivery.envelope import OutgoingMail
from digest.delivery.retry import Reply
from digest.model import LeasedDelivery, LeaseRequest, Outcome, Tally, UnknownPolicy


class SendingPort(Protocol):
    """The outbox as the send loop needs it; each call is one transaction."""

    def lease(self, request: LeaseRequest) -> tuple[LeasedDelivery, ...]:
        """Lease due deliveries; fewer than asked for means that no more are due."""
        ...

    def lease_and_begin(
        self, request: LeaseRequest, enter: Callable[[Sequence[LeasedDelivery]], object]
    ) -> tuple[tuple[LeasedDelivery, ...], int]:
        """Lease and begin in one move what leaves at once; ``enter`` hears of it before the commit.

        Returns what was begun, and how many were excluded instead.
        """
        ...

    def begin_sending(
        self, leases: Sequence[LeasedDelivery], now: datetime
    ) -> tuple[LeasedDelivery, ...]:
        """Count an attempt for each lease; return those that may be sent."""
        ...

    def record(self, outcomes: Sequence[Outcome]) -> None:
        """Write how attempts ended."""
        ...

    def release(self, leases: Sequence[LeasedDelivery]) -> None:
        """Give back deliveries of which no body was begun."""
        ...

    def expire(self, now: datetime) -> int:
        """Exclude what is unfinished of editions that may no longer be sent; return how many."""
        ...

    def tally(self, edition_id: int) -> Tally:
        """Count the deliveries of an edition by state."""
        ...


class OutboxPort(SendingPort, Protocol):
    """The outbox as a whole run needs it: the send loop, and the recovery before it."""

    def recover(
        self, now: datetime, *, unknown_policy: UnknownPolicy, workers: Collection[str] = ()
    ) -> tuple[int, int]:
        """Take back what expired leases and dead ``workers`` hold; return (leased, sending)."""
        ...


class SessionClient(Protocol):
    """The side that hands mails to a session and is told what became of each."""

    def next_mail(self) -> OutgoingMail | None:
        """Return the next mail, or ``None`` if none is at hand now."""
        ...

    def begin_body(self, mail: OutgoingMail) -> bool:
        """Note that the next byte on the wire is the mail's own; false means: not any more."""
        ...

    def record_reply(self, mail: OutgoingMail, reply: Reply) -> None:
        """Note what the relay said of the mail."""
        ...

    def hand_back(self, mail: OutgoingMail) -> None:
        """Take back a mail that was not sent and of which the relay has said nothing."""
        ...


class SessionPort(Protocol):
    """A session as a worker needs it: `digest.delivery.session.Session`."""

    usable: bool
    sent: int

    def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
        """Send that mail and every further one that the client has at hand."""
        ...

    def close(self) -> None:
        """End the session. Never raises."""
        ...


class Transport(Protocol):
    """Source of sessions: `digest.delivery.smtp.SmtpTransport`, or a double in tests."""

    def open(self) -> SessionPort:
        """Open a session ready for mail. Raises `digest.delivery.smtp.NoSessionError`."""
        ...

    def closed(self, session: SessionPort) -> None:
        """Take back a session that is not needed any more."""
        ...
