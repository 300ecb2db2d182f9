"""Points against readers whose mail comes back, and how far every sender came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns and a table."""
    op.add_column(
        "subscribers",
        sa.Column("bounce_points", sa.Float(), server_default="0", nullable=False),
    )
    op.add_column("subscribers", sa.Column("bounced_at", sa.DateTime(timezone=True)))
    op.create_table(
        "senders",
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_senders")),
        comment="Every sender that ran, and how many outcomes it recorded: shows a restored copy.",
    )


def downgrade() -> None:
    """Older programs would send what a restored copy forgot."""
    raise NotImplementedError("restore a backup instead")
