"""Papers that daily editions have told of: what anybody may see.

An edition that is held or stopped is not public yet, and neither are its papers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, select, union

from digest.model import EditionKind, Novelty, Paper, PublishedPaper
from digest.store.blocked import is_blocked
from digest.store.dialect import chunks
from digest.store.paper_rows import assignment_of, paper_of
from digest.store.search_scope import SearchScope, read_scope
from digest.store.tables import edition_papers, editions, paper_topics, papers
from digest.store.withdrawn_tables import withdrawn_papers

_WAS_NEW = edition_papers.c.novelty == Novelty.NEW
_BLOCKED = select(editions.c.id).where(is_blocked(editions.c.id))


class PublishedPapers:
    """The papers that were new in a daily edition that may leave."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(
        self, limit: int, *, topic: str | None = None, edition_id: int | None = None
    ) -> tuple[PublishedPaper, ...]:
        """The papers of the newest editions, best first in each; of a topic or an edition if given."""
        query = (
            select(papers, editions.c.day, editions.c.published_at, edition_papers.c.place)
            .join(edition_papers, edition_papers.c.paper_id == papers.c.id)
            .join(editions, editions.c.id == edition_papers.c.edition_id)
            .where(_public(), _WAS_NEW)
            .order_by(editions.c.day.desc(), edition_papers.c.place, papers.c.id)
            .limit(limit)
        )
        if topic is not None:
            query = query.where(_has_topic(topic))
        if edition_id is not None:
            query = query.where(editions.c.id == edition_id)
        return tuple(
            PublishedPaper(
                paper_of(row),
                assignment.topics if (assignment := assignment_of(row)) is not None else (),
                row["day"],
                row["published_at"],
                row["place"],
            )
            for row in self._connection.execute(query).mappings()
        )

    def count(self, edition_id: int) -> int:
        """The number of papers that were new in that edition."""
        query = select(func.count()).where(edition_papers.c.edition_id == edition_id, _WAS_NEW)
        return self._connection.scalar(query) or 0

    def by_topic(self, topic: str, *, limit: int, before: int | None = None) -> tuple[Paper, ...]:
        """The papers that have ``topic`` among theirs, newest first; below id ``before`` if given."""
        query = (
            select(papers)
            .where(_has_topic(topic), is_published(papers.c.id))
            .order_by(papers.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(papers.c.id < before)
        return tuple(paper_of(row) for row in self._connection.execute(query).mappings())

    def page(
        self, limit: int, *, topic: str | None = None, before: int | None = None
    ) -> tuple[tuple[Paper, tuple[str, ...]], ...]:
        """Papers with their topics, newest first; of a topic, and below id ``before``, if given."""
        query = (
            select(papers)
            .where(is_published(papers.c.id))
            .order_by(papers.c.id.desc())
            .limit(limit)
        )
        if topic is not None:
            query = query.where(_has_topic(topic))
        if before is not None:
            query = query.where(papers.c.id < before)
        return tuple(map(_with_topics, self._connection.execute(query).mappings()))

    def several(self, paper_ids: Sequence[int]) -> Mapping[int, tuple[Paper, tuple[str, ...]]]:
        """Those of the papers with these ids that anybody may see, with their topics."""
        found: dict[int, tuple[Paper, tuple[str, ...]]] = {}
        for part in chunks(sorted(set(paper_ids))):
            query = select(papers).where(papers.c.id.in_(part), is_published(papers.c.id))
            for row in self._connection.execute(query).mappings():
                found[row["id"]] = _with_topics(row)
        return found

    def topic_counts(self, first: date, before: date) -> Mapping[date, Mapping[str, int]]:
        """New papers by primary topic, of the editions of ``first`` until ``before`` by day."""
        counts: dict[date, dict[str, int]] = defaultdict(dict)
        rows = self._connection.execute(
            select(editions.c.day, papers.c.topic, func.count())
            .join_from(editions, edition_papers, edition_papers.c.edition_id == editions.c.id)
            .join(papers, papers.c.id == edition_papers.c.paper_id)
            .where(
                _public(),
                _WAS_NEW,
                editions.c.day >= first,
                editions.c.day < before,
                papers.c.topic.is_not(None),
            )
            .group_by(editions.c.day, papers.c.topic)
            .order_by(editions.c.day, papers.c.topic)
        )
        for day, topic, count in rows:
            counts[day][topic] = count
        return counts

    def hidden(self) -> frozenset[int]:
        """Ids of the papers that nobody may find yet: they wait for an edition, or theirs is held,
        or somebody withdrew them.
        """
        # All others were published: what waits no longer is in an edition, or was taken out of one.
        waiting = select(papers.c.id).where(
            papers.c.pending.is_not(None), papers.c.pending == Novelty.NEW
        )
        held = select(edition_papers.c.paper_id).where(
            edition_papers.c.edition_id.in_(_BLOCKED), _WAS_NEW
        )
        doubtful = union(waiting, held, select(withdrawn_papers.c.paper_id)).subquery()
        key = doubtful.c[0]
        return frozenset(self._connection.scalars(select(key).where(~is_published(key))))

    def search_scope(self) -> SearchScope:
        """The papers that a search of the pages may find."""
        return read_scope(self._connection, self.hidden())

    def latest_texts(self, limit: int) -> tuple[tuple[int, str, str], ...]:
        """Id, title and abstract of the ``limit`` papers that came last, the oldest of them first."""
        query = (
            select(papers.c.id, papers.c.title, papers.c.abstract)
            .where(is_published(papers.c.id))
            .order_by(papers.c.id.desc())
            .limit(limit)
        )
        rows = [(id, title, abstract) for id, title, abstract in self._connection.execute(query)]
        return tuple(reversed(rows))


def is_published(paper_id: ColumnElement[int]) -> ColumnElement[bool]:
    """True where a daily edition that may leave has told of that paper as new."""
    # One inside the other: beside each other, SQLite goes through all editions for every paper.
    told = exists().where(editions.c.id == edition_papers.c.edition_id, _public())
    return exists().where(edition_papers.c.paper_id == paper_id, _WAS_NEW, told)


def _with_topics(row: RowMapping) -> tuple[Paper, tuple[str, ...]]:
    assignment = assignment_of(row)
    return paper_of(row), assignment.topics if assignment is not None else ()


def _has_topic(topic: str) -> ColumnElement[bool]:
    having = select(paper_topics.c.paper_id).where(paper_topics.c.topic == topic)
    return papers.c.id.in_(having.scalar_subquery())


def _public() -> ColumnElement[bool]:
    return and_(editions.c.kind == EditionKind.DAILY, ~is_blocked(editions.c.id))
