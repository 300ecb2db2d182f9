"""Papers that subscribers keep to read later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "reading_lists",
        sa.Column("subscriber_id", Id, autoincrement=False, nullable=False),
        sa.Column("paper_id", Id, autoincrement=False, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_reading_lists_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_reading_lists_paper_id")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "paper_id", name=op.f("pk_reading_lists")),
        comment="Papers that a subscriber keeps to read later; read_at once they have.",
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """A program before this one would not erase what is in it."""
    raise NotImplementedError("restore a backup instead")
