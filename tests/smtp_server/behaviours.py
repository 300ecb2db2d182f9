"""Behaviours of the test mail server, and its record of every envelope and mail."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Received:
    """A mail the server took. ``acknowledged`` is false if the client never got the reply 250."""

    sender: str
    recipient: str
    content: bytes
    acknowledged: bool = True
    options: str = ""


@dataclass(slots=True, eq=False)
class Attempt:
    """An envelope that a client offered, and how far it came.

    Each field is set *before* the client can learn of it, so what a client knows stands here.
    ``body_begun``: a byte of the body came; ``body_complete``: its final dot came; ``stored``: it
    is in the mailbox; ``reply``: the last reply about it, ``""`` if there was none; ``reply_seen``:
    the client went on to another body, so it has read the reply; ``fault``: the fault shown during
    it; ``closed``: nothing more will happen to it; ``at``: monotonic seconds when it was stored.
    """

    client: str
    sender: str
    recipient: str
    data_accepted: bool = False
    body_begun: bool = False
    body_complete: bool = False
    stored: bool = False
    reply_seen: bool = False
    closed: bool = False
    reply: str = ""
    fault: str = ""
    message_id: str = ""
    digest: bytes = b""
    at: float = 0.0


def fingerprint(content: bytes) -> bytes:
    """Hash a mail's content, to compare contents without keeping them."""
    return hashlib.blake2b(content, digest_size=16).digest()


ReplyTo = Callable[[str], str | None]
"""Given an address, the reply instead of the usual one, or ``None`` for the usual one."""


FaultAt = Callable[[str, str], str | None]
"""Given a step and an address, the fault to show: ``"cut"`` (disconnect), ``"lose"`` (disconnect,
and the mail is not stored), ``"silence"`` (never answer) or ``None``."""


def _default_reply(_: str) -> str | None:
    return None


def _no_fault(_step: str, _address: str) -> str | None:
    return None


@dataclass
class Behaviour:
    """Behaviour of the server on one connection. Each field is one fault; the defaults have none.

    ``fault_at`` is asked at every step; ``disconnects_at`` and ``silent_at`` name one step, and
    ``disconnects_for`` the addresses for which they apply. ``other_certificate`` is shown after
    STARTTLS instead of the server's own. ``delay`` is in seconds, before each reply.
    """

    greeting: str = "220 sink.test ESMTP"
    hello: str | None = None
    features: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
    users: dict[str, str] = field(default_factory=dict)
    login: str | None = None
    starttls: str | None = None
    mail: ReplyTo = _default_reply
    rcpt: ReplyTo = _default_reply
    data: ReplyTo = _default_reply
    final: ReplyTo = _default_reply
    refuses_connections: bool = False
    disconnects_at: str | None = None
    disconnects_for: Callable[[str], bool] = lambda _: True
    silent_at: str | None = None
    delay: float = 0.0
    mails_per_connection: int | None = None
    drops_pipelined_commands: bool = False
    accepts_data_without_recipient: bool = False
    fault_at: FaultAt = _no_fault
    reads_slowly: bool = False
    hides_starttls: bool = False
    other_certificate: ssl.SSLContext | None = None
    name: str = "polite"
