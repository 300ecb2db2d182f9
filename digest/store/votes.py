"""Votes: the last word of each subscriber on each paper."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, func, select

from digest.model import Vote, VoteDirection
from digest.store.dialect import among, insert_or_replace
from digest.store.tables import papers
from digest.store.taste_tables import votes


class Votes:
    """The votes of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cast(
        self,
        subscriber_id: int,
        paper_id: int,
        direction: VoteDirection,
        now: datetime,
        *,
        most: int,
    ) -> bool:
        """Keep a subscriber's word on a paper, also another than before; false without such a paper.

        The oldest votes of a subscriber who has more than ``most`` go.
        """
        if not self._connection.scalar(select(exists().where(papers.c.id == paper_id))):
            return False
        self._connection.execute(
            insert_or_replace(self._connection, votes, ["direction", "voted_at"]),
            {
                "subscriber_id": subscriber_id,
                "paper_id": paper_id,
                "direction": direction,
                "voted_at": now,
            },
        )
        mine = votes.c.subscriber_id == subscriber_id
        surplus = (
            select(votes.c.paper_id)
            .where(mine)
            .order_by(votes.c.voted_at.desc(), votes.c.paper_id.desc())
            .offset(most)
            .limit(most)
        )
        old = list(self._connection.scalars(surplus))
        if old:
            self._connection.execute(delete(votes).where(mine, votes.c.paper_id.in_(old)))
        return True

    def take_back(self, subscriber_id: int, paper_id: int) -> bool:
        """Forget a subscriber's word on a paper; whether there was one."""
        mine = and_(votes.c.subscriber_id == subscriber_id, votes.c.paper_id == paper_id)
        return self._connection.execute(delete(votes).where(mine)).rowcount == 1

    def clear(self, subscriber_id: int) -> int:
        """Forget every vote of a subscriber; how many."""
        mine = votes.c.subscriber_id == subscriber_id
        return self._connection.execute(delete(votes).where(mine)).rowcount

    def on(self, subscriber_id: int, paper_ids: Collection[int]) -> Mapping[int, VoteDirection]:
        """A subscriber's word on each of those papers, where there is one."""
        rows = self._connection.execute(
            select(votes.c.paper_id, votes.c.direction).where(
                votes.c.subscriber_id == subscriber_id,
                among(self._connection, votes.c.paper_id, paper_ids),
            )
        )
        return {row.paper_id: row.direction for row in rows}

    def of_subscribers(self, ids: Collection[int]) -> Mapping[int, tuple[Vote, ...]]:
        """The votes of each of those subscribers who has any, newest first."""
        rows = self._connection.execute(
            select(votes, papers.c.title, papers.c.abstract)
            .join_from(votes, papers)
            .where(among(self._connection, votes.c.subscriber_id, ids))
            .order_by(votes.c.voted_at.desc(), votes.c.paper_id.desc())
        )
        found: dict[int, list[Vote]] = {}
        for row in rows:
            found.setdefault(row.subscriber_id, []).append(
                Vote(row.paper_id, row.title, row.abstract, row.direction, row.voted_at.date())
            )
        return {subscriber_id: tuple(own) for subscriber_id, own in found.items()}

    def has_any(self) -> bool:
        """True if anybody has voted."""
        return self._connection.execute(select(votes.c.paper_id).limit(1)).first() is not None

    def most_wanted(
        self, paper_ids: Collection[int], *, least: int, limit: int
    ) -> tuple[tuple[int, int], ...]:
        """The papers among these of which most subscribers want more, with how many.

        Named are those with ``least`` subscribers at least, so that nobody's vote can be read off.
        """
        rows = self._connection.execute(
            select(votes.c.paper_id, func.count().label("voters"))
            .where(among(self._connection, votes.c.paper_id, paper_ids))
            .where(votes.c.direction == VoteDirection.MORE)
            .group_by(votes.c.paper_id)
            .having(func.count() >= least)
            .order_by(func.count().desc(), votes.c.paper_id)
            .limit(limit)
        )
        return tuple((paper_id, voters) for paper_id, voters in rows)
