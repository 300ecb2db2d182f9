"""Which moment a wall clock means, on every day of the year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def wall_clock(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC moment at which a clock in ``zone`` first shows ``clock`` on ``day``.

    In spring, a time inside the gap is read with the offset before it (PEP 495, ``fold=0``): half
    past two becomes half past three, and the day still has its moment. In autumn, the first of the
    two is meant, so the day has one moment only.
    """
    return datetime.combine(day, clock.replace(fold=0), tzinfo=zone).astimezone(UTC)


def next_wall_clock(after: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The first such moment later than ``after`` (UTC)."""
    first = after.astimezone(zone).date()
    moments = (wall_clock(first + timedelta(days=n), clock, zone) for n in range(3))
    return next(moment for moment in moments if moment > after)


def last_wall_clock(until: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The last such moment not later than ``until`` (UTC)."""
    last = until.astimezone(zone).date()
    moments = (wall_clock(last - timedelta(days=n), clock, zone) for n in range(3))
    return next(moment for moment in moments if moment <= until)
