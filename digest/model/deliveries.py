"""Deliveries: what goes to whom, and what became of it; and the runs that did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digest.model.editions import EditionKind
from digest.model.subscribers import Subscriber

UNCOMPOSABLE = "could not be composed: "
"""How the reason begins for which a mail waits that a defect kept from being made."""


class DeliveryState(StrEnum):
    """Where the mail of one edition to one reader is."""

    PLANNED = "planned"
    LEASED = "leased"
    SENDING = "sending"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A row of the outbox before it exists: who, from when on, or why not at all."""

    subscriber_id: int
    due_at: datetime
    excluded: str | None = None


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
    """A service mail (``confirm``, ``welcome``, ``goodbye``, ``leave``) that one worker holds for a while.

    ``asked_at`` tells one occasion from the next; ``attempt`` counts from 1.
    """

    id: int
    subscriber: Subscriber
    kind: str
    asked_at: datetime
    attempt: int
    lease_token: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. ``code`` and ``status`` are the relay's (RFC 5321, RFC 3463).

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


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """What became of one edition's mail to one reader, and when it was settled.

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
        """Whether every delivery planned at the start is in exactly one state now."""
        return self.planned_at_start == self.counted

    @property
    def counted(self) -> int:
        """How many deliveries are in a state."""
        return (
            self.planned + self.leased + self.sending + self.deferred
            + self.accepted + self.rejected + self.excluded + self.unknown
        )  # fmt: skip

    @property
    def unfinished(self) -> int:
        """How many may still be sent."""
        return self.planned + self.leased + self.sending + self.deferred


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job (``ingest``, ``publish``, ``send``): when, how it ended, and why.

    ``silence`` is the reason that nothing went out, ``""`` if something did.
    """

    job: str
    started_at: datetime
    ended_at: datetime
    ok: bool
    summary: str
    silence: str = ""
