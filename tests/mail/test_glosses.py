"""Glosses: what a paper is about in a few words, of its own words, and never half a sentence."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.mail.glosses import LONGEST_GLOSS, glosses, introduced_as, whole_gloss


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("Robust Multi-Valley River Flood Forecasting via Gauges", "robust multi-valley river flood forecasting"),
        ("A Benchmark for Counting Winter Bees in Old Orchards", "benchmark for counting winter bees in old orchards"),
        ("A Unified Framework for Felt Hat Folding with Steam", "unified framework for felt hat folding"),
        ("On the Geometry of Folded Paper Maps", "geometry of folded paper maps"),
        ("Towards Silent Kitchen Robots Without Wheels", "silent kitchen robots"),
        ("Rethinking Snow Depth Estimation by Ear", "snow depth estimation"),
        ("A Choir Scheduling Dataset Grounded in Parish Records", "choir scheduling dataset"),
        ("Folding Maps and Hats under Rain", "folding maps and hats under rain"),
        ("Bayesian Lighthouse Keeping with 3D Maps", "Bayesian lighthouse keeping"),
        ("Unlocking Winter Bee Counts across Millions of Hives", "winter bee counts across millions of hives"),
        ("Teaching Felt Bees to Sing via Choirs", "teaching felt bees to sing"),
        ("Marrying Felt Bees with Hats for Choirs", "marrying felt bees with hats for choirs"),
        ("Detection of Winter Hats through Rules", "detection of winter hats"),
        ("Optimal Speed and Accuracy of Hat Counting", "optimal speed and accuracy of hat counting"),
    ],
)  # fmt: skip
def test_a_gloss_is_a_phrase_of_the_title_to_its_end_or_to_a_preposition(
    words: str, first: str
) -> None:
    assert glosses(words)[0] == first


@pytest.mark.parametrize(
    ("words", "among"),
    [
        ("General Multi-Shot Camera Hiding without Paired Hats", "camera hiding"),
        ("Weakly Supervised Multilingual Hat Detection through Rules", "hat detection"),
        ("Optimal Speed and Accuracy of Hat Counting", "hat counting"),
        ("A Unified Framework for Felt Hat Folding with Steam", "felt hat folding"),
    ],
)
def test_words_are_left_out_where_the_rest_is_as_true(words: str, among: str) -> None:
    assert among in glosses(words)


@pytest.mark.parametrize(
    "words",
    [
        "Folding Improves Maps",
        "Hats Hide Bees Better Than Boxes",
        "Bees Are Good Teachers for Choirs",
        "Folding Hats Makes Maps Worse",
        "Your Hat is a Map in Secret",
        "Why Hats Fold",
        "Can Bees Fold Maps of Rivers?",
        "Not All Hats Fold Maps",
        "A Unified Framework",
        "Technical Report",
        "Bridging Hat, Map and Bee Folding",
        "Hat Description to Map Translation",
        "Hats Millions of Bees",
        "Large Language Models",
        "From Hats to Maps and Back",
        "$O(n)$ Folding Hats",
        "Hats (and Maps) Folding: Again",
        "",
    ],
)
def test_a_sentence_or_a_phrase_of_any_paper_gives_none(words: str) -> None:
    assert glosses(words) == ()


def test_what_is_left_of_a_modifier_is_never_another_thing() -> None:
    for words, wrong in [
        ("Point Cloud Segmentation of Hats", "cloud segmentation"),
        ("Sign Language Translation for Choirs", "language translation"),
        ("Weakly Supervised Hat Detection", "supervised hat detection"),
        ("Hat Detection of Whole Choirs Standing in Long Rows of Benches", "hat detection"),
        (
            "Teaching Felt Bees to Sing Long Ballads about Their Many Winter Hats",
            "teaching felt bees",
        ),
        ("Fake News Detection in Villages", "news detection"),
        ("Non-Folding Hat Detection", "folding hat detection"),
    ]:
        assert not [gloss for gloss in glosses(words) if gloss.startswith(wrong)]


def test_words_keep_the_capitals_that_they_have_within_the_abstract() -> None:
    abstract = "We keep bees at Mossbury, with LLM help; every hat dance counts."
    assert (
        glosses("Hat Dance Detection in Mossbury", abstract)[0] == "hat dance detection in Mossbury"
    )
    assert glosses("Hat Dance Detection with LLM Judges", abstract)[0] == "hat dance detection"


def test_an_abstract_says_what_a_name_is() -> None:
    abstract = (
        "Maps tear. We introduce FoldNet, a steam-driven map folding engine that never tears."
    )
    assert introduced_as("FoldNet", abstract) == (
        "steam-driven map folding engine",
        "map folding engine",
    )
    assert introduced_as("FoldNet", "FoldNet (FN) is the first map folding engine.")[0] == (
        "map folding engine"
    )
    assert introduced_as("FoldNet", "UnFoldNet, a map folding engine, tears.") == ()
    assert introduced_as("FoldNet", "With FoldNet, a map is never torn.") == ()
    assert introduced_as("FoldNet", "FoldNet folds maps.") == ()


def test_a_short_rest_of_a_title_stands_whole() -> None:
    assert whole_gloss("Can Robots Fold a Paper Map Twice?") == "can robots fold a paper map twice?"
    assert whole_gloss("Folded") == ""
    assert whole_gloss("Beyond Folding a Map") == ""
    assert whole_gloss("Folding, Again and Again") == ""
    assert whole_gloss("Folding (Again) and Again") == ""


@given(st.lists(st.sampled_from(["A", "Hat", "Maps", "of", "for", "and", "&", "-", "3D", "Weakly", "Folded", ",", ":", "?", "$x$", "سلام", "語", "LLM", "Multi-Hat"]), max_size=25), st.text(max_size=80))  # fmt: skip
def test_a_gloss_is_short_and_of_the_words_it_was_given(words: list[str], abstract: str) -> None:
    text = " ".join(words)
    for gloss in glosses(text, abstract):
        assert len(gloss) <= LONGEST_GLOSS
        assert gloss.casefold() in text.casefold().replace(" a ", " ") or " a " in text.casefold()


def test_a_long_text_is_no_long_work() -> None:
    started = time.perf_counter()
    glosses("hat " * 100)
    introduced_as("hat", "hat, a " * 20_000)
    introduced_as("hat", "hat (" * 20_000)
    assert time.perf_counter() - started < 5
