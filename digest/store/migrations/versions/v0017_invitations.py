"""Invitations, and how each subscriber came: their name, their invitation, their wait for approval."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, empty; who signed up so far gave no name and needed no invitation."""
    op.add_column("sign_ups", sa.Column("name", sa.Text(), server_default="", nullable=False))
    op.add_column("sign_ups", sa.Column("invitation_id", Id, nullable=True))
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "invitations",
        sa.Column("id", Id, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("revoked_at", moment, nullable=True),
        sa.CheckConstraint("used >= 0 AND used <= uses", name=op.f("ck_invitations_used")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_invitations_token_digest")),
        comment="Links by which so many may sign up until a moment. The token is kept as a hash.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "arrivals",
        sa.Column("subscriber_id", Id, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("invitation_id", Id, nullable=True),
        sa.Column("awaiting_since", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_arrivals_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_arrivals")),
        comment="The name a subscriber gave, the invitation they came by, and since when they wait for "
        "the operator's approval. Without a row there is none of the three.",
    )
    awaiting = sa.text("awaiting_since IS NOT NULL")
    op.create_index(
        "ix_arrivals_awaiting_since",
        "arrivals",
        ["awaiting_since"],
        sqlite_where=awaiting,
        postgresql_where=awaiting,
    )


def downgrade() -> None:
    """A program before this one would let in whom a rule keeps out."""
    raise NotImplementedError("restore a backup instead")
