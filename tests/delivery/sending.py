"""What most delivery tests need: readers, a mail for each, and one call that sends them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from fakes import Clock, MemoryOutbox

from digest.delivery.drain import DrainReport, drain
from digest.delivery.retry import RetryPolicy
from digest.delivery.send_job import SendJob
from digest.delivery.send_limits import SendLimits
from digest.delivery.session import Timeouts
from digest.delivery.smtp import RelaySettings, SmtpTransport
from digest.model import LeasedDelivery
from digest.tls import Security

BOUNCES = "bounces@list.test"
HASTY = Timeouts(greeting=5, mail=5, rcpt=5, data=5, block=5, final=5, quit=1, stall=0.5)


def readers(count: int) -> list[str]:
    """Addresses, numbered from 1."""
    return [f"reader{number}@example.test" for number in range(1, count + 1)]


def plain_mail(delivery: LeasedDelivery) -> bytes:
    """A small mail that names its reader and has a line that needs dot-stuffing."""
    email = delivery.subscriber.email
    return (
        f"From: list@list.test\r\nTo: {email}\r\nSubject: Papers\r\n"
        f"Message-ID: <1.{delivery.subscriber.id}@list.test>\r\n\r\n"
        f"Hello {email}\r\n.hidden line\r\n..two\r\nend\r\n"
    ).encode()


def relay(port: int, **values: Any) -> RelaySettings:
    """A relay on this machine, without encryption unless said otherwise."""
    values.setdefault("security", Security.NONE)
    values.setdefault("timeouts", HASTY)
    values.setdefault("local_name", "sender.test")
    return RelaySettings("localhost", port, **values)


def send(
    ledger: MemoryOutbox,
    to: RelaySettings,
    *,
    compose: Callable[[LeasedDelivery], bytes | None] = plain_mail,
    connections: int = 1,
    clock: Clock | None = None,
    journals: Path | None = None,
    policy: RetryPolicy | None = None,
    limits: SendLimits | None = None,
    stop: threading.Event | None = None,
    **values: Any,
) -> DrainReport:
    """One run over edition 1; the equation must hold afterwards."""
    job = SendJob(
        1,
        compose,
        lambda _: BOUNCES,
        policy=policy or RetryPolicy(),
        limits=limits or SendLimits(connections=connections, store_patience=timedelta(seconds=2)),
        clock=clock or Clock(),
        journals=journals,
        stop=stop or threading.Event(),
        **values,
    )
    report = drain(ledger, SmtpTransport(to), job)
    assert report.tally.balanced
    assert not report.tally.sending
    assert not report.tally.leased
    return report
