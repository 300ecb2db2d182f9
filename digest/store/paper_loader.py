"""Rows of papers by their ids."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, RowMapping, select

from digest.store.dialect import chunks
from digest.store.tables import papers


def load_papers(connection: Connection, ids: Iterable[int]) -> dict[int, RowMapping]:
    """The rows of those papers by id; unknown ids are missing."""
    rows: dict[int, RowMapping] = {}
    for part in chunks(sorted(set(ids))):
        for row in connection.execute(select(papers).where(papers.c.id.in_(part))).mappings():
            rows[row["id"]] = row
    return rows
