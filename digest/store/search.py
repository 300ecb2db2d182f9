"""Search of the papers: what a query asks, in the words of FTS5 and of PostgreSQL's ``tsquery``.

Both are asked for the same stems, which `search_index` wrote, so both find the same papers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.types import UserDefinedType

from digest.model import Paper
from digest.store.paper_loader import load_papers
from digest.store.paper_rows import paper_of
from digest.store.search_query import SearchQuery, Term
from digest.store.search_tables import search_words
from digest.store.stemming import stem
from digest.store.tables import paper_topics, papers

MOST_RANKED = 1_000
"""Matches that are ranked, the newest: ranking every match of a common word among 50,000 papers takes
a quarter of a second, and nobody reads that far."""

MOST_COUNTED = 100_000
"""Matches that are counted; of more the answer says so."""

MOST_STEMS = 60
"""Words that a beginning (``prun*``) stands for, the most frequent."""

SECONDS = 3.0
"""A search takes some hundredths of a second; one of hostile words on a large store ends here."""

STEPS = 10_000
"""Instructions of SQLite's machine between two looks at the clock."""

_fts = table("papers_fts", column("rowid"), column("rank"))
_vectors = table("papers_fts", column("paper_id"), column("heads"), column("words"))


class SearchOrder(StrEnum):
    """The order of what was found."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    VOTES = "votes"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, and how much there is in all; ``exact`` is false for "more than"."""

    papers: tuple[Paper, ...]
    total: int
    exact: bool = True


def find(
    connection: Connection, query: SearchQuery, order: SearchOrder, *, limit: int, offset: int
) -> Found:
    """The papers that ``query`` asks for; none for one that asks for nothing."""
    if not query:
        return Found((), 0)
    speller = _speller(connection)
    total = _count(connection, _matching(speller, query, heads=False))
    ids: Sequence[int]
    if not total:
        return Found((), 0)
    if order is SearchOrder.RELEVANCE and query.groups:
        ids = _best(connection, speller, query, limit + offset)[offset : offset + limit]
    else:
        matching = _matching(speller, query, heads=False).subquery()
        ordered = select(matching.c.id)
        if order is SearchOrder.VOTES:
            ordered = ordered.join(papers, papers.c.id == matching.c.id).order_by(
                func.coalesce(papers.c.votes, 0).desc()
            )
        ordered = ordered.order_by(matching.c.id.desc())
        ids = connection.scalars(ordered.limit(limit).offset(offset)).all()
    rows = load_papers(connection, ids)
    found = tuple(paper_of(rows[paper_id]) for paper_id in ids)
    return Found(found, min(total, MOST_COUNTED), exact=total <= MOST_COUNTED)


def known_stems(connection: Connection, words: Sequence[str]) -> frozenset[str]:
    """Those of the words' stems that some paper has, in its text or its authors' names."""
    stems = sorted({stem(word) for word in words})
    column = search_words.c.stem
    query = select(column).where(
        column.in_(stems), or_(search_words.c.papers > 0, search_words.c.authors > 0)
    )
    return frozenset(connection.scalars(query)) if stems else frozenset()


def vocabulary(connection: Connection, limit: int) -> tuple[tuple[str, int, int], ...]:
    """The most frequent words, each with the papers that have it in their text and in their authors."""
    words = search_words.c
    rows = connection.execute(
        select(words.word, words.papers, words.authors)
        .where(or_(words.papers > 0, words.authors > 0))
        .order_by((words.papers + words.authors).desc(), words.word)
        .limit(limit)
    )
    return tuple((word, in_texts, in_names) for word, in_texts, in_names in rows)


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


@dataclass(frozen=True, slots=True)
class _Speller:
    """The words of one database: how a phrase is written, and how expressions are put together."""

    is_postgresql: bool
    beginnings: Callable[[str], tuple[str, ...]]
    phrase: Callable[[tuple[str, ...], str, bool], str]
    either: str
    both: str
    without: str


def _speller(connection: Connection) -> _Speller:
    def beginnings(word: str) -> tuple[str, ...]:
        # The stems that the index has begin with less than was typed: optimizat* is "optim".
        words = search_words.c
        rows = connection.scalars(
            select(words.stem)
            .where(
                words.word >= word,
                words.word < word + "\U0010ffff",
                words.papers + words.authors > 0,
            )
            .group_by(words.stem)
            .order_by(func.sum(words.papers + words.authors).desc())
            .limit(MOST_STEMS)
        )
        return tuple(found for found in rows if not found.startswith(word))

    if connection.dialect.name == "postgresql":
        return _Speller(True, beginnings, _in_tsquery, " | ", " & ", " & !")
    return _Speller(False, beginnings, _in_fts5, " OR ", " AND ", " NOT ")


_COLUMNS = {
    "": "",
    "heads": "{title authors terms} : ",
    "author": "{authors} : ",
    "title": "{title} : ",
}
_WEIGHTS = {"": "", "heads": "", "author": "B", "title": "A"}


def _in_fts5(words: tuple[str, ...], field: str, prefix: bool) -> str:
    # Inside double quotes FTS5 knows no operator, and folded words have no quote.
    return f'{_COLUMNS[field]}"{" ".join(words)}"{" *" if prefix else ""}'


def _in_tsquery(words: tuple[str, ...], field: str, prefix: bool) -> str:
    weight = _WEIGHTS[field]
    lexemes = [f"'{word}'{':' + weight if weight else ''}" for word in words]
    if prefix:
        lexemes[-1] = f"'{words[-1]}':*{weight}"
    return f"({' <-> '.join(lexemes)})"


def _term(speller: _Speller, term: Term, *, heads: bool) -> str:
    """One term as an expression."""
    field = term.field or ("heads" if heads else "")
    written = [speller.phrase((word,), field, False) for word in term.ids]
    for phrase in term.phrases:
        stems = tuple(map(stem, phrase))
        if term.prefix:
            begun = (*stems[:-1], phrase[-1])
            written.append(speller.phrase(begun, field, True))
            others = speller.beginnings(phrase[-1])
            written += [speller.phrase((*stems[:-1], other), field, False) for other in others]
        else:
            written.append(speller.phrase(stems, field, False))
    return f"({speller.either.join(dict.fromkeys(written))})"


def _expression(speller: _Speller, query: SearchQuery, *, heads: bool) -> str:
    """The whole query as an expression; it must ask for something, not only exclude."""
    asked = [
        f"({speller.either.join(_term(speller, term, heads=heads) for term in group)})"
        for group in query.groups
    ]
    excluded = [_term(speller, term, heads=False) for term in query.excluded]
    expression = f"({speller.both.join(asked)})"
    return "".join([expression, *(speller.without + term for term in excluded)])


def _matching(speller: _Speller, query: SearchQuery, *, heads: bool) -> Select[Any]:
    """Select the ids of the papers that match, with ``heads`` those in whose heading all words are."""
    if query.groups:
        # What is excluded may stand in the abstract, which a heading's vector has not.
        split = heads and speller.is_postgresql and bool(query.excluded)
        asked = SearchQuery(query.groups) if split else query
        matching = _ids(speller, _expression(speller, asked, heads=heads), heads=heads)
        left_out = query.excluded if split else ()
    else:
        matching, left_out = select(papers.c.id.label("id")), query.excluded
    key: ColumnElement[int] = matching.selected_columns.id
    if not speller.is_postgresql and query.groups:
        # Or SQLite asks the index of words for each of those ids, one after the other.
        key = _fts.c.rowid + 0
    if left_out:
        without = speller.either.join(_term(speller, term, heads=False) for term in left_out)
        matching = matching.where(key.not_in(_ids(speller, without, heads=False)))
    for topics, wanted in ((query.topics, True), (query.other_topics, False)):
        if topics:
            those = select(paper_topics.c.paper_id).where(paper_topics.c.topic.in_(topics))
            matching = matching.where(key.in_(those) if wanted else key.not_in(those))
    days = [papers.c.first_seen >= query.after] if query.after else []
    days += [papers.c.first_seen < query.before] if query.before else []
    if days and query.groups:
        # Paper by paper: most searches find fewer than there are in so many days.
        matching = matching.where(exists().where(papers.c.id == key, *days))
    elif days:
        matching = matching.where(*days)
    return matching


def _ids(speller: _Speller, expression: str, *, heads: bool) -> Select[Any]:
    if not speller.is_postgresql:
        match = literal_column("papers_fts").op("MATCH")(bindparam(None, expression))
        return select(_fts.c.rowid.label("id")).where(match)
    vector = _vectors.c.heads if heads else _vectors.c.words
    match = vector.op("@@")(_tsquery(expression))
    return select(_vectors.c.paper_id.label("id")).where(match)


class _Tsquery(UserDefinedType[str]):
    """PostgreSQL's type of a query, whose own module loads slowly and is not needed for SQLite."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name."""
        return "tsquery"


def _tsquery(expression: str) -> ColumnElement[Any]:
    return cast(bindparam(None, expression, String), _Tsquery())


def _count(connection: Connection, matching: Select[Any]) -> int:
    counted = select(func.count()).select_from(matching.limit(MOST_COUNTED + 1).subquery())
    return connection.scalar(counted) or 0


def _best(connection: Connection, speller: _Speller, query: SearchQuery, wanted: int) -> list[int]:
    """The ids of the best papers: those with all words in title, names and terms before others."""
    best = _ranked(connection, speller, query, heads=True)
    if len(best) < wanted:
        first = set(best)
        others = _ranked(connection, speller, query, heads=False)
        best += [paper_id for paper_id in others if paper_id not in first]
    return best


def _ranked(
    connection: Connection, speller: _Speller, query: SearchQuery, *, heads: bool
) -> list[int]:
    matching = _matching(speller, query, heads=heads)
    key = matching.selected_columns.id
    if speller.is_postgresql:
        vector = _vectors.c.heads if heads else _vectors.c.words
        asked = _expression(speller, SearchQuery(query.groups), heads=heads)
        matching = matching.add_columns(vector.label("vector"))
        newest = matching.order_by(key.desc()).limit(MOST_RANKED).subquery()
        rank: Any = -func.ts_rank(newest.c.vector, _tsquery(asked), 1)
    else:
        matching = matching.add_columns(_fts.c.rank.label("rank"))
        newest = matching.order_by(key.desc()).limit(MOST_RANKED).subquery()
        rank = newest.c.rank
    return list(connection.scalars(select(newest.c.id).order_by(rank, newest.c.id.desc())))
