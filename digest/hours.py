"""The moment that a wall clock means, on every day of the year; the zones and days there are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9000, 12, 31)
"""Days between which there is room for a week, a year and a zone's offset on either side."""

_NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})


@cache
def zone_names() -> frozenset[str]:
    """The names of time zones that every machine knows: those of the tzdata package.

    A system's own folder holds more (``posix/Europe/Paris``, ``right/UTC``, ``localtime``), which
    another machine that sends for the same list may not have, or which count leap seconds.
    """
    from importlib import resources

    try:
        listed = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    except (ModuleNotFoundError, OSError):
        # Without the package there is only the system's folder; its doubles are left out.
        listed = [
            name for name in available_timezones() if not name.startswith(("posix/", "right/"))
        ]
    return frozenset(listed) - _NO_PLACES


def is_zone(name: str) -> bool:
    """Tell whether ``name`` is the name of a time zone, spelled as the tzdata package spells it."""
    return name in zone_names()


def is_reckonable(day: date) -> bool:
    """Tell whether days around ``day`` exist too: at the ends of the calendar they do not."""
    return FIRST_DAY <= day <= LAST_DAY


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
