"""Read a subscriber's preferences from their written form: a form, a CSV cell, an option."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from digest.errors import SubscriberError
from digest.hours import is_zone
from digest.model import (
    MAX_KEYWORD_LENGTH,
    MAX_KEYWORDS,
    MAX_PAPERS,
    Frequency,
    MailFormat,
    Preferences,
    Topic,
)

COLUMNS = (
    "email", "topics", "exclude", "keywords", "frequency", "hour", "timezone", "max_papers", "format",
)  # fmt: skip
"""The columns of the CSV form. Only ``email`` must be there."""

Choice = TypeVar("Choice", Frequency, MailFormat)

LONGEST_PAUSE = timedelta(days=366)
LONGEST_NUMBER = 9
"""Digits that a number may be written with, leading zeros too: ``int`` takes long for more."""

_DIGITS = re.compile(f"[0-9]{{1,{LONGEST_NUMBER}}}")


def read_preferences(cells: Mapping[str, str], *, topics: Sequence[Topic]) -> Preferences:
    """Preferences from their written form; an empty or missing cell means the default.

    ``exclude`` names topics, and words where no topic has that id; so does a ``-`` before a
    keyword.

    Raises `digest.errors.SubscriberError` that names the wrong cell, and what it may be.
    """
    ids = {topic.id for topic in topics}
    wanted = _items(cells.get("topics", ""), r"[;,|\s]+")
    for name in wanted:
        if name not in ids:
            raise SubscriberError(
                f"unknown topic {name[:40]!r}",
                where="topics",
                mend=f"Known are: {', '.join(sorted(ids))}",
            )
    excluded = _items(cells.get("exclude", ""), r"[;,|\n]+")
    words = _items(cells.get("keywords", ""), r"[;,|\n]+")
    try:
        return Preferences(
            topics=wanted,
            exclude_topics=tuple(item for item in excluded if item in ids),
            keywords=_keywords(word for word in words if not word.startswith("-")),
            exclude_keywords=_keywords(
                [item for item in excluded if item not in ids]
                + [word[1:].strip() for word in words if word.startswith("-") and word[1:].strip()]
            ),
            frequency=_choice(Frequency, cells.get("frequency", ""), "frequency", Frequency.DAILY),
            hour=_number(cells.get("hour", ""), "hour", 0, 23),
            timezone=_zone(cells.get("timezone", "")),
            max_papers=_number(cells.get("max_papers", ""), "max_papers", 1, MAX_PAPERS),
            format=_choice(MailFormat, cells.get("format", ""), "format", MailFormat.HTML),
        )
    except ValueError as error:
        # What the value itself refuses, whose words begin with the field.
        name, _, what = str(error).partition(" ")
        raise SubscriberError(f"this {what}", where=name.removeprefix("exclude_")) from None


def written_fields(cells: Mapping[str, str], preferences: Preferences) -> tuple[str, ...]:
    """List the fields of ``preferences`` that the cells they were read from say something of.

    A keyword with a ``-`` before it speaks of unwanted words, too.
    """
    fields: list[str] = []
    for column in COLUMNS[1:]:
        if cells.get(column, "").strip():
            fields += ("exclude_topics", "exclude_keywords") if column == "exclude" else (column,)
    if preferences.exclude_keywords:
        fields.append("exclude_keywords")
    return tuple(dict.fromkeys(fields))


def read_pause(cell: str, *, today: date) -> date | None:
    """The day until which a reader wants no mail, ``YYYY-MM-DD``; ``None`` for an empty cell.

    Raises `digest.errors.SubscriberError` for a day that is not to come, or more than a year away.
    """
    word = cell.strip()
    if not word:
        return None
    try:
        until = date.fromisoformat(word)
    except ValueError:
        raise SubscriberError(
            f"{word[:20]!r} is not a day", where="paused_until", mend="Give it as 2026-12-31"
        ) from None
    if not today < until <= today + LONGEST_PAUSE:
        raise SubscriberError("a pause ends on a day to come, within a year", where="paused_until")
    return until


def _items(cell: str, separator: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.strip() for item in re.split(separator, cell) if item.strip()))


def _keywords(words: Iterable[str]) -> tuple[str, ...]:
    kept = tuple(" ".join(word.split()) for word in words)
    if len(kept) > MAX_KEYWORDS:
        raise SubscriberError(f"more than {MAX_KEYWORDS} words", where="keywords")
    for word in kept:
        if len(word) > MAX_KEYWORD_LENGTH:
            raise SubscriberError(
                f"{word[:20]!r}… is longer than {MAX_KEYWORD_LENGTH} characters", where="keywords"
            )
    return kept


def _choice(kind: type[Choice], cell: str, where: str, default: Choice) -> Choice:
    word = cell.strip().lower()
    if not word:
        return default
    try:
        return kind(word)
    except ValueError:
        allowed = ", ".join(kind)
        raise SubscriberError(
            f"{word[:20]!r} is not known", where=where, mend=f"Give one of: {allowed}"
        ) from None


def _number(cell: str, where: str, lowest: int, highest: int) -> int | None:
    word = cell.strip()
    if not word:
        return None
    number = int(word) if _DIGITS.fullmatch(word) else None
    if number is None or not lowest <= number <= highest:
        raise SubscriberError(
            f"{word[:20]!r} is not a whole number from {lowest} to {highest}", where=where
        )
    return number


def _zone(cell: str) -> str | None:
    name = cell.strip()
    if not name:
        return None
    if not is_zone(name):
        raise SubscriberError(
            f"{name[:40]!r} is not a time zone",
            where="timezone",
            mend="Give an IANA name such as Europe/Paris",
        )
    return name
