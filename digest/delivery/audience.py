"""Audience of an edition: one decision per subscriber, as a value, and from when on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.hours import wall_clock
from digest.model import EditionKind, ExclusionReason, Frequency, PlannedDelivery, Subscriber

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class EditionSchedule:
    """Edition as far as it decides who gets it, and when.

    ``send_at`` is the list's own hour on the clock of ``zone``. ``has_weekdays_edition`` says that a
    ``WEEKDAYS`` edition exists for the same day, which takes the daily one's place for subscribers
    who want no mail at weekends: so they, too, miss nothing and get nothing twice.
    """

    kind: EditionKind
    day: date
    published_at: datetime
    send_at: time
    zone: ZoneInfo
    has_weekdays_edition: bool = False


def plan_delivery(
    subscriber: Subscriber, schedule: EditionSchedule, *, matches: bool = True
) -> PlannedDelivery | None:
    """Plan the delivery of an edition to an active subscriber; ``None`` if it is not for them.

    ``matches`` says whether the edition has anything the subscriber asked for. Who cannot be served
    because of an unusable record is counted in, and set aside with the reason.
    """
    if not is_meant_for(subscriber.preferences.frequency, schedule):
        return None
    due = due_at(subscriber, schedule)
    paused_until = subscriber.preferences.paused_until
    if paused_until is not None and schedule.day < paused_until:
        return PlannedDelivery(subscriber.id, due, excluded=f"paused until {paused_until}")
    if subscriber.unusable:
        return PlannedDelivery(subscriber.id, due, excluded=subscriber.set_aside)
    if not matches:
        return PlannedDelivery(subscriber.id, due, excluded=ExclusionReason.NOTHING_ASKED_FOR)
    return PlannedDelivery(subscriber.id, due)


def is_meant_for(frequency: Frequency, schedule: EditionSchedule) -> bool:
    """True if who wants mail so often gets this edition."""
    match schedule.kind:
        case EditionKind.WEEKLY:
            return frequency is Frequency.WEEKLY
        case EditionKind.WEEKDAYS:
            return frequency is Frequency.WEEKDAYS
        case EditionKind.DAILY:
            if frequency is Frequency.WEEKDAYS:
                return schedule.day.weekday() < SATURDAY and not schedule.has_weekdays_edition
            return frequency is Frequency.DAILY


def due_at(subscriber: Subscriber, schedule: EditionSchedule) -> datetime:
    """Moment from which on the mail of an edition may leave, in UTC.

    At once for a subscriber who named neither hour nor zone. Otherwise the first time, from the list's
    own hour on (or from publishing, if that was earlier), that their clock shows their hour. If
    that is past, because the machine was late, at once: counting from the plan and not from the
    delay keeps a late edition from running into the next one.
    """
    preferences = subscriber.preferences
    if preferences.hour is None and preferences.timezone is None:
        return schedule.published_at
    own_zone = ZoneInfo(preferences.timezone) if preferences.timezone else schedule.zone
    clock = schedule.send_at if preferences.hour is None else time(preferences.hour)
    opening = wall_clock(schedule.day, schedule.send_at, schedule.zone)
    start = min(schedule.published_at, opening)
    first_day = start.astimezone(own_zone).date()
    moments = (wall_clock(first_day + timedelta(days=n), clock, own_zone) for n in range(3))
    return max(schedule.published_at, next(moment for moment in moments if moment >= start))
