"""Job of a run: which edition is sent, how its mails are made, and on which terms."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from digest.delivery.envelope import OutgoingMail
from digest.delivery.progress import SendProgress
from digest.delivery.retry import RetryPolicy
from digest.delivery.send_limits import SendLimits
from digest.model import LeasedDelivery, LeaseRequest, UnknownPolicy


def worker_name() -> str:
    """Make a name that no other sender has, and that tells a person where it ran."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SendJob:
    """Everything that is due of one edition, and how it is sent.

    ``compose`` gives a mail's bytes (``None``: nothing for this subscriber) and ``envelope_sender``
    its MAIL FROM; both are called from several threads. ``sample`` makes a mail for nobody in
    particular: asked where many mails in a row cannot be made, it tells whether that is the
    edition's fault, which ends the run with its error, or those subscribers' own, which costs
    nobody else their mail. ``journals`` is a folder on a local disk that outlives the process;
    without it a kill leaves the whole chunk in doubt until its lease runs out. ``stop`` ends the
    run after the mails in flight. ``ignore_due`` does not wait for a subscriber's own hour.
    """

    edition_id: int
    compose: Callable[[LeasedDelivery], bytes | None]
    envelope_sender: Callable[[LeasedDelivery], str]
    sample: Callable[[], object] | None = None
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    limits: SendLimits = field(default_factory=SendLimits)
    unknown_policy: UnknownPolicy = UnknownPolicy.HOLD
    journals: Path | None = None
    ignore_due: bool = False
    worker: str = field(default_factory=worker_name)
    clock: Callable[[], datetime] = utc_now
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Callable[[SendProgress], None] | None = None

    def mail(self, delivery: LeasedDelivery) -> OutgoingMail | None:
        """Make the mail of a delivery with its envelope; ``None`` if there is nothing to send."""
        content = self.compose(delivery)
        if content is None:
            return None
        sender = self.envelope_sender(delivery)
        return OutgoingMail(delivery.id, sender, delivery.subscriber.email, content)

    def lease_request(self, limit: int) -> LeaseRequest:
        """Ask for up to ``limit`` deliveries that are due now."""
        return LeaseRequest(
            self.edition_id,
            now=self.clock(),
            limit=limit,
            ttl=self.limits.lease_for,
            worker=self.worker,
            ignore_due=self.ignore_due,
        )
