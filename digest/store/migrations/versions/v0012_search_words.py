"""The search's own words: folded, stemmed and counted by the program, alike on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.migrations.search_words_index import (
    FORGET_POSTGRESQL,
    FORGET_SQLITE,
    SEARCH_WORDS_POSTGRESQL,
    SEARCH_WORDS_SQLITE,
)
from digest.store.search_index import index_all

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the index of the words as they stood, and make the new one of every paper there is."""
    connection = op.get_bind()
    is_postgresql = connection.dialect.name == "postgresql"
    for statement in FORGET_POSTGRESQL if is_postgresql else FORGET_SQLITE:
        op.execute(statement)
    word = sa.String(60, collation="C") if is_postgresql else sa.String(60)
    op.create_table(
        "search_words",
        sa.Column("word", word, autoincrement=False, nullable=False),
        sa.Column("stem", word, nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
        comment="Words of papers, and in how many they stand: in the text, and in authors' names.",
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_index("ix_search_words_stem", "search_words", ["stem"], if_not_exists=True)
    for statement in SEARCH_WORDS_POSTGRESQL if is_postgresql else SEARCH_WORDS_SQLITE:
        op.execute(statement)
    index_all(connection)


def downgrade() -> None:
    """The older index is made by a program that knows nothing of this one."""
    raise NotImplementedError("restore a backup instead")
