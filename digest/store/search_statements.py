"""The statements of a search, each put together once: to do so takes longer than to ask them.

All values travel as parameters; what differs between statements is their `Shape`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.types import UserDefinedType

from digest.store.tables import paper_topics, papers

_fts = table("papers_fts", column("rowid"), column("rank"))
_vectors = table("papers_fts", column("paper_id"), column("heads"), column("words"))
_most = bindparam("most", type_=Integer)


@dataclass(frozen=True, slots=True)
class Shape:
    """The parts that a search has: each true where a value is asked for.

    ``heads`` is true where only titles, names and terms are looked at, ``excluded`` where what is
    excluded is asked for apart from the words. ``days`` are looked up paper by paper.
    """

    is_postgresql: bool
    words: bool = False
    heads: bool = False
    excluded: bool = False
    topics: bool = False
    other_topics: bool = False
    hidden: bool = False
    after: bool = False
    before: bool = False


def matching(shape: Shape, words: str = "asked") -> Select[Any]:
    """Select the ids of the papers that match; ``words`` names the value with the expression."""
    statement = (
        _ids(shape, words, heads=shape.heads) if shape.words else select(papers.c.id.label("id"))
    )
    key: ColumnElement[int] = statement.selected_columns.id
    statement = statement.where(key.between(bindparam("first"), bindparam("last")))
    if not shape.is_postgresql and shape.words:
        # Or SQLite asks the index of words for each of those ids, one after the other.
        key = _fts.c.rowid + 0
    if shape.excluded:
        statement = statement.where(key.not_in(_ids(shape, "excluded", heads=False)))
    for is_asked, name in ((shape.topics, "topics"), (shape.other_topics, "other_topics")):
        if is_asked:
            wanted = paper_topics.c.topic.in_(bindparam(name, expanding=True))
            those = select(paper_topics.c.paper_id).where(wanted)
            statement = statement.where(key.in_(those) if name == "topics" else key.not_in(those))
    if shape.hidden:
        statement = statement.where(key.not_in(_listed(shape, "hidden")))
    days = [papers.c.first_seen >= bindparam("after", type_=Date)] if shape.after else []
    days += [papers.c.first_seen < bindparam("before", type_=Date)] if shape.before else []
    if days and not shape.words:
        return statement.where(*days)
    # Paper by paper: most searches find fewer than there are in so many days.
    return statement.where(exists().where(papers.c.id == key, *days)) if days else statement


def _ids(shape: Shape, name: str, *, heads: bool) -> Select[Any]:
    if not shape.is_postgresql:
        match = literal_column("papers_fts").op("MATCH")(bindparam(name, type_=String))
        return select(_fts.c.rowid.label("id")).where(match)
    vector = _vectors.c.heads if heads else _vectors.c.words
    return select(_vectors.c.paper_id.label("id")).where(vector.op("@@")(_tsquery(name)))


def _listed(shape: Shape, name: str) -> Select[Any]:
    """The ids that travel as one value: an array, or JSON."""
    if shape.is_postgresql:
        # As rows, or each paper is compared with all of them.
        return select(func.unnest(bindparam(name, type_=ARRAY(BigInteger))))
    each = func.json_each(bindparam(name, type_=String))
    listed = each.table_valued(column("value", BigInteger))
    return select(listed.c.value)


class _Tsquery(UserDefinedType[str]):
    """PostgreSQL's type of a query, whose own module loads slowly and is not needed for SQLite."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name."""
        return "tsquery"


def _tsquery(name: str) -> ColumnElement[Any]:
    return cast(bindparam(name, type_=String), _Tsquery())


@cache
def count(shape: Shape) -> Select[Any]:
    """Count the papers that match, at most ``most``."""
    return select(func.count()).select_from(matching(shape).limit(_most).subquery())


@cache
def by_id(shape: Shape) -> Select[Any]:
    """The papers that match, the newest first."""
    ids = matching(shape).subquery()
    return _page(select(ids.c.id).order_by(ids.c.id.desc()))


@cache
def by_votes(shape: Shape) -> Select[Any]:
    """The papers that match, those with most votes first."""
    ids = matching(shape).subquery()
    votes = func.coalesce(papers.c.votes, 0)
    statement = select(ids.c.id).join(papers, papers.c.id == ids.c.id)
    return _page(statement.order_by(votes.desc(), ids.c.id.desc()))


def _page(statement: Select[Any]) -> Select[Any]:
    return statement.limit(_most).offset(bindparam("offset", type_=Integer))


@cache
def best(shape: Shape) -> Select[Any]:
    """The ``most`` best of the ``ranked`` newest papers that match."""
    statement = matching(shape)
    key = statement.selected_columns.id
    score = _vectors.c.heads if shape.is_postgresql else _fts.c.rank
    statement = statement.add_columns(score.label("score")).order_by(key.desc())
    newest = statement.limit(bindparam("ranked", type_=Integer)).subquery()
    rank = _rank(newest.c.score) if shape.is_postgresql else newest.c.score
    return select(newest.c.id).order_by(rank, newest.c.id.desc()).limit(_most)


@cache
def counted_newest(shape: Shape) -> Select[Any]:
    """The number of papers that match, and the ``ranked`` newest of them, by PostgreSQL in one pass.

    Two would look into the papers twice, to see where their words stand.
    """
    return _newest_of(matching(shape).limit(_most))


@cache
def newest_phrases(shape: Shape) -> Select[Any]:
    """The same of the ``most`` newest papers that have the words of a phrase anywhere (``loose``).

    The index knows who has the words; to see where they stand, each paper is looked into. Also the
    number of those that were looked into.
    """
    # Each written down in between, or PostgreSQL goes through all papers from the newest on.
    loose = _written_down(matching(shape, "loose"), "loose")
    near = _written_down(select(loose.c.id).order_by(loose.c.id.desc()).limit(_most), "near")
    ids = func.array(select(near.c.id).scalar_subquery())
    vector = _vectors.c.heads if shape.heads else _vectors.c.words
    found = select(_vectors.c.paper_id.label("id")).where(
        _vectors.c.paper_id == func.any(ids), vector.op("@@")(_tsquery("asked"))
    )
    return _newest_of(found).add_columns(select(func.count()).select_from(near).scalar_subquery())


def _newest_of(found: Select[Any]) -> Select[Any]:
    some = _written_down(found, "matching")
    total = select(func.count()).select_from(some).scalar_subquery()
    # From the oldest on: they come nearly so, which makes this much faster than the other way.
    older = func.greatest(total - bindparam("ranked", type_=Integer), 0)
    newest = select(some.c.id).order_by(some.c.id).offset(older).subquery()
    return select(total, select(func.array_agg(newest.c.id)).scalar_subquery())


def _written_down(found: Select[Any], name: str) -> CTE:
    """The rows as PostgreSQL finds them, before it does anything else with them."""
    return found.cte(name).prefix_with("MATERIALIZED", dialect="postgresql")


@cache
def best_of() -> Select[Any]:
    """The ``most`` best of the papers with those ``ids``, by PostgreSQL's measure."""
    these = _vectors.c.paper_id == func.any(bindparam("ids", type_=ARRAY(BigInteger)))
    statement = select(_vectors.c.paper_id).where(these)
    return statement.order_by(_rank(_vectors.c.words), _vectors.c.paper_id.desc()).limit(_most)


def _rank(vector: ColumnElement[Any]) -> ColumnElement[float]:
    return -func.ts_rank(vector, _tsquery("rank"), 1)
