"""Sentences end where they end, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.sentences import is_whole, sentences


@pytest.mark.parametrize(
    "text",
    [
        "We win. They lose.",
        "We use tools, e.g. Hammers, i.e. Simple ones. It works.",
        "Following Smith et al. (2020) and Lee et al. Jones, we win. It works.",
        "See Fig. 3 and Eq. 4 of Sec. II for v1.5 vs. GPT-4. It works.",
        "The rate is 3.5 times larger, at 0.1 or .5 of it. We stop.",
        "Data are i.i.d. Gaussian (see Dr. J. Smith). We stop.",
        "Is it so? Yes! We stop.",
        'He said "stop." We stop.',
        "It is at https://a.example/b.c/d. We stop.",
        "Tools (e.g. A. B. and C. D.) help. We stop.",
        "The U.S. Government and Ph.D. Students agree. We stop.",
        "There are rules: 1. Be good. We stop.",
        "We won. iGPT and nn-JIT.web are fast. ε-greedy2 is not.",
        "We test many cases, etc. We stop.",
        "See appendix A. We stop.",
        "We read the codex Moth, fr. 42, by lamplight. We stop.",
        "We weigh Lamp v. Moth, and folio fol. 7. We stop.",
        "方法很好。 We stop.",
    ],
)
def test_a_sentence_is_not_cut_at_an_abbreviation_a_number_or_an_initial(text: str) -> None:
    found = sentences(text)
    assert " ".join(found) == text
    assert found[-1] in ("They lose.", "It works.", "We stop.", "ε-greedy2 is not.", text)
    expected = {"We win. They lose.": 2, "Is it so? Yes! We stop.": 3}.get(text)
    assert len(found) == (expected or len(found))


def test_each_beginning_after_a_stop_begins_a_sentence() -> None:
    text = "First we look (at all). Then we leap. 3D models follow… “Quoted” ones too."
    assert sentences(text) == (
        "First we look (at all).",
        "Then we leap.",
        "3D models follow…",
        "“Quoted” ones too.",
    )


def test_a_blank_forgotten_after_a_stop_is_put_in() -> None:
    assert sentences("It runs on OpenVLA.Our method wins.") == (
        "It runs on OpenVLA.Our method wins.",
    )
    assert sentences("It runs on π₀.₅.Our method wins.") == ("It runs on π₀.₅.", "Our method wins.")
    assert sentences("It runs well.Our method wins.") == ("It runs well.", "Our method wins.")


def test_a_parenthesis_never_closed_does_not_swallow_the_rest() -> None:
    text = "We ( look. " + "Many words follow here. " * 20
    assert len(sentences(text.strip())) > 2


@pytest.mark.parametrize(
    ("sentence", "whole"),
    [
        ("We win.", True),
        ('We "win."', True),
        ("Do we win?", True),
        ("方法很好。", True),
        ("We wi", False),
        ("We win...", False),
        ("We win…", False),
        ("We win, and", False),
    ],
)
def test_a_cut_sentence_is_known(sentence: str, whole: bool) -> None:
    assert is_whole(sentence) is whole


@given(st.text(max_size=300))
def test_no_word_is_lost_or_made_up(text: str) -> None:
    line = " ".join(text.split())
    assert "".join(sentences(line)).replace(" ", "") == line.replace(" ", "")


@given(st.text(alphabet="aA. ?(!)ie1", max_size=120))
def test_no_word_is_lost_among_many_stops(text: str) -> None:
    line = " ".join(text.split())
    assert "".join(sentences(line)).replace(" ", "") == line.replace(" ", "")
