"""Who gets an edition, and from when on: one decision per reader, as a value."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.model import EditionKind, Frequency, PlannedDelivery, Subscriber

SATURDAY = 5


def plan(
    subscriber: Subscriber,
    *,
    kind: EditionKind,
    day: date,
    published_at: datetime,
    send_at: time,
    zone: ZoneInfo,
    matches: bool = True,
    weekend_retold: bool = False,
) -> PlannedDelivery | None:
    """The delivery of an edition to an active reader, or ``None`` if it is not meant for them.

    ``matches`` says whether the edition has anything the reader asked for. ``weekend_retold`` says
    that a ``WEEKDAYS`` edition exists for the same day, which takes the daily one's place for
    readers who want no mail at weekends: so they, too, miss nothing and get nothing twice.
    """
    if not _meant_for(subscriber.preferences.frequency, kind, day, weekend_retold):
        return None
    due = due_at(subscriber, published_at=published_at, send_at=send_at, zone=zone)
    paused_until = subscriber.preferences.paused_until
    if paused_until is not None and day < paused_until:
        return PlannedDelivery(subscriber.id, due, excluded=f"paused until {paused_until}")
    if not matches:
        return PlannedDelivery(subscriber.id, due, excluded="nothing they asked for")
    return PlannedDelivery(subscriber.id, due)


def _meant_for(frequency: Frequency, kind: EditionKind, day: date, weekend_retold: bool) -> bool:
    match kind:
        case EditionKind.WEEKLY:
            return frequency is Frequency.WEEKLY
        case EditionKind.WEEKDAYS:
            return frequency is Frequency.WEEKDAYS
        case EditionKind.DAILY:
            if frequency is Frequency.WEEKDAYS:
                return day.weekday() < SATURDAY and not weekend_retold
            return frequency is Frequency.DAILY


def due_at(
    subscriber: Subscriber, *, published_at: datetime, send_at: time, zone: ZoneInfo
) -> datetime:
    """When the mail of an edition published at ``published_at`` (UTC) may leave, in UTC.

    At once for a reader who named neither hour nor zone. Otherwise the first time, from then on,
    that their clock shows their hour; an hour that a daylight-saving change skips counts as the
    moment after the gap, one that it repeats as the first of the two.
    """
    preferences = subscriber.preferences
    if preferences.hour is None and preferences.timezone is None:
        return published_at
    own_zone = ZoneInfo(preferences.timezone) if preferences.timezone else zone
    clock = send_at if preferences.hour is None else time(preferences.hour)
    first = published_at.astimezone(own_zone).date()
    for days in range(3):
        moment = wall_clock(first + timedelta(days=days), clock, own_zone)
        if moment >= published_at:
            return moment
    raise AssertionError("a day has at most 25 hours")


def wall_clock(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC moment at which a clock in ``zone`` first shows ``clock`` (or passes it) on ``day``.

    PEP 495: for a time in a gap, ``fold=0`` reads it with the offset before the change, which
    lands after the gap by as much as the time was into it; the start of the gap is earlier, but
    no clock ever shows it.
    """
    return datetime.combine(day, clock.replace(fold=0), tzinfo=zone).astimezone(UTC)
