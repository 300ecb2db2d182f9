"""Senders: a row for each run that sends, and the id of this store.

A sender's row counts the outcomes it recorded, in the very transactions that record them. Each
machine keeps the token of its last sender outside the database (`digest.restore_guard.sender_files`):
a store that does not know that token, or not as many outcomes, is older than the machine.
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
    """Senders, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._flags = Runs(connection)

    def store_id(self) -> str | None:
        """Id of this store and its copies, and of no other; ``None`` before `ensure_store_id`."""
        return self._flags.flag(STORE_ID)

    def ensure_store_id(self) -> str:
        """Id of this store, made if there is none yet."""
        return self._flags.keep_flag(STORE_ID, secrets.token_hex(16))

    def add(self, token: str, worker: str, now: datetime) -> None:
        """Add a sender that begins; commit before it sends anything."""
        self._connection.execute(
            senders.insert(), {"token": token, "worker": worker, "started_at": now, "recorded": 0}
        )

    def add_recorded(self, token: str, outcomes: int) -> int | None:
        """Add to the outcomes a sender has recorded; return the sum, ``None`` if it is unknown."""
        self._connection.execute(
            update(senders)
            .where(senders.c.token == token)
            .values(recorded=senders.c.recorded + outcomes)
        )
        return self.recorded((token,)).get(token)

    def recorded(self, tokens: Collection[str]) -> Mapping[str, int]:
        """Count the outcomes that each of these senders recorded; unknown ones are left out."""
        rows = self._connection.execute(
            select(senders.c.token, senders.c.recorded).where(senders.c.token.in_(tokens))
        )
        return {row.token: row.recorded for row in rows}

    def any(self) -> bool:
        """True if a sender ever began on this store."""
        return bool(self._connection.scalar(select(exists().select_from(senders))))

    def mark_restored(self, reason: str, now: datetime) -> None:
        """Keep that a machine found this store to be an older copy, until `trust_restored`."""
        self._flags.set_flag(RESTORED, reason, now)

    def restored_reason(self) -> str | None:
        """Reason that this store was found to be an older copy; ``None`` if it was not."""
        return self._flags.flag(RESTORED)

    def trust_restored(self) -> None:
        """Take an older copy as it is, under a new id.

        What machines recorded under the old id says nothing of it any more, and still holds for
        every other copy under that id.
        """
        self._flags.clear_flag(RESTORED)
        self._flags.clear_flag(STORE_ID)
        self.ensure_store_id()
