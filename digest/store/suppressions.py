"""Addresses that must get nothing, though nothing else may be known of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from digest.model import SuppressionCause
from digest.store.dialect import insert_new, insert_or_replace
from digest.store.keyed_hash import keyed_hash, known_hash
from digest.store.tables import suppressions


class Suppressions:
    """The suppressions of one transaction, each of an address in its normal form."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def reason(self, address: str) -> str | None:
        """The reason that an address is barred; ``None`` if it is not."""
        digest = known_hash(self._connection, address)
        if digest is None:
            return None
        return self._connection.scalar(
            select(suppressions.c.reason).where(suppressions.c.address_digest == digest)
        )

    def bar(self, address: str, reason: str, now: datetime) -> None:
        """Bar an address, over any older reason; but that somebody left replaces none."""
        row = {
            "address_digest": keyed_hash(self._connection, address),
            "reason": reason,
            "at": now,
        }
        if reason == SuppressionCause.LEFT:
            self._connection.execute(insert_new(self._connection, suppressions), row)
        else:
            self._connection.execute(
                insert_or_replace(self._connection, suppressions, ("reason", "at")), row
            )

    def lift(self, address: str) -> None:
        """Let an address get mail again."""
        digest = known_hash(self._connection, address)
        self._connection.execute(
            delete(suppressions).where(suppressions.c.address_digest == digest)
        )
