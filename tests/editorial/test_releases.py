"""Only what is released is called so; a promise, a list and other people's code are not."""

from __future__ import annotations

import pytest
from factories import paper
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial.releases import released
from digest.model import Link, LinkKind

CODE = Link(LinkKind.CODE, "https://github.com/attic/folds")


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Our code is available at https://github.com/a/b.", "code released"),
        ("Code: https://github.com/a/b", "code released"),
        ("The code and pre-trained models are publicly available.", "code and models released"),
        ("Our code, data, and models are available at https://github.com/a/b.", "code, models and data released"),
        ("We release the code to fold maps at https://maps.example.", "code released"),
        ("Our code and model are open-sourced.", "code and model released"),
        ("We make our dataset publicly available.", "data released"),
        ("We open-source model weights and training code, to help future research.", "code and models released"),
        ("Codes are available at: https://github.com/a/b.", "code released"),
        ("Our code will be released at https://github.com/a/b.", ""),
        ("We will release our models and code.", ""),
        ("Code is available upon request.", ""),
        ("Our code is to be released soon.", ""),
        ("A list of papers is available at https://github.com/a/awesome-maps.", ""),
        ("We compare with models that are open-source and with closed ones.", ""),
        ("Folding beats the strongest open-source and closed-source models.", ""),
        ("Publicly available data is scarce.", ""),
        ("Our code is not available.", ""),
        ("We release the tension of the paper by folding it twice.", ""),
    ],
)  # fmt: skip
def test_what_the_authors_say_is_released(sentence: str, words: str) -> None:
    assert released(paper(abstract=f"We fold maps of every size. {sentence}")).words == words


def test_a_link_to_code_counts_and_is_no_reason_unless_the_authors_say_that_it_is_released() -> (
    None
):
    assert released(paper(links=(CODE,))).repository
    assert released(paper(links=(CODE,))).words == ""
    both = paper(links=(CODE,), abstract="We fold maps. We release our code and our data.")
    assert released(both).words == "code and data released"
    promised = released(paper(links=(CODE,), abstract="We fold. Code will be released."))
    assert not promised.repository
    assert promised.words == ""


def test_a_list_of_papers_and_a_project_page_are_no_code() -> None:
    awesome = Link(LinkKind.CODE, "https://github.com/attic/awesome-folding")
    page = Link(LinkKind.PROJECT, "https://attic.github.io/folds")
    assert released(paper(links=(awesome, page))).words == ""


def test_something_to_try_is_a_demo() -> None:
    space = Link(LinkKind.OTHER, "https://huggingface.co/spaces/attic/folds")
    assert released(paper(links=(space,))).demo


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_any_abstract_can_be_asked(abstract: str) -> None:
    assert isinstance(released(paper(abstract=abstract or "x")).words, str)
