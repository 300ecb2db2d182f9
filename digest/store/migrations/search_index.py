"""The full-text index of SQLite, as revision 0001 makes it. Never changed; a later one adds."""

from __future__ import annotations

_FORGET = (
    "INSERT INTO papers_fts(papers_fts, rowid, title, abstract) "
    "VALUES ('delete', old.id, old.title, old.abstract);"
)
_LEARN = "INSERT INTO papers_fts(rowid, title, abstract) VALUES (new.id, new.title, new.abstract);"

SEARCH_SQLITE = (
    "CREATE VIRTUAL TABLE papers_fts USING fts5(title, abstract, content='papers', "
    "content_rowid='id', tokenize='porter unicode61 remove_diacritics 2')",
    "INSERT INTO papers_fts(papers_fts, rank) VALUES('rank', 'bm25(5.0, 1.0)')",
    f"CREATE TRIGGER papers_fts_insert AFTER INSERT ON papers BEGIN {_LEARN} END",
    "CREATE TRIGGER papers_fts_update AFTER UPDATE OF title, abstract ON papers "
    "WHEN old.title <> new.title OR old.abstract <> new.abstract "
    f"BEGIN {_FORGET} {_LEARN} END",
    f"CREATE TRIGGER papers_fts_delete AFTER DELETE ON papers BEGIN {_FORGET} END",
)
"""An FTS5 index that holds no text of its own, kept in step by triggers (sqlite.org/fts5.html
§4.4.3). A word in the title weighs as much as five in the abstract."""
