"""How fast mails may leave: in total, to one domain, and while a relay grows used to a sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.hours import wall_clock

_SLOWEST = 60.0
_FIRST_PAUSE = 1.0

WARM_UP = (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 70_000, 100_000)
"""Mails a day for a sender that nobody knows: about double each day, as large receivers advise."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """How many mails a day a sender sends that nobody knew before ``first_day``.

    Days are counted in ``zone``. ``schedule`` begins on the first day, and counts before it, too.
    """

    first_day: date
    zone: ZoneInfo
    schedule: Sequence[int] = WARM_UP

    def begins(self, now: datetime) -> datetime:
        """When the day of ``now`` began: what was sent since counts."""
        return wall_clock(self._today(now), time(0), self.zone)

    def goes_on(self, now: datetime) -> datetime:
        """When the next day begins, with mails of its own."""
        return wall_clock(self._today(now) + timedelta(days=1), time(0), self.zone)

    def left(self, now: datetime, sent_today: int) -> int | None:
        """How many more mails may leave today; ``None`` once the schedule is over."""
        day = (self._today(now) - self.first_day).days
        if day >= len(self.schedule):
            return None
        return max(self.schedule[max(day, 0)] - sent_today, 0)

    def words(self, now: datetime, waiting: int) -> str:
        """The reason that ``waiting`` mails do not leave any more today; ``""`` without a limit."""
        today = self.left(now, 0)
        if today is None:
            return ""
        free = self.first_day + timedelta(days=len(self.schedule))
        return (
            f"warm-up: {today:,} mails today and no more, {waiting:,} wait until tomorrow "
            f"(no limit from {free} on)"
        )

    def _today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Mails a second, in total and to each recipient domain; 0 sets no limit."""

    total: float = 0.0
    per_domain: float = 0.0


class RateLimiter:
    """Says when each mail may leave, and slows down for a domain that asks for it.

    Times are seconds on any clock that only goes forward.
    """

    def __init__(self, rates: RateLimits) -> None:
        self._rates = rates
        self._next = 0.0
        self._next_of: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    @property
    def limited(self) -> bool:
        """Whether any mail may have to wait."""
        return bool(self._rates.total or self._rates.per_domain or self._next_of)

    def reserve(self, domain: str, now: float) -> float:
        """The moment at which the next mail to that domain may leave; it is taken now."""
        moment = max(now, self._next, self._next_of.get(domain, 0.0))
        if self._rates.total:
            # The total counts from its own last slot: one slow domain must not hold up the rest.
            self._next = max(now, self._next) + 1.0 / self._rates.total
        gap = self._gap(domain)
        if gap:
            self._next_of[domain] = moment + gap
        return moment

    def slow_down(self, domain: str, now: float) -> None:
        """The domain says "too fast": wait, and double the wait each time it says so again."""
        pause = min(self._pauses.get(domain, _FIRST_PAUSE / 2) * 2, _SLOWEST)
        self._pauses[domain] = pause
        self._next_of[domain] = max(self._next_of.get(domain, 0.0), now + pause)

    def welcome(self, domain: str) -> None:
        """The domain took a mail: halve its pause."""
        pause = self._pauses.get(domain)
        if pause is None:
            return
        if pause <= _FIRST_PAUSE:
            del self._pauses[domain]
            if not self._rates.per_domain:
                self._next_of.pop(domain, None)
        else:
            self._pauses[domain] = pause / 2

    def _gap(self, domain: str) -> float:
        own = 1.0 / self._rates.per_domain if self._rates.per_domain else 0.0
        return max(own, self._pauses.get(domain, 0.0))
