"""Sign-ups from the pages, and the outbox of mails about a subscription."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = (
    "planned", "leased", "sending", "deferred", "accepted", "rejected", "excluded", "unknown",
)  # fmt: skip


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "sign_ups",
        sa.Column("mailbox", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("preferences", sa.Text(), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("wording", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_sign_ups")),
        comment="What visitors asked for, kept a day so that a mailbox is asked once; email until then.",
    )
    op.create_index("ix_sign_ups_asked_at", "sign_ups", ["asked_at"])
    op.create_index("ix_sign_ups_network_asked_at", "sign_ups", ["network", "asked_at"])
    op.create_index(
        "ix_sign_ups_due_at",
        "sign_ups",
        ["due_at"],
        sqlite_where=sa.text("email IS NOT NULL"),
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.create_table(
        "letters",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscriber_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_letters_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("subscriber_id", "kind", name=op.f("uq_letters_subscriber_id_kind")),
        comment="Mails about a subscription: the last of each kind per reader, and what became of it.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_letters_state_next_at", "letters", ["state", "next_at"])


def downgrade() -> None:
    """Older programs cannot tell which mailboxes were asked today."""
    raise NotImplementedError("restore a backup instead")
