"""Reading lists: the papers that each subscriber keeps to read later."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, func, select, update

from digest.model import SavedPaper
from digest.store.dialect import among, insert_one_new
from digest.store.reading_list_tables import reading_lists
from digest.store.tables import papers


class ReadingLists:
    """The reading lists of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, subscriber_id: int, paper_id: int, now: datetime) -> bool:
        """Keep a paper, unread; false if it is kept already, or there is no such paper."""
        if not self._connection.scalar(select(exists().where(papers.c.id == paper_id))):
            return False
        row = {"subscriber_id": subscriber_id, "paper_id": paper_id, "added_at": now}
        return insert_one_new(self._connection, reading_lists, row)

    def remove(self, subscriber_id: int, paper_ids: Collection[int]) -> int:
        """Take papers off a list; how many were on it."""
        theirs = and_(
            reading_lists.c.subscriber_id == subscriber_id,
            among(self._connection, reading_lists.c.paper_id, paper_ids),
        )
        return self._connection.execute(delete(reading_lists).where(theirs)).rowcount

    def mark(self, subscriber_id: int, paper_id: int, read_at: datetime | None) -> bool:
        """Mark a paper as read, or as unread with ``None``; false if it is not on the list."""
        theirs = and_(
            reading_lists.c.subscriber_id == subscriber_id, reading_lists.c.paper_id == paper_id
        )
        changed = self._connection.execute(
            update(reading_lists).where(theirs).values(read_at=read_at)
        )
        return changed.rowcount == 1

    def has(self, subscriber_id: int, paper_ids: Collection[int]) -> frozenset[int]:
        """The papers among these that are on a subscriber's list."""
        return frozenset(
            self._connection.scalars(
                select(reading_lists.c.paper_id).where(
                    reading_lists.c.subscriber_id == subscriber_id,
                    among(self._connection, reading_lists.c.paper_id, paper_ids),
                )
            )
        )

    def count(self, subscriber_id: int) -> int:
        """Count the papers on a list."""
        query = select(func.count()).select_from(reading_lists)
        mine = reading_lists.c.subscriber_id == subscriber_id
        return self._connection.scalar(query.where(mine)) or 0

    def oldest_read(self, subscriber_id: int) -> int | None:
        """The paper that was read longest ago; ``None`` if none was."""
        return self._connection.scalar(
            select(reading_lists.c.paper_id)
            .where(
                reading_lists.c.subscriber_id == subscriber_id,
                reading_lists.c.read_at.is_not(None),
            )
            .order_by(reading_lists.c.read_at, reading_lists.c.paper_id)
            .limit(1)
        )

    def of(self, subscriber_id: int) -> tuple[SavedPaper, ...]:
        """A subscriber's list: what is unread first, the newest first."""
        rows = self._connection.execute(
            select(
                reading_lists.c.paper_id,
                reading_lists.c.added_at,
                reading_lists.c.read_at,
                papers.c.title,
            )
            .join_from(reading_lists, papers)
            .where(reading_lists.c.subscriber_id == subscriber_id)
            .order_by(
                reading_lists.c.read_at.is_not(None),
                reading_lists.c.added_at.desc(),
                reading_lists.c.paper_id.desc(),
            )
        )
        return tuple(
            SavedPaper(
                row.paper_id,
                row.title,
                row.added_at.date(),
                row.read_at.date() if row.read_at is not None else None,
            )
            for row in rows
        )
