"""Taste of subscribers: seeds, votes, follows, and what their mails show by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def one_of(name: str, *values: str) -> sa.Enum:
    """A column that holds one of these values, checked by the database."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=16)


def key(name: str) -> sa.Column[int]:
    """A column of a number that another table has given."""
    return sa.Column(name, Id, autoincrement=False, nullable=False)


def refers(table: str, column: str, to: str, *, goes: bool = True) -> sa.ForeignKeyConstraint:
    """A key of another table; the row ``goes`` with what it names."""
    return sa.ForeignKeyConstraint(
        [column],
        [to],
        name=op.f(f"fk_{table}_{column}"),
        ondelete="CASCADE" if goes else None,
    )


def upgrade() -> None:
    """Make the tables, empty: nobody has named a taste yet."""
    _seeds()
    _votes_and_follows()
    _selections()


def _seeds() -> None:
    op.create_table(
        "seeds",
        sa.Column("id", Id, nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("subscriber_id", Id, autoincrement=False, nullable=True),
        sa.Column("seed_list", sa.Text(), server_default="", nullable=False),
        sa.Column("identity", sa.String(length=300), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), server_default="", nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("paper_id", Id, nullable=True),
        sa.Column("added", sa.Date(), nullable=False),
        refers("seeds", "subscriber_id", "subscribers.id"),
        refers("seeds", "paper_id", "papers.id", goes=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seeds")),
        sa.UniqueConstraint("owner", "identity", name=op.f("uq_seeds_owner_identity")),
        comment="Papers that a subscriber named, or the operator for a list that serves everybody. "
        "owner says whose a row is; paper_id once the paper is known.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_seeds_subscriber_id", "seeds", ["subscriber_id"])
    unknown = sa.text("paper_id IS NULL")
    op.create_index(
        "ix_seeds_unknown", "seeds", ["id"], sqlite_where=unknown, postgresql_where=unknown
    )


def _votes_and_follows() -> None:
    op.create_table(
        "votes",
        key("subscriber_id"),
        key("paper_id"),
        sa.Column("direction", one_of("direction", "more", "less"), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        refers("votes", "subscriber_id", "subscribers.id"),
        refers("votes", "paper_id", "papers.id", goes=False),
        sa.PrimaryKeyConstraint("subscriber_id", "paper_id", name=op.f("pk_votes")),
        sqlite_with_rowid=False,
        comment="The last word of each subscriber on each paper: more like it, or less.",
    )
    op.create_index("ix_votes_voted_at", "votes", ["voted_at"])
    op.create_table(
        "follows",
        key("subscriber_id"),
        sa.Column("kind", one_of("kind", "author", "institution"), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        refers("follows", "subscriber_id", "subscribers.id"),
        sa.PrimaryKeyConstraint("subscriber_id", "kind", "folded", name=op.f("pk_follows")),
        sqlite_with_rowid=False,
        comment="Authors and institutions whom a subscriber follows; folded is the name to compare by.",
    )


def _selections() -> None:
    op.create_table(
        "selections",
        sa.Column("id", Id, nullable=False),
        sa.Column("edition_id", Id, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        refers("selections", "edition_id", "editions.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selections")),
        comment="What mails show of an edition by their subscribers' taste, chosen when its audience "
        "was frozen: deflated JSON, shared by those with the same taste.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_selections_edition_id", "selections", ["edition_id"])
    op.create_table(
        "subscriber_selections",
        key("edition_id"),
        key("subscriber_id"),
        sa.Column("selection_id", Id, nullable=False),
        refers("subscriber_selections", "edition_id", "editions.id"),
        refers("subscriber_selections", "subscriber_id", "subscribers.id"),
        refers("subscriber_selections", "selection_id", "selections.id"),
        sa.PrimaryKeyConstraint(
            "edition_id", "subscriber_id", name=op.f("pk_subscriber_selections")
        ),
        sqlite_with_rowid=False,
        comment="Which of an edition's selections a subscriber's mail shows.",
    )
    for column in ("subscriber_id", "selection_id"):
        op.create_index(f"ix_subscriber_selections_{column}", "subscriber_selections", [column])


def downgrade() -> None:
    """A program before this one would go on without them, and lose what they say."""
    raise NotImplementedError("restore a backup instead")
