"""A summary begins with what a stranger to the abstract understands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.openings import standing_alone, without_opening, without_ordinal


@pytest.mark.parametrize(
    ("written", "alone"),
    [
        ("To address these limitations, we hang lanterns.", "We hang lanterns."),
        ("Hence, to count them, we hang lanterns.", "We hang lanterns."),
        ("Hence we hang lanterns.", "We hang lanterns."),
        ("Guided by these findings, we hang lanterns.", "We hang lanterns."),
        ("Motivated by this observation, this paper hangs lanterns.", "This paper hangs lanterns."),
        ("Finally, experiments with 12 lanterns agree.", "Experiments with 12 lanterns agree."),
        ("Here, we hang lanterns.", "We hang lanterns."),
        (
            "However, to bridge this gap, in this work we hang lanterns.",
            "In this work we hang lanterns.",
        ),
        ("Subsequently, we hang lanterns.", "We hang lanterns."),
        ("To mitigate the limitations, we hang lanterns.", "We hang lanterns."),
        ("As expected, we hang lanterns.", "We hang lanterns."),
        ("And the dimmed lamp burns longest.", "The dimmed lamp burns longest."),
        ("Based on the investigation, we hang lanterns.", "We hang lanterns."),
        ("Consistent with our theory, a dim lamp burns longest.", "A dim lamp burns longest."),
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


@pytest.mark.parametrize(
    ("written", "alone"),
    [
        ("We also hang lanterns.", "We hang lanterns."),
        ("Our results further show 42 moths.", "Our results show 42 moths."),
        ("We tackle this problem by introducing LampNet.", "We introduce LampNet."),
        ("This paper bridges that gap by proposing a lamp.", "This paper proposes a lamp."),
        ("We address this with LampNet, a lamp.", "We present LampNet, a lamp."),
        ("These findings suggest that moths come.", "The findings suggest that moths come."),
        ("We hang lanterns to tackle this.", "We hang lanterns."),
        ("We present a lamp that addresses these limitations.", "We present a lamp."),
        ("We hang LampNet as a first step towards this vision.", "We hang LampNet."),
        ("In this work, to bridge this gap, we hang lanterns.", "In this work, we hang lanterns."),
        ("Since they are dim, we hang lanterns.", "We hang lanterns."),
        ("Addressing this gap, nnLamp counts moths.", "nnLamp counts moths."),
        (
            "We present a lamp that tackles this problem by slowly burning oil.",
            "We present a lamp slowly burning oil.",
        ),
        ("We hang a lamp, which meets this need through oil.", "We hang a lamp, with oil."),
        ("We exploit these draughts and propose LampNet.", "We propose LampNet."),
        (
            "In this work, we first closely study these draughts and then introduce LampNet.",
            "In this work, we introduce LampNet.",
        ),
        ("Built upon these ideas, we present LampNet.", "We present LampNet."),
        ("Alternatively, we hang lanterns.", "We hang lanterns."),
        ("This study closes this gap by examining lamps.", "This study examines lamps."),
        ("We back this claim by presenting 42 moths.", "We present 42 moths."),
        (
            "While existing work hung its lamps in attics, we hang lanterns.",
            "We hang lanterns.",
        ),
        (
            "This paper introduces three lamps to tackle both of these problems as one.",
            "This paper introduces three lamps.",
        ),
        (
            "We present LampNet, with the goal of lowering these barriers.",
            "We present LampNet.",
        ),
        (
            "We propose a lamp that addresses this issue in attics, at dawn.",
            "We propose a lamp for attics, at dawn.",
        ),
        (
            "We propose a lamp that addresses both tasks simultaneously using one wick.",
            "We propose a lamp using one wick.",
        ),
        (
            "We cast these tasks in a frame of lamps, and we introduce LampNet.",
            "We introduce LampNet.",
        ),
        (
            "This survey aims to bridge this gap by providing a list of lamps and examining their wicks.",
            "This survey provides a list of lamps and examines their wicks.",
        ),
        (
            "This article is to fill this gap, we provide a list of lamps.",
            "We provide a list of lamps.",
        ),
        (
            "This survey looks at lamps by taking the aforementioned issues into consideration.",
            "This survey looks at lamps.",
        ),
        (
            "We build LampNet, which brings the best of these two worlds together by wisely and slowly dimming lamps.",
            "We build LampNet, wisely and slowly dimming lamps.",
        ),
        ("Using these lamps, LampNet counts moths.", "LampNet counts moths."),
        ("Across these attics, κ-Lamp counts moths.", "κ-Lamp counts moths."),
        ("We hang a lamp that is designed to overcome this.", "We hang a lamp."),
        ("We hang LampNet, a lamp built to bridge these gaps.", "We hang LampNet, a lamp."),
        ("As a first instantiation, we hang lanterns.", "We hang lanterns."),
        ("For further exploration, we hang lanterns.", "We hang lanterns."),
        ("Building upon our solutions, we hang lanterns.", "We hang lanterns."),
        ("In so doing, we hang lanterns.", "We hang lanterns."),
        ("Thus the dimmed lamp burns longest.", "The dimmed lamp burns longest."),
        ("On the policy side, we hang lanterns.", "We hang lanterns."),
        ("More remarkably, lanterns burn.", "Lanterns burn."),
        ("By combining above mentioned wicks, we hang lanterns.", "We hang lanterns."),
        ("We challenge this view, and study lamps in attics.", "We study lamps in attics."),
        (
            "We propose a lamp that avoids the need for this wick by burning gas.",
            "We propose a lamp burning gas.",
        ),
        (
            "We address these needs using bright LampNet, a lamp.",
            "We present bright LampNet, a lamp.",
        ),
        (
            "In this work, we go one step further by hanging lamps.",
            "In this work, we go one step further by hanging lamps.",
        ),
        (
            "In this work, we go one step further by building lamps.",
            "In this work, we build lamps.",
        ),
        (
            "We present LampNet, a lamp that skips those old wicks and burns all night.",
            "We present LampNet, a lamp that burns all night.",
        ),
        ("We review the lamps in these dark areas by light.", "We review the lamps by light."),
        ("We hang LampNet in attics as a solution.", "We hang LampNet in attics."),
        (
            "We hang LampNet, a lamp that attempts to tackle the challenges by burning oil.",
            "We hang LampNet, a lamp burning oil.",
        ),
        (
            "We hang a bright lamp that eases both burdens in attics and reduces both bottlenecks under a roof.",
            "We hang a bright lamp that eases both burdens in attics and reduces both bottlenecks under a roof.",
        ),
        (
            "We hang a new lamp that reduces both bottlenecks under a roof.",
            "We hang a new lamp under a roof.",
        ),
        (
            "We hang LampNet, a lamp easing these burdens via wool.",
            "We hang LampNet, a lamp using wool.",
        ),
    ],
)
def test_what_points_back_within_the_sentence_is_reworded(written: str, alone: str) -> None:
    assert standing_alone(written) == alone


@pytest.mark.parametrize(
    "text",
    [
        "We hang lanterns that not only shine but also warm.",
        "We present the first lamp for this task.",
        "Since moths are shy, we hang lanterns.",
        "To count moths, we hang lanterns in attics and test them in these attics.",
        "We tackle moth counting by introducing LampNet.",
        "By hanging lanterns in attics, we aim to tackle this problem.",
        "We show that these moths come late and introduce LampNet to attics.",
        "We find that lamps by using oil burn.",
        "We give moths access to this context.",
        "We show that lamps are bright enough for such a task.",
        "This study closes this gap by hanging and comparing lamps.",
    ],
)
def test_a_sentence_that_needs_none_before_it_stays_as_it_is(text: str) -> None:
    assert standing_alone(text) == text


def test_a_number_among_sentences_that_are_not_shown_goes() -> None:
    assert without_ordinal("Third, moths come late.") == "Moths come late."
    assert without_ordinal("Third-party moths come late.") == "Third-party moths come late."


@given(st.text(max_size=300))
def test_no_text_is_too_strange_to_stand_alone(text: str) -> None:
    assert len(standing_alone(text)) <= len(text) + 20
