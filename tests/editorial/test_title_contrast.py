"""Titles that are alike tell siblings from revisions: by a number, a name, a swapped phrase."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from editorial.siblings import SHAPES, Closeness, Shape, siblings
from editorial.test_identity import TIDES, is_same, matched
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial.comparable_text import comparable_text
from digest.editorial.title_contrast import TitleContrast, contrast_titles
from digest.model import Record

NONE, DOUBTFUL, SIBLING, SERIES = TitleContrast


def contrast(one: str, other: str, abstract: str = "", changed: str = "") -> TitleContrast:
    """The contrast of two titles, the same in both directions."""
    first, second = comparable_text(one, abstract), comparable_text(other, changed or abstract)
    found = contrast_titles(first, second)
    assert contrast_titles(second, first) is found
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize("close", Closeness, ids=lambda close: close.name)
def test_of_a_thousand_invented_pairs_of_siblings_none_is_one_paper(
    shape: Shape, close: Closeness
) -> None:
    chance = random.Random(shape.__name__ + close.name)
    pairs = [siblings(chance, shape, close) for _ in range(50)]
    assert [pair for pair in pairs if is_same(*pair) or is_same(*pair[::-1])] == []


@given(st.randoms(use_true_random=False), st.sampled_from(SHAPES), st.sampled_from(Closeness))
@settings(max_examples=100, deadline=None)
def test_siblings_of_any_shape_are_two_papers(
    chance: random.Random, shape: Shape, close: Closeness
) -> None:
    one, other = siblings(chance, shape, close)
    assert matched(one, other) is None
    bare = Record(other.title)
    assert matched(one, bare) is None
    assert matched(bare, Record(one.title)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heron-v3 Report", "Heron-v4 Report"),
        ("Heron 2: Large Ponds", "Heron 2.5: Larger Ponds by Night"),
        ("Heron: Large Ponds", "Heron v2: Small Ponds"),
        ("Tensor Gardens Part I", "Tensor Gardens Part II"),
        ("Tensor Gardens, Part One", "Tensor Gardens, Part Two"),
        ("Plant Census 2021: Cross-Domain Counting", "Plant Census Counting Task 2020"),
        ("PondTube-ASL: A Corpus of Signs", "PondTube-SL-25: A Corpus of Signs in Many Tongues"),
        ("PondQA7B: A Pond Model", "PondQA70B: A Pond Model"),
        ("HeronRefer: Towards Reference", "HeronTracer: Mastering Traces"),
        ("HERON Guard: Safe Ponds", "OTTER Guard: Safe Lakes"),
        ("Heron Mini: Safe Ponds", "Heron Lite: Safe Ponds"),
    ],
)
def test_another_number_or_a_name_of_the_same_family_is_a_series(one: str, other: str) -> None:
    assert contrast(one, other, TIDES) is SERIES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Robust Pond Maps via Optimal Transport", "Robust Pond Maps via Masked Pretraining"),
        ("Counting Herons by Drone", "Counting Herons by Telescope"),
    ],
)
def test_another_method_is_another_paper(one: str, other: str) -> None:
    assert contrast(one, other, TIDES) is SERIES
    assert not is_same(Record(one, TIDES), Record(other, TIDES))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pond Maps for Herons", "Pond Maps for Otters"),
        ("PondNet: Pond Maps in Wales", "PondNet: Pond Maps in Norway"),
    ],
)
def test_another_task_or_place_makes_siblings_if_an_abstract_has_its_own(
    one: str, other: str
) -> None:
    assert contrast(one, other, TIDES) is NONE
    assert contrast(one, other, TIDES, f"{TIDES} For otters in Norway.") is SIBLING


def test_a_phrase_swapped_elsewhere_makes_siblings_if_each_abstract_has_its_own() -> None:
    titles = "Collaborative Pond Maps Revisited", "Longitudinal Pond Maps Revisited"
    own = f"{TIDES} It is collaborative."
    changed = f"{TIDES} It is longitudinal."
    assert contrast(*titles, TIDES) is NONE
    assert contrast(titles[0], titles[1], own, changed) is SIBLING
    assert contrast(f"PondNet: {titles[0]}", f"PondNet: {titles[1]}", own, changed) is NONE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Compression then Matching: A Pond Embedding",
            "Compressing then Matching: A Pond Embedding",
        ),
        ("Ponds from a Single Handheld Video", "Ponds from One Hand-Held Video"),
        ("PondNet: Segment the Pond", "PondNet: 5egment the Pond"),
        ("Mapping Ponds", "PondNet: Mapping Ponds"),
        (
            "Closing the Gap: Ponds and Lakes in Context",
            "Bridging the Gap: Ponds and Lakes in Context",
        ),
        ("Learning to See: Ponds and Lakes", "Learning to Look: Ponds and Lakes"),
        ("Maps of Ponds Made by Night", "3D Maps of Ponds Made by Night"),
    ],
)
def test_another_spelling_or_an_added_name_is_no_contrast(one: str, other: str) -> None:
    assert contrast(one, other, TIDES) is NONE


def test_a_name_changed_before_a_long_title_that_stays_is_a_renaming() -> None:
    rest = "Mapping Frozen Upland Ponds from Archived Aerial Photographs"
    assert contrast(f"Walrus: {rest}", f"Tern: {rest}", TIDES) is NONE
    assert contrast("Walrus: Mapping Ponds", "Tern: Charting Every Brook", TIDES) is DOUBTFUL


def test_a_word_more_in_title_and_abstract_is_doubtful_and_a_sibling_if_little_else_differs() -> (
    None
):
    titles = "Sparse Pond Regression", "Heteroscedastic Sparse Pond Regression"
    longer = f"{TIDES} Noise is heteroscedastic."
    elsewhere = " ".join(f"new{number}" for number in range(40))
    assert contrast(*titles, TIDES) is NONE
    assert contrast(*titles, TIDES, longer) is SIBLING
    assert contrast(*titles, TIDES, f"{longer} {elsewhere}") is DOUBTFUL


def test_hostile_titles_are_contrasted_quickly() -> None:
    pieces = ("via ", "a:", "v1 ", "one ", "aA-", "x via y ", "1 ")
    started = time.perf_counter()
    for one, other in itertools.product(pieces, pieces):
        contrast(one * 20_000, other * 20_000 + "z")
        contrast(f"{one * 20_000}: z", f"{other * 20_000}: y")
    assert time.perf_counter() - started < 30
