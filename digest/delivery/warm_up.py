"""Warm-up: how many mails a day may leave while receivers grow used to a new sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.hours import wall_clock

WARM_UP = (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 70_000, 100_000)
"""Mails a day for a sender that nobody knows: about double each day, as large receivers advise."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Schedule of mails a day for a sender that nobody knew before ``first_day``.

    Days are counted in ``zone``. ``schedule`` begins on the first day, and counts before it, too.
    """

    first_day: date
    zone: ZoneInfo
    schedule: Sequence[int] = WARM_UP

    def day_start(self, now: datetime) -> datetime:
        """Start of the day of ``now``: what was sent since counts."""
        return wall_clock(self._today(now), time(0), self.zone)

    def next_day_start(self, now: datetime) -> datetime:
        """Start of the next day, which has mails of its own."""
        return wall_clock(self._today(now) + timedelta(days=1), time(0), self.zone)

    def left(self, now: datetime, sent_today: int) -> int | None:
        """Count the mails that may still leave today; ``None`` once the schedule is over."""
        day = (self._today(now) - self.first_day).days
        if day >= len(self.schedule):
            return None
        return max(self.schedule[max(day, 0)] - sent_today, 0)

    def explain(self, now: datetime, waiting: int) -> str:
        """Say why ``waiting`` mails do not leave any more today; ``""`` without a limit."""
        today = self.left(now, 0)
        if today is None:
            return ""
        first_free_day = self.first_day + timedelta(days=len(self.schedule))
        return (
            f"warm-up: {today:,} mails today and no more, {waiting:,} wait until tomorrow "
            f"(no limit from {first_free_day} on)"
        )

    def _today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()
