"""The part of the store that a search may find: which papers, and which ids the days have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from digest.store.tables import papers

LAST_ID = 2**62
"""An id above that of every paper."""


@dataclass(frozen=True, slots=True)
class DaySpan:
    """The lowest and the highest id of the papers that were first seen on a day."""

    day: date
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class IdRange:
    """Ids from ``first`` to ``last``; ``alone`` if all papers between are of the days asked for."""

    first: int
    last: int
    alone: bool = True


@dataclass(frozen=True, slots=True)
class SearchScope:
    """The papers that may be found: those up to the id ``last`` but the ``hidden``.

    ``days`` are read once for many searches: papers are stored day by day, so that most often a
    stretch of ids is all of some days, and the index of words skips the others.
    """

    last: int = LAST_ID
    hidden: frozenset[int] = frozenset()
    days: tuple[DaySpan, ...] = ()

    def within(self, after: date | None, before: date | None) -> IdRange:
        """The ids of the days from ``after`` until ``before``, as far as they may be found."""
        if after is None and before is None:
            return IdRange(0, self.last)
        asked: list[DaySpan] = []
        others: list[DaySpan] = []
        for span in self.days:
            is_asked = (not after or span.day >= after) and (not before or span.day < before)
            (asked if is_asked else others).append(span)
        if not asked:
            return IdRange(0, -1)
        first = min(span.first for span in asked)
        last = max(span.last for span in asked)
        alone = all(span.last < first or span.first > last for span in others)
        return IdRange(first, min(last, self.last), alone)


def read_scope(connection: Connection, hidden: Collection[int] = ()) -> SearchScope:
    """Read the days of the ids; ``hidden`` are those of the papers that are not to be found."""
    rows = connection.execute(
        select(papers.c.first_seen, func.min(papers.c.id), func.max(papers.c.id)).group_by(
            papers.c.first_seen
        )
    )
    days = tuple(DaySpan(*row) for row in rows)
    last = LAST_ID
    if hidden:
        # Those that wait came last of all: one comparison leaves them out.
        last = max((span.last for span in days), default=0)
        while last in hidden:
            last -= 1
    return SearchScope(last, frozenset(id for id in hidden if id < last), days)
