"""Papers that are related to each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, empty: papers get their relations as new ones are published beside them."""
    op.create_table(
        "related_papers",
        sa.Column("paper_id", Id, autoincrement=False, nullable=False),
        sa.Column("other_id", Id, autoincrement=False, nullable=False),
        sa.Column("likeness", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_related_papers_paper_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["papers.id"], name=op.f("fk_related_papers_other_id")
        ),
        sa.PrimaryKeyConstraint("paper_id", "other_id", name=op.f("pk_related_papers")),
        comment="Papers whose words are alike, each pair both ways.",
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """A program before this one would leave it as it is, and later papers without relations."""
    raise NotImplementedError("restore a backup instead")
