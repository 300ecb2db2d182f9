"""How far the warm-up of a new sender is today, and what it holds back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.delivery.rate_limit import WarmUp
from digest.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class WarmUpStatus:
    """A day of a warm-up: mails allowed, mails left, and those that wait to be sent."""

    allowed: int
    left: int
    waiting: int
    words: str

    @property
    def holds(self) -> str:
        """Why nothing more leaves today, where something would."""
        return self.words if self.waiting and not self.left else ""

    def as_dict(self) -> dict[str, Any]:
        """The object in ``digest status --json``."""
        return {"allowed": self.allowed, "left": self.left, "waiting": self.waiting}


def warm_up_status(unit: UnitOfWork, warm_up: WarmUp | None, now: datetime) -> WarmUpStatus | None:
    """How it stands; ``None`` without a warm-up, and once it is over."""
    if warm_up is None:
        return None
    left = warm_up.left(now, unit.outbox.spent(warm_up.begins(now)))
    allowed = warm_up.left(now, 0)
    if left is None or allowed is None:
        return None
    tallies = [unit.outbox.tally(number) for number in unit.editions.undelivered(now)]
    waiting = sum(tally.planned + tally.deferred for tally in tallies)
    words = warm_up.words(now, waiting)
    if left:
        words = f"warm-up: {left:,} of the {allowed:,} mails of today are left"
    return WarmUpStatus(allowed, left, waiting, words)
