"""Days as papers pages write them: ``Mar 25``, ``Oct 7, 2024``, ``2026-06-29``, ``3 Jun 2026``."""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTH_NAMES = """
jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september
oct october|nov november|dec december
"""
_MONTHS = {
    name: number
    for number, names in enumerate(_MONTH_NAMES.strip().replace("\n", "|").split("|"), start=1)
    for name in names.split()
}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.,+Zz-]*(?: ?UTC)?)?")
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_MONTH_FIRST = re.compile(
    rf"{_WEEKDAY}([a-z]{{3,9}})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?", re.IGNORECASE
)
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th)?\s+([a-z]{{3,9}})\.?(?:,?\s+(\d{{4}}))?", re.IGNORECASE
)
_ZONE_SLACK = timedelta(days=1)
"""A page from a zone ahead of ours may show tomorrow; that is not a year ago."""


def read_day(text: str, today: date) -> date | None:
    """The day that the whole of ``text`` names, or ``None``.

    A missing year is the nearest past one, seen from ``today``.
    """
    text = text.strip()
    if not 5 <= len(text) <= 40:
        return None
    if match := _ISO.fullmatch(text):
        return _valid(int(match[1]), int(match[2]), int(match[3]))
    if match := _MONTH_FIRST.fullmatch(text):
        return _resolve(match[3], match[1], match[2], today)
    if match := _DAY_FIRST.fullmatch(text):
        return _resolve(match[3], match[2], match[1], today)
    return None


def _resolve(year: str | None, month_name: str, day: str, today: date) -> date | None:
    month = _MONTHS.get(month_name.lower())
    if month is None:
        return None
    if year is not None:
        return _valid(int(year), month, int(day))
    # Eight years always hold a 29 February, also across 1900 and 2100.
    for candidate in range(today.year + 1, max(today.year - 9, 0), -1):
        resolved = _valid(candidate, month, int(day))
        if resolved is not None and resolved - today <= _ZONE_SLACK:
            return resolved
    return None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
