"""Search of the papers: their stems are asked of FTS5 or of PostgreSQL's ``tsvector``."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, func, literal_column, or_, select

from digest.model import Paper
from digest.store import search_statements as statements
from digest.store.paper_loader import load_papers
from digest.store.paper_rows import paper_of
from digest.store.search_expressions import (
    any_of,
    expression,
    has_phrase,
    is_of_heads,
    speller,
)
from digest.store.search_query import SearchQuery
from digest.store.search_scope import SearchScope, read_scope
from digest.store.search_statements import Shape
from digest.store.search_tables import search_words
from digest.store.stemming import stem

MOST_RANKED = 1_000
"""Matches that are ranked, the newest: ranking every match of a common word among 50,000 papers takes
a quarter of a second, and nobody reads that far."""

MOST_COUNTED = 10_000
"""Matches that are counted; of more the answer says so."""

MOST_LISTED = 100_000
"""Matches of which PostgreSQL finds the newest."""

MOST_LOOKED_INTO = 3_000
"""Papers that PostgreSQL looks into for a phrase at first, the newest that have its words."""

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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question to one database: the shape of its statements, and their values."""

    shape: Shape
    values: Mapping[str, Any]

    def ask(self, connection: Connection, statement: Select[Any], **more: Any) -> Any:
        """Execute the statement with the values, and these."""
        return connection.execute(statement, {**self.values, **more})


def find(
    connection: Connection,
    query: SearchQuery,
    order: SearchOrder,
    *,
    limit: int,
    offset: int,
    scope: SearchScope | None = None,
) -> Found:
    """The papers of the ``scope`` that ``query`` asks for; none for one that asks for nothing."""
    if not query:
        return Found((), 0)
    if scope is None:
        scope = read_scope(connection) if query.after or query.before else SearchScope()
    search = _Search(connection, query, scope)
    ids: Sequence[int]
    if order is SearchOrder.RELEVANCE and query.groups:
        best, total, exact = search.best(limit + offset)
        ids = best[offset : offset + limit]
    elif not (total := search.count()):
        ids, exact = (), True
    else:
        by_votes = order is SearchOrder.VOTES
        ids, exact = search.ordered(limit, offset, by_votes=by_votes), True
    rows = load_papers(connection, ids)
    found = tuple(paper_of(rows[paper_id]) for paper_id in ids)
    return Found(found, min(total, MOST_COUNTED), exact=exact and total <= MOST_COUNTED)


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


class _Search:
    """One search, in its transaction."""

    def __init__(self, connection: Connection, query: SearchQuery, scope: SearchScope) -> None:
        self._connection = connection
        self._query = query
        self._scope = scope
        self._speller = speller(connection)
        self._whole = self._asked(heads=False)

    def count(self) -> int:
        """The number of papers that match, up to one more than `MOST_COUNTED`."""
        counted = statements.count(self._whole.shape)
        return self._whole.ask(self._connection, counted, most=MOST_COUNTED + 1).scalar() or 0

    def ordered(self, limit: int, offset: int, *, by_votes: bool) -> Sequence[int]:
        """The ids of a page, the newest first or those with most votes."""
        make = statements.by_votes if by_votes else statements.by_id
        statement = make(self._whole.shape)
        rows = self._whole.ask(self._connection, statement, most=limit, offset=offset)
        return [row[0] for row in rows]

    def best(self, wanted: int) -> tuple[list[int], int, bool]:
        """The ids of the best papers: those with all words in title, names and terms before others.

        And how many papers match in all; false if they may be more.
        """
        best = self._ranked(wanted, heads=True)
        if len(best) >= wanted and not (self._speller.is_postgresql and has_phrase(self._query)):
            return best, self.count(), True
        if len(best) >= wanted:
            total, _, exact = self._counted_newest(wanted)
            return best, max(total, wanted), exact
        if is_of_heads(self._query) and len(best) < MOST_RANKED:
            return best, len(best), True
        if not self._speller.is_postgresql:
            total, exact = self.count(), True
            further = self._ranked(wanted + len(best), heads=False) if total > len(best) else []
        else:
            total, newest, exact = self._counted_newest(wanted)
            further = self._best_of(newest, wanted + len(best)) if total > len(best) else []
        first = set(best)
        return [*best, *(id for id in further if id not in first)], max(total, len(best)), exact

    def _ranked(self, wanted: int, *, heads: bool) -> list[int]:
        asked = self._asked(heads=True) if heads else self._whole
        rows = asked.ask(
            self._connection,
            statements.best(asked.shape),
            most=wanted,
            ranked=MOST_RANKED,
            rank=self._rank(heads=heads),
        )
        return [row[0] for row in rows]

    def _counted_newest(self, wanted: int) -> tuple[int, Sequence[int], bool]:
        """The number of papers that match, the newest of them, and false if they may be more."""
        asked = self._whole
        if has_phrase(self._query):
            total, ids, looked_into = asked.ask(
                self._connection,
                statements.newest_phrases(asked.shape),
                most=MOST_LOOKED_INTO,
                ranked=MOST_RANKED,
                loose=expression(
                    self._speller.loose(), SearchQuery(self._query.groups), heads=asked.shape.heads
                ),
            ).one()
            if looked_into < MOST_LOOKED_INTO or total >= wanted:
                return total, ids or (), looked_into < MOST_LOOKED_INTO
        statement = statements.counted_newest(asked.shape)
        total, ids = asked.ask(
            self._connection, statement, most=MOST_LISTED + 1, ranked=MOST_RANKED
        ).one()
        return total, ids or (), True

    def _best_of(self, ids: Sequence[int], wanted: int) -> list[int]:
        values = {"ids": list(ids), "most": wanted, "rank": self._rank(heads=False)}
        return list(self._connection.scalars(statements.best_of(), values))

    def _rank(self, *, heads: bool) -> str:
        return expression(self._speller, SearchQuery(self._query.groups), heads=heads)

    def _asked(self, *, heads: bool) -> _Asked:
        """All that is asked for, with ``heads`` of papers in whose heading all words are."""
        query, scope, spelling = self._query, self._scope, self._speller
        words = bool(query.groups)
        heads = words and (heads or is_of_heads(query))
        # What is excluded may stand in the abstract, which a heading's vector has not.
        apart = bool(query.excluded) and (not words or (heads and spelling.is_postgresql))
        ids = scope.within(query.after, query.before)
        by_paper = not (words and ids.alone)
        shape = Shape(
            spelling.is_postgresql,
            words,
            heads,
            apart,
            bool(query.topics),
            bool(query.other_topics),
            bool(scope.hidden),
            by_paper and query.after is not None,
            by_paper and query.before is not None,
        )
        hidden = list(scope.hidden)
        values = {
            "first": ids.first,
            "last": ids.last,
            "topics": query.topics,
            "other_topics": query.other_topics,
            "after": query.after,
            "before": query.before,
            "hidden": hidden if spelling.is_postgresql else json.dumps(hidden),
        }
        if words:
            asked = replace(query, excluded=()) if apart else query
            values["asked"] = expression(spelling, asked, heads=heads)
        if apart:
            values["excluded"] = any_of(spelling, query.excluded)
        return _Asked(shape, values)
