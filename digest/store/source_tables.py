"""Tables about sources: whose turn it is to ask a host, and how each source fared."""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, String, Table

from digest.store.columns import StorableText, UtcDateTime
from digest.store.tables import metadata

host_turns = Table(
    "host_turns",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("free_at", UtcDateTime, nullable=False),
    Column("holder", String(32)),
    Column("held_until", UtcDateTime),
    comment="When each host may be asked again, and who asks it now: one guest, however many machines.",
)

source_health = Table(
    "source_health",
    metadata,
    Column("source", StorableText, primary_key=True),
    Column("tried_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    Column("read_day", Date),
    Column("items", Integer, nullable=False, server_default="0"),
    Column("new", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", UtcDateTime),
    Column("error", StorableText),
    Column("alert_claimed_at", UtcDateTime),
    Column("alerted_at", UtcDateTime),
    comment="Each source: when it was last asked and last read in full, what it gave, why it fails.",
)
