"""Acronyms that nobody explains are said in full, where it is plain what they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.known_acronyms import KNOWN_ACRONYMS, meanings
from digest.editorial.summary import summarise


def test_one_that_stands_for_one_thing_is_found() -> None:
    assert meanings("We train GBDTs.", "") == {"GBDT": "gradient-boosted decision tree"}
    assert meanings("GBDT-based lamps", "") == {"GBDT": "gradient-boosted decision tree"}


def test_of_several_meanings_the_one_that_the_paper_speaks_of_is_taken() -> None:
    assert meanings("SSL", "Self-supervised lamps") == {"SSL": "self-supervised learning"}
    assert meanings("SSL", "Semi-supervised lamps") == {"SSL": "semi-supervised learning"}
    assert meanings("SSL", "Self-supervised and semi-supervised lamps") == {}
    assert meanings("SSL", "Lamps") == {}


@pytest.mark.parametrize("said", ["XGBDT burns.", "GBDTX burns.", "A/GBDT burns.", ""])
def test_a_part_of_a_word_is_none(said: str) -> None:
    assert meanings(said, said) == {}


def test_every_row_has_a_short_form_and_a_longer_one_in_the_singular() -> None:
    for short, meaning in KNOWN_ACRONYMS:
        assert len(meaning.long) > len(short)
        assert meaning.told_by == meaning.told_by.lower()


def test_a_summary_says_it_in_full_once() -> None:
    text = "We propose LampNet, a new lamp that beats GBDTs. LampNet outperforms GBDTs by 12%."
    assert summarise(text, title="LampNet: a lamp").summary == (
        "We propose LampNet, a new lamp that beats gradient-boosted decision trees (GBDTs). "
        "LampNet outperforms GBDTs by 12%."
    )


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    assert set(meanings(text, text)) <= {short for short, _ in KNOWN_ACRONYMS}
