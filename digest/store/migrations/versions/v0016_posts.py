"""Posts of editions to chat channels and webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = (
    "planned", "leased", "sending", "deferred", "accepted", "rejected", "excluded", "unknown",
)  # fmt: skip
UNFINISHED = sa.text("state IN ('planned', 'deferred', 'leased', 'sending')")


def upgrade() -> None:
    """Make two tables; editions published so far are posted nowhere."""
    op.create_table(
        "post_plans",
        sa.Column("edition_id", Id, autoincrement=False, nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at_start", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_post_plans_edition_id")
        ),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_post_plans")),
        comment="Editions whose targets are fixed, and how many these were.",
    )
    op.create_table(
        "posts",
        sa.Column("id", Id, nullable=False),
        sa.Column("edition_id", Id, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("resent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("in_doubt_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_posts_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("edition_id", "target", name=op.f("uq_posts_edition_id_target")),
        comment="One row per edition and target: a chat channel or a webhook, by the name it has in "
        "the settings. Its address and its secrets are not here.",
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_posts_unfinished"),
        "posts",
        ["next_at"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )


def downgrade() -> None:
    """A program before this one would leave them as they are, and post nothing."""
    raise NotImplementedError("restore a backup instead")
