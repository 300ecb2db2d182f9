"""A full reading list lets go of what was read longest ago, and of nothing else."""

from __future__ import annotations

import pytest
from factories import MINUTE, NOW, change
from store.steps import add_subscriber, remember_dump

from digest.errors import InputError
from digest.store import Store
from digest.subscriptions import ActionResult, reading_list


@pytest.fixture
def full(store: Store, monkeypatch: pytest.MonkeyPatch) -> tuple[int, tuple[int, ...]]:
    """A subscriber whose list of three is full, and the ids of five papers."""
    monkeypatch.setattr(reading_list, "MAX_SAVED", 3)
    with store.begin() as unit:
        ids = remember_dump(unit, *(change(f"Paper {n}") for n in range(5)))
        ada = add_subscriber(unit, "ada@example.org").id
    for minute, paper_id in enumerate(ids[:3]):
        done = reading_list.save_paper(store, ada, paper_id, now=NOW + minute * MINUTE)
        assert done is ActionResult.DONE
    return ada, ids


def kept(store: Store, subscriber_id: int) -> list[int]:
    with store.read() as unit:
        return [saved.paper_id for saved in unit.reading_lists.of(subscriber_id)]


def test_nothing_unread_is_lost_and_the_reader_is_told(
    store: Store, full: tuple[int, tuple[int, ...]]
) -> None:
    ada, ids = full
    assert reading_list.save_paper(store, ada, ids[0], now=NOW) is ActionResult.ALREADY
    with pytest.raises(InputError, match="3 papers, and none of them is marked as read"):
        reading_list.save_paper(store, ada, ids[3], now=NOW)
    assert kept(store, ada) == [ids[2], ids[1], ids[0]]


def test_what_was_read_longest_ago_gives_its_place(
    store: Store, full: tuple[int, tuple[int, ...]]
) -> None:
    ada, ids = full
    reading_list.mark_paper(store, ada, ids[2], NOW)
    reading_list.mark_paper(store, ada, ids[1], NOW + MINUTE)
    reading_list.save_paper(store, ada, ids[3], now=NOW)
    assert sorted(kept(store, ada)) == sorted([ids[0], ids[1], ids[3]])


def test_a_paper_that_no_edition_tells_of_is_not_shown(
    store: Store, full: tuple[int, tuple[int, ...]]
) -> None:
    ada, _ = full
    view = reading_list.find_reading_list(store, ada)
    assert view is not None
    assert (view.saved, view.papers) == ((), ())


def test_nobody_and_no_paper_are_gone(store: Store, full: tuple[int, tuple[int, ...]]) -> None:
    ada, ids = full
    assert reading_list.find_reading_list(store, 99) is None
    assert reading_list.save_paper(store, 99, ids[0], now=NOW) is ActionResult.GONE
    reading_list.remove_papers(store, ada, ids)
    assert reading_list.save_paper(store, ada, 999, now=NOW) is ActionResult.GONE
