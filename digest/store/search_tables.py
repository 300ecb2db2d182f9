"""Tables of the search: the words that papers have, and (as the database spells it) their index."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from digest.store.taste_tables import metadata

__all__ = ["metadata", "search_words"]

_Word = String(60).with_variant(String(60, collation="C"), "postgresql")
"""A folded word, ordered by its code points, so that those with one beginning stand together."""

search_words = Table(
    "search_words",
    metadata,
    Column("word", _Word, primary_key=True, autoincrement=False),
    Column("stem", _Word, nullable=False),
    Column("papers", Integer, nullable=False),
    Column("authors", Integer, nullable=False),
    sqlite_with_rowid=False,
    comment="Words of papers, and in how many they stand: in the text, and in authors' names.",
)
Index("ix_search_words_stem", search_words.c.stem)
