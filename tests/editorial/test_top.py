"""The top papers of a span of days."""

from __future__ import annotations

from datetime import date, timedelta

from factories import DAY, TOPICS, candidate

from digest.editorial.arrangement import EditionFrame
from digest.editorial.edition import compose_edition, compose_weekly
from digest.editorial.top import new_papers, rank_top
from digest.model import Edition, Novelty, Sighting


def daily(day: date, *papers: tuple[int, float], updated: tuple[int, ...] = ()) -> Edition:
    new = [candidate(id, "vision", score) for id, score in papers]
    changed = [candidate(id, "3d", 0.5, novelty=Novelty.REVISED) for id in updated]
    return compose_edition([*new, *changed], EditionFrame(TOPICS, day))


MONDAY = daily(DAY - timedelta(days=1), (1, 3.0), (2, 2.0), (3, 1.0))
TUESDAY = daily(DAY, (4, 0.5), updated=(2, 77))
VOTES = {
    3: (Sighting(DAY, 200, 200, 50), Sighting(DAY - timedelta(days=1), 1, 200, 500)),
    4: (Sighting(DAY, 9, 9, 7),),
    1: (Sighting(DAY, 1, 9, None),),
}


def test_the_latest_votes_go_first_then_the_score() -> None:
    ranked = rank_top([TUESDAY, MONDAY], VOTES)
    assert [paper.entry.paper_id for paper in ranked] == [3, 4, 1, 2]
    assert [paper.entry.votes for paper in ranked][:2] == [50, 7]


def test_a_paper_stands_once_on_the_day_it_was_new_and_an_update_is_no_news() -> None:
    ranked = {paper.entry.paper_id: paper.day for paper in rank_top([MONDAY, TUESDAY], VOTES)}
    assert sorted(ranked) == sorted(new_papers([MONDAY, TUESDAY])) == [1, 2, 3, 4]
    assert ranked[2] == MONDAY.day


def test_the_picks_of_a_week_are_its_top() -> None:
    top = rank_top([MONDAY, TUESDAY], VOTES)
    week = compose_weekly([MONDAY, TUESDAY], topics=TOPICS, day=DAY, top=top)
    assert week.picks == tuple(paper.entry.paper_id for paper in top)[: len(week.picks)]
    assert week.entry(3).votes == 50
    assert week.new == 4


def test_of_no_days_there_is_no_top() -> None:
    assert rank_top([], {}) == ()
