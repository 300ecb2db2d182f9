"""The full-text index whose words the program makes, the same on both databases."""

from __future__ import annotations

SEARCH_WORDS_SQLITE = (
    "CREATE VIRTUAL TABLE papers_fts USING fts5(title, authors, terms, abstract, tokenize='ascii')",
    "INSERT INTO papers_fts(papers_fts, rank) VALUES('rank', 'bm25(6.0, 4.0, 4.0, 1.0)')",
)
"""An FTS5 table of folded stems; ``ascii`` takes everything outside ASCII for letters, and so parts
words at blanks alone (sqlite.org/fts5.html §4.3.2)."""

SEARCH_WORDS_POSTGRESQL = (
    "CREATE TABLE papers_fts (paper_id BIGINT PRIMARY KEY REFERENCES papers (id) ON DELETE CASCADE, "
    "heads TSVECTOR NOT NULL, words TSVECTOR NOT NULL)",
    "ALTER TABLE papers_fts ALTER COLUMN words SET STORAGE EXTERNAL",
    "CREATE INDEX ix_papers_fts_heads ON papers_fts USING gin (heads)",
    "CREATE INDEX ix_papers_fts_words ON papers_fts USING gin (words)",
)
"""``heads`` is all but the abstract. Needs no extension. ``words`` is not compressed: a phrase of common
words is looked for in each paper that has them, half the time of which went into unpacking."""

FORGET_SQLITE = (
    "DROP TRIGGER IF EXISTS papers_fts_insert",
    "DROP TRIGGER IF EXISTS papers_fts_update",
    "DROP TRIGGER IF EXISTS papers_fts_delete",
    "DROP TABLE IF EXISTS papers_fts",
)
FORGET_POSTGRESQL = ("DROP INDEX IF EXISTS ix_papers_text", "DROP TABLE IF EXISTS papers_fts")
"""What removes the index, that of older programs too."""
