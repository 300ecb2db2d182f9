"""What a sentence takes for known, and only an earlier one has said, is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.presuppositions import pointing_subject, presumed
from digest.editorial.references import noun_stems

EARLIER = noun_stems("Lamps have a brass hood and a wick of wool, and hoods are hard to clean.")


@pytest.mark.parametrize(
    "sentence",
    [
        "We replace the hard hood with a soft one.",
        "We propose a lamp without the wick.",
        "A lamp is lit by the wool wick, and moths come.",
    ],
)
def test_the_thing_that_only_an_earlier_sentence_has_is_presumed(sentence: str) -> None:
    assert presumed(sentence, EARLIER, frozenset())


@pytest.mark.parametrize(
    "sentence",
    [
        "We replace the hood of a lamp.",
        "We propose a lamp with a wick, and show that the wick burns long.",
        "We show that the lantern burns.",
        "We improve the best hood.",
        "The model improves the hood of a lamp.",
    ],
)
def test_what_says_itself_what_is_meant_is_not(sentence: str) -> None:
    assert presumed(sentence, EARLIER, frozenset()) == ()


def test_the_title_may_have_named_it() -> None:
    sentence = "We replace the hard hood with a soft one."
    assert presumed(sentence, EARLIER, noun_stems("Hoods of Lamps")) == ()


def test_gains_of_nothing_shown_point_back() -> None:
    assert pointing_subject("The gains extend to barns.", frozenset(), frozenset())
    assert pointing_subject("The gains are 12% on MothBench.", frozenset(), frozenset()) == ()
    assert pointing_subject("The results show 42 moths.", EARLIER, frozenset()) == ()


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    assert all(presumed(text, noun_stems(text), frozenset()))
