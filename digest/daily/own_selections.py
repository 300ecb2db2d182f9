"""The selections that were chosen by taste when an audience was frozen, for whoever composes its mails."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from digest.model import Selection
from digest.store import Store
from digest.store.selections import unpack_selection

_KEPT = 256
"""Selections kept in memory: those that many readers share come back often."""
_AT_ONCE = 64
"""Selections read at once: mails leave in the order in which their selections were kept. Few enough
that what a subscriber has forgotten meanwhile is missed by a moment only."""


def own_selections(store: Store, edition_id: int) -> Callable[[int], Selection | None]:
    """Make the function that gives a subscriber's own selection of an edition; ``None`` for most.

    An edition without any costs one query, and its readers nothing.
    """
    with store.read() as unit:
        numbers = unit.selections.assigned(edition_id)
    ahead: dict[int, bytes] = {}

    @lru_cache(maxsize=_KEPT)
    def selection(number: int) -> Selection | None:
        content = ahead.pop(number, None)
        if content is None:
            with store.read() as unit:
                read = dict(unit.selections.following(edition_id, number, _AT_ONCE))
            content = read.pop(number, None)
            ahead.clear()
            ahead.update(read)
        return None if content is None else unpack_selection(content, number)

    def of_subscriber(subscriber_id: int) -> Selection | None:
        number = numbers.get(subscriber_id)
        return None if number is None else selection(number)

    return of_subscriber
