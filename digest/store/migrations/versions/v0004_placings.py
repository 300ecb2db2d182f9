"""How each paper was placed in each edition, beside that it is in it."""

from __future__ import annotations

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns, and fill them from the contents of the editions published so far."""
    op.add_column(
        "edition_papers",
        sa.Column("place", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column("edition_papers", sa.Column("trend", sa.Text()))
    connection = op.get_bind()
    fill = sa.text(
        "UPDATE edition_papers SET place = :place, trend = :trend"
        " WHERE edition_id = :edition_id AND paper_id = :paper_id"
    )
    for edition_id in connection.scalars(sa.text("SELECT id FROM editions ORDER BY id")).all():
        content = connection.scalar(
            sa.text("SELECT content FROM editions WHERE id = :id"), {"id": edition_id}
        )
        entries = json.loads(zlib.decompress(content))["value"]["entries"]
        entries.sort(key=lambda entry: -entry["trend"]["score"])
        rows = [
            {
                "edition_id": edition_id,
                "paper_id": entry["paper_id"],
                "place": place,
                "trend": json.dumps({"format": 1, "value": entry["trend"]}, separators=(",", ":")),
            }
            for place, entry in enumerate(entries, 1)
        ]
        if rows:
            connection.execute(fill, rows)


def downgrade() -> None:
    """Never: a revision may rest on this one."""
    raise NotImplementedError("restore a backup instead")
