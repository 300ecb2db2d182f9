"""The selections that were chosen by taste when an audience was frozen, for whoever composes its mails."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from digest.model import Selection
from digest.store import Store

_KEPT = 256
"""Selections kept in memory: those that many readers share come back often."""


def own_selections(store: Store, edition_id: int) -> Callable[[int], Selection | None]:
    """Make the function that gives a subscriber's own selection of an edition; ``None`` for most.

    An edition without any costs one query, and its readers nothing.
    """
    with store.read() as unit:
        numbers = unit.selections.assigned(edition_id)

    @lru_cache(maxsize=_KEPT)
    def selection(number: int) -> Selection | None:
        with store.read() as unit:
            return unit.selections.get(number)

    def of_subscriber(subscriber_id: int) -> Selection | None:
        number = numbers.get(subscriber_id)
        return None if number is None else selection(number)

    return of_subscriber
