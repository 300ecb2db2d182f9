"""Senders: a row for each run that sends, and who this store is.

A sender's row counts the outcomes it recorded, in the very transactions that record them. Each
machine keeps the token of its last sender outside the database (`digest.restore_guard.sender_files`): a store
that does not know that token, or not as many outcomes, is older than the machine.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, exists, select, update

from digest.store.runs import Runs
from digest.store.tables import senders

STORE_ID = "store-id"
RESTORED = "restored"


class Senders:
    """The senders of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._flags = Runs(connection)

    def store_id(self) -> str | None:
        """What names this store and its copies, and no other; ``None`` before `identify`."""
        return self._flags.flag(STORE_ID)

    def identify(self) -> str:
        """The same, made if there is none yet."""
        return self._flags.keep_flag(STORE_ID, secrets.token_hex(16))

    def enter(self, token: str, worker: str, now: datetime) -> None:
        """A sender begins; commit before it sends anything."""
        self._connection.execute(
            senders.insert(), {"token": token, "worker": worker, "started_at": now, "recorded": 0}
        )

    def count(self, token: str, outcomes: int) -> int | None:
        """Add to what a sender has recorded, and tell the sum; ``None`` if it is not known here."""
        self._connection.execute(
            update(senders)
            .where(senders.c.token == token)
            .values(recorded=senders.c.recorded + outcomes)
        )
        return self.recorded((token,)).get(token)

    def recorded(self, tokens: Collection[str]) -> Mapping[str, int]:
        """How many outcomes each of these senders recorded; unknown ones are left out."""
        rows = self._connection.execute(
            select(senders.c.token, senders.c.recorded).where(senders.c.token.in_(tokens))
        )
        return {row.token: row.recorded for row in rows}

    def any(self) -> bool:
        """Whether anything was ever sent from this store."""
        return bool(self._connection.scalar(select(exists().select_from(senders))))

    def suspect(self, reason: str, now: datetime) -> None:
        """Keep that a machine found this store to be an older copy, until `trust`."""
        self._flags.set_flag(RESTORED, reason, now)

    def suspected(self) -> str | None:
        """Why this store was found to be an older copy."""
        return self._flags.flag(RESTORED)

    def trust(self) -> None:
        """From now on this store goes its own way, under a new name.

        What machines remember of the old name says nothing of it any more, and still holds for
        every other copy under that name.
        """
        self._flags.clear_flag(RESTORED)
        self._flags.clear_flag(STORE_ID)
        self.identify()
