"""The day that a mail tells is the list's own, however far its zone is from UTC, at either midnight."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from installation import Installation

from digest.model import EditionKind, Frequency

FRIDAY = date(2026, 11, 20)
LINE_ISLANDS, MIDWAY = ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Midway")
"""Fourteen hours before UTC and eleven behind it."""
NIGHT = [
    pytest.param(zone, clock, id=f"{zone.key.partition('/')[2]}-{clock:%H%M}")
    for zone in (LINE_ISLANDS, MIDWAY)
    for clock in (time(0, 10), time(23, 50))
]
_DAY_IN_WORDS = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{1,2} \w+ \d{4})")


def at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone)


def words(mail: EmailMessage) -> str:
    """The text part of a mail on one line."""
    part = mail.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


@pytest.mark.parametrize(("zone", "clock"), NIGHT)
def test_a_mail_just_before_or_after_the_list_s_midnight_tells_the_list_s_day(
    tmp_path: Path, zone: ZoneInfo, clock: time
) -> None:
    installation = Installation(tmp_path, at(FRIDAY, clock, zone), zone=zone)
    installation.subscribe("a@example.org", "b@example.org")
    installation.dump("ABC")
    installation.run_day()
    for address in ("a@example.org", "b@example.org"):
        (mail,) = installation.transport.to(address)
        assert mail["Subject"].endswith(" · 20 Nov")
        assert set(_DAY_IN_WORDS.findall(words(mail))) == {"20 November 2026"}
    (edition,) = installation.editions()
    assert edition.edition.day == FRIDAY
    assert edition.edition.covers == (FRIDAY, FRIDAY)


@pytest.mark.slow
@pytest.mark.parametrize(("zone", "clock"), NIGHT)
def test_days_follow_each_other_without_one_told_twice(
    tmp_path: Path, zone: ZoneInfo, clock: time
) -> None:
    installation = Installation(tmp_path, at(FRIDAY, clock, zone), zone=zone)
    installation.subscribe("a@example.org")
    for number, papers in enumerate(("AB", "CD", "EF")):
        installation.clock.now = at(FRIDAY + timedelta(days=number), clock, zone)
        installation.dump(papers, name=str(number))
        installation.run_day()
    subjects = [mail["Subject"] for mail in installation.transport.to("a@example.org")]
    assert [subject.rpartition(" · ")[2] for subject in subjects] == ["20 Nov", "21 Nov", "22 Nov"]


@pytest.mark.slow
@pytest.mark.parametrize(("zone", "clock"), NIGHT)
def test_a_week_is_told_on_the_list_s_monday(tmp_path: Path, zone: ZoneInfo, clock: time) -> None:
    installation = Installation(tmp_path, at(FRIDAY, clock, zone), zone=zone)
    installation.subscribe("weekly@example.org", frequency=Frequency.WEEKLY)
    for number, papers in enumerate(("AB", "C", "D", "E")):
        installation.clock.now = at(FRIDAY + timedelta(days=number), clock, zone)
        installation.dump(papers, name=str(number))
        installation.run_day()
    (weekly,) = installation.editions(EditionKind.WEEKLY)
    assert weekly.edition.day == FRIDAY + timedelta(days=3)
    (mail,) = installation.transport.to("weekly@example.org")
    assert mail["Subject"].endswith(" · week 47")
    assert "16–22 November 2026" in words(mail)
