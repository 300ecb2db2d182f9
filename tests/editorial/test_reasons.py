"""Reasons are what a reader can use, the best first, and nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import DAY, paper

from digest.editorial.reasons import reason_line, rise_parts, update_part
from digest.model import Momentum, PaperDetails, TrendPart

VOTES = TrendPart("votes", 0.5, "61 votes")
CODE = TrendPart("release", 0.1, "code released")
WEEK = TrendPart("week", 0.1, "one of 3 papers (usually 1)")
RISING = Momentum("audio", 9, 2.2, True)


def test_two_reasons_in_the_order_of_what_they_tell_a_reader() -> None:
    assert reason_line([WEEK, CODE, VOTES]) == "61 votes; code released"
    assert reason_line([]) == reason_line([TrendPart("votes", 0.5)]) == ""


@pytest.mark.parametrize("name", ["place", "stay", "fresh", "faded", "sources"])
def test_what_says_nothing_to_a_reader_is_no_reason(name: str) -> None:
    assert reason_line([TrendPart(name, 2.0, "2nd on the page")]) == ""


@pytest.mark.parametrize("words", ["1,042 votes in its first day", "1 vote in 12 days"])
def test_an_age_of_votes_that_an_older_edition_guessed_is_not_retold(words: str) -> None:
    assert reason_line([TrendPart("votes", 1.0, words), CODE]) == "Code released"


def test_a_bare_count_of_titles_that_an_older_edition_told_is_not_retold() -> None:
    bare = TrendPart("week", 0.05, "one of 5 papers in seven days with “Felt Boots” in the title")
    assert reason_line([bare]) == ""
    assert reason_line([bare, CODE]) == "Code released"


def test_a_figure_that_the_summary_shows_is_not_told_again() -> None:
    claim = TrendPart("claim", 0.1, "reports “3x faster folds”")
    kind = TrendPart("kind", 0.1, "a new benchmark with 400 problems")
    assert (
        reason_line([claim, kind]) == "A new benchmark with 400 problems; reports “3x faster folds”"
    )
    assert reason_line([claim, kind], shown="Gives 3x Faster folds on 400 problems.") == ""


def test_of_several_rises_one_is_told() -> None:
    parts = list(rise_parts("On Liquid Lattices", "Audio", RISING, (Momentum("liquid lattice", 4, 0.1, True),), Momentum("Lattices", 3, 0.9, True)))  # fmt: skip
    assert [part.name for part in parts] == ["topic", "phrase", "week"]
    assert reason_line(parts) == (
        "One of the day’s 4 papers with “liquid lattice” in the title (usually hardly any)"
    )
    assert reason_line(parts[:1]) == "One of the day’s 9 papers on Audio (usually 2)"
    assert reason_line(parts[2:]) == (
        "One of 3 papers in seven days with “Lattices” in the title (usually 1)"
    )


@pytest.mark.parametrize(
    ("title", "is_rise"),
    [("RAGs for Maps", True), ("rag, again", True), ("Storage", False), ("Ragged Maps", False)],
)
def test_a_phrase_counts_as_whole_words_and_in_the_plural(title: str, is_rise: bool) -> None:
    rises = rise_parts(title, "", None, (Momentum("RAG", 4, 0.1, True),), None)
    assert bool(list(rises)) == is_rise


def test_a_topic_that_is_not_sure_and_a_phrase_inside_a_word_are_no_rise() -> None:
    assert not list(rise_parts("Storage", "", RISING, (Momentum("RAG", 4, 0.1, True),), None))


def test_an_updated_paper_says_its_version_and_since_when_it_is_known() -> None:
    one = paper(
        first_seen=DAY - timedelta(days=3),
        external_id="2611.00001",
        details=PaperDetails(version=2),
    )
    first = one.first_seen
    (part,) = update_part(one, DAY)
    assert part.words == (
        f"now in version 2 on arXiv, first listed on {first.day} {first:%B} {first.year}"
    )
    assert not list(update_part(paper(), DAY))
