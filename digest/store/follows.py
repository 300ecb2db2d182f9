"""Follows: the authors and institutions whose papers a subscriber wants to see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select

from digest.model import Follow, FollowKind
from digest.store.dialect import among, insert_one_new
from digest.store.taste_tables import follows


class Follows:
    """The followed names of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, subscriber_id: int, follow: Follow, now: datetime) -> bool:
        """Follow a name; false if a subscriber does already, however they wrote it."""
        row = {
            "subscriber_id": subscriber_id,
            "kind": follow.kind,
            "folded": _folded(follow.name),
            "name": follow.name,
            "added_at": now,
        }
        return insert_one_new(self._connection, follows, row)

    def remove(self, subscriber_id: int, follow: Follow) -> bool:
        """Follow a name no longer; false if a subscriber did not."""
        mine = and_(
            follows.c.subscriber_id == subscriber_id,
            follows.c.kind == follow.kind,
            follows.c.folded == _folded(follow.name),
        )
        return self._connection.execute(delete(follows).where(mine)).rowcount == 1

    def clear(self, subscriber_id: int) -> int:
        """Follow nobody any longer; how many were followed."""
        mine = follows.c.subscriber_id == subscriber_id
        return self._connection.execute(delete(follows).where(mine)).rowcount

    def count(self, subscriber_id: int) -> int:
        """Count the names that a subscriber follows."""
        query = select(func.count()).select_from(follows)
        return self._connection.scalar(query.where(follows.c.subscriber_id == subscriber_id)) or 0

    def has_any(self) -> bool:
        """True if anybody follows a name."""
        query = select(follows.c.subscriber_id).limit(1)
        return self._connection.execute(query).first() is not None

    def of_subscribers(self, ids: Collection[int]) -> Mapping[int, tuple[Follow, ...]]:
        """The names that each of those subscribers follows, who follow any, in order of time."""
        rows = self._connection.execute(
            select(follows.c.subscriber_id, follows.c.kind, follows.c.name)
            .where(among(self._connection, follows.c.subscriber_id, ids))
            .order_by(follows.c.added_at, follows.c.folded)
        )
        found: dict[int, list[Follow]] = {}
        for row in rows:
            found.setdefault(row.subscriber_id, []).append(Follow(FollowKind(row.kind), row.name))
        return {subscriber_id: tuple(own) for subscriber_id, own in found.items()}


def _folded(name: str) -> str:
    """A name as it is compared: case, full stops and spaces aside."""
    return " ".join(name.casefold().replace(".", " ").split())
