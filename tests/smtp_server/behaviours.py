"""How a relay behaves, well or badly, and what it notes down of every envelope it is offered."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Received:
    """A mail that reached the sink's disk, so to speak. ``told`` is whether the sender heard so."""

    sender: str
    recipient: str
    content: bytes
    told: bool = True
    options: str = ""


@dataclass(slots=True, eq=False)
class Attempt:
    """An envelope that a client offered, and how far it came.

    Each field is set *before* the client can learn of it, so what a client knows stands here.
    ``begun``: a byte of the body came; ``whole``: its final dot came; ``kept``: it is in the
    mailbox; ``reply``: the last word on it, ``""`` if there was none; ``heard``: the client went on
    to another body, so it has read that; ``fault``: how the sink failed it; ``over``: nothing more
    will become of it; ``at``: seconds on the monotonic clock when it was kept.
    """

    client: str
    sender: str
    recipient: str
    agreed: bool = False
    begun: bool = False
    whole: bool = False
    kept: bool = False
    heard: bool = False
    over: bool = False
    reply: str = ""
    fault: str = ""
    message_id: str = ""
    digest: bytes = b""
    at: float = 0.0


def fingerprint(content: bytes) -> bytes:
    """What tells one content from every other."""
    return hashlib.blake2b(content, digest_size=16).digest()


Say = Callable[[str], str | None]
"""Given an address, the reply instead of the usual one, or ``None`` for the usual one."""


Whim = Callable[[str, str], str | None]
"""Given a step and an address: ``"cut"``, ``"lose"`` (cut, and the mail is not kept), ``"silence"``
or ``None``."""


def _usual(_: str) -> str | None:
    return None


def _no_whim(_step: str, _address: str) -> str | None:
    return None


@dataclass
class Manners:
    """How a sink behaves. Each field is one way to be bad; the defaults are good manners.

    ``mood`` is a name for counting; ``stranger`` shows the certificate of somebody else.
    """

    greeting: str = "220 sink.test ESMTP"
    hello: str | None = None
    features: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
    users: dict[str, str] = field(default_factory=dict)
    login: str | None = None
    starttls: str | None = None
    mail: Say = _usual
    rcpt: Say = _usual
    data: Say = _usual
    final: Say = _usual
    refuses_connections: bool = False
    cuts_at: str | None = None
    cuts: Callable[[str], bool] = lambda _: True
    silent_at: str | None = None
    delay: float = 0.0
    mails_per_connection: int | None = None
    drops_rest_of_group: bool = False
    takes_body_of_nobody: bool = False
    whim: Whim = _no_whim
    sips: bool = False
    strips_starttls: bool = False
    stranger: ssl.SSLContext | None = None
    mood: str = "polite"
