"""A phrase that titles of the week have clearly more often than usual is a reason; others are none."""

from __future__ import annotations

from digest.editorial.weekly_phrases import weekly_phrases
from digest.model import Momentum

OTHERS = [f"Lamp {number} of the Attic" for number in range(96)]
PAST = OTHERS * 8
BEDS = "A World Model of Beds"
TODAY = {7: ("Folding World Models Twice", ("world model", "folding")), 8: ("Lamps", ())}


def test_the_phrase_is_counted_over_the_week_and_written_as_the_title_writes_it() -> None:
    week = [BEDS] * 4 + ["Sofas for world models", *OTHERS]
    (shared,) = weekly_phrases(TODAY, week, PAST).items()
    assert shared == (7, Momentum("World Models", 6, 0.07, True))


def test_hyphens_of_the_title_are_kept() -> None:
    today = {7: ("On Click-Through Rates of Beds", ("click through rate",))}
    week = [*["Click-through rate", "The click through rates"] * 2, *OTHERS]
    assert weekly_phrases(today, week, PAST)[7].name == "Click-Through Rates"


def test_as_many_as_usual_tell_nothing_and_clearly_more_do() -> None:
    usual = [BEDS] * 32 + PAST  # about four in a week of a hundred titles
    assert weekly_phrases(TODAY, [BEDS] * 4 + OTHERS, usual) == {}
    assert weekly_phrases(TODAY, [BEDS] * 7 + OTHERS, usual) == {}
    assert weekly_phrases(TODAY, [BEDS] * 25 + OTHERS, usual)[7].today == 26


def test_two_are_too_few_and_a_list_without_a_past_has_nothing_usual() -> None:
    assert weekly_phrases(TODAY, [BEDS, *OTHERS], PAST) == {}
    assert weekly_phrases(TODAY, [BEDS] * 9 + OTHERS, []) == {}
    assert weekly_phrases(TODAY, [BEDS] * 9 + OTHERS, PAST[:199]) == {}
    assert weekly_phrases(TODAY, [BEDS] * 9, PAST) == {}


def test_what_a_phrase_of_one_word_or_of_every_paper_says_is_no_news() -> None:
    phrases = ("pruning", "large language model", "benchmark for", "multi-agent")
    title = "Pruning: a Multi-Agent Benchmark for Large Language Models"
    found = weekly_phrases({1: (title, phrases)}, [title] * 9 + OTHERS, PAST)
    assert {phrase.name for phrase in found.values()} <= {"Multi-Agent"}


def test_a_phrase_that_only_the_abstract_has_is_not_of_the_title() -> None:
    week = [BEDS] * 9 + OTHERS
    assert weekly_phrases({1: ("Folding Maps", ("world model",))}, week, PAST) == {}
