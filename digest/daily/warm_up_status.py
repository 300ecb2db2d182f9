"""Status of the warm-up of a new sender today: what is left, and what it holds back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.delivery.warm_up import WarmUp
from digest.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class WarmUpStatus:
    """Day of a warm-up: mails allowed, mails left, and those that wait to be sent."""

    allowed: int
    left: int
    waiting: int
    summary: str

    @property
    def holds_back(self) -> str:
        """Reason that nothing more leaves today, where something would; else ``""``."""
        return self.summary if self.waiting and not self.left else ""

    def as_dict(self) -> dict[str, Any]:
        """Object in ``digest status --json``."""
        return {"allowed": self.allowed, "left": self.left, "waiting": self.waiting}


def warm_up_status(unit: UnitOfWork, warm_up: WarmUp | None, now: datetime) -> WarmUpStatus | None:
    """Read how it stands; ``None`` without a warm-up, and once it is over."""
    if warm_up is None:
        return None
    left = warm_up.left(now, unit.outbox.count_sent_or_held(warm_up.day_start(now)))
    allowed = warm_up.left(now, 0)
    if left is None or allowed is None:
        return None
    tallies = [unit.outbox.tally(edition_id) for edition_id in unit.editions.undelivered(now)]
    waiting = sum(tally.planned + tally.deferred for tally in tallies)
    summary = warm_up.explain(now, waiting)
    if left:
        summary = f"warm-up: {left:,} of the {allowed:,} mails of today are left"
    return WarmUpStatus(allowed, left, waiting, summary)
