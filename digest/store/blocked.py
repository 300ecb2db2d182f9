"""Editions of which nothing may leave: held for a preview, or stopped."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select

from digest.model import HoldState
from digest.store.tables import edition_holds

_BLOCKING = (HoldState.HELD, HoldState.STOPPED)


def is_blocked(edition_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """True where that edition is held or stopped."""
    return exists().where(
        edition_holds.c.edition_id == edition_id,
        edition_holds.c.state.in_(_BLOCKING),
    )


def blocked_editions(connection: Connection, edition_ids: Collection[int]) -> frozenset[int]:
    """Of these editions, those that are held or stopped."""
    if not edition_ids:
        return frozenset()
    query = select(edition_holds.c.edition_id).where(
        edition_holds.c.edition_id.in_(sorted(edition_ids)), edition_holds.c.state.in_(_BLOCKING)
    )
    return frozenset(connection.scalars(query))
