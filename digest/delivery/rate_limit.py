"""Rate limits: how many mails may leave in a second, in total and to one recipient domain."""

from __future__ import annotations

from dataclasses import dataclass

_LONGEST_PAUSE = 60.0
_FIRST_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Mails a second, in total and to each recipient domain; 0 sets no limit."""

    total: float = 0.0
    per_domain: float = 0.0


class RateLimiter:
    """Limiter that says when each mail may leave, and slows down for a domain that asks for it.

    Times are seconds on any clock that only goes forward.
    """

    def __init__(self, rates: RateLimits) -> None:
        self._rates = rates
        self._next = 0.0
        self._next_of: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    @property
    def limited(self) -> bool:
        """True if any mail may have to wait."""
        return bool(self._rates.total or self._rates.per_domain or self._next_of)

    def reserve(self, domain: str, now: float) -> float:
        """Take the next moment at which a mail to that domain may leave, and return it."""
        moment = max(now, self._next, self._next_of.get(domain, 0.0))
        if self._rates.total:
            # The total counts from its own last slot: one slow domain must not hold up the rest.
            self._next = max(now, self._next) + 1.0 / self._rates.total
        gap = self._seconds_between(domain)
        if gap:
            self._next_of[domain] = moment + gap
        return moment

    def slow_down(self, domain: str, now: float) -> None:
        """Wait for a domain that says "too fast", and twice as long each time it says so again."""
        pause = min(self._pauses.get(domain, _FIRST_PAUSE / 2) * 2, _LONGEST_PAUSE)
        self._pauses[domain] = pause
        self._next_of[domain] = max(self._next_of.get(domain, 0.0), now + pause)

    def speed_up(self, domain: str) -> None:
        """Halve the pause of a domain that took a mail."""
        pause = self._pauses.get(domain)
        if pause is None:
            return
        if pause <= _FIRST_PAUSE:
            del self._pauses[domain]
            if not self._rates.per_domain:
                self._next_of.pop(domain, None)
        else:
            self._pauses[domain] = pause / 2

    def _seconds_between(self, domain: str) -> float:
        wanted = 1.0 / self._rates.per_domain if self._rates.per_domain else 0.0
        return max(wanted, self._pauses.get(domain, 0.0))
