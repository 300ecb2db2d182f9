"""Meaning of a relay's reply: a policy as a value, and a decision without a clock.

A mail ends in one of four ways: ``accepted``; ``deferred`` (a later try may succeed); ``rejected``
(this address takes no such mail); ``unknown`` (cut between the final dot and its reply, RFC 5321
§4.5.3.2.6, so nobody can know). Beside that stands who is at fault, because a refusal of *us* must
never count against a subscriber: it defers the mail and, after a few in a row, pauses all sending.

The enhanced status code (RFC 3463) decides where the relay gives one, the stage of the failure
where it does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from digest.model import DeliveryState
from digest.redaction import without_addresses


class SmtpStage(StrEnum):
    """Stage of a session at which something happened, in order."""

    CONNECT = "connect"
    GREETING = "greeting"
    HELLO = "hello"
    TLS = "tls"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    FINAL = "final"


_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
_BEFORE_LOGIN = frozenset({SmtpStage.CONNECT, SmtpStage.GREETING, SmtpStage.HELLO, SmtpStage.TLS})
_BEFORE_MAIL = _BEFORE_LOGIN | {SmtpStage.LOGIN}


class FailureOrigin(StrEnum):
    """Party that a failure speaks about."""

    NONE = "none"
    RECIPIENT = "recipient"
    RELAY = "relay"
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer of the relay to one mail, or its silence (``code`` is ``None``).

    ``stage`` is the command that was answered, ``status`` the enhanced status code. With
    ``stage=FINAL`` and no code the whole mail had left and its outcome is in doubt.
    """

    stage: SmtpStage
    code: int | None = None
    status: str | None = None
    text: str = ""

    @classmethod
    def of(cls, stage: SmtpStage, code: int, text: str) -> Reply:
        """Make a reply as read from the wire; its status code is the first word of the text."""
        match = _STATUS.match(text)
        return cls(stage, code, match.group(1) if match else None, text)

    @property
    def accepted(self) -> bool:
        """True if the relay took responsibility for the mail (RFC 5321 §4.2.5)."""
        return self.stage is SmtpStage.FINAL and self.code is not None and 200 <= self.code < 300

    @property
    def summary(self) -> str:
        """Reply on one line, for a person, without addresses."""
        text = without_addresses(" ".join((self.text or "no reply").split()))[:200]
        return f"{self.code} {text}" if self.code is not None else text

    def without_address(self, address: str) -> Reply:
        """Reply without the address it was about: all of it that may be written down."""
        text = without_addresses(self.text, address)
        return self if text == self.text else replace(self, text=text)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Patience of a sender.

    ``first_wait`` doubles (``growth``) up to ``longest_wait``; the edition's expiry ends it all.
    ``sender_refusals`` refusals of us in a row pause the sending, as do ``refusals_in_a_row`` of any
    kind without one mail accepted; ``relay_failures`` failures in a row to reach the relay end the
    run. The numbers are small because every further try costs reputation and gains nothing.
    ``domains_to_pause`` is how many recipient domains must be among refusals in a row that pause.
    """

    first_wait: timedelta = timedelta(minutes=5)
    growth: float = 2.0
    longest_wait: timedelta = timedelta(hours=4)
    sender_refusals: int = 3
    refusals_in_a_row: int = 25
    relay_failures: int = 3
    domains_to_pause: int = 1

    def wait(self, attempt: int, *, spread: float = 0.0) -> timedelta:
        """Wait after that attempt (from 1). ``spread`` in 0…1 adds up to a tenth of it, so that
        mails deferred together do not all come back in the same second.
        """
        exponent = min(max(attempt - 1, 0), 64)
        seconds = self.first_wait.total_seconds() * self.growth**exponent
        seconds = min(seconds, self.longest_wait.total_seconds())
        return timedelta(seconds=seconds * (1.0 + 0.1 * spread))


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """Decision about an attempt: the state to write down, and the party at fault. ``pause`` stops all sending until a person says go on."""

    state: DeliveryState
    fault: FailureOrigin = FailureOrigin.NONE
    next_at: datetime | None = None
    pause: bool = False


ACCEPTED = RetryDecision(DeliveryState.ACCEPTED)
"""Decision about every mail that a relay took."""


def decide_retry(
    reply: Reply,
    *,
    attempt: int,
    now: datetime,
    policy: RetryPolicy,
    spread: float = 0.0,
) -> RetryDecision:
    """Decide what becomes of a mail after that reply to its ``attempt`` (from 1)."""
    if reply.accepted:
        return ACCEPTED
    if reply.code is None and reply.stage is SmtpStage.FINAL:
        return RetryDecision(DeliveryState.UNKNOWN, FailureOrigin.RELAY)
    fault = failure_origin(reply)
    if fault is FailureOrigin.RECIPIENT and reply.code is not None and reply.code >= 500:
        return RetryDecision(DeliveryState.REJECTED, fault)
    wait = max(policy.wait(attempt, spread=spread), requested_wait(reply.text) or timedelta())
    pause = fault is FailureOrigin.SENDER and reply.stage in (SmtpStage.LOGIN, SmtpStage.MAIL)
    return RetryDecision(DeliveryState.DEFERRED, fault, now + wait, pause)


def failure_origin(reply: Reply) -> FailureOrigin:
    """Tell whom a reply that is not an acceptance speaks about."""
    if reply.code is None or reply.code == 421 or reply.code < 400:
        return FailureOrigin.RELAY
    if reply.stage in _BEFORE_LOGIN and reply.code in _NOT_UNDERSTOOD:
        return FailureOrigin.RELAY
    if reply.stage in _BEFORE_MAIL:
        return (
            FailureOrigin.SENDER
            if reply.code >= 500 and _refuses_us(reply)
            else FailureOrigin.RELAY
        )
    if reply.code >= 500:
        return FailureOrigin.SENDER if _refuses_us(reply) else FailureOrigin.RECIPIENT
    subject = _subject(reply.status)
    if reply.stage is SmtpStage.RCPT:
        return FailureOrigin.RELAY if subject in _SYSTEM_SUBJECTS else FailureOrigin.RECIPIENT
    return FailureOrigin.RECIPIENT if subject in _MAILBOX_SUBJECTS else FailureOrigin.RELAY


_MAILBOX_SUBJECTS = frozenset({1, 2})
_SYSTEM_SUBJECTS = frozenset({3, 4})
_NOT_UNDERSTOOD = frozenset({500, 502, 503, 504, 555})
_TOO_BIG_FOR_RELAY = "5.3.4"


def says_too_fast(reply: Reply) -> bool:
    """True if a temporary refusal asks for fewer mails a minute (greylisting does not)."""
    temporary = reply.code is not None and 400 <= reply.code < 500
    return temporary and _TOO_FAST.search(reply.text) is not None


def _refuses_us(reply: Reply) -> bool:
    """True if a permanent refusal is about this sender, its address, its login or its mail."""
    if reply.stage in (SmtpStage.LOGIN, SmtpStage.MAIL) or reply.code in _NOT_UNDERSTOOD:
        return True
    subject = _subject(reply.status)
    if subject in (None, 0):
        return _BLOCKED.search(reply.text) is not None
    return subject == 7 or reply.status == _TOO_BIG_FOR_RELAY


def _subject(status: str | None) -> int | None:
    """Middle number of an enhanced status code (RFC 3463 §2)."""
    return int(status.split(".")[1]) if status else None


_BLOCKED = re.compile(
    r"\b(block(ed)?\s?list|blocked|black\s?list(ed)?|deny\s?list(ed)?|spamhaus|dnsbl|rbl"
    r"|poor reputation|relay(ing)?\s(access\s)?(is\s)?(denied|not permitted|not allowed)"
    r"|authenticat(e|ion)\s(is\s)?required|spf|dkim|dmarc)\b",
    re.IGNORECASE,
)

_TOO_FAST = re.compile(
    r"\btoo (many|fast|quickly|much)\b|\brate\b|\bthrottl|\bslow(er)? down\b|\bdeferred due to",
    re.IGNORECASE,
)

_UNITS = {"s": 1, "m": 60, "h": 3600}
_REQUESTED = re.compile(
    r"\b(?:in|after|for|wait|within|retry-after:?|again)\s+(\d{1,6})\s*"
    r"(s|sec|secs|seconds?|m|min|mins|minutes?|h|hrs?|hours?)\b",
    re.IGNORECASE,
)
_LONGEST_REQUEST = timedelta(hours=24)


def requested_wait(text: str) -> timedelta | None:
    """Find the wait that a reply asks for in words (``try again in 300 seconds``), at most a day."""
    match = _REQUESTED.search(text)
    if match is None:
        return None
    seconds = int(match.group(1)) * _UNITS[match.group(2)[0].lower()]
    return min(timedelta(seconds=seconds), _LONGEST_REQUEST)
