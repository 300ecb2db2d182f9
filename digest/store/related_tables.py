"""The table of related papers."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Table

from digest.store.columns import Id
from digest.store.search_tables import metadata

__all__ = ["metadata", "related_papers"]

related_papers = Table(
    "related_papers",
    metadata,
    Column("paper_id", Id, ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    Column("other_id", Id, ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    Column("likeness", Float, nullable=False),
    sqlite_with_rowid=False,
    comment="Papers whose words are alike, each pair both ways.",
)
