"""A sentence that is too long goes without its last clauses, and stays whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.shortening import pointing_tail_left_out, shortened, without_lone_item

LAMP = "We present a lamp that draws the moths of an attic to a window"


@pytest.mark.parametrize(
    "ending",
    [
        ", which is opened at dawn by the keeper of the attic and closed again at dusk.",
        ", thereby saving them from the candle that has been their end for centuries.",
        "; the keeper opens it at dawn, before the birds are awake, on every day of the week.",
        ", and show that 42 moths leave by it in a night, against 3 where no lamp is lit.",
    ],
)
def test_the_last_clause_goes(ending: str) -> None:
    assert shortened(LAMP + ending, 80) == f"{LAMP}."


@pytest.mark.parametrize(
    "ending",
    [
        " (of glass, which is dear, and of iron, which is not) that is opened at dawn by the keeper.",
        ", a door, a chimney, and a crack in the wall that nobody has mended for a hundred years.",
        " and another one that nobody but the keeper of the attic has ever seen from the inside.",
    ],
)
def test_a_list_or_a_bracket_is_not_cut(ending: str) -> None:
    assert shortened(LAMP + ending, 100) == ""


@given(st.text(alphabet='ab ,;()"“”:', max_size=300), st.integers(0, 200))
def test_it_is_a_beginning_within_the_length(text: str, longest: int) -> None:
    short = shortened(text, longest)
    assert len(short) <= longest
    assert not short or text.startswith(short[:-1])


def test_an_opening_is_no_sentence_however_long_it_is() -> None:
    opening = "Drawing on what the keepers of attics have said of lamps and of their moths"
    sentence = f"{opening}, which come by night, we present a lamp of glass."
    assert shortened(sentence, 100) == ""


def test_a_last_clause_that_speaks_of_what_is_not_named_goes() -> None:
    ending = ", enabling the keeper to overcome these limitations of attics."
    assert pointing_tail_left_out(LAMP + ending) == f"{LAMP}."
    named = f"{LAMP}, reducing the number of these moths by half."
    assert pointing_tail_left_out(LAMP + ".") == LAMP + "."
    assert pointing_tail_left_out(named) in (named, f"{LAMP}.")


@pytest.mark.parametrize("first", ["(1) a wick", "I) We trim a wick", "(a) A wick"])
def test_the_first_item_of_a_list_is_not_shown_without_the_others(first: str) -> None:
    assert (
        without_lone_item(f"{LAMP} in three ways: {first}, which burns.")
        == f"{LAMP} in three ways."
    )


@pytest.mark.parametrize(
    "ending",
    [
        " in two ways: (1) a wick, and (2) a match.",
        " and show that: (1) moths come late.",
        " of glass.",
    ],
)
def test_a_whole_list_and_what_waits_for_one_stay(ending: str) -> None:
    assert without_lone_item(LAMP + ending) == LAMP + ending


def test_of_a_list_of_findings_the_first_is_said_without_its_number() -> None:
    first = "moths come to the window of an attic late at night"
    listed = (
        f"Our findings indicate that: (1) {first}; (2) they leave at dawn; (3) nobody sees them."
    )
    assert shortened(listed, 100) == f"Our findings indicate that {first}."
    assert shortened(f"We have three findings: (1) {first}; (2) they leave at dawn.", 90) == ""


def test_a_list_of_parts_goes_where_the_sentence_is_whole_without_it() -> None:
    head = "We review the lamps of attics and cellars along the life of a moth"
    listed = f"{head}: (1) Birth, defining moths and lamps; (2) Flight, on wings."
    assert shortened(listed, 90) == f"{head}."


@pytest.mark.parametrize(
    ("torn", "whole"),
    [
        (f"{LAMP}, with the following three parts: 1) A wick.", f"{LAMP}."),
        (
            f"{LAMP} for the following moths: 1) A wick.",
            f"{LAMP} for the following moths: 1) A wick.",
        ),
        (f"{LAMP}; (ii) we show that it burns; and (iii) we sell it.", f"{LAMP}."),
        (f"{LAMP} (i) by day; (ii) by night.", f"{LAMP} (i) by day; (ii) by night."),
    ],
)
def test_a_list_is_not_torn(torn: str, whole: str) -> None:
    assert without_lone_item(torn) == whole


def test_the_number_of_a_lone_item_goes_with_the_others() -> None:
    listed = f"{LAMP} that is (1) made of old glass, yielding light, (2) of brass."
    assert shortened(listed, 100) == f"{LAMP} that is made of old glass."
