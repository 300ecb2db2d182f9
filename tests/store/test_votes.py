"""The latest word of a subscriber on a paper counts, and nobody's word can be read off a sum."""

from __future__ import annotations

from datetime import timedelta

from factories import MINUTE, NOW, change
from store.steps import add_subscriber, remember_dump

from digest.model import VoteDirection
from digest.store import Store

MORE, LESS = VoteDirection.MORE, VoteDirection.LESS


def test_the_latest_word_on_a_paper_counts(store: Store) -> None:
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change("Gaussian Rivers"))
        ada = add_subscriber(unit, "ada@example.org")
        assert unit.votes.cast(ada.id, paper_id, LESS, NOW, most=9)
        assert unit.votes.cast(ada.id, paper_id, MORE, NOW + MINUTE, most=9)
        assert unit.votes.on(ada.id, [paper_id, 99]) == {paper_id: MORE}
        ((vote,),) = unit.votes.of_subscribers([ada.id]).values()
        assert (vote.title, vote.direction, vote.day) == ("Gaussian Rivers", MORE, NOW.date())
        assert unit.votes.take_back(ada.id, paper_id)
        assert not unit.votes.take_back(ada.id, paper_id)
        assert unit.votes.of_subscribers([ada.id]) == {}


def test_nobody_votes_on_a_paper_that_there_is_not(store: Store) -> None:
    with store.begin() as unit:
        ada = add_subscriber(unit, "ada@example.org")
        assert not unit.votes.cast(ada.id, 7, MORE, NOW, most=9)


def test_the_oldest_votes_go_when_there_are_too_many(store: Store) -> None:
    with store.begin() as unit:
        ids = remember_dump(unit, *(change(f"Paper {n}") for n in range(5)))
        ada = add_subscriber(unit, "ada@example.org")
        ben = add_subscriber(unit, "ben@example.org")
        unit.votes.cast(ben.id, ids[0], MORE, NOW, most=3)
        for minute, paper_id in enumerate(ids):
            unit.votes.cast(ada.id, paper_id, MORE, NOW + minute * MINUTE, most=3)
        kept = unit.votes.of_subscribers([ada.id, ben.id])
        assert [vote.paper_id for vote in kept[ada.id]] == list(ids[:1:-1])
        assert len(kept[ben.id]) == 1
        unit.subscribers.erase(ada.id)
        assert list(unit.votes.of_subscribers([ada.id, ben.id])) == [ben.id]


def test_a_papers_sum_is_told_from_three_voters_on(store: Store) -> None:
    with store.begin() as unit:
        ids = remember_dump(unit, *(change(f"Paper {n}") for n in range(3)))
        readers = [add_subscriber(unit, f"reader{n}@example.org") for n in range(4)]
        for reader in readers:
            unit.votes.cast(reader.id, ids[1], MORE, NOW, most=9)
        for reader in readers[:3]:
            unit.votes.cast(reader.id, ids[2], MORE, NOW - timedelta(days=9), most=9)
            unit.votes.cast(reader.id, ids[0], LESS, NOW, most=9)
        assert unit.votes.most_wanted(ids, least=3, limit=5) == ((ids[1], 4), (ids[2], 3))
        assert unit.votes.most_wanted(ids, least=4, limit=5) == ((ids[1], 4),)
        assert unit.votes.most_wanted(ids[2:], least=3, limit=5) == ((ids[2], 3),)
