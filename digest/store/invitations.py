"""Invitations: links by which so many people may sign up, until a moment.

The token of a link has 128 random bits and is kept as its SHA-256 only: who reads the database can
make no link of it. A use is counted by one statement that also asks whether one is left, inside the
transaction that lets its subscriber in; so neither two who come at once nor a kill miscounts.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from digest.model import Invitation
from digest.store.sign_up_tables import invitations

_COLUMNS = (
    invitations.c.id,
    invitations.c.label,
    invitations.c.uses,
    invitations.c.used,
    invitations.c.created_at,
    invitations.c.expires_at,
    invitations.c.revoked_at,
)


class Invitations:
    """The invitations of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, token: str, *, uses: int, expires_at: datetime, label: str, now: datetime
    ) -> Invitation:
        """Keep an invitation under the hash of its token."""
        row = {
            "token_digest": _digest(token),
            "label": label,
            "uses": uses,
            "used": 0,
            "created_at": now,
            "expires_at": expires_at,
        }
        self._connection.execute(invitations.insert(), row)
        added = self.by_token(token)
        assert added is not None
        return added

    def by_token(self, token: str) -> Invitation | None:
        """The invitation whose link holds that token."""
        query = select(*_COLUMNS).where(invitations.c.token_digest == _digest(token))
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _invitation(row)

    def by_id(self, invitation_id: int) -> Invitation | None:
        """The invitation with that number."""
        query = select(*_COLUMNS).where(invitations.c.id == invitation_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _invitation(row)

    def list(self) -> tuple[Invitation, ...]:
        """All invitations, oldest first."""
        rows = self._connection.execute(select(*_COLUMNS).order_by(invitations.c.id))
        return tuple(map(_invitation, rows))

    def use(self, invitation_id: int, now: datetime) -> bool:
        """Count one use more; false if none is left, or the invitation has ended."""
        result = self._connection.execute(
            update(invitations)
            .where(
                invitations.c.id == invitation_id,
                invitations.c.used < invitations.c.uses,
                invitations.c.expires_at > now,
                invitations.c.revoked_at.is_(None),
            )
            .values(used=invitations.c.used + 1)
        )
        return result.rowcount == 1

    def revoke(self, invitation_id: int, now: datetime) -> None:
        """Let nobody come by an invitation any more; the first time counts."""
        self._connection.execute(
            update(invitations)
            .where(invitations.c.id == invitation_id, invitations.c.revoked_at.is_(None))
            .values(revoked_at=now)
        )

    def forget(self, before: datetime) -> int:
        """Delete the invitations that ended or were revoked before that moment; how many."""
        ended = or_(invitations.c.expires_at < before, invitations.c.revoked_at < before)
        return self._connection.execute(delete(invitations).where(ended)).rowcount


def _invitation(row: Any) -> Invitation:
    return Invitation(*row)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
