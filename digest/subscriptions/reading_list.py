"""Keep papers to read later: a list for each subscriber, bounded, that only their own link shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from digest.errors import InputError
from digest.model import Paper, SavedPaper, Subscriber
from digest.store import Store
from digest.subscriptions.self_service import ActionResult

MAX_SAVED = 500
"""Papers on a reading list; beyond that, what was read longest ago goes."""


@dataclass(frozen=True, slots=True)
class ReadingListView:
    """A subscriber's reading list, to be shown to them: what is unread first, the newest first."""

    subscriber: Subscriber
    saved: tuple[SavedPaper, ...]
    papers: tuple[Paper, ...]


def find_reading_list(store: Store, subscriber_id: int) -> ReadingListView | None:
    """The reading list of a subscriber; ``None`` if there is no such subscriber.

    A paper that was withdrawn since is left out.
    """
    with store.read() as unit:
        subscriber = unit.subscribers.by_id(subscriber_id)
        if subscriber is None:
            return None
        hidden = unit.published_papers.hidden()
        saved = tuple(
            each for each in unit.reading_lists.of(subscriber_id) if each.paper_id not in hidden
        )
        papers = unit.papers.by_ids([each.paper_id for each in saved])
        return ReadingListView(subscriber, saved, papers)


def save_paper(store: Store, subscriber_id: int, paper_id: int, *, now: datetime) -> ActionResult:
    """Keep a paper to read later; in a list that is full it takes the place of one that was read.

    Raises `digest.errors.InputError` if the list is full and nothing on it is read.
    """
    with store.begin() as unit:
        if unit.subscribers.by_id(subscriber_id, lock=True) is None:
            return ActionResult.GONE
        if unit.reading_lists.has(subscriber_id, [paper_id]):
            return ActionResult.ALREADY
        if unit.reading_lists.count(subscriber_id) >= MAX_SAVED:
            read = unit.reading_lists.oldest_read(subscriber_id)
            if read is None:
                raise InputError(
                    f"your reading list has {MAX_SAVED} papers, and none of them is marked as read",
                    mend="Remove some first",
                )
            unit.reading_lists.remove(subscriber_id, [read])
        added = unit.reading_lists.add(subscriber_id, paper_id, now)
    return ActionResult.DONE if added else ActionResult.GONE


def remove_papers(store: Store, subscriber_id: int, paper_ids: Collection[int]) -> int:
    """Take papers off a reading list; how many were on it."""
    with store.begin() as unit:
        return unit.reading_lists.remove(subscriber_id, paper_ids)


def mark_paper(store: Store, subscriber_id: int, paper_id: int, read_at: datetime | None) -> bool:
    """Mark a paper as read, or as unread with ``None``; false if it is not on the list."""
    with store.begin() as unit:
        return unit.reading_lists.mark(subscriber_id, paper_id, read_at)


def is_saved(store: Store, subscriber_id: int, paper_ids: Collection[int]) -> frozenset[int]:
    """The papers among these that are on a subscriber's reading list."""
    with store.read() as unit:
        return unit.reading_lists.has(subscriber_id, paper_ids)
