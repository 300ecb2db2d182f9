"""Votes are compared with what is usual on the list, and told only where they stand out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from factories import DAY, paper

from digest.editorial.votes import UsualVotes, latest_votes, usual_votes, vote_words
from digest.model import Sighting

PAST = {2: 20, 6: 15, 40: 5}


def day(ago: int) -> date:
    return DAY - timedelta(days=ago)


def test_the_past_of_the_list_says_what_is_usual_and_the_day_which_has_the_most() -> None:
    assert usual_votes([61, 9, *[1] * 8], PAST) == UsualVotes(2, True, 61)
    assert usual_votes([61, 61, *[1] * 8], PAST) == UsualVotes(2, True, None)
    assert usual_votes([61], PAST) == UsualVotes(2, True, None)


def test_without_a_past_the_day_itself_says_what_is_usual() -> None:
    assert usual_votes([61, 9, *[1] * 8], {5: 29}) == UsualVotes(1, False, 61)
    assert usual_votes([61, 9], {}) == UsualVotes()


@pytest.mark.parametrize(
    ("votes", "usual", "words"),
    [
        (61, UsualVotes(6, True, 61), "61 votes, the most of its day (6 is usual here)"),
        (61, UsualVotes(6, True, 70), "61 votes (6 is usual here)"),
        (61, UsualVotes(6, False, 61), "61 votes, the most of its day (the day's median is 6)"),
        (1_042, UsualVotes(1, False), "1,042 votes (the day's median is 1)"),
        (10, UsualVotes(0, True), "10 votes (half of the papers here get none)"),
        (10, UsualVotes(0, False), "10 votes (half of the papers of the day get none)"),
        (9, UsualVotes(0, True, 9), ""),
        (9, UsualVotes(1, False, 9), ""),
        (10, UsualVotes(6, True), ""),
        (11, UsualVotes(6, True), ""),
        (4, UsualVotes(1, True), ""),
        (61, UsualVotes(), ""),
        (0, UsualVotes(0, True, 0), ""),
    ],
)  # fmt: skip
def test_votes_are_a_reason_only_where_they_are_clearly_more_than_usual(
    votes: int, usual: UsualVotes, words: str
) -> None:
    assert vote_words(votes, [Sighting(DAY, 1, 9, votes)], usual) == words


def test_a_clear_rise_since_the_first_day_is_told() -> None:
    seen = [Sighting(day(2), 1, 9, 12), Sighting(day(1), 1, 9, None), Sighting(DAY, 1, 9, 61)]
    assert vote_words(61, seen, UsualVotes()) == "61 votes, up from 12 2 days before"
    slow = [Sighting(day(1), 1, 9, 50), Sighting(DAY, 1, 9, 61)]
    assert vote_words(61, slow, UsualVotes()) == ""


def test_the_latest_votes_are_those_of_the_last_reading_that_has_any() -> None:
    seen = [Sighting(day(1), 1, 9, 50), Sighting(DAY, 1, 9, None)]
    assert latest_votes(paper(votes=3), seen) == 50
    assert latest_votes(paper(votes=3), []) == 3
    assert latest_votes(paper(), []) is None
