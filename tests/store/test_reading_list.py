"""A reading list is one subscriber's, in order, and goes with them."""

from __future__ import annotations

from factories import MINUTE, NOW, change
from store.steps import add_subscriber, remember_dump

from digest.store import Store


def test_what_is_unread_comes_first_and_the_newest_before_the_older(store: Store) -> None:
    with store.begin() as unit:
        ids = remember_dump(unit, *(change(f"Paper {n}") for n in range(4)))
        ada = add_subscriber(unit, "ada@example.org")
        for minute, paper_id in enumerate(ids):
            assert unit.reading_lists.add(ada.id, paper_id, NOW + minute * MINUTE)
        assert not unit.reading_lists.add(ada.id, ids[0], NOW + 9 * MINUTE)
        assert unit.reading_lists.mark(ada.id, ids[3], NOW)
        assert [saved.paper_id for saved in unit.reading_lists.of(ada.id)] == [
            ids[2], ids[1], ids[0], ids[3],
        ]  # fmt: skip
        assert unit.reading_lists.of(ada.id)[3].read == NOW.date()
        assert unit.reading_lists.of(ada.id)[0].title == "Paper 2"
        assert unit.reading_lists.oldest_read(ada.id) == ids[3]
        assert unit.reading_lists.mark(ada.id, ids[3], None)
        assert unit.reading_lists.oldest_read(ada.id) is None
        assert unit.reading_lists.remove(ada.id, [ids[0], ids[1], 99]) == 2
        assert unit.reading_lists.count(ada.id) == 2
        assert unit.reading_lists.has(ada.id, ids) == {ids[2], ids[3]}


def test_a_paper_that_there_is_not_is_kept_by_nobody(store: Store) -> None:
    with store.begin() as unit:
        ada = add_subscriber(unit, "ada@example.org")
        assert not unit.reading_lists.add(ada.id, 7, NOW)
        assert not unit.reading_lists.mark(ada.id, 7, NOW)
        assert unit.reading_lists.of(ada.id) == ()


def test_a_list_goes_with_its_subscriber_and_no_other_does(store: Store) -> None:
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change("Gaussian Rivers"))
        ada, ben = add_subscriber(unit, "ada@example.org"), add_subscriber(unit, "ben@example.org")
        for reader in (ada, ben):
            unit.reading_lists.add(reader.id, paper_id, NOW)
        assert unit.reading_lists.remove(ben.id, []) == 0
        unit.subscribers.erase(ada.id)
        assert unit.reading_lists.of(ada.id) == ()
        assert unit.reading_lists.count(ben.id) == 1
