"""The words a mail needs beyond the papers' own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.mail import plain_text
from digest.model import Edition, EditionKind


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("TideFormer: Attention That Ebbs", "TideFormer"),
        ("Slow Brush – Diffusion With a Deadline", "Slow Brush"),
        ("Moss", ""),
        ("On the Use of Five Words Here: A Study", ""),
        ("Ratio 3:4 in Paintings", ""),
        ("SlowBrush—Diffusion With a Deadline", "SlowBrush"),
        ("潮汐：会退去的注意力", "潮汐"),
    ],
)
def test_a_work_goes_by_the_name_its_title_gives_it(title: str, name: str) -> None:
    assert plain_text.short_name(title) == name


@pytest.mark.parametrize(
    ("counts", "preheader"),
    [
        (
            [("Bees", 9), ("Choirs", 8), ("Snow", 2)],
            "Bees 9 · Choirs 8 · Snow 2 · Daily Papers, Friday, 20 November 2026",
        ),
        ([], "Daily Papers, Friday, 20 November 2026"),
        (
            [("Letters, Parcels & Their Delays", n) for n in range(9, 0, -1)],
            "Letters, Parcels & Their Delays 9 · Letters, Parcels & Their Delays 8 · "
            "Letters, Parcels & Their Delays 7 · 6 more topics",
        ),
    ],
)
def test_a_preheader_names_the_biggest_topics(
    counts: list[tuple[str, int]], preheader: str
) -> None:
    said = plain_text.preheader(counts, otherwise="Daily Papers, Friday, 20 November 2026")
    assert said == preheader
    assert len(said) <= 130


def test_a_preheader_keeps_to_the_room_it_is_given() -> None:
    counts = [("Letters, Parcels & Their Delays", 9), ("Bees", 2)]
    assert plain_text.preheader(counts, otherwise="x", least=0, most=50) == (
        "Letters, Parcels & Their Delays 9 · Bees 2"
    )
    assert plain_text.preheader(counts[:1], otherwise="x", least=0, most=50) == (
        "Letters, Parcels & Their Delays 9"
    )


@pytest.mark.parametrize(
    ("kind", "day", "covers", "words"),
    [
        (EditionKind.DAILY, (2026, 11, 20), (20, 20), "20 Nov"),
        (EditionKind.DAILY, (2026, 11, 20), (18, 20), "18–20 Nov"),
        (EditionKind.WEEKDAYS, (2026, 11, 23), (21, 23), "21–23 Nov"),
        (EditionKind.WEEKLY, (2026, 11, 23), (16, 22), "week 47"),
    ],
)
def test_a_subject_says_which_days_it_is_of(
    kind: EditionKind, day: tuple[int, int, int], covers: tuple[int, int], words: str
) -> None:
    first, last = (date(2026, 11, number) for number in covers)
    edition = Edition(kind, date(*day), (first, last), (), (), ())
    assert plain_text.subject_day(edition) == words


def test_a_subject_names_both_months_of_a_catch_up() -> None:
    covers = (date(2026, 10, 30), date(2026, 11, 2))
    edition = Edition(EditionKind.DAILY, covers[1], covers, (), (), ())
    assert plain_text.subject_day(edition) == "30 Oct – 2 Nov"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 20), date(2026, 11, 20), "Friday, 20 November 2026"),
        (date(2026, 11, 18), date(2026, 11, 20), "18–20 November 2026"),
        (date(2026, 10, 30), date(2026, 11, 2), "30 October – 2 November 2026"),
        (date(2026, 12, 31), date(2027, 1, 2), "31 December 2026 – 2 January 2027"),
    ],
)
def test_days_are_said_as_people_say_them(first: date, last: date, words: str) -> None:
    assert plain_text.span_in_words(first, last) == words


@given(st.text(max_size=300), st.integers(2, 80))
def test_a_clipped_text_fits_and_says_that_it_was_clipped(text: str, limit: int) -> None:
    clipped = plain_text.clip(text, limit)
    assert len(clipped) <= limit
    assert clipped == text or clipped.endswith("…")


def test_a_cut_never_parts_a_letter_from_its_accent() -> None:
    assert plain_text.clip("e\u0301" * 10, 6) == "e\u0301e\u0301…"


def test_text_is_filled_and_underlined() -> None:
    assert plain_text.wrapped("word " * 20, "* ", "  ").splitlines()[1].startswith("  word")
    assert plain_text.underlined("Top picks") == "Top picks\n---------"


def test_reading_takes_a_minute_at_least() -> None:
    assert plain_text.reading_time(0) == "about a minute to read"
    assert plain_text.reading_time(1_320) == "about 6 minutes to read"
