"""The table of subscribers' reading lists."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table

from digest.store.columns import Id, UtcDateTime
from digest.store.withdrawn_tables import metadata

__all__ = ["metadata", "reading_lists"]

reading_lists = Table(
    "reading_lists",
    metadata,
    Column(
        "subscriber_id",
        Id,
        ForeignKey("subscribers.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("paper_id", Id, ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    sqlite_with_rowid=False,
    comment="Papers that a subscriber keeps to read later; read_at once they have.",
)
