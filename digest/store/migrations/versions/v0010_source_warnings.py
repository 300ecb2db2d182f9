"""The fields that each reading had, and when the operator was told of a source."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty: of readings before this the fields are not known."""
    op.add_column(
        "readings",
        sa.Column("fields", sa.String(length=1000), server_default="", nullable=False),
    )
    for name in ("alert_claimed_at", "alerted_at"):
        op.add_column("source_health", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """A program before this one would go on without them, and lose what they say."""
    raise NotImplementedError("restore a backup instead")
