"""Read the mailboxes that bounces come to, and report their state."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from digest.bounces.mailboxes import Mailbox, ReceivedMessage
from digest.bounces.quarantine import Quarantine, QuarantineCount, QuarantineReason
from digest.daily.bounces import (
    ALARM_FLAG,
    NOT_KEPT_FLAG,
    BounceContext,
    BounceEffect,
    BounceResult,
    RecurringProblem,
    process_message,
    recurring_problem,
)
from digest.daily.run_record import Clock, plural, recorded, utc_now
from digest.errors import DigestError
from digest.model import Job
from digest.store import UnitOfWork

log = logging.getLogger(__name__)

MOST_AT_ONCE = 10_000
LONGEST_READING = 60.0
"""Messages and seconds of one reading: what is left waits for the next, so that a status tells
soon what a flood of bounces did. Counted between messages: a server may be slow about one, or silent.
"""


@dataclass(slots=True)
class MailboxReport:
    """The outcome of reading the mailboxes. ``more``: it ended before they were empty."""

    effects: Counter[BounceEffect] = field(default_factory=Counter)
    more: bool = False
    waiting: QuarantineCount = field(default_factory=QuarantineCount)

    @property
    def read(self) -> int:
        """The number of messages read."""
        return self.effects.total()

    @property
    def summary(self) -> str:
        """One line for people."""
        if not self.read:
            return "no mail came back"
        parts = [f"{plural(self.read, 'message')} read"]
        parts += [
            f"{self.effects[effect]:,} {_EFFECT_NAMES[effect]}"
            for effect in BounceEffect
            if self.effects[effect]
        ]
        if self.more:
            parts.append("more wait for the next look")
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The object that ``digest bounce --mailbox --json`` prints."""
        return {
            "read": self.read,
            **{str(effect).replace(" ", "_"): self.effects[effect] for effect in BounceEffect},
            "more": self.more,
            "quarantine": self.waiting.files,
        }


_EFFECT_NAMES = {
    BounceEffect.SUPPRESSED: "suppressed",
    BounceEffect.COUNTED: "counted against a mailbox",
    BounceEffect.UNSUBSCRIBED: "unsubscribed",
    BounceEffect.VOTED: "voted",
    BounceEffect.ANSWERED: "asked whether to unsubscribe",
    BounceEffect.ALARM: "about this sender",
    BounceEffect.NOTHING: "changed nothing",
    BounceEffect.QUARANTINED: "kept for a person",
    BounceEffect.NOT_QUARANTINED: "not kept, for want of room or because one like it is",
    BounceEffect.LEFT_IN_MAILBOX: "left in the mailbox, for want of room",
}


def read_mailboxes(
    context: BounceContext,
    mailboxes: Sequence[Mailbox],
    *,
    clock: Clock = utc_now,
    stop: threading.Event | None = None,
) -> MailboxReport:
    """Read what waits in the mailboxes, and record the run.

    A mailbox out of reach does not keep the next from being read; its error is raised at the end.
    """
    report = MailboxReport()
    failed: list[DigestError] = []
    with recorded(context.store, Job.BOUNCES, clock) as run:
        reader = _MailboxReader(context, report, clock, stop or threading.Event())
        for mailbox in mailboxes:
            try:
                reader.read(mailbox)
            except DigestError as error:
                failed.append(error)
        report.waiting = context.quarantine.waiting()
        run.summary = report.summary
        if failed:
            raise failed[0]
    return report


class _MailboxReader:
    """One reading of the mailboxes: its limits, and what became of each message."""

    def __init__(
        self, context: BounceContext, report: MailboxReport, clock: Clock, stop: threading.Event
    ) -> None:
        self._context = context
        self._report = report
        self._clock = clock
        self._stop = stop
        self._until = time.monotonic() + LONGEST_READING

    def read(self, mailbox: Mailbox) -> None:
        """Read one mailbox, as far as the limits let it."""
        with mailbox.opened() as arrived:
            for message in arrived:
                if self._is_over():
                    self._report.more = True
                    return
                self._handle(message)

    def _is_over(self) -> bool:
        exhausted = self._report.read >= MOST_AT_ONCE or time.monotonic() > self._until
        return exhausted or self._stop.is_set()

    def _handle(self, message: ReceivedMessage) -> None:
        try:
            result = process_message(self._context, message.raw, clock=self._clock)
        except DigestError:
            raise
        except Exception as error:
            # One message that trips us must not keep the others from being read.
            log.error("a defect: a returned message raised %s", type(error).__name__)
            result = self._quarantine_defect(message)
        self._report.effects[result.effect] += 1
        if result.effect in (BounceEffect.LEFT_IN_MAILBOX, BounceEffect.NOT_QUARANTINED):
            message.leave()
        else:
            message.remove()

    def _quarantine_defect(self, message: ReceivedMessage) -> BounceResult:
        kept = self._context.quarantine.keep(
            message.raw, QuarantineReason.DEFECT, self._clock(), vouched=False
        )
        return BounceResult(
            "defect", BounceEffect.QUARANTINED if kept is not None else BounceEffect.LEFT_IN_MAILBOX
        )


@dataclass(frozen=True, slots=True)
class BounceStatus:
    """The state of mail that came back: what waits for a person, and who refuses us."""

    folder: str
    waiting: QuarantineCount
    alarm: RecurringProblem | None = None
    not_kept: RecurringProblem | None = None

    def lines(self) -> Iterator[str]:
        """For people; nothing where all is well."""
        if self.waiting.files:
            reasons = ", ".join(f"{count:,} {why}" for why, count in self.waiting.reasons.items())
            held = plural(self.waiting.files, "message")
            yield f"quarantine    {held} for a person in {self.folder} ({reasons})"
        if self.not_kept is not None:
            yield f"NOT KEPT      {self.not_kept.summary}. Take away what waits in the quarantine"
        if self.alarm is not None:
            yield f"ALARM         {self.alarm.summary}"

    def as_dict(self) -> dict[str, Any]:
        """As ``digest status --json`` has it."""
        return {
            "quarantine": {
                "folder": self.folder,
                "waiting": self.waiting.files,
                "octets": self.waiting.octets,
                "reasons": dict(self.waiting.reasons),
            },
            "not_kept": self.not_kept.as_dict() if self.not_kept is not None else None,
            "alarm": self.alarm.as_dict() if self.alarm is not None else None,
        }


def bounce_status(unit: UnitOfWork, quarantine: Quarantine, now: datetime) -> BounceStatus:
    """Read the state of mail that came back."""
    return BounceStatus(
        folder=str(quarantine.folder),
        waiting=quarantine.waiting(),
        alarm=recurring_problem(unit, ALARM_FLAG, now),
        not_kept=recurring_problem(unit, NOT_KEPT_FLAG, now),
    )
