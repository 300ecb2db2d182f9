"""A sentence shown alone must name what it speaks of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.references import noun_stems, references, unresolved


@pytest.mark.parametrize(
    "sentence",
    [
        "This shows that moths like lamps.",
        "It reaches 99% accuracy.",
        "Experiments in attics show that it reaches 99% accuracy.",
        "Extensive experiments demonstrate its brightness.",
        "We study their habits in attics.",
        "In attics, they come late.",
        "We hang a lamp that copes with these draughts.",
        "This insight guides a lamp.",
        "Moths of such attics come late.",
        "The framework counts moths.",
        "Our answer is a lamp.",
        "The latter is brighter.",
        "We study the brightness of the problem.",
        "We hang a lamp under their moonlight.",
        "We count moths in the respective attics.",
        "A lamp brighter than any other lamp in both settings.",
        "We present SwiftLamp, a bright lamp for attics that reduces both burdens.",
        "We present LampNet, a lamp that lights it by night.",
        "We ask whether that draught comes from the window.",
        "This improves lamps.",
        "All five methods improve over candles.",
        "By combining above mentioned wicks, we hang a lamp.",
        "The same recipe burns in cellars.",
        "In pursuit of a deeper understanding of its light, we study a lamp.",
        "A new lamp that is hung in attics overcomes the challenges by burning oil.",
    ],
)
def test_what_is_named_elsewhere_is_found(sentence: str) -> None:
    assert references(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "This paper hangs lanterns.",
        "This systematic review counts lanterns.",
        "We hang lanterns in attics and clean these lanterns every week.",
        "It is possible to count moths by lamplight.",
        "Moths find their way by the moon, and it never fails them.",
        "Lamps such as lanterns draw moths.",
        "Both moths and beetles come late.",
        "We light attics and cellars in winter, for the lamp is hung in both places.",
        "Experiments on the three attics, MothBench, WingBench and AtticBench, are done.",
        "The lamp is hung in an attic, and the results show that it burns.",
        "We overcome the challenges of the night.",
        "We search lamps and moths and outperform their respective candles.",
        "On MothNet, our lamp sets a record on this benchmark.",
        "Our lamp improves over candles on all three walls, MothWall and more.",
        "The lamp makes it easier to count moths.",
        "A lamp so dim that it draws no moth is of no use.",
        "We find a lamp brighter than those of old attics.",
        "",
    ],
)
def test_what_the_sentence_names_itself_is_none(sentence: str) -> None:
    assert references(sentence) == ()


def test_the_sentence_before_may_name_it() -> None:
    attics = noun_stems("We hang lanterns in attics.")
    these_attics = references("These attics are full of moths.")
    approach = references("This approach counts moths.")
    assert unresolved(these_attics, attics, left_out=None, announced=True) == 0
    assert unresolved(approach, attics, left_out=None, announced=True) == 0
    assert unresolved(approach, attics, left_out=None, announced=False) == 1
    cellars = references("Such cellars are damp.")
    assert unresolved(cellars, attics, left_out=None, announced=True) == 1
    assert unresolved(cellars, attics, left_out=frozenset(), announced=True) == 0
    named_before = noun_stems("Cellars are damp.")
    assert unresolved(cellars, attics, left_out=named_before, announced=True) == 1


def test_this_with_a_noun_that_ends_like_a_verb_is_that_noun() -> None:
    assert references("We hang this harness in attics.")[0].nouns
    assert not references("This improves lamps.")[0].nouns


def test_of_an_adjective_and_a_noun_the_noun_must_have_been_named() -> None:
    behaviour = references("We show that this adaptive burning can be had.")
    assert unresolved(behaviour, noun_stems("An adaptive lamp."), left_out=None, announced=True)
    assert not unresolved(
        behaviour, noun_stems("Lamps are burning."), left_out=None, announced=True
    )


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    assert all(reference.word for reference in references(text))
