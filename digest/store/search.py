"""Full-text search: FTS5 on SQLite, a text-search index on PostgreSQL."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)

from digest.store.storable_values import storable
from digest.store.tables import papers

LONGEST_QUERY = 300
"""Characters of a query that are looked at."""

MOST_WORDS = 16
"""Words of a query that are looked at, those in phrases too."""

MOST_RANKED = 1_000
"""Matches that are ranked, the newest: ranking every match of a common word among 50,000 papers takes
a quarter of a second, and nobody reads that far."""

SECONDS = 3.0
"""A search takes some hundredths of a second; one of hostile words on a large store ends here."""

STEPS = 10_000
"""Instructions of SQLite's machine between two looks at the clock."""

_papers_fts = table("papers_fts", column("rowid"), column("rank"))


def matching(
    connection: Connection, query: str, *, limit: int, offset: int = 0, title_only: bool = False
) -> Select[Any]:
    """The select of the papers that have every word of ``query``, best first."""
    terms = words(query)
    if not terms:
        return select(papers).where(text("1 = 0"))
    if connection.dialect.name == "postgresql":
        return _postgresql(terms, title_only).limit(limit).offset(offset)
    return _sqlite(terms, title_only).limit(limit).offset(offset)


def words(query: str) -> tuple[str, ...]:
    """The words and the quoted phrases of ``query``, with nothing left that is an operator."""
    terms: list[str] = []
    left = MOST_WORDS
    for phrase, word in re.findall(r'"([^"]*)"|(\S+)', storable(query[:LONGEST_QUERY])):
        # A phrase costs by its words: where they are common, each one's every place is compared.
        term = re.findall(r"\w+", phrase or word)[:left]
        left -= len(term)
        if term:
            terms.append(" ".join(term))
    return tuple(dict.fromkeys(terms))


@contextmanager
def in_time(connection: Connection, seconds: float = SECONDS) -> Iterator[None]:
    """Stop what the body asks of the database after so many seconds, with a `StoreBusyError`."""
    if connection.dialect.name == "postgresql":
        # Ends with the transaction; the body is the only one that asks for this much.
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        yield
        connection.exec_driver_sql("SET LOCAL statement_timeout TO DEFAULT")
        return
    driver: Any = connection.connection.driver_connection
    end = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _sqlite(terms: tuple[str, ...], title_only: bool) -> Select[Any]:
    # Inside double quotes FTS5 knows no operator, and `words` left no quote.
    match = " AND ".join(f'"{term}"' for term in terms)
    if title_only:
        match = "{title} : (" + match + ")"
    newest = (
        select(_papers_fts.c.rowid, _papers_fts.c.rank)
        .where(literal_column("papers_fts").op("MATCH")(match))
        .order_by(_papers_fts.c.rowid.desc())
        .limit(MOST_RANKED)
        .subquery()
    )
    return (
        select(papers)
        .join(newest, newest.c.rowid == papers.c.id)
        .order_by(newest.c.rank, papers.c.id.desc())
    )


def _postgresql(terms: tuple[str, ...], title_only: bool) -> Select[Any]:
    wanted = func.websearch_to_tsquery(
        literal_column("'english'::regconfig"), " ".join(f'"{term}"' for term in terms)
    )
    # Word for word the expression of the index, or the index is not used.
    whole: ColumnElement[Any] = literal_column(
        "to_tsvector('english'::regconfig, title || ' ' || abstract)"
    )
    matching = select(papers.c.id, func.ts_rank(whole, wanted).label("rank")).where(
        whole.op("@@")(wanted)
    )
    if title_only:
        title: ColumnElement[Any] = literal_column("to_tsvector('english'::regconfig, title)")
        matching = matching.where(title.op("@@")(wanted))
    newest = matching.order_by(papers.c.id.desc()).limit(MOST_RANKED).subquery()
    return (
        select(papers)
        .join(newest, newest.c.id == papers.c.id)
        .order_by(newest.c.rank.desc(), papers.c.id.desc())
    )
