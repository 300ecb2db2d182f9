"""Editions that are shown to a few people first, and the mails that show them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HOLD_STATES = ("held", "stopped", "released")
STATES = (
    "planned", "leased", "sending", "deferred", "accepted", "rejected", "excluded", "unknown",
)  # fmt: skip


def one_of(*values: str) -> sa.Enum:
    """A column that holds one of these values, checked by the database."""
    return sa.Enum(*values, name="state", native_enum=False, create_constraint=True, length=16)


def upgrade() -> None:
    """Make two tables; editions published so far are not held."""
    op.create_table(
        "edition_holds",
        sa.Column("edition_id", Id, autoincrement=False, nullable=False),
        sa.Column("state", one_of(*HOLD_STATES), nullable=False),
        sa.Column("seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("previewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("link_works", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_edition_holds_edition_id")
        ),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_edition_holds")),
        comment="Editions that are or were held for a preview, or stopped. Without a row one goes out.",
    )
    op.create_table(
        "edition_previews",
        sa.Column("id", Id, nullable=False),
        sa.Column("edition_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("state", one_of(*STATES), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_edition_previews_edition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_previews")),
        sa.UniqueConstraint(
            "edition_id", "number", name=op.f("uq_edition_previews_edition_id_number")
        ),
        comment="Mails that show a held edition to a few first. The address goes once its mail is "
        "done; the number is in the link that stops the edition.",
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Never: an older program would send what somebody stopped."""
    raise NotImplementedError("restore a backup instead")
