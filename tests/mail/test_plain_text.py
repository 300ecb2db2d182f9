"""The words a mail needs beyond the papers' own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.mail import plain_text


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("TideFormer: Attention That Ebbs", "TideFormer"),
        ("Slow Brush – Diffusion With a Deadline", "Slow Brush"),
        ("Moss", ""),
        ("On the Use of Five Words Here: A Study", ""),
        ("Ratio 3:4 in Paintings", ""),
    ],
)
def test_a_work_goes_by_the_name_its_title_gives_it(title: str, name: str) -> None:
    assert plain_text.short_name(title) == name


@pytest.mark.parametrize(
    ("lead", "total", "list_name", "subject"),
    [
        (
            "TideFormer: Attention",
            42,
            "Daily Papers",
            "TideFormer, and 41 more · Daily Papers, 20 Nov",
        ),
        ("Moss", 1, "Daily Papers", "Moss · Daily Papers, 20 Nov"),
        ("", 0, "Daily Papers", "Daily Papers, 20 Nov"),
        (
            "How Much of a Very Long Afternoon Does a Robot Spend Dreaming",
            42,
            "Daily Papers",
            "How Much of a Very Long Afternoon…, and 41 more · Daily Papers, 20 Nov",
        ),
        (
            "TideFormer: Attention",
            1_042,
            "The Weekly Gazette of Every Paper There Is",
            "TideFormer, and 1,041 more · The Weekly Gazette…, 20 Nov",
        ),
    ],
)
def test_a_subject_says_something(lead: str, total: int, list_name: str, subject: str) -> None:
    assert plain_text.subject(lead, total, list_name, "20 Nov") == subject
    assert len(subject) <= 70


@given(st.text(max_size=200), st.integers(0, 10**6), st.text(min_size=1, max_size=100))
def test_no_subject_is_longer_than_inboxes_show(lead: str, total: int, list_name: str) -> None:
    assert (
        len(
            plain_text.subject(plain_text.clean(lead), total, plain_text.clean(list_name), "20 Nov")
        )
        <= 70
    )


@pytest.mark.parametrize(
    ("counts", "preheader"),
    [
        (
            [("Bees", 9), ("Choirs", 8), ("Snow", 2)],
            "Bees 9, Choirs 8, Snow 2 · Daily Papers, Friday, 20 November 2026",
        ),
        ([], "Daily Papers, Friday, 20 November 2026"),
        (
            [("Letters, Parcels & Their Delays", n) for n in range(9, 0, -1)],
            "Letters, Parcels & Their Delays 9, Letters, Parcels & Their Delays 8, "
            "Letters, Parcels & Their Delays 7, and 6 more topics",
        ),
    ],
)
def test_a_preheader_names_the_biggest_topics(
    counts: list[tuple[str, int]], preheader: str
) -> None:
    said = plain_text.preheader(counts, otherwise="Daily Papers, Friday, 20 November 2026")
    assert said == preheader
    assert len(said) <= 130


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
    assert plain_text.reading_time(0) == "about a minute"
    assert plain_text.reading_time(1_320) == "about 6 minutes"
