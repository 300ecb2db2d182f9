"""A summary begins with what a stranger to the abstract understands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.openings import without_opening


@pytest.mark.parametrize(
    ("written", "alone"),
    [
        ("To address these limitations, we hang lanterns.", "We hang lanterns."),
        ("Hence, to count them, we hang lanterns.", "We hang lanterns."),
        ("Hence we hang lanterns.", "We hang lanterns."),
        ("Motivated by this observation, this paper hangs lanterns.", "This paper hangs lanterns."),
        ("Finally, experiments with 12 lanterns agree.", "Experiments with 12 lanterns agree."),
        ("Here, we hang lanterns.", "We hang lanterns."),
        (
            "However, to bridge this gap, in this work we hang lanterns.",
            "In this work we hang lanterns.",
        ),
        ("Based on such findings, our lamp is dimmed.", "Our lamp is dimmed."),
    ],
)
def test_an_opening_that_points_back_is_left_out(written: str, alone: str) -> None:
    assert without_opening(written) == alone


@pytest.mark.parametrize(
    "text",
    [
        "To count moths by night, we hang lanterns.",
        "We hang lanterns. Hence, moths come.",
        "This paper hangs lanterns.",
        "To bridge this gap between attic and cellar is hard.",
        "First principles, we argue, light no attic.",
        "Given a moth, we find its window.",
        "Second-order moths, which are rare, come late.",
        "Here be moths, and we count them.",
        "",
    ],
)
def test_what_says_something_itself_stays_as_it_is(text: str) -> None:
    assert without_opening(text) == text


@given(st.text(max_size=300))
def test_only_a_beginning_ever_goes(text: str) -> None:
    alone = without_opening(text)
    assert text[1:].endswith(alone[1:])
    assert without_opening(alone) == alone or len(alone) < len(text)
