"""A hostile abstract costs little more than an honest one, counted in calls and not in seconds."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from editorial.hostile_texts import KINDS

from digest.editorial.paper_limits import (
    LONGEST_ABSTRACT,
    cut,
)
from digest.editorial.summary import badges, summarise

HONEST = "We present a way to read $3\\times$ more tables, by people who are in a hurry. " * 24


def calls(abstract: str) -> int:
    """Count the function calls that a summary and its badges take, patterns being compiled."""
    summarise(abstract)
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        summarise(abstract)
        badges((), abstract)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("kind", ["full stops", "addresses", "short sentences", "one sentence"])
def test_an_abstract_of_nothing_but_stops_or_addresses_costs_little_more_than_an_honest_one(
    kind: str,
) -> None:
    assert calls(cut(KINDS[kind], LONGEST_ABSTRACT)) < 3 * calls(HONEST)


def test_of_many_addresses_the_first_forty_become_badges() -> None:
    words = [f"https://lab.example.org/{number}" for number in range(40)]
    last = "Code: https://github.com/a/b"
    assert [badge.label for badge in badges((), " ".join([*words[:39], last]))] == [
        "Code",
        "Project page",
    ]
    assert [badge.label for badge in badges((), " ".join([*words, last]))] == ["Project page"]
