"""A wall clock means one moment a day, on days that change it too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from digest.hours import (
    FIRST_DAY,
    LAST_DAY,
    is_zone,
    last_wall_clock,
    next_wall_clock,
    wall_clock,
    zone_names,
)

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


def test_every_zone_that_is_accepted_can_be_opened_wherever_the_package_is() -> None:
    from importlib import resources

    folder = resources.files("tzdata").joinpath("zoneinfo")
    for name in zone_names():
        with folder.joinpath(*name.split("/")).open("rb") as file:
            assert ZoneInfo.from_file(file, name).key == name


def test_names_that_only_a_systems_own_folder_has_are_no_zones() -> None:
    for name in ("posix/Europe/Paris", "right/UTC", "posixrules", "localtime", "Factory", "Europe",
                 "europe/paris", "", "UTC ", "../UTC", "/usr/share/zoneinfo/UTC"):  # fmt: skip
        assert not is_zone(name)
    assert is_zone("Europe/Paris")
    assert is_zone("UTC")


@given(
    day=st.sampled_from([FIRST_DAY, LAST_DAY]),
    clock=clocks,
    zone=st.sampled_from(sorted(zone_names())),
)
def test_days_at_the_ends_have_their_moments_in_every_zone(
    day: date, clock: time, zone: str
) -> None:
    moment = wall_clock(day, clock, ZoneInfo(zone))
    assert last_wall_clock(moment, clock, ZoneInfo(zone)) <= moment
    assert next_wall_clock(moment, clock, ZoneInfo(zone)) > moment
