"""A personal order: what is like the taste comes first, and says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from digest.model import Follow, FollowKind, PersonalPlace, Seed, Taste, Vote, VoteDirection
from digest.ranking.background import learn_background
from digest.ranking.offer import Offer, OfferedPaper, prepare_offer
from digest.ranking.personal_order import EXPLORING_PLACES, rank
from digest.ranking.reasons import EXPLORED
from digest.ranking.terms import terms_of

DAY = date(2026, 11, 20)

FIELDS = {
    "rivers": "river flow sediment delta flood basin water erosion hydrology rainfall",
    "proofs": "theorem proof lemma formal logic verifier tactic prover axiom deduction",
    "voices": "speech voice speaker audio phoneme accent prosody recording listener tone",
    "robots": "robot grasp gripper arm joint manipulation contact torque motion object",
}


def text(field: str, number: int) -> tuple[str, str]:
    """A title and an abstract of a field; its words take turns, so that no two are equal."""
    words = FIELDS[field].split()
    turned = words[number % 10 :] + words[: number % 10]
    return f"{turned[0]} {turned[3]} study {number}", f"We examine {' '.join(turned[:7])}."


BACKGROUND = learn_background(
    [terms_of(*text(field, number)) for number in range(15) for field in FIELDS]
)


def offer(
    fields: Sequence[str] = tuple(FIELDS) * 6,
    authors: tuple[str, ...] = (),
    institutions: tuple[str, ...] = (),
) -> Offer:
    """Papers of fields in turns, numbered from 0; paper 7 has those authors and institutions."""
    papers = [OfferedPaper(number, *text(field, number)) for number, field in enumerate(fields)]
    if authors or institutions:
        papers[7] = replace(papers[7], authors=authors, institutions=institutions)
    return prepare_offer(papers, BACKGROUND)


def vote(field: str, number: int = 30, wish: VoteDirection = VoteDirection.MORE) -> Vote:
    return Vote(1000 + number, *text(field, number), wish, DAY - timedelta(days=1))


def seed(field: str, number: int = 40, seed_list: str = "") -> Seed:
    return Seed(*text(field, number), DAY, seed_list=seed_list)


def fields_of(order: Sequence[PersonalPlace]) -> list[str]:
    return [list(FIELDS)[paper.paper_id % 4] for paper in order]


def test_one_vote_brings_its_field_to_the_top() -> None:
    order = rank(offer(), Taste(votes=(vote("proofs"),)), DAY)
    assert fields_of(order)[:4] == ["proofs"] * 4


def test_one_seed_brings_its_field_to_the_top() -> None:
    order = rank(offer(), Taste(seeds=(seed("voices"),)), DAY)
    assert fields_of(order)[:4] == ["voices"] * 4


def test_every_paper_is_in_the_order_once() -> None:
    order = rank(offer(), Taste(votes=(vote("proofs"),)), DAY)
    assert sorted(paper.paper_id for paper in order) == list(range(24))


def test_a_taste_of_two_fields_brings_both() -> None:
    order = rank(offer(), Taste(votes=(vote("proofs"), vote("rivers", 31))), DAY)
    assert set(fields_of(order)[:4]) == {"proofs", "rivers"}


def test_less_like_this_sends_a_field_to_the_end() -> None:
    votes = (vote("proofs"), vote("rivers", 31), vote("robots", 32, VoteDirection.LESS))
    order = rank(offer(), Taste(votes=votes), DAY)
    assert fields_of(order)[-4:] == ["robots"] * 4


def test_a_reason_names_the_paper_that_was_kept() -> None:
    order = rank(offer(), Taste(votes=(vote("proofs"),)), DAY)
    assert order[0].reason == f"like “{vote('proofs').title}”, which you voted for"


@pytest.mark.parametrize(
    ("seed_list", "ending"), [("", "which you named"), ("Lab", "on the list Lab")]
)
def test_a_reason_names_the_seed_and_its_list(seed_list: str, ending: str) -> None:
    order = rank(offer(), Taste(seeds=(seed("voices", seed_list=seed_list),)), DAY)
    assert order[0].reason.endswith(ending)


def test_what_is_like_nothing_of_the_taste_has_no_reason() -> None:
    order = rank(offer(), Taste(votes=(vote("proofs"),)), DAY)
    assert order[-1].reason == ""


def test_a_paper_that_was_voted_down_is_nobodys_reason() -> None:
    votes = (vote("proofs"), vote("robots", 32, VoteDirection.LESS))
    order = rank(offer(), Taste(votes=votes), DAY)
    assert not any(vote("robots", 32).title in paper.reason for paper in order)


@pytest.mark.parametrize("written", ["Ana Mátlová", "mátlová, ana", "ANA MATLOVA"])
def test_a_followed_author_stands_first_and_is_named(written: str) -> None:
    papers = offer(authors=("Bo Ek", "Ana Mátlová"))
    taste = Taste(votes=(vote("proofs"),), follows=(Follow(FollowKind.AUTHOR, written),))
    first = rank(papers, taste, DAY)[0]
    assert (first.paper_id, first.followed) == (7, True)
    assert first.reason == "by Ana Mátlová, whom you follow"


def test_a_followed_institution_stands_first_and_is_named() -> None:
    papers = offer(institutions=("Dept of Rivers, University of Nowhere",))
    follow = Follow(FollowKind.INSTITUTION, "university of nowhere")
    first = rank(papers, Taste(follows=(follow,)), DAY)[0]
    assert first.paper_id == 7
    assert first.reason.endswith("University of Nowhere, which you follow")


def test_a_name_that_only_contains_a_followed_one_is_another() -> None:
    papers = offer(authors=("Bo Ekman",), institutions=("University of Nowhereland",))
    follows = (
        Follow(FollowKind.AUTHOR, "Bo Ek"),
        Follow(FollowKind.INSTITUTION, "University of Nowhere"),
    )
    assert not any(paper.followed for paper in rank(papers, Taste(follows=follows), DAY))


def test_follows_alone_leave_the_general_order() -> None:
    papers = offer(authors=("Ana Mátlová",))
    order = rank(papers, Taste(follows=(Follow(FollowKind.AUTHOR, "Ana Mátlová"),)), DAY)
    assert [paper.paper_id for paper in order] == [7, *range(7), *range(8, 24)]
    assert not any(paper.explored for paper in order)


def test_two_places_explore_and_say_so() -> None:
    order = rank(offer(), Taste(votes=(vote("proofs"),)), DAY)
    explored = [place for place, paper in enumerate(order, start=1) if paper.explored]
    assert explored == list(EXPLORING_PLACES)
    assert all(paper.reason == EXPLORED for paper in order if paper.explored)


def test_exploring_papers_are_the_best_in_general_of_those_unlike_the_taste() -> None:
    order = rank(offer(), Taste(votes=(vote("proofs"),)), DAY)
    explored = [paper for paper in order if paper.explored]
    ordinary = sorted((paper for paper in order), key=lambda paper: -paper.score)
    unlike = sorted(paper.paper_id for paper in ordinary[12:])
    assert [paper.paper_id for paper in explored] == unlike[:2]


def test_a_short_offer_is_too_short_to_explore() -> None:
    order = rank(offer(tuple(FIELDS)), Taste(votes=(vote("proofs"),)), DAY)
    assert not any(paper.explored for paper in order)


def test_an_old_vote_counts_less_than_one_of_yesterday() -> None:
    old = Vote(1, *text("rivers", 33), VoteDirection.MORE, DAY - timedelta(days=2000))
    order = rank(offer(), Taste(votes=(old, vote("proofs"))), DAY)
    assert fields_of(order)[0] == "proofs"
    swapped = Vote(1, *text("proofs", 33), VoteDirection.MORE, DAY - timedelta(days=2000))
    order = rank(offer(), Taste(votes=(swapped, vote("rivers"))), DAY)
    assert fields_of(order)[0] == "rivers"


def test_no_taste_gives_no_order_and_no_paper_gives_none() -> None:
    assert rank(offer(), Taste(), DAY) == ()
    assert rank(offer(()), Taste(votes=(vote("proofs"),)), DAY) == ()


def test_the_same_values_give_the_same_order() -> None:
    taste = Taste(votes=(vote("proofs"), vote("voices", 31)), seeds=(seed("rivers"),))
    assert rank(offer(), taste, DAY) == rank(offer(), taste, DAY)


@pytest.mark.parametrize("title", ["", "…", "the of and", "Ω", "x" * 5000])
def test_texts_without_words_do_no_harm(title: str) -> None:
    odd = prepare_offer([OfferedPaper(1, title), OfferedPaper(2, *text("proofs", 3))], BACKGROUND)
    order = rank(odd, Taste(seeds=(Seed(title, "", DAY), seed("proofs"))), DAY)
    assert {paper.paper_id for paper in order} == {1, 2}


def test_votes_against_alone_give_an_order_that_avoids_them() -> None:
    less = vote("robots", 32, VoteDirection.LESS)
    order = rank(offer(), Taste(votes=(less,)), DAY)
    assert fields_of(order)[-2:] == ["robots"] * 2


def test_a_first_day_has_no_background_and_ranks_all_the_same() -> None:
    nothing = learn_background([])
    papers = prepare_offer([OfferedPaper(n, *text(f, n)) for n, f in enumerate(FIELDS)], nothing)
    order = rank(papers, Taste(votes=(vote("voices"),)), DAY)
    assert fields_of(order)[0] == "voices"
