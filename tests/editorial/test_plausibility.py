"""A reading that does not look like its source, or like papers, is not taken for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.plausibility import (
    ENOUGH,
    FACTOR,
    LEAST_MANY,
    LEAST_UNDERSTOOD,
    judge_reading,
)
from digest.model import HoldReason, Record, SourceReading

MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def records(count: int, *, ids: bool = False) -> list[Record]:
    """Papers as a page has them; with ``ids`` each tells its own."""
    return [
        Record(
            f"{chr(65 + i % 26)}{'abcdefgh'[i % 8] * (1 + i // 26)}: Learning to Sort Papers",
            "We propose a method that sorts papers, and measure how well it does so.",
            i + 1,
            external_id=f"2611.{10_000 + i}" if ids else None,
        )
        for i in range(count)
    ]


def reading(papers: int, known: int = 0, *, day: int = 0, understood: float = 1.0) -> SourceReading:
    """A reading some days after a Monday."""
    return SourceReading("page", MONDAY + day * DAY, NOW + day * DAY, papers, known, understood)


def usual(*sizes: int, share: float = 0.0) -> list[SourceReading]:
    """A reading on each workday with so many papers, of which a share was known but at first."""
    days = [day for day in range(3 * len(sizes)) if (MONDAY + day * DAY).weekday() < 5]
    return [
        reading(size, round(share * size) if at else 0, day=day)
        for at, (size, day) in enumerate(zip(sizes, days, strict=False))
    ]


def verdict(
    now: SourceReading, history: Sequence[SourceReading], *, ids: bool = False
) -> HoldReason | None:
    return judge_reading(now, records(now.papers, ids=ids), history).reason


def test_a_tenth_and_tenfold_of_the_usual_are_held_and_say_what_is_usual() -> None:
    history = usual(40, 38, 42, 44, 40)
    few = judge_reading(reading(4, day=7), records(4), history)
    many = judge_reading(reading(400, day=7), records(400), history)
    assert (few.reason, few.words) == (HoldReason.FEW, "4 papers, usually about 40")
    assert (many.reason, many.words) == (HoldReason.MANY, "400 papers, usually about 40")


@pytest.mark.parametrize("papers", [5, 20, 80, 399])
def test_less_than_that_is_a_quiet_or_a_full_day(papers: int) -> None:
    assert verdict(reading(papers, day=7), usual(40, 38, 42, 44, 40)) is None


def test_four_readings_are_no_usual_yet() -> None:
    for papers in (1, 4_000):
        assert verdict(reading(papers, day=7), usual(40, 38, 42, 44)) is None


def test_a_source_that_often_has_few_or_very_many_may_have_them_again() -> None:
    assert verdict(reading(2, day=9), usual(40, 3, 42, 44, 40, 41)) is None
    assert verdict(reading(500, day=9), usual(40, 300, 42, 44, 40, 41)) is None


def test_a_feed_of_one_paper_a_day_may_have_some_after_a_holiday() -> None:
    assert verdict(reading(LEAST_MANY - 1, day=9), usual(1, 1, 2, 1, 1)) is None


def test_nothing_known_is_held_where_lists_always_overlap_only() -> None:
    assert verdict(reading(30, 0, day=7), usual(30, 30, 30, 30, 30, share=0.6)) is (
        HoldReason.NOTHING_KNOWN
    )
    assert verdict(reading(30, 1, day=7), usual(30, 30, 30, 30, 30, share=0.6)) is None
    assert verdict(reading(30, 0, day=7), usual(30, 30, 30, 30, 30, share=0.1)) is None
    once_all_new = [
        *usual(30, 30, 30, 30, share=0.6),
        reading(30, 0, day=4),
        reading(30, 20, day=7),
    ]
    assert verdict(reading(30, 0, day=8), once_all_new) is None


def test_after_weeks_away_everything_may_have_changed() -> None:
    history = usual(30, 30, 30, 30, 30, share=0.6)
    assert verdict(reading(30, 0, day=40), history) is None
    assert verdict(reading(400, 30, day=40), history, ids=True) is None
    assert verdict(reading(400, 30, day=40), history) is HoldReason.MANY


def test_the_first_weekend_may_be_short_if_its_entries_have_ids_of_papers() -> None:
    history = usual(40, 38, 42, 44, 40)
    assert verdict(reading(3, day=5), history, ids=True) is None
    assert verdict(reading(3, day=5), history) is HoldReason.FEW
    assert verdict(reading(3, day=7), history, ids=True) is HoldReason.FEW
    after_a_weekend = [*history, reading(20, day=5)]
    assert verdict(reading(3, day=12), after_a_weekend, ids=True) is HoldReason.FEW


def test_a_list_that_grows_all_day_may_begin_anew_the_next_day() -> None:
    grown = [reading(size, size - 2) for size in (22, 24, 26, 28, 30)]
    assert verdict(reading(2, 0, day=1), grown, ids=True) is None
    assert verdict(reading(20, 0, day=1), grown, ids=True) is None
    assert verdict(reading(2, 0), grown, ids=True) is HoldReason.FEW


def test_a_first_reading_of_which_much_was_not_understood_is_held() -> None:
    half = judge_reading(reading(30, understood=0.5), records(30), [])
    assert half.reason is HoldReason.NOT_UNDERSTOOD
    assert "only 50% of it was understood" in half.words
    assert verdict(reading(30, understood=LEAST_UNDERSTOOD), []) is None


def test_later_it_is_held_if_that_is_not_usual() -> None:
    well, badly = [reading(30)], [reading(30, understood=0.5)]
    assert verdict(reading(30, understood=0.4), well) is HoldReason.NOT_UNDERSTOOD
    assert verdict(reading(30, understood=0.6), well) is None
    assert verdict(reading(30, understood=0.4), badly) is None


UNLIKE = {
    "a menu": Record("Log in"),
    "an address": Record("https://example.org/a", "We propose it, and measure it well enough."),
    "figures": Record("12:30 4,5 - 88", "We propose it, and measure it well enough."),
    "a line of text": Record("Installing It on Your Machine", "Run it."),
    "a whole text": Record("so on " * 100, "We propose it, and measure it well enough."),
}


@pytest.mark.parametrize("unlike", UNLIKE.values(), ids=UNLIKE.keys())
def test_entries_of_which_most_are_no_papers_are_held(unlike: Record) -> None:
    few, most = [*records(6), *[unlike] * 4], [*records(4), *[unlike] * 6]
    assert judge_reading(reading(10), few, []).plausible
    held = judge_reading(reading(10), most, [])
    assert (held.reason, held.words) == (
        HoldReason.NOT_PAPERS,
        "6 of its 10 entries do not look like papers",
    )
    vouched = [replace(record, external_id=f"2611.0000{i}") for i, record in enumerate(most)]
    assert judge_reading(reading(10), vouched, []).plausible


@pytest.mark.parametrize("without_ids", [ENOUGH, 10, 14, 15, 29])
def test_papers_with_and_without_ids_are_not_taken_for_one_title(without_ids: int) -> None:
    with_ids = records(30, ids=True)[without_ids:]
    mixed = [*records(without_ids), *with_ids]
    assert judge_reading(reading(30), mixed, ()).plausible


def test_one_title_with_other_numbers_over_and_over_is_held() -> None:
    about = "We propose a method that sorts papers, and measure how well it does so."
    same = [Record(f"Chapter {i} of the Manual", about) for i in range(10)]
    assert judge_reading(reading(10), same, []).reason is HoldReason.NOT_PAPERS


sizes = st.lists(st.integers(1, 400), min_size=ENOUGH, max_size=40)


@given(sizes=sizes, papers=st.integers(1, 400))
def test_what_is_like_any_reading_before_is_never_held_for_its_number(
    sizes: list[int], papers: int
) -> None:
    history = usual(*sizes)
    found = verdict(reading(papers, day=140), history)
    if min(sizes) <= papers <= max(sizes):
        assert found is None
    if found is HoldReason.FEW:
        assert papers < min(sizes)
    if found is HoldReason.MANY:
        assert papers > max(sizes)


@given(size=st.integers(20, 40), number=st.integers(ENOUGH, 40), ids=st.booleans())
def test_of_a_steady_source_a_tenth_and_tenfold_are_always_held(
    size: int, number: int, ids: bool
) -> None:
    history = usual(*[size] * number)
    today = (history[-1].day - MONDAY).days
    assert verdict(reading(size // FACTOR, day=today), history, ids=ids) is HoldReason.FEW
    assert verdict(reading(size * FACTOR, day=today), history, ids=ids) is HoldReason.MANY


@given(
    st.lists(
        st.builds(
            reading,
            st.integers(0, 50),
            st.integers(0, 50),
            day=st.integers(0, 60),
            understood=st.floats(0, 1),
        ),
        max_size=12,
    ),
    st.lists(st.builds(Record, st.text(max_size=30), st.text(max_size=30)), max_size=12),
)
def test_whatever_was_read_there_is_a_verdict_and_words_with_every_hold(
    history: list[SourceReading], read: list[Record]
) -> None:
    found = judge_reading(reading(len(read)), read, history)
    assert found.plausible is (found.words == "")
