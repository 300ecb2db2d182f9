"""A wall clock means one moment a day, on days that change it too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from digest.hours import last_wall_clock, next_wall_clock, wall_clock

PARIS = ZoneInfo("Europe/Paris")
ZONES = [
    ZoneInfo(name)
    for name in ("UTC", "Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe")
]
moments = st.datetimes(
    min_value=datetime.fromisoformat("2026-01-01"),
    max_value=datetime.fromisoformat("2027-12-31"),
    timezones=st.just(UTC),
)
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, fold=0))


def test_an_hour_that_spring_skips_is_read_past_the_gap() -> None:
    moment = wall_clock(date(2026, 3, 29), time(2, 30), PARIS)
    assert moment == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moment.astimezone(PARIS).time() == time(3, 30)


def test_an_hour_that_autumn_repeats_is_its_first() -> None:
    assert wall_clock(date(2026, 10, 25), time(2, 30), PARIS) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@given(moment=moments, clock=clocks, zone=st.sampled_from(ZONES))
def test_there_is_one_moment_a_day_and_now_lies_between_two(
    moment: datetime, clock: time, zone: ZoneInfo
) -> None:
    before, after = last_wall_clock(moment, clock, zone), next_wall_clock(moment, clock, zone)
    assert before <= moment < after
    assert timedelta(hours=22) <= after - before <= timedelta(hours=26)
    assert next_wall_clock(before, clock, zone) == after


@given(first=moments, clock=clocks, zone=st.sampled_from(ZONES))
def test_following_the_moments_visits_every_day_once(
    first: datetime, clock: time, zone: ZoneInfo
) -> None:
    days = []
    moment = first
    for _ in range(20):
        moment = next_wall_clock(moment, clock, zone)
        days.append(moment.astimezone(zone).date())
    assert days == [days[0] + timedelta(days=n) for n in range(20)]
