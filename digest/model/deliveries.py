"""Deliveries: planned, leased and finished; service mails; and the runs that did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from digest.model.editions import EditionKind
from digest.model.subscribers import Subscriber

_PAUSED = "sending is paused: "


class DeliveryState(StrEnum):
    """The state of one mail to one subscriber, and who moves it on."""

    PLANNED = "planned"
    """Waits for its moment; a worker leases it, or it is excluded before it is sent."""
    LEASED = "leased"
    """Held by one worker, which begins to send it; once the lease is over, planned again."""
    SENDING = "sending"
    """Its body may be on the way; the worker records an outcome, a dead worker's becomes
    unknown.
    """
    DEFERRED = "deferred"
    """To be tried again later; a worker leases it then."""
    ACCEPTED = "accepted"
    """Taken by the relay: final."""
    REJECTED = "rejected"
    """Refused for good by the relay: final."""
    EXCLUDED = "excluded"
    """Not to be sent, for a reason that is kept: final."""
    UNKNOWN = "unknown"
    """Perhaps taken by the relay, whose answer was lost: the operator's policy decides."""


class ExclusionReason(StrEnum):
    """Reasons for not sending a mail that stand by themselves; others name a day or a fault."""

    NOTHING_ASKED_FOR = "nothing they asked for"
    NOT_WANTED = "not wanted any more"
    EXPIRED = "expired"
    ERASED = "erased"
    RESTORED = "may have been sent before a copy was restored"


class ServiceMailKind(StrEnum):
    """The kinds of service mail. ``UNKNOWN`` is any other text in a damaged row."""

    CONFIRM = "confirm"
    WELCOME = "welcome"
    GOODBYE = "goodbye"
    LEAVE = "leave"
    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> ServiceMailKind:
        return cls.UNKNOWN


class Job(StrEnum):
    """The jobs whose runs are recorded."""

    INGEST = "ingest"
    PUBLISH = "publish"
    WEEKLY = "weekly"
    SEND = "send"
    DAILY = "daily"
    BOUNCES = "bounces"
    PRUNE = "prune"


class UnknownPolicy(StrEnum):
    """Policy for a mail whose outcome was lost with the connection or the process."""

    HOLD = "hold"
    """Leave it ``unknown``: never twice, perhaps not at all."""
    RESEND = "resend"
    """Send it once more under the same Message-ID: never lost, perhaps twice."""


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A row of the outbox before it exists: who, from when on, or why not at all."""

    subscriber_id: int
    due_at: datetime
    excluded: str | None = None


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """Request of ``worker`` for up to ``limit`` due deliveries of an edition, until ``now + ttl``.

    ``ignore_due`` does not wait for a subscriber's own hour; a deferred delivery waits for its next
    moment all the same.
    """

    edition_id: int
    now: datetime
    limit: int
    ttl: timedelta
    worker: str
    ignore_due: bool = False


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """A delivery that one worker holds until ``lease_until``; ``attempt`` counts from 1."""

    id: int
    edition_id: int
    subscriber: Subscriber
    attempt: int
    lease_token: str


@dataclass(frozen=True, slots=True)
class ServiceMail:
    """A service mail that one worker holds for a while.

    ``asked_at`` tells one occasion from the next; ``attempt`` counts from 1.
    """

    id: int
    subscriber: Subscriber
    kind: ServiceMailKind
    asked_at: datetime
    attempt: int
    lease_token: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one attempt. ``code`` and ``status`` are the relay's (RFC 5321, RFC 3463).

    ``reply`` are the relay's words, ``reason`` this program's own where it did not even try; these
    may be counted and shown to anybody.
    ``lease_token`` is the lease under which it was sent; without it an outcome counts for whoever
    holds the delivery now.
    """

    delivery_id: int
    state: DeliveryState
    at: datetime
    code: int | None = None
    status: str | None = None
    reply: str = ""
    next_at: datetime | None = None
    lease_token: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """The outcome of one edition's mail to one subscriber, and when it was final.

    ``words`` are the reason or the relay's reply.
    """

    kind: EditionKind
    day: date
    state: DeliveryState
    attempt: int
    finished_at: datetime | None = None
    code: int | None = None
    status: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class AddressedDelivery:
    """A delivery with whom it is to. ``email`` is ``None`` where the person was erased."""

    subscriber_id: int
    email: str | None
    record: DeliveryRecord


@dataclass(frozen=True, slots=True)
class Tally:
    """The deliveries of one edition by state, beside the number planned at the start.

    ``digest`` promises that ``balanced`` is true at every moment, also after any crash.
    """

    planned_at_start: int = 0
    planned: int = 0
    leased: int = 0
    sending: int = 0
    deferred: int = 0
    accepted: int = 0
    rejected: int = 0
    excluded: int = 0
    unknown: int = 0

    @property
    def balanced(self) -> bool:
        """True if every delivery planned at the start is in exactly one state now."""
        return self.planned_at_start == self.counted

    @property
    def counted(self) -> int:
        """The number of deliveries that are in a state."""
        return (
            self.planned + self.leased + self.sending + self.deferred
            + self.accepted + self.rejected + self.excluded + self.unknown
        )  # fmt: skip

    @property
    def unfinished(self) -> int:
        """The number that may still be sent."""
        return self.planned + self.leased + self.sending + self.deferred


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job: when, how it ended, and why.

    ``no_mail_reason`` is the reason that nothing went out, ``""`` if something did.
    """

    job: Job
    started_at: datetime
    ended_at: datetime
    ok: bool
    summary: str
    no_mail_reason: str = ""


def pause_reason(reason: str) -> str:
    """Say that no mail goes out because sending is paused for ``reason``."""
    return f"{_PAUSED}{reason}"


def is_pause_reason(no_mail_reason: str) -> bool:
    """True of what `pause_reason` made: runs are stored with their reason as text."""
    return no_mail_reason.startswith(_PAUSED)
