"""Who gets an edition, and from when on: one decision per reader, as a value."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.hours import wall_clock
from digest.model import EditionKind, ExclusionReason, Frequency, PlannedDelivery, Subscriber

SATURDAY = 5


def plan_delivery(
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
    readers who want no mail at weekends: so they, too, miss nothing and get nothing twice. Whose
    record cannot be used is counted in, and set aside with the reason.
    """
    if not _meant_for(subscriber.preferences.frequency, kind, day, weekend_retold):
        return None
    due = due_at(subscriber, day=day, published_at=published_at, send_at=send_at, zone=zone)
    paused_until = subscriber.preferences.paused_until
    if paused_until is not None and day < paused_until:
        return PlannedDelivery(subscriber.id, due, excluded=f"paused until {paused_until}")
    if subscriber.unusable:
        return PlannedDelivery(subscriber.id, due, excluded=subscriber.set_aside)
    if not matches:
        return PlannedDelivery(subscriber.id, due, excluded=ExclusionReason.NOTHING_ASKED_FOR)
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
    subscriber: Subscriber,
    *,
    day: date,
    published_at: datetime,
    send_at: time,
    zone: ZoneInfo,
) -> datetime:
    """When the mail of the edition of ``day`` may leave, in UTC.

    At once for a reader who named neither hour nor zone. Otherwise the first time, from the list's
    own hour on (or from publishing, if that was earlier), that their clock shows their hour. If
    that is past, because the machine was late, at once: counting from the plan and not from the
    delay keeps a late edition from running into the next one.
    """
    preferences = subscriber.preferences
    if preferences.hour is None and preferences.timezone is None:
        return published_at
    own_zone = ZoneInfo(preferences.timezone) if preferences.timezone else zone
    clock = send_at if preferences.hour is None else time(preferences.hour)
    start = min(published_at, wall_clock(day, send_at, zone))
    first = start.astimezone(own_zone).date()
    moments = (wall_clock(first + timedelta(days=n), clock, own_zone) for n in range(3))
    return max(published_at, next(moment for moment in moments if moment >= start))
