"""Terms: the same words give the same numbers, today and tomorrow."""

from __future__ import annotations

import pytest

from digest.ranking.terms import TERMS, WORDS, plain_words, terms_of


def weight_of_words(title: str, abstract: str) -> list[float]:
    terms = terms_of(title, abstract)
    return [
        round(float(w), 3) for n, w in zip(terms.numbers, terms.weights, strict=True) if n < WORDS
    ]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Rivers", "river"),
        ("THEORIES of flow", "theory flow"),
        ("the bias and the loss", "bias loss"),
        ("Schrödinger", "schrodinger"),
        ("graph-based", "graph based"),
    ],
)
def test_spellings_of_one_word_are_one_term(text: str, same: str) -> None:
    assert terms_of(text, "").numbers.tolist() == terms_of(same, "").numbers.tolist()


def test_the_numbers_of_terms_never_change() -> None:
    assert terms_of("river delta", "").numbers.tolist() == [223019, 261849, 764948]


def test_a_word_of_the_title_counts_as_two_of_the_abstract() -> None:
    assert weight_of_words("river", "") == weight_of_words("", "river river")


def test_pairs_of_neighbours_are_terms_too_in_a_range_of_their_own() -> None:
    numbers = terms_of("", "river delta").numbers
    assert [number < WORDS for number in numbers] == [True, True, False]
    assert numbers.max() < TERMS


def test_the_order_of_words_matters_for_pairs_only() -> None:
    forth, back = terms_of("", "river delta"), terms_of("", "delta river")
    assert len(set(forth.numbers.tolist()) & set(back.numbers.tolist())) == 2


def test_a_name_keeps_its_initials() -> None:
    assert plain_words("J. M. Núñez-Ek") == ["j", "m", "nunez", "ek"]


def test_a_text_of_any_length_is_read_up_to_a_limit() -> None:
    assert len(terms_of("", "word " * 1_000_000).numbers) == 2
