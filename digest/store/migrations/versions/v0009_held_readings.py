"""Figures of the readings of each source, and the readings that are held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables, empty: of readings before this no figures were kept by source."""
    op.create_table(
        "readings",
        sa.Column("id", Id, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("understood", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        comment="The last readings of each source that were taken in: its usual.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_readings_source_id", "readings", ["source", "id"])
    op.create_table(
        "held_readings",
        sa.Column("id", Id, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("understood", sa.Float(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "few",
                "many",
                "nothing-known",
                "not-understood",
                "not-papers",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unconfirmed", sa.Integer(), nullable=True),
        sa.Column("alert_claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_readings")),
        sa.UniqueConstraint(
            "source", "fingerprint", name=op.f("uq_held_readings_source_fingerprint")
        ),
        comment="Readings that looked implausible, kept whole (content) until somebody decides; without "
        "content they are decided, and only known again by their fingerprint.",
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Older programs would take in what is held."""
    raise NotImplementedError("restore a backup instead")
