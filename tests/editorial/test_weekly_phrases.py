"""A phrase of the field that few titles of the week share is a reason; an everyday word is none."""

from __future__ import annotations

from digest.editorial.weekly_phrases import weekly_phrases

OTHERS = [f"Lamp {number} of the Attic" for number in range(96)]


def test_the_phrase_is_counted_over_the_week_and_written_as_the_title_writes_it() -> None:
    today = {7: ("Folding World Models Twice", ("world model", "folding")), 8: ("Lamps", ())}
    week = ["A World Model of Beds", "Sofas for world models", *OTHERS]
    assert weekly_phrases(today, week) == {7: ("World Models", 3)}


def test_hyphens_of_the_title_are_kept() -> None:
    today = {7: ("On Click-Through Rates of Beds", ("click through rate",))}
    week = ["Click-through rate", "The click through rates", *OTHERS]
    assert weekly_phrases(today, week) == {7: ("Click-Through Rates", 3)}


def test_two_are_too_few_and_every_twentieth_is_too_many() -> None:
    today = {7: ("Folding World Models Twice", ("world model",))}
    assert weekly_phrases(today, ["A World Model of Beds", *OTHERS]) == {}
    assert weekly_phrases(today, ["A World Model of Beds"] * 9 + OTHERS) == {}
    assert weekly_phrases(today, ["A World Model of Beds"] * 3) == {}
    assert weekly_phrases(today, ["A World Model of Beds"] * 2 + OTHERS * 3) == {}
    assert weekly_phrases(today, ["A World Model of Beds"] * 9 + OTHERS * 3) == {}


def test_what_a_phrase_of_one_word_or_of_every_paper_says_is_no_news() -> None:
    phrases = ("pruning", "large language model", "benchmark for", "multi-agent")
    title = "Pruning: a Multi-Agent Benchmark for Large Language Models"
    assert weekly_phrases({1: (title, phrases)}, [title] * 2 + OTHERS) == {}


def test_a_phrase_that_only_the_abstract_has_is_not_of_the_title() -> None:
    week = ["A World Model of Beds"] * 3 + OTHERS
    assert weekly_phrases({1: ("Folding Maps", ("world model",))}, week) == {}
