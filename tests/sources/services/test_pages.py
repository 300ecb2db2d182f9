"""Days are caught up within a bound; pages of one list become one dump."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.model import Dump, Record
from digest.sources.services.pages import days_to_read, joined, query_words

TODAY = date(2026, 11, 20)


@given(st.none() | st.dates(), st.dates(), st.integers(0, 40))
def test_days_end_with_today_without_a_gap_and_within_the_bound(
    last_read: date | None, today: date, most: int
) -> None:
    days = days_to_read(last_read, today, most)
    assert days[-1] == today
    assert len(days) <= most + 1
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))
    if last_read is not None and last_read <= today <= last_read + timedelta(days=most):
        assert days[0] == last_read


def test_pages_that_overlap_give_each_paper_once_counted_through() -> None:
    first = Dump("hf:daily", "a", (Record("One", position=1), Record("Two", position=2)))
    second = Dump("hf:daily", "b", (Record("Two", position=1), Record("Three", position=2)))
    dump = joined([first, second], location="hf:daily", day=TODAY)
    assert [(record.position, record.title) for record in dump.records] == [
        (1, "One"), (2, "Two"), (3, "Three"),
    ]  # fmt: skip
    assert dump.fingerprint != joined([second, first], location="hf:daily", day=TODAY).fingerprint


def test_words_of_a_location_are_those_that_are_allowed() -> None:
    assert query_words("hf:daily?date=2026-11-20", ["date"]) == ("daily", {"date": "2026-11-20"})
    with pytest.raises(SourceError, match="Use date, week"):
        query_words("hf:daily?day=1", ["week", "date"])
