"""Papers: what was seen, when, under which keys, and what no edition has shown yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)

from digest.model import Assignment, Change, Dump, IdentityKeys, Novelty, Paper, Record, Sighting
from digest.store import candidates, search
from digest.store.dialect import chunks, many, wait_for
from digest.store.dump_merge import MOST_KEYS, DumpMerge
from digest.store.dump_writer import add_dump, next_paper_id, write_dump
from digest.store.engine import READING
from digest.store.paper_loader import load_papers
from digest.store.paper_rows import (
    assignment_of,
    lookup_text,
    paper_of,
    record_of,
    sorted_keys,
)
from digest.store.search import Found, SearchOrder
from digest.store.search_query import SearchQuery, Term, read_query, title_words
from digest.store.search_scope import SearchScope
from digest.store.tables import dumps, paper_keys, paper_topics, paper_variants, papers, sightings

INGEST_LOCK = 0x6469_6765_7374_0002
"""PostgreSQL advisory lock: one ingest at a time. An arbitrary number ("digest", 2)."""

REKEY_BATCH = 2_000
"""Papers whose keys are made anew at a time."""


class Papers:
    """The papers of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """Let no other ingest or publication start before this transaction ends."""
        if not self._connection.get_execution_options().get(READING):
            wait_for(self._connection, INGEST_LOCK)

    def known_dumps(self) -> frozenset[str]:
        """The fingerprints of every dump remembered."""
        return frozenset(self._connection.scalars(select(dumps.c.fingerprint)))

    def last_dump(self) -> int:
        """The number of the dump taken in last, 0 before the first: while it stays, so do papers."""
        return self._connection.scalar(select(func.max(dumps.c.id))) or 0

    def candidates(self, keys: Sequence[IdentityKeys]) -> tuple[tuple[Paper, ...], ...]:
        """The remembered papers that share a key with each of ``keys``, oldest first.

        Aligned with ``keys``; at most 24 each. In a writing transaction this takes :meth:`lock`,
        so that what is decided from it still holds when it is remembered.
        """
        self.lock()
        return candidates.find_candidates(self._connection, keys)

    def remember(
        self,
        dump: Dump,
        day: date,
        changes: Sequence[Change],
        assignments: Sequence[Assignment | None],
        now: datetime,
    ) -> tuple[int, ...]:
        """Take in what was decided of ``dump``, shown on ``day``; one paper id per change.

        ``assignments`` goes with ``changes``: ``None`` where seen, or where a revision keeps its
        topics. A revision from a dump older than the paper's last sighting leaves the text alone.
        Raises `AlreadyIngestedError` if the dump is remembered already, `ValueError` for a new
        paper without topics.
        """
        if len(changes) != len(assignments):
            raise ValueError(f"{len(changes)} changes but {len(assignments)} assignments")
        self.lock()
        dump_id = add_dump(self._connection, dump, day, changes, now)
        merge = DumpMerge(
            dump.location, day, changes, assignments, next_id=next_paper_id(self._connection)
        )
        merge.take(load_papers(self._connection, merge.known_ids))
        write_dump(self._connection, merge, dump_id)
        return merge.ids

    def fill(
        self, changes: Sequence[Change], assignments: Sequence[Assignment | None], source: str
    ) -> None:
        """Let known papers gain what ``source`` says of them, which is no sighting and no news.

        ``assignments`` goes with ``changes``: topics where an abstract was gained.
        """
        self.lock()
        rows = load_papers(self._connection, [c.paper_id for c in changes if c.paper_id])
        merge = DumpMerge(
            source, date.min, changes, assignments, next_id=next_paper_id(self._connection)
        )
        merge.take(rows)
        for paper_id, row in merge.rows.items():
            row["first_seen"] = rows[paper_id]["first_seen"]
        write_dump(self._connection, merge, None)

    def pending(self) -> tuple[tuple[Paper, Novelty, Assignment], ...]:
        """The new and the revised papers that no daily edition has shown, in order of id."""
        rows = self._connection.execute(
            select(papers).where(papers.c.pending.is_not(None)).order_by(papers.c.id)
        ).mappings()
        waiting = []
        for row in rows:
            assignment = assignment_of(row)
            if assignment is not None:
                waiting.append((paper_of(row), row["pending"], assignment))
        return tuple(waiting)

    def pending_dumps(self) -> tuple[int, int, date | None, date | None]:
        """Of the dumps that no daily edition covers: records, seen before, first day, last day."""
        row = self._connection.execute(
            select(
                func.coalesce(func.sum(dumps.c.records), 0),
                func.coalesce(func.sum(dumps.c.seen), 0),
                func.min(dumps.c.day),
                func.max(dumps.c.day),
            ).where(dumps.c.edition_id.is_(None))
        ).one()
        return int(row[0]), int(row[1]), row[2], row[3]

    def sightings(self, paper_ids: Sequence[int]) -> Mapping[int, tuple[Sighting, ...]]:
        """The sightings of each of those papers, oldest first."""
        sightings_by_paper: dict[int, list[Sighting]] = defaultdict(list)
        for part in chunks(sorted(set(paper_ids))):
            rows = self._connection.execute(
                select(
                    sightings.c.paper_id,
                    dumps.c.day,
                    sightings.c.position,
                    dumps.c.records,
                    sightings.c.votes,
                )
                .join_from(sightings, dumps)
                .where(sightings.c.paper_id.in_(part))
                .order_by(dumps.c.day, dumps.c.id)
            )
            for paper_id, day, position, of, votes in rows:
                sightings_by_paper[paper_id].append(Sighting(day, position, of, votes))
        return {paper_id: tuple(sightings_by_paper[paper_id]) for paper_id in paper_ids}

    def topic_counts(self, first: date, before: date) -> Mapping[date, Mapping[str, int]]:
        """Papers first seen on each day from ``first`` until ``before``, by primary topic."""
        counts: dict[date, dict[str, int]] = defaultdict(dict)
        rows = self._connection.execute(
            select(papers.c.first_seen, papers.c.topic, func.count())
            .where(_between(first, before), papers.c.topic.is_not(None))
            .group_by(papers.c.first_seen, papers.c.topic)
            .order_by(papers.c.first_seen, papers.c.topic)
        )
        for day, topic, count in rows:
            counts[day][topic] = count
        return counts

    def titles(self, first: date, before: date) -> Iterator[tuple[date, str]]:
        """First day and title of the papers first seen from ``first`` until ``before``."""
        # Set on the statement: on the connection it would hold for all that follow.
        rows = self._connection.execute(
            select(papers.c.first_seen, papers.c.title)
            .where(_between(first, before))
            .order_by(papers.c.first_seen, papers.c.id)
            .execution_options(yield_per=1_000)
        )
        yield from ((day, title) for day, title in rows)

    def first_day_votes(self, first: date, before: date) -> Mapping[int, int]:
        """Count the papers first seen from ``first`` until ``before`` by their votes of that day.

        Of several readings of the day the highest counts; papers without votes are left out.
        """
        of_paper = (
            select(func.max(sightings.c.votes).label("votes"))
            .join_from(sightings, dumps)
            .join(papers, papers.c.id == sightings.c.paper_id)
            .where(
                _between(first, before),
                dumps.c.day == papers.c.first_seen,
                sightings.c.votes.is_not(None),
            )
            .group_by(sightings.c.paper_id)
            .subquery()
        )
        rows = self._connection.execute(
            select(of_paper.c.votes, func.count()).group_by(of_paper.c.votes)
        )
        return {int(votes): int(count) for votes, count in rows}

    def get(self, paper_id: int) -> Paper | None:
        """The paper with that id."""
        rows = load_papers(self._connection, [paper_id])
        return paper_of(rows[paper_id]) if paper_id in rows else None

    def with_assignment(self, paper_id: int) -> tuple[Paper, Assignment | None] | None:
        """The paper with that id, and its topics."""
        row = load_papers(self._connection, [paper_id]).get(paper_id)
        return None if row is None else (paper_of(row), assignment_of(row))

    def by_ids(self, paper_ids: Sequence[int]) -> tuple[Paper, ...]:
        """The papers with those ids, in that order; unknown ids are left out."""
        rows = load_papers(self._connection, paper_ids)
        return tuple(paper_of(rows[paper_id]) for paper_id in paper_ids if paper_id in rows)

    def several(self, paper_ids: Sequence[int]) -> Mapping[int, Paper]:
        """The papers with those ids, as far as they are known."""
        rows = load_papers(self._connection, paper_ids)
        return {paper_id: paper_of(row) for paper_id, row in rows.items()}

    def words_before(self, day: date, limit: int) -> tuple[tuple[str, str], ...]:
        """Title and abstract of the last papers first seen before that day, oldest first."""
        rows = self._connection.execute(
            select(papers.c.title, papers.c.abstract)
            .where(papers.c.first_seen < day)
            .order_by(papers.c.first_seen.desc(), papers.c.id.desc())
            .limit(limit)
        )
        return tuple((row.title, row.abstract) for row in rows)[::-1]

    def assignment(self, paper_id: int) -> Assignment | None:
        """The topics of the paper with that id."""
        rows = load_papers(self._connection, [paper_id])
        return assignment_of(rows[paper_id]) if paper_id in rows else None

    def count(self) -> int:
        """The number of papers that are remembered."""
        return self._connection.scalar(select(func.count()).select_from(papers)) or 0

    def by_topic(
        self, topic: str, *, limit: int, offset: int = 0, before: int | None = None
    ) -> tuple[Paper, ...]:
        """The papers that have ``topic`` among theirs, newest first; below id ``before`` if given."""
        query = (
            select(papers)
            .join(paper_topics, paper_topics.c.paper_id == papers.c.id)
            .where(paper_topics.c.topic == topic)
            .order_by(paper_topics.c.paper_id.desc())
            .limit(limit)
            .offset(offset)
        )
        if before is not None:
            query = query.where(paper_topics.c.paper_id < before)
        return self._papers(query)

    def recent(self, limit: int) -> tuple[Paper, ...]:
        """The papers that came last, newest first."""
        return self._papers(select(papers).order_by(papers.c.id.desc()).limit(limit))

    def search(self, query: str, *, limit: int = 20, offset: int = 0) -> tuple[Paper, ...]:
        """The papers that ``query`` asks for (as `search_query` reads it), best first.

        A query without words finds nothing. Raises `StoreBusyError` where it takes longer than
        `search.SECONDS`.
        """
        found = self.find(read_query(query), limit=limit, offset=offset)
        return found.papers

    def find(
        self,
        query: SearchQuery,
        order: SearchOrder = SearchOrder.RELEVANCE,
        *,
        limit: int = 20,
        offset: int = 0,
        scope: SearchScope | None = None,
    ) -> Found:
        """The papers that ``query`` asks for, in that order, and how many they are.

        With a ``scope`` only those that it has (as `PublishedPapers.search_scope` gives it).
        Raises `StoreBusyError` where it takes longer than `search.SECONDS`.
        """
        with search.in_time(self._connection):
            return search.find(
                self._connection, query, order, limit=limit, offset=offset, scope=scope
            )

    def known_stems(self, words: Sequence[str]) -> frozenset[str]:
        """Those of the words' stems that some paper has, in its text or its authors' names."""
        return search.known_stems(self._connection, words)

    def vocabulary(self, limit: int) -> tuple[tuple[str, int, int], ...]:
        """The most frequent words, each with the papers that have it in their text and in their authors."""
        return search.vocabulary(self._connection, limit)

    def find_by_title(self, title: str, *, limit: int = 10) -> tuple[Paper, ...]:
        """The papers whose title is ``title`` or has all of its words, the nearest first."""
        terms = (Term(((word,),), "title") for word in title_words(title))
        query = SearchQuery(tuple((term,) for term in terms))
        wanted = title.casefold().strip()
        ranked = sorted(
            self.find(query, limit=200).papers,
            key=lambda paper: paper.title.casefold().strip() != wanted,
        )
        return tuple(ranked[:limit])

    def rekey(
        self,
        make_keys: Callable[[Record], IdentityKeys],
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Make every paper's keys anew, from each wording it was seen in.

        Returns the number of papers. ``progress`` is called with the number done and the total.
        """
        self.lock()
        total = self.count()
        self._connection.execute(delete(paper_keys))
        rekeyed = last_id = 0
        while batch := self._batch_after(last_id):
            self._rekey(batch, make_keys)
            last_id = batch[-1].id
            rekeyed += len(batch)
            if progress is not None:
                progress(rekeyed, total)
        return rekeyed

    def _batch_after(self, paper_id: int) -> tuple[Paper, ...]:
        return self._papers(
            select(papers).where(papers.c.id > paper_id).order_by(papers.c.id).limit(REKEY_BATCH)
        )

    def _rekey(self, batch: Sequence[Paper], make_keys: Callable[[Record], IdentityKeys]) -> None:
        connection = self._connection
        variants: dict[int, list[Record]] = defaultdict(list)
        rows = connection.execute(
            select(paper_variants).where(
                paper_variants.c.paper_id.between(batch[0].id, batch[-1].id)
            )
        ).mappings()
        for row in rows:
            variants[row["paper_id"]].append(Record(row["title"], row["abstract"]))
        filed: list[tuple[str, int]] = []
        changed = []
        for paper in batch:
            own = make_keys(record_of(paper))
            others = (make_keys(record).lookup for record in variants[paper.id])
            lookup = tuple(dict.fromkeys(chain(own.lookup, *others)))[:MOST_KEYS]
            filed.extend((key, paper.id) for key in lookup)
            changed.append({"paper": paper.id, "keys": lookup_text(lookup), "content": own.content})
        many(connection, _REKEY, changed)
        many(connection, paper_keys.insert(), sorted_keys(filed))

    def _papers(self, query: Select[tuple[object, ...]]) -> tuple[Paper, ...]:
        return tuple(paper_of(row) for row in self._connection.execute(query).mappings())


def _between(first: date, before: date) -> ColumnElement[bool]:
    return and_(papers.c.first_seen >= first, papers.c.first_seen < before)


_REKEY = (
    update(papers)
    .where(papers.c.id == bindparam("paper"))
    .values(lookup_keys=bindparam("keys"), content_key=bindparam("content"))
)
