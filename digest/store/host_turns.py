"""Turns at asking a host: shared by every process and machine on one database.

A turn is held for a limited time, so that a process that died keeps nobody waiting for long. The
database's clock counts where it is a server, for the clocks of machines differ.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select, update

from digest.store.dialect import insert_new
from digest.store.source_tables import host_turns

_LONGEST_HOST = 255


class HostTurns:
    """The turns of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, host: str, holder: str, lease: timedelta) -> timedelta | None:
        """Take the turn for at most ``lease``: `None` if it is taken, else how long to wait.

        While somebody else has it, what is left of the pause that is known (perhaps nothing).
        """
        host, now = host[:_LONGEST_HOST], self._now()
        row = {"host": host, "free_at": now, "holder": None, "held_until": None}
        self._connection.execute(insert_new(self._connection, host_turns), [row])
        is_free = or_(host_turns.c.holder.is_(None), host_turns.c.held_until < now)
        taken = self._connection.execute(
            update(host_turns)
            .where(host_turns.c.host == host, host_turns.c.free_at <= now, is_free)
            .values(holder=holder, held_until=now + lease)
            .execution_options(preserve_rowcount=True)
        )
        if taken.rowcount == 1:
            return None
        free_at = self._connection.scalar(
            select(host_turns.c.free_at).where(host_turns.c.host == host)
        )
        return max((free_at or now) - now, timedelta())

    def give_back(self, host: str, holder: str, pause: timedelta) -> None:
        """End a turn; the next begins after ``pause`` at the earliest."""
        self._connection.execute(
            update(host_turns)
            .where(and_(host_turns.c.host == host[:_LONGEST_HOST], host_turns.c.holder == holder))
            .values(holder=None, held_until=None)
        )
        self.postpone(host, pause)

    def postpone(self, host: str, pause: timedelta) -> None:
        """Let no turn begin before ``pause`` is over."""
        host, now = host[:_LONGEST_HOST], self._now()
        row = {"host": host, "free_at": now, "holder": None, "held_until": None}
        self._connection.execute(insert_new(self._connection, host_turns), [row])
        self._connection.execute(
            update(host_turns)
            .where(host_turns.c.host == host, host_turns.c.free_at < now + pause)
            .values(free_at=now + pause)
        )

    def _now(self) -> datetime:
        if self._connection.dialect.name == "postgresql":
            moment = self._connection.scalar(select(func.clock_timestamp()))
            if isinstance(moment, datetime):
                return moment.astimezone(UTC)
        return datetime.now(UTC)
