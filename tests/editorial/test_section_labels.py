"""The labels of a structured abstract say what its sentences are for, and go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.section_labels import SectionRole, unlabelled


def test_a_label_goes_and_its_role_lasts_until_the_next() -> None:
    read = list(
        unlabelled(
            [
                "Background: Moths are old.",
                "They fly.",
                "METHODS We hung lamps.",
                "Results.",
                "42 came.",
            ]
        )
    )
    assert read == [
        ("Moths are old.", SectionRole.BACKGROUND),
        ("They fly.", SectionRole.BACKGROUND),
        ("We hung lamps.", SectionRole.METHOD),
        ("42 came.", SectionRole.RESULT),
    ]


def test_an_aim_becomes_a_sentence() -> None:
    assert list(unlabelled(["Objectives: To count moths."])) == [
        ("The objective is to count moths.", SectionRole.AIM)
    ]


@pytest.mark.parametrize(
    "heading", ["Abstract: ", "ABSTRACT ", "Abstract—", "TL;DR: ", "Summary. "]
)
def test_the_heading_of_the_whole_goes(heading: str) -> None:
    assert list(unlabelled([f"{heading}Moths are old."])) == [("Moths are old.", SectionRole.NONE)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Results show 42 moths.",
        "Method and lamp agree.",
        "Abstract lamps are dim.",
        "Moths: a riddle.",
    ],
)
def test_a_word_that_is_no_label_stays(sentence: str) -> None:
    assert list(unlabelled([sentence])) == [(sentence, SectionRole.NONE)]


@given(st.lists(st.text(max_size=80), max_size=5))
def test_no_text_is_too_strange(sentences: list[str]) -> None:
    assert len(list(unlabelled(sentences))) <= len(sentences)
