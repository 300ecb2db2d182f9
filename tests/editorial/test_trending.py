"""A rise is flagged within two days, what only wobbles is not, and each score can be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from editorial.month import RISES_ON, RISING_PHRASE, RISING_TOPIC, flags, month
from factories import DAY, paper
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial import trending
from digest.editorial.significance import day_correlation, surprise
from digest.model import Link, LinkKind, Paper, PaperDetails, Sighting


def days_ago(days: int) -> date:
    return DAY - timedelta(days=days)


def seen(*days: int, position: int = 1, of: int = 50, votes: int | None = None) -> list[Sighting]:
    return [Sighting(days_ago(day), position, of, votes) for day in days]


def value(one: Paper, sightings: list[Sighting], day: date = DAY) -> float:
    return trending.trend_score(one, sightings, day=day).score


def words(one: Paper, sightings: list[Sighting]) -> str:
    return "; ".join(
        part.words for part in trending.trend_score(one, sightings, day=DAY).parts if part.words
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_planted_topic_and_phrase_are_flagged_within_two_days_and_nothing_else(
    seed: int,
) -> None:
    found = list(flags(month(seed)))
    first = {name.casefold().removesuffix("s"): day for day, name in reversed(found)}
    assert set(first) == {RISING_TOPIC, RISING_PHRASE}
    assert all(day <= RISES_ON + 1 for day in first.values())
    assert all(day >= RISES_ON for day in first.values())


@pytest.mark.parametrize("seed", range(100, 104))
def test_in_a_month_without_a_rise_nothing_is_flagged(seed: int) -> None:
    assert list(flags(month(seed, rise=False))) == []


def test_from_two_papers_to_three_is_no_trend_whatever_the_past() -> None:
    history = {days_ago(day): {"audio": 2, "vision": 40} for day in range(1, 50)}
    found = trending.momentum({"audio": 3, "vision": 40}, history)
    assert not any(one.rising for one in found.values())
    assert found["audio"].words == "3 papers, as usual"
    assert found["audio"].expected == pytest.approx(2.05, abs=0.1)


def test_a_topic_at_three_times_its_share_rises_in_words() -> None:
    history = {days_ago(day): {"audio": 3, "vision": 47} for day in range(1, 30)}
    found = trending.momentum({"audio": 15, "vision": 35}, history)
    assert found["audio"].rising
    assert found["audio"].words == "rising: 15 papers, usually about 3"
    assert not found["vision"].rising
    assert found["vision"].words == "35 papers, as usual"


def test_without_a_past_nothing_rises() -> None:
    assert trending.momentum({"audio": 1}, {})["audio"].words == "1 paper, as usual"
    assert not trending.momentum({"audio": 30}, {})["audio"].rising
    assert trending.momentum({}, {}) == {}
    few = {days_ago(day): {"vision": 5} for day in range(1, 4)}
    assert not trending.momentum({"audio": 30}, few)["audio"].rising
    assert trending.rising_phrases(["Liquid Lattices"] * 9, []) == ()


def test_a_topic_never_seen_before_can_rise_and_an_empty_day_is_no_past() -> None:
    history = {days_ago(day): {"vision": 30} for day in range(1, 20)} | {days_ago(30): {}}
    found = trending.momentum({"audio": 8, "vision": 30}, history)
    assert found["audio"].rising


def test_a_phrase_stands_for_its_parts_and_is_written_as_the_titles_write_it() -> None:
    history = [
        (days_ago(day), f"Lamp {day} of Pillow {n}") for day in range(1, 30) for n in range(10)
    ]
    today = [
        f"{name} by Neural $\\mu$Lattice Routing" for name in ("Bed", "Chair", "Sofa", "Bench")
    ]
    (found,) = trending.rising_phrases([*today, "A Lamp", "A Pillow"], history)
    assert found.name == "Neural μLattice Routing"
    assert (found.today, found.rising) == (4, True)
    assert found.words == "in 4 titles today, usually in none"


def test_two_phrases_of_different_titles_are_two_and_boilerplate_is_none() -> None:
    history = [
        (days_ago(day), f"Lamp {day} of Pillow {n}") for day in range(1, 30) for n in range(10)
    ]
    today = [f"Glowing Moss {n}" for n in range(6)] + [f"Silent Owls {n}" for n in range(5)]
    today += ["A Survey of Deep Learning", "Towards Large Language Models"] * 5
    names = [one.name for one in trending.rising_phrases(today, history)]
    assert names == ["Glowing Moss", "Silent Owls"]


def test_at_most_five_phrases_are_told() -> None:
    history = [(days_ago(day), f"Lamp {n}") for day in range(1, 30) for n in range(20)]
    today = [
        f"{word}ing {word}er"
        for word in ("glow", "shin", "blink", "flash", "gleam", "flicker")
        for _ in "12345"
    ]
    assert len(trending.rising_phrases(today, history)) == 5


def test_a_usual_phrase_that_triples_is_told_with_what_is_usual() -> None:
    history = [
        (days_ago(day), "Red Moss" if n < 2 else f"Lamp {n}")
        for day in range(1, 40)
        for n in range(40)
    ]
    (found,) = trending.rising_phrases(["Red Moss"] * 14 + ["Lamp"] * 26, history)
    assert found.words == "in 14 titles today, usually in 2"


def test_votes_count_by_the_day() -> None:
    first = value(paper(votes=60), seen(0, votes=60))
    slow = value(paper(votes=60, first_seen=days_ago(5)), seen(5, 0, votes=60)) - 0.25
    assert first > slow
    assert value(paper(), seen(0, votes=100)) > value(paper(), seen(0, votes=10))


def test_votes_of_an_old_paper_are_not_counted_as_those_of_one_day() -> None:
    old = paper(published=days_ago(700))
    new = paper(published=days_ago(13))
    assert value(old, seen(0, votes=60)) < value(new, seen(0, votes=60)) - 0.3


def test_votes_of_the_paper_count_where_sightings_have_none() -> None:
    assert value(paper(votes=70), []) > value(paper(), []) + 0.5


def test_the_place_on_the_page_is_a_prior_weaker_than_anything_known_and_never_told() -> None:
    first, last = seen(0, position=1), seen(0, position=50)
    assert value(paper(), first) > value(paper(), last)
    assert words(paper(), first) == ""
    with_code = paper(abstract="We fold maps. Our code is available at https://github.com/a/b.")
    assert value(with_code, last) > value(paper(), first)
    assert value(paper(), seen(0, position=9, of=0)) >= 0


def test_staying_on_the_page_counts_and_is_not_told() -> None:
    stayed = paper(first_seen=days_ago(2))
    assert value(stayed, seen(2, 1, 0)) > value(stayed, seen(0))
    assert words(stayed, seen(2, 1, 0)) == ""


def test_what_is_new_goes_before_what_is_old() -> None:
    assert value(paper(), seen(0)) > value(paper(published=days_ago(400)), seen(0))


def test_a_paper_of_an_old_dump_is_not_faded_when_it_is_new_here() -> None:
    fresh = value(paper(first_seen=days_ago(255)), seen(255, votes=9), days_ago(255))
    late = value(paper(first_seen=days_ago(255)), seen(255, votes=9))
    assert late == pytest.approx(fresh - 0.2)  # only what freshness gave
    assert words(paper(first_seen=days_ago(255)), seen(255, votes=9)) == ""


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"details": PaperDetails(comment="Accepted at ICML 2027 (oral)")}, "accepted at ICML 2027 (oral)"),
        ({"details": PaperDetails(comment="Accepted at the ICML 2027 Workshop on Maps")}, "at a workshop of ICML 2027"),
        ({"details": PaperDetails(comment="Submitted to ICML 2027")}, ""),
        ({"abstract": "We introduce FoldBench, a benchmark of 400 problems."}, "a new benchmark with 400 problems"),
        ({"abstract": "We fold maps. We release our code."}, "code released"),
        (
            {"abstract": "We fold maps. Experiments show that it is up to 3.5x faster than ironing them."},
            "reports “up to 3.5x faster than ironing them”",
        ),
    ],
)  # fmt: skip
def test_without_votes_what_a_paper_brings_lifts_it_and_is_told(
    facts: dict[str, Any], told: str
) -> None:
    one = paper(**facts)
    assert words(one, seen(0)) == told
    assert (value(one, seen(0)) > value(paper(), seen(0))) == bool(told)


def test_the_stars_of_its_code_are_told_from_a_hundred_on() -> None:
    links = (Link(LinkKind.CODE, "https://github.com/a/b"),)
    few, many = (paper(links=links, details=PaperDetails(stars=n)) for n in (99, 1_204))
    assert words(few, seen(0)) == ""
    assert words(many, seen(0)) == "its code has 1,204 stars"
    both = replace(many, abstract="We fold maps. We release our models.")
    assert words(both, seen(0)) == "models released; its code has 1,204 stars"
    stated = replace(many, abstract="We fold maps. We release our code.")
    assert words(stated, seen(0)) == "code released (1,204 stars)"
    assert value(many, seen(0)) > value(few, seen(0))


def test_beside_votes_what_a_paper_brings_counts_for_less() -> None:
    plain, with_code = paper(), paper(abstract="We fold maps. We release our code.")
    alone = value(with_code, seen(0)) - value(plain, seen(0))
    voted = value(with_code, seen(0, votes=5)) - value(plain, seen(0, votes=5))
    assert voted == pytest.approx(alone / 2)


def test_a_paper_that_two_sources_tell_of_goes_before_one_of_one() -> None:
    two = paper(field_sources=(("title", "arxiv:cs.LG"), ("votes", "https://papers.example/x")))
    files = paper(field_sources=(("title", "/dumps/a.txt"), ("votes", "/dumps/b.txt")))
    assert value(two, seen(0)) > value(files, seen(0)) == value(paper(), seen(0))


def test_tomorrow_is_not_looked_at() -> None:
    assert value(paper(), seen(0, -1, votes=9)) == value(paper(), seen(0, votes=9))


@given(
    st.lists(
        st.builds(
            Sighting,
            st.dates(days_ago(60), DAY + timedelta(days=5)),
            st.integers(1, 300),
            st.integers(0, 300),
            st.none() | st.integers(-1, 10**6),
        ),
        max_size=8,
    ),
    st.none() | st.integers(-5, 10**9),
    st.none() | st.dates(),
)
def test_a_score_is_the_sum_of_its_parts_and_never_negative(
    sightings: list[Sighting], votes: int | None, published: date | None
) -> None:
    found = trending.trend_score(paper(votes=votes, published=published), sightings, day=DAY)
    assert found.score == pytest.approx(sum(part.value for part in found.parts))
    assert found.score >= -1e-9
    assert found == trending.trend_score(
        paper(votes=votes, published=published), sightings[::-1], day=DAY
    )


def test_a_surprise_is_a_probability() -> None:
    assert surprise(0, 10, 0.1, 100) == 1.0
    assert surprise(11, 10, 0.1, 100) == 0.0
    assert surprise(1, 1, 0.5, 10**9) == pytest.approx(0.5, abs=1e-3)
    assert surprise(5, 50, 0.05, 10**9) == pytest.approx(0.1036, abs=1e-3)  # binomial tail
    assert surprise(9, 50, 0.05, 500, 0.05) > surprise(9, 50, 0.05, 500, 0.0)


def test_days_that_differ_more_than_dice_are_known_for_it() -> None:
    wild = [([30, 20], 50), ([10, 40], 50)] * 20
    calm = [([25, 25], 50)] * 40
    assert day_correlation(wild) > 0.05 > day_correlation(calm)
    assert day_correlation([]) == day_correlation([([], 0)]) == 0.005
    assert day_correlation([([1], 1)]) == 0.005
