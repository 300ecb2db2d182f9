"""A look at the mailboxes that bounces come to, and what of it a status tells."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from digest.daily.returns import ALARM, NOT_KEPT, Effect, Returns, Taken, Trouble, take, trouble
from digest.daily.runs import Clock, plural, recorded, utc_now
from digest.delivery.mailboxes import Arrived, Mailbox
from digest.delivery.quarantine import Quarantine, Waiting, Why
from digest.errors import DigestError
from digest.store import Unit

log = logging.getLogger(__name__)

JOB = "bounces"
MOST_AT_ONCE = 10_000
LONGEST_LOOK = 60.0
"""Messages and seconds of one look: what is left waits for the next one, so that a status tells soon
what a flood of bounces did. Counted between messages: a server may be slow about one, or silent.
"""


@dataclass(slots=True)
class LookReport:
    """What a look at the mailboxes did. ``more``: it ended before they were empty."""

    effects: Counter[Effect] = field(default_factory=Counter)
    more: bool = False
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def read(self) -> int:
        """How many messages were read."""
        return self.effects.total()

    @property
    def summary(self) -> str:
        """One line for people."""
        if not self.read:
            return "no mail came back"
        words = [f"{plural(self.read, 'message')} read"]
        words += [f"{self.effects[one]:,} {_WORDS[one]}" for one in Effect if self.effects[one]]
        if self.more:
            words.append("more wait for the next look")
        return ", ".join(words)

    def as_dict(self) -> dict[str, Any]:
        """The object that ``digest bounce --mailbox --json`` prints."""
        return {
            "read": self.read,
            **{str(one).replace(" ", "_"): self.effects[one] for one in Effect},
            "more": self.more,
            "quarantine": self.waiting.files,
        }


_WORDS = {
    Effect.SUPPRESSED: "suppressed",
    Effect.COUNTED: "counted against a mailbox",
    Effect.UNSUBSCRIBED: "unsubscribed",
    Effect.ANSWERED: "asked whether to unsubscribe",
    Effect.ALARM: "about this sender",
    Effect.NOTHING: "changed nothing",
    Effect.KEPT: "kept for a person",
    Effect.NOT_KEPT: "not kept, for want of room",
    Effect.LEFT: "left in the mailbox, for want of room",
}


def look(
    returns: Returns,
    mailboxes: Sequence[Mailbox],
    *,
    clock: Clock = utc_now,
    stop: threading.Event | None = None,
) -> LookReport:
    """Read what waits in the mailboxes, and record the run.

    A mailbox out of reach does not keep the next from being read; its error is raised at the end.
    """
    report = LookReport()
    failed: list[DigestError] = []
    with recorded(returns.store, JOB, clock) as run:
        round_ = _Round(returns, report, clock, stop or threading.Event())
        for mailbox in mailboxes:
            try:
                round_.read(mailbox)
            except DigestError as error:
                failed.append(error)
        report.waiting = returns.quarantine.waiting()
        run.summary = report.summary
        if failed:
            raise failed[0]
    return report


class _Round:
    """One look: its limits, and what became of each message."""

    def __init__(
        self, returns: Returns, report: LookReport, clock: Clock, stop: threading.Event
    ) -> None:
        self._returns = returns
        self._report = report
        self._clock = clock
        self._stop = stop
        self._until = time.monotonic() + LONGEST_LOOK

    def read(self, mailbox: Mailbox) -> None:
        """Read one mailbox, as far as the look's limits let it."""
        with mailbox.opened() as arrived:
            for message in arrived:
                if self._over():
                    self._report.more = True
                    return
                self._handle(message)

    def _over(self) -> bool:
        exhausted = self._report.read >= MOST_AT_ONCE or time.monotonic() > self._until
        return exhausted or self._stop.is_set()

    def _handle(self, message: Arrived) -> None:
        try:
            taken = take(self._returns, message.raw, clock=self._clock)
        except DigestError:
            raise
        except Exception as error:
            # One message that trips us must not keep the others from being read.
            log.error("a defect: a message that came back met %s", type(error).__name__)
            taken = self._as_a_defect(message)
        self._report.effects[taken.effect] += 1
        if taken.effect in (Effect.LEFT, Effect.NOT_KEPT):
            message.leave()
        else:
            message.remove()

    def _as_a_defect(self, message: Arrived) -> Taken:
        kept = self._returns.quarantine.keep(message.raw, Why.DEFECT, self._clock(), vouched=False)
        return Taken("defect", Effect.KEPT if kept is not None else Effect.LEFT)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a status tells of mail that came back: what waits for a person, and who refuses us."""

    folder: str
    waiting: Waiting
    alarm: Trouble | None = None
    not_kept: Trouble | None = None

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


def returned(unit: Unit, quarantine: Quarantine, now: datetime) -> Returned:
    """How things stand with mail that came back."""
    return Returned(
        folder=str(quarantine.folder),
        waiting=quarantine.waiting(),
        alarm=trouble(unit, ALARM, now),
        not_kept=trouble(unit, NOT_KEPT, now),
    )
