"""A result that says "it" says the name, where the sentence before has that name for its subject."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.antecedents import with_its_subject


@pytest.mark.parametrize(
    ("before", "sentence", "named"),
    [
        (
            "LampNet is fed by a spring.",
            "On AtticBench, it saves 12% of the oil.",
            "On AtticBench, LampNet saves 12% of the oil.",
        ),
        ("We propose LampNet, a lamp.", "It saves oil.", "LampNet saves oil."),
        ("Experiments show that LampNet burns.", "It saves oil.", "LampNet saves oil."),
        ("Our new lamp model burns long.", "It saves oil.", "Our new lamp model saves oil."),
    ],
)
def test_it_becomes_the_subject_of_the_sentence_before(
    before: str, sentence: str, named: str
) -> None:
    assert with_its_subject(sentence, [before], ["LampNet"]) == named


def test_the_subject_is_looked_for_beyond_a_sentence_that_says_it_too() -> None:
    before = ["LampNet is fed by a spring.", "It burns long."]
    assert with_its_subject("It saves oil.", before, ["LampNet"]) == "LampNet saves oil."


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("LampNet is hung on AtticBench.", "It is known that moths come late."),
        ("Moths like the light of LampNet.", "It draws them."),
        ("We hang LampNet in an attic.", "It has no window."),
        ("Moths come late.", "It is dark."),
        ("LampNet burns.", "Moths find it pleasant."),
    ],
)
def test_where_the_subject_is_not_plain_it_stays(before: str, sentence: str) -> None:
    assert with_its_subject(sentence, [before], ["LampNet"]) == sentence
    assert with_its_subject(sentence, [], ["LampNet"]) == sentence


@given(st.text(max_size=300), st.lists(st.text(max_size=200), max_size=4))
def test_no_text_is_too_strange(sentence: str, before: list[str]) -> None:
    assert with_its_subject(sentence, before, ["LampNet"]).endswith(sentence[-1:])
