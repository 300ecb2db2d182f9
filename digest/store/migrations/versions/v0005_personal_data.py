"""Addresses out of what is kept for long: keyed hashes, and words that name nobody."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from digest.redaction import without_addresses
from digest.store.keyed_hash import ADDRESS_KEY, rekeyed

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 5_000
FLAGS = ("sending-paused", "bounces-about-us", "bounces-not-kept")


def upgrade() -> None:
    """Make a table, hash suppressions with a key, and clean the words of relays kept so far."""
    op.create_table(
        "confirmation_requests",
        sa.Column("id", Id, nullable=False),
        sa.Column("mailbox_digest", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", Id, nullable=True),
        sa.Column("asked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_requests")),
        sa.UniqueConstraint("mailbox_digest", name=op.f("uq_confirmation_requests_mailbox_digest")),
        comment="How often a mailbox, kept as a keyed hash, was asked to confirm without an answer, "
        "and when its owner said never again. The number is in the links of those mails.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_confirmation_requests_asked_at", "confirmation_requests", ["asked_at"])
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.create_table_comment(
            "suppressions",
            "Addresses that must get nothing, as keyed hashes, so that erasing a reader keeps them.",
        )
    _rehash(connection)
    _clean(connection)


def _rehash(connection: sa.Connection) -> None:
    """Plain SHA-256 as it was becomes the same with a key over it, so nobody's bar is lost."""
    key = secrets.token_hex(32)
    connection.execute(
        sa.text("INSERT INTO flags (name, value) VALUES (:name, :value)"),
        {"name": ADDRESS_KEY, "value": key},
    )
    plain = connection.scalars(sa.text("SELECT address_digest FROM suppressions")).all()
    rows = [{"plain": digest, "keyed": rekeyed(key, digest)} for digest in plain]
    if rows:
        connection.execute(
            sa.text(
                "UPDATE suppressions SET address_digest = :keyed WHERE address_digest = :plain"
            ),
            rows,
        )


def _clean(connection: sa.Connection) -> None:
    for name in FLAGS:
        kept = connection.scalar(sa.text("SELECT value FROM flags WHERE name = :n"), {"n": name})
        if kept is not None:
            connection.execute(
                sa.text("UPDATE flags SET value = :value WHERE name = :name"),
                {"name": name, "value": without_addresses(kept)},
            )
    _clean_rows(connection, "runs", ("id",), ("summary", "silence"))
    _clean_rows(connection, "outbox", ("id",), ("reply",))
    _clean_rows(connection, "attempts", ("delivery_id", "attempt"), ("reply",))


def _clean_rows(
    connection: sa.Connection, table: str, keys: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    """Go through a table by its key, a few thousand rows at a time."""
    rows_of = sa.table(table, *(sa.column(name) for name in (*keys, *columns)))
    key = sa.tuple_(*(rows_of.c[name] for name in keys))
    said = sa.or_(*(rows_of.c[name] != "" for name in columns))
    update = (
        sa.update(rows_of)
        .where(*(rows_of.c[name] == sa.bindparam(f"the_{name}") for name in keys))
        .values({name: sa.bindparam(f"new_{name}") for name in columns})
    )
    after = tuple(-1 for _ in keys)
    while True:
        query = (
            sa.select(rows_of)
            .where(key > after, said)
            .order_by(*(rows_of.c[name] for name in keys))
        )
        rows = connection.execute(query.limit(AT_ONCE)).mappings().all()
        if not rows:
            return
        cleaned = [{name: without_addresses(row[name]) for name in columns} for row in rows]
        changed = [
            {f"the_{name}": row[name] for name in keys}
            | {f"new_{name}": words for name, words in clean.items()}
            for row, clean in zip(rows, cleaned, strict=True)
            if any(row[name] != words for name, words in clean.items())
        ]
        if changed:
            connection.execute(update, changed)
        after = tuple(rows[-1][name] for name in keys)


def downgrade() -> None:
    """Older programs would not know again who is barred."""
    raise NotImplementedError("restore a backup instead")
