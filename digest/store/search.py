"""Search of the papers: what a query asks, in the words of FTS5 and of PostgreSQL's ``tsquery``.

Both are asked for the same stems, which `search_index` wrote, so both find the same papers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
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
from digest.store.dialect import among
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

_PLANNING = {
    # A paper's vector lies compressed beside its table, and to look into it takes as long as reading
    # a page or two. PostgreSQL takes it for a comparison of numbers, and would look into all of them
    # (half a second at 25,000 papers) rather than ask the index. Where nearly all papers have the
    # word, the index costs the same by these figures, and is still the faster one by far.
    "cpu_operator_cost": "1",
    "enable_seqscan": "off",
    # What the costs above seem to be worth.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}
"""What PostgreSQL has to know of a search to plan it well."""

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
    connection: Connection,
    query: SearchQuery,
    order: SearchOrder,
    *,
    limit: int,
    offset: int,
    hidden: Collection[int] = (),
) -> Found:
    """The papers that ``query`` asks for, but for the ``hidden``; none for one that asks for nothing."""
    if not query:
        return Found((), 0)
    speller = _speller(connection, query, hidden)
    ids: Sequence[int]
    if order is SearchOrder.RELEVANCE and query.groups:
        best, total = _best(connection, speller, query, limit + offset)
        ids = best[offset : offset + limit]
    elif not (total := _count(connection, _matching(speller, query, heads=False))):
        ids = ()
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
        # Each ends with the transaction; the body is the only one that asks for this much.
        names = ("statement_timeout", *_PLANNING)
        limits = {"statement_timeout": str(int(seconds * 1000)), **_PLANNING}
        settings = [func.set_config(name, limits[name], literal_column("true")) for name in names]
        before = connection.execute(
            select(*(func.current_setting(name).label(name) for name in names), *settings)
        ).one()
        yield
        settings = [
            func.set_config(name, value, literal_column("true"))
            for name, value in zip(names, before, strict=False)
        ]
        connection.execute(select(*settings))
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
    is_shown: Callable[[ColumnElement[int]], ColumnElement[bool] | None]
    days: _Days | None = None


@dataclass(frozen=True, slots=True)
class _Days:
    """The ids of the papers of some days, from ``first`` to ``last``; ``alone`` if all between are."""

    first: int
    last: int
    alone: bool


def _days(connection: Connection, query: SearchQuery) -> _Days | None:
    """The ids of the days asked for, read from the index of days alone.

    Papers are stored day by day, so that most often a stretch of ids is all of them, and the index
    of words skips the others. PostgreSQL's index of days does not have the ids.
    """
    within = _within(query)
    if not within or not query.groups or connection.dialect.name == "postgresql":
        return None
    # A sum, or SQLite reads the papers themselves in the order of their ids.
    key = papers.c.id + 0
    first, last = connection.execute(select(func.min(key), func.max(key)).where(*within)).one()
    if first is None:
        return _Days(0, -1, alone=True)
    outside = [papers.c.first_seen < query.after] if query.after else []
    outside += [papers.c.first_seen >= query.before] if query.before else []
    between = select(key).where(or_(*outside), key > first, key < last).limit(1)
    return _Days(first, last, alone=connection.scalar(between) is None)


def _within(query: SearchQuery) -> list[ColumnElement[bool]]:
    days = [papers.c.first_seen >= query.after] if query.after else []
    return days + ([papers.c.first_seen < query.before] if query.before else [])


def _speller(connection: Connection, query: SearchQuery, hidden: Collection[int]) -> _Speller:
    def is_shown(key: ColumnElement[int]) -> ColumnElement[bool] | None:
        return ~among(connection, key, hidden) if hidden else None

    @cache
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
        return _Speller(True, beginnings, _in_tsquery, " | ", " & ", " & !", is_shown)
    days = _days(connection, query)
    return _Speller(False, beginnings, _in_fts5, " OR ", " AND ", " NOT ", is_shown, days)


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


def _is_of_heads(query: SearchQuery) -> bool:
    """True if every word asked for is of a title or an author: then no abstract is looked into."""
    return all(term.field for group in query.groups for term in group)


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
        heads = heads or _is_of_heads(query)
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
    if (shown := speller.is_shown(key)) is not None:
        matching = matching.where(shown)
    days = _within(query)
    if speller.days is not None:
        matching = matching.where(_fts.c.rowid.between(speller.days.first, speller.days.last))
    if days and not query.groups:
        matching = matching.where(*days)
    elif days and (speller.days is None or not speller.days.alone):
        # Paper by paper: most searches find fewer than there are in so many days.
        matching = matching.where(exists().where(papers.c.id == key, *days))
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


def _counted_newest(connection: Connection, matching: Select[Any]) -> tuple[int, Sequence[int]]:
    """The number of papers that match and the newest of them, by PostgreSQL in one pass.

    Two would look into the papers twice, to see where their words stand.
    """
    some = matching.limit(MOST_COUNTED + 1).cte("matching")
    # Written down in between, or PostgreSQL goes through all papers from the newest on.
    some = some.prefix_with("MATERIALIZED", dialect="postgresql")
    total = select(func.count()).select_from(some).scalar_subquery()
    # From the oldest on: they come nearly so, which makes this much faster than the other way.
    older = func.greatest(total - MOST_RANKED, 0)
    newest = select(some.c.id).order_by(some.c.id).offset(older).subquery()
    total, ids = connection.execute(
        select(total, select(func.array_agg(newest.c.id)).scalar_subquery())
    ).one()
    return total, ids or ()


def _best(
    connection: Connection, speller: _Speller, query: SearchQuery, wanted: int
) -> tuple[list[int], int]:
    """The ids of the best papers: those with all words in title, names and terms before others.

    And how many papers match in all.
    """
    best = _ranked(connection, speller, query, wanted, heads=True)
    matching = _matching(speller, query, heads=False)
    if len(best) >= wanted:
        return best, _count(connection, matching)
    if _is_of_heads(query) and len(best) < MOST_RANKED:
        return best, len(best)
    newest: Sequence[int] = ()
    if speller.is_postgresql:
        total, newest = _counted_newest(connection, matching)
    else:
        total = _count(connection, matching)
    if total > len(best):
        first = set(best)
        further = wanted + len(best)
        if speller.is_postgresql:
            others = _ranked_of(connection, speller, query, further, newest)
        else:
            others = _ranked(connection, speller, query, further, heads=False)
        best += [paper_id for paper_id in others if paper_id not in first]
    return best, total


def _ranked(
    connection: Connection, speller: _Speller, query: SearchQuery, wanted: int, *, heads: bool
) -> list[int]:
    matching = _matching(speller, query, heads=heads)
    key = matching.selected_columns.id
    if speller.is_postgresql:
        matching = matching.add_columns(_vectors.c.heads.label("vector"))
        newest = matching.order_by(key.desc()).limit(MOST_RANKED).subquery()
        rank = _rank(newest.c.vector, speller, query, heads=heads)
    else:
        matching = matching.add_columns(_fts.c.rank.label("rank"))
        newest = matching.order_by(key.desc()).limit(MOST_RANKED).subquery()
        rank = newest.c.rank
    best = select(newest.c.id).order_by(rank, newest.c.id.desc()).limit(wanted)
    return list(connection.scalars(best))


def _ranked_of(
    connection: Connection, speller: _Speller, query: SearchQuery, wanted: int, ids: Sequence[int]
) -> list[int]:
    """Those papers by PostgreSQL's measure."""
    these = _vectors.c.paper_id == func.any(bindparam(None, list(ids), ARRAY(BigInteger)))
    rank = _rank(_vectors.c.words, speller, query, heads=False)
    best = select(_vectors.c.paper_id).where(these).order_by(rank, _vectors.c.paper_id.desc())
    return list(connection.scalars(best.limit(wanted)))


def _rank(
    vector: ColumnElement[Any], speller: _Speller, query: SearchQuery, *, heads: bool
) -> ColumnElement[float]:
    asked = _expression(speller, SearchQuery(query.groups), heads=heads)
    return -func.ts_rank(vector, _tsquery(asked), 1)
