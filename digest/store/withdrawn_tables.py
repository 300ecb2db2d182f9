"""The table of papers that were taken out of an edition."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table

from digest.store.columns import Id, UtcDateTime
from digest.store.related_tables import metadata

__all__ = ["metadata", "withdrawn_papers"]

withdrawn_papers = Table(
    "withdrawn_papers",
    metadata,
    Column("paper_id", Id, ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    Column("withdrawn_at", UtcDateTime, nullable=False),
    comment="Papers that were taken out of an edition, and when the last time was.",
)
