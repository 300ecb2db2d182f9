"""What sources say of a paper beyond its words, and which source each field is from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns of JSON text; papers known so far have neither."""
    op.add_column("papers", sa.Column("details", sa.Text(), nullable=True))
    op.add_column("papers", sa.Column("field_sources", sa.Text(), nullable=True))
