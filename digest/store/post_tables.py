"""The tables of posts: which targets an edition is posted to, and what became of each post."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from digest.model import DeliveryState
from digest.store.columns import Id, StorableText, UtcDateTime
from digest.store.reading_list_tables import metadata
from digest.store.tables import one_of

__all__ = ["metadata", "post_plans", "posts"]

post_plans = Table(
    "post_plans",
    metadata,
    Column("edition_id", Id, ForeignKey("editions.id"), primary_key=True, autoincrement=False),
    Column("frozen_at", UtcDateTime, nullable=False),
    Column("planned_at_start", Integer, nullable=False, server_default="0"),
    comment="Editions whose targets are fixed, and how many these were.",
)

posts = Table(
    "posts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("edition_id", Id, ForeignKey("editions.id"), nullable=False),
    Column("target", StorableText, nullable=False),
    Column("state", one_of(DeliveryState, "state"), nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column(
        "resent", Boolean(create_constraint=False), nullable=False, server_default=text("false")
    ),
    Column("in_doubt_since", UtcDateTime),
    Column("lease_token", String(32)),
    Column("lease_until", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("code", Integer),
    Column("reason", StorableText),
    UniqueConstraint("edition_id", "target"),
    comment="One row per edition and target: a chat channel or a webhook, by the name it has in the "
    "settings. Its address and its secrets are not here.",
    sqlite_autoincrement=True,
)
Index(
    "ix_posts_unfinished",
    posts.c.next_at,
    sqlite_where=text("state IN ('planned', 'deferred', 'leased', 'sending')"),
    postgresql_where=text("state IN ('planned', 'deferred', 'leased', 'sending')"),
)
