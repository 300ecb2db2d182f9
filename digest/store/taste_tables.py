"""Tables of subscribers' taste: seeds, votes, follows, and what their mails show by it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from digest.model import FollowKind, VoteDirection
from digest.store.columns import Id, StorableText, UtcDateTime
from digest.store.reading_tables import metadata
from digest.store.tables import one_of

__all__ = ["follows", "metadata", "seeds", "selections", "subscriber_selections", "votes"]


def _subscriber(**options: Any) -> Column[int]:
    """The column of the subscriber a row is about; it goes when they are erased."""
    key = ForeignKey("subscribers.id", ondelete="CASCADE")
    return Column("subscriber_id", Id, key, autoincrement=False, **options)


seeds = Table(
    "seeds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", String(120), nullable=False),
    _subscriber(nullable=True),
    Column("seed_list", StorableText, nullable=False, server_default=""),
    Column("identity", String(300), nullable=False),
    Column("title", StorableText, nullable=False),
    Column("abstract", StorableText, nullable=False, server_default=""),
    Column("external_id", StorableText),
    Column("paper_id", Id, ForeignKey("papers.id")),
    Column("added", Date, nullable=False),
    UniqueConstraint("owner", "identity"),
    comment="Papers that a subscriber named, or the operator for a list that serves everybody. "
    "owner says whose a row is; paper_id once the paper is known.",
    sqlite_autoincrement=True,
)
Index("ix_seeds_subscriber_id", seeds.c.subscriber_id)
Index(
    "ix_seeds_unknown",
    seeds.c.id,
    sqlite_where=text("paper_id IS NULL"),
    postgresql_where=text("paper_id IS NULL"),
)

votes = Table(
    "votes",
    metadata,
    _subscriber(primary_key=True),
    Column("paper_id", Id, ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    Column("direction", one_of(VoteDirection, "direction"), nullable=False),
    Column("voted_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
    comment="The last word of each subscriber on each paper: more like it, or less.",
)
Index("ix_votes_voted_at", votes.c.voted_at)

follows = Table(
    "follows",
    metadata,
    _subscriber(primary_key=True),
    Column("kind", one_of(FollowKind, "kind"), primary_key=True),
    Column("folded", StorableText, primary_key=True),
    Column("name", StorableText, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
    comment="Authors and institutions whom a subscriber follows; folded is the name to compare by.",
)

selections = Table(
    "selections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("edition_id", Id, ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
    Column("content", LargeBinary, nullable=False),
    comment="What mails show of an edition by their subscribers' taste, chosen when its audience "
    "was frozen: deflated JSON, shared by those with the same taste.",
    sqlite_autoincrement=True,
)
Index("ix_selections_edition_id", selections.c.edition_id)

subscriber_selections = Table(
    "subscriber_selections",
    metadata,
    Column(
        "edition_id",
        Id,
        ForeignKey("editions.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    _subscriber(primary_key=True),
    Column("selection_id", Id, ForeignKey("selections.id", ondelete="CASCADE"), nullable=False),
    sqlite_with_rowid=False,
    comment="Which of an edition's selections a subscriber's mail shows.",
)
Index("ix_subscriber_selections_subscriber_id", subscriber_selections.c.subscriber_id)
Index("ix_subscriber_selections_selection_id", subscriber_selections.c.selection_id)
