"""Tables of what was read of each source, and of what is held of it."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from digest.model import HoldReason
from digest.store.columns import Id, StorableText, UtcDateTime
from digest.store.tables import metadata, one_of

__all__ = ["held_readings", "metadata", "readings"]

readings = Table(
    "readings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", StorableText, nullable=False),
    Column("day", Date, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Column("papers", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("understood", Float, nullable=False),
    Column("fields", String(1000), nullable=False, server_default=""),
    comment="The last readings of each source that were taken in: its usual.",
    sqlite_autoincrement=True,
)
Index("ix_readings_source_id", readings.c.source, readings.c.id)

held_readings = Table(
    "held_readings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", StorableText, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("location", StorableText, nullable=False),
    Column("day", Date, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Column("papers", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("understood", Float, nullable=False),
    Column("reason", one_of(HoldReason, "reason"), nullable=False),
    Column("words", StorableText, nullable=False),
    Column("held_at", UtcDateTime, nullable=False),
    Column("passed_at", UtcDateTime),
    Column("unconfirmed", Integer),
    Column("alert_claimed_at", UtcDateTime),
    Column("alerted_at", UtcDateTime),
    Column("content", LargeBinary),
    UniqueConstraint("source", "fingerprint"),
    comment="Readings that looked implausible, kept whole (content) until somebody decides; without "
    "content they are decided, and only known again by their fingerprint.",
    sqlite_autoincrement=True,
)
