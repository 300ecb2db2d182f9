"""Papers that were taken out of an edition, which anybody may see no longer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_papers = sa.table("papers", sa.column("id"), sa.column("pending"))
_edition_papers = sa.table("edition_papers", sa.column("paper_id"))
_withdrawn = sa.table("withdrawn_papers", sa.column("paper_id"), sa.column("withdrawn_at"))


def upgrade() -> None:
    """Make the table, with the papers that wait for no edition and are in none."""
    op.create_table(
        "withdrawn_papers",
        sa.Column("paper_id", Id, autoincrement=False, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_withdrawn_papers_paper_id")
        ),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_withdrawn_papers")),
        comment="Papers that were taken out of an edition, and when the last time was.",
    )
    now = (
        sa.func.now()
        if op.get_bind().dialect.name == "postgresql"
        else sa.func.strftime("%Y-%m-%d %H:%M:%f000", "now")
    )
    in_an_edition = sa.exists().where(_edition_papers.c.paper_id == _papers.c.id)
    lost = sa.select(_papers.c.id, now).where(_papers.c.pending.is_(None), ~in_an_edition)
    op.execute(_withdrawn.insert().from_select(["paper_id", "withdrawn_at"], lost))


def downgrade() -> None:
    """Never: an older program would show what somebody withdrew."""
    raise NotImplementedError("restore a backup instead")
