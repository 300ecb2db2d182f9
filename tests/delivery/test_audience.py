"""Audience of an edition: who gets it, and when their clock says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from digest.delivery.audience import EditionSchedule, due_at, plan_delivery
from digest.model import EditionKind, Frequency, Preferences, Subscriber, SubscriberState

PARIS = ZoneInfo("Europe/Paris")
EIGHT = time(8)
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
PUBLISHED = datetime(2026, 11, 20, 7, 0, 2, tzinfo=UTC)  # two seconds past eight in Paris


def subscriber(**preferences: object) -> Subscriber:
    return Subscriber(7, "a@example.org", SubscriberState.ACTIVE, Preferences(**preferences))  # type: ignore[arg-type]


def due(who: Subscriber, published_at: datetime = PUBLISHED, day: date = FRIDAY) -> datetime:
    return due_at(who, EditionSchedule(EditionKind.DAILY, day, published_at, EIGHT, PARIS))


def test_without_preferences_the_mail_leaves_at_once() -> None:
    assert due(subscriber()) == PUBLISHED


def test_a_reader_of_the_lists_own_hour_does_not_wait_a_day_for_two_seconds() -> None:
    assert due(subscriber(hour=8)) == PUBLISHED


@pytest.mark.parametrize(
    ("zone", "hour", "expected"),
    [
        ("Europe/Paris", 9, "2026-11-20T08:00"),
        ("Europe/Paris", 7, "2026-11-21T06:00"),
        ("America/Los_Angeles", 7, "2026-11-20T15:00"),
        ("Asia/Kolkata", 18, "2026-11-20T12:30"),
        ("Asia/Tokyo", 7, "2026-11-20T22:00"),
    ],
)
def test_the_mail_leaves_when_their_own_clock_shows_their_hour(
    zone: str, hour: int, expected: str
) -> None:
    assert due(subscriber(hour=hour, timezone=zone)) == datetime.fromisoformat(f"{expected}+00:00")


def test_a_zone_without_an_hour_means_the_lists_hour_there() -> None:
    assert due(subscriber(timezone="America/New_York")) == datetime(2026, 11, 20, 13, tzinfo=UTC)


def test_a_late_machine_does_not_push_a_reader_into_the_next_day() -> None:
    noon = PUBLISHED + timedelta(hours=5)
    assert due(subscriber(hour=9), published_at=noon) == noon


def test_an_edition_made_early_by_hand_serves_early_readers_the_same_day() -> None:
    six = datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert due(subscriber(hour=7), published_at=six) == datetime(2026, 11, 20, 6, tzinfo=UTC)


def planned(
    who: Subscriber,
    kind: EditionKind,
    day: date,
    *,
    has_weekdays_edition: bool = False,
    matches: bool = True,
) -> str:
    schedule = EditionSchedule(kind, day, PUBLISHED, EIGHT, PARIS, has_weekdays_edition)
    row = plan_delivery(who, schedule, matches=matches)
    return "none" if row is None else (row.excluded or "planned")


@pytest.mark.parametrize(
    ("frequency", "kind", "day", "expected"),
    [
        (Frequency.DAILY, EditionKind.DAILY, SATURDAY, "planned"),
        (Frequency.DAILY, EditionKind.WEEKLY, MONDAY, "none"),
        (Frequency.DAILY, EditionKind.WEEKDAYS, MONDAY, "none"),
        (Frequency.WEEKLY, EditionKind.DAILY, FRIDAY, "none"),
        (Frequency.WEEKLY, EditionKind.WEEKLY, MONDAY, "planned"),
        (Frequency.WEEKDAYS, EditionKind.DAILY, FRIDAY, "planned"),
        (Frequency.WEEKDAYS, EditionKind.DAILY, SATURDAY, "none"),
        (Frequency.WEEKDAYS, EditionKind.WEEKDAYS, MONDAY, "planned"),
    ],
)
def test_each_edition_is_for_those_who_want_its_kind(
    frequency: Frequency, kind: EditionKind, day: date, expected: str
) -> None:
    assert planned(subscriber(frequency=frequency), kind, day) == expected


def test_a_weekend_told_on_monday_takes_mondays_daily_edition_s_place() -> None:
    who = subscriber(frequency=Frequency.WEEKDAYS)
    assert planned(who, EditionKind.DAILY, MONDAY, has_weekdays_edition=True) == "none"
    assert planned(who, EditionKind.DAILY, MONDAY, has_weekdays_edition=False) == "planned"


def test_a_pause_excludes_with_its_date_until_that_day() -> None:
    who = subscriber(paused_until=SATURDAY)
    assert planned(who, EditionKind.DAILY, FRIDAY) == "paused until 2026-11-21"
    assert planned(who, EditionKind.DAILY, SATURDAY) == "planned"


def test_an_edition_without_anything_they_asked_for_is_excluded_and_says_so() -> None:
    assert (
        planned(subscriber(), EditionKind.DAILY, FRIDAY, matches=False) == "nothing they asked for"
    )
