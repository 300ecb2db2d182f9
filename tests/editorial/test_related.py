"""Related papers: the nearest by their words, whatever the words are."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.related import PaperText, relate, term_weights

KEEL = (
    "Keel: Pruning Diffusion Transformers",
    "We prune diffusion transformers by their attention heads. Pruned diffusion transformers are fast.",
)
RUDDER = (
    "Rudder: Attention Heads Worth Keeping",
    "Attention heads of diffusion transformers differ in worth. We prune those worth little.",
)
KETTLE = (
    "Kettle: Whispered Speech Recognition",
    "We recognise whispered speech with a microphone array in a quiet room.",
)


def related(*texts: tuple[str, str], most: int = 5) -> dict[int, list[int]]:
    papers = [PaperText(number, *text) for number, text in enumerate(texts, 1)]
    nearest: dict[int, list[int]] = {}
    for pair in relate(papers, range(1, len(papers) + 1), most):
        nearest.setdefault(pair.paper_id, []).append(pair.other_id)
    return nearest


def test_papers_of_one_matter_are_related_and_others_are_not() -> None:
    assert related(KEEL, KETTLE, RUDDER) == {1: [3], 3: [1]}


def test_words_that_every_abstract_has_relate_nothing() -> None:
    amber = "We propose a method. Experiments show that the model performs well on large data."
    beacon = "Our approach achieves results that show a new model. Existing methods need training."
    assert related(("Amber", amber), ("Beacon", beacon)) == {}


def test_only_the_nearest_are_named_and_the_best_is_first() -> None:
    near = [(f"{KEEL[0]} {number}", KEEL[1]) for number in range(4)]
    named = related(*near, RUDDER, most=3)
    assert all(len(others) == 3 for others in named.values())
    pairs = list(
        relate([PaperText(n, *text) for n, text in enumerate((KEEL, RUDDER, KEEL), 1)], [1])
    )
    assert [pair.other_id for pair in pairs] == [3, 2]
    assert pairs[0].likeness > pairs[1].likeness


def test_a_vector_has_length_one() -> None:
    vector = term_weights(PaperText(1, *KEEL))
    assert math.isclose(sum(weight * weight for weight in vector.values()), 1.0)
    assert term_weights(PaperText(1, "", "")) == {}


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=200)), max_size=6))
def test_whatever_the_texts_are_a_relation_is_between_two_of_them(
    texts: list[tuple[str, str]],
) -> None:
    papers = [PaperText(number, *text) for number, text in enumerate(texts)]
    found = list(relate(papers, [*range(len(papers)), 99]))
    assert all(pair.paper_id != pair.other_id for pair in found)
    assert all(0.0 < pair.likeness <= 1.0 for pair in found)
    assert {pair.other_id for pair in found} <= set(range(len(papers)))
