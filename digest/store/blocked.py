"""Editions of which nothing may leave: held for a preview, or stopped."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists

from digest.model import HoldState
from digest.store.tables import edition_holds


def is_blocked(edition_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """True where that edition is held or stopped."""
    return exists().where(
        edition_holds.c.edition_id == edition_id,
        edition_holds.c.state.in_((HoldState.HELD, HoldState.STOPPED)),
    )
