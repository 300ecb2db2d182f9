"""Write one dump: the rows that change are worked out before any is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from digest.errors import AlreadyIngestedError
from digest.model import Assignment, Change, Dump, Novelty
from digest.store.columns import bounded
from digest.store.dialect import insert_new, insert_one_new, many
from digest.store.paper_rows import (
    fact_columns,
    judgement_columns,
    load_papers,
    lookup_of,
    lookup_text,
    merge_facts,
    note_wording_source,
    sorted_keys,
    wording_columns,
    wording_digest,
)
from digest.store.tables import dumps, paper_keys, paper_topics, paper_variants, papers, sightings

MOST_KEYS = 48
"""Keys kept per paper: its text's own, then those of other wordings."""

COLUMNS = tuple(column.name for column in papers.columns)


class DumpWriter:
    """One dump on its way into the memory. Built, then :meth:`write` once."""

    def __init__(self, connection: Connection, day: date, source: str) -> None:
        """``source`` is the location of the dump, for people."""
        self._connection = connection
        self._day = day
        self._source = source
        self._rows: dict[int, dict[str, Any]] = {}
        self._before: dict[int, dict[str, Any]] = {}
        self._topics: dict[int, Assignment] = {}
        self._lookups: dict[int, tuple[str, ...]] = {}
        self._variants: dict[tuple[int, int], dict[str, Any]] = {}
        self._sightings: dict[int, dict[str, Any]] = {}

    def take(
        self, changes: Sequence[Change], assignments: Sequence[Assignment | None]
    ) -> tuple[int, ...]:
        """Work out what ``changes`` do; the paper of each, in order."""
        ids = self._number(changes)
        known = load_papers(
            self._connection, (c.paper_id for c in changes if c.paper_id is not None)
        )
        self._before = {paper_id: dict(row) for paper_id, row in known.items()}
        self._rows = {paper_id: dict(row) for paper_id, row in known.items()}
        # New papers first: a record that repeats one may stand before it on the page.
        order = sorted(range(len(changes)), key=lambda i: changes[i].novelty is not Novelty.NEW)
        for i in order:
            self._take_one(ids[i], changes[i], assignments[i])
        return ids

    def _number(self, changes: Sequence[Change]) -> tuple[int, ...]:
        following = (self._connection.scalar(select(func.max(papers.c.id))) or 0) + 1
        ids: dict[int, int] = {}
        for i, change in enumerate(changes):
            if change.paper_id is not None:
                ids[i] = change.paper_id
            elif change.same_as is None:
                if change.novelty is not Novelty.NEW:
                    raise ValueError(f"change {i} is {change.novelty} but of no known paper")
                ids[i] = following
                following += 1
        for i, change in enumerate(changes):
            if i not in ids:
                ids[i] = ids[change.same_as]  # type: ignore[index]
        return tuple(ids[i] for i in range(len(changes)))

    def _take_one(self, paper_id: int, change: Change, assignment: Assignment | None) -> None:
        row = self._rows.get(paper_id)
        if row is None:
            self._add(paper_id, change, assignment)
        else:
            self._merge(row, change, assignment)
        place = self._sightings.get(paper_id)
        if place is None or change.record.position < place["position"]:
            self._sightings[paper_id] = {
                "paper_id": paper_id,
                "position": bounded(change.record.position),
                "votes": bounded(change.record.votes),
            }

    def _add(self, paper_id: int, change: Change, assignment: Assignment | None) -> None:
        if change.novelty is not Novelty.NEW or assignment is None:
            raise ValueError(f"paper {paper_id} is not known, so it must be new and have its topic")
        row = {
            "id": paper_id,
            "pending": Novelty.NEW,
            "first_seen": self._day,
            "last_seen": self._day,
            "details": None,
            "field_sources": None,
            **judgement_columns(assignment),
            **dict.fromkeys(fact_columns(change.record)),
            **wording_columns(change.record, change.keys),
        }
        merge_facts(row, change.record, latest=True, source=self._source)
        note_wording_source(row, change.record, self._source)
        self._rows[paper_id] = row
        self._lookups[paper_id] = change.keys.lookup[:MOST_KEYS]
        self._topics[paper_id] = assignment

    def _merge(self, row: dict[str, Any], change: Change, assignment: Assignment | None) -> None:
        """Let a known paper be seen again: its keys, facts and days grow, its text may change.

        A revision in a dump older than the last sighting leaves the text alone: the text stays the
        latest, so dumps read out of order end in the same memory.
        """
        record, paper_id = change.record, row["id"]
        latest = self._day >= row["last_seen"]
        row["first_seen"] = min(row["first_seen"], self._day)
        row["last_seen"] = max(row["last_seen"], self._day)
        merge_facts(row, record, latest=latest, source=self._source)
        known = self._lookups.get(paper_id) or lookup_of(row)
        revised = change.novelty is Novelty.REVISED and latest
        if revised or change.fuller:
            self._keep_variant(paper_id, row["title"], row["abstract"])
            row.update(wording_columns(record, change.keys))
            note_wording_source(row, record, self._source)
            known = change.keys.lookup + known
        else:
            if (record.title, record.abstract) != (row["title"], row["abstract"]):
                self._keep_variant(paper_id, record.title, record.abstract)
            known = known + change.keys.lookup
        self._lookups[paper_id] = tuple(dict.fromkeys(known))[:MOST_KEYS]
        row["lookup_keys"] = lookup_text(self._lookups[paper_id])
        if revised:
            row["pending"] = row["pending"] or Novelty.REVISED
            if assignment is not None:
                row.update(judgement_columns(assignment))
                self._topics[paper_id] = assignment

    def _keep_variant(self, paper_id: int, title: str, abstract: str) -> None:
        digest = wording_digest(title, abstract)
        self._variants[paper_id, digest] = {
            "paper_id": paper_id,
            "digest": digest,
            "title": title,
            "abstract": abstract,
        }

    def write(self, dump_id: int) -> None:
        """Write all of it."""
        connection = self._connection
        added = [row for paper_id, row in self._rows.items() if paper_id not in self._before]
        changed = [
            {f"new_{name}": value for name, value in row.items()}
            for paper_id, row in self._rows.items()
            if paper_id in self._before and row != self._before[paper_id]
        ]
        many(connection, papers.insert(), added)
        many(connection, _UPDATE, changed)
        many(
            connection,
            insert_new(connection, paper_keys),
            sorted_keys(
                (key, paper_id) for paper_id, keys in self._lookups.items() for key in keys
            ),
        )
        many(connection, insert_new(connection, paper_variants), list(self._variants.values()))
        many(
            connection,
            sightings.insert(),
            [{**place, "dump_id": dump_id} for place in self._sightings.values()],
        )
        self._write_topics()

    def _write_topics(self) -> None:
        revised = [{"paper": paper_id} for paper_id in self._topics if paper_id in self._before]
        many(
            self._connection,
            delete(paper_topics).where(paper_topics.c.paper_id == bindparam("paper")),
            revised,
        )
        many(
            self._connection,
            paper_topics.insert(),
            [
                {"topic": topic, "paper_id": paper_id}
                for paper_id, assignment in self._topics.items()
                for topic in dict.fromkeys((assignment.topic, *assignment.topics))
            ],
        )


_UPDATE = (
    update(papers)
    .where(papers.c.id == bindparam("new_id"))
    .values({name: bindparam(f"new_{name}") for name in COLUMNS if name != "id"})
)


def add_dump(
    connection: Connection, dump: Dump, day: date, changes: Sequence[Change], now: datetime
) -> int:
    """The number of the new row of ``dump``; ``AlreadyIngestedError`` if it is there already."""
    dump_id: int = (connection.scalar(select(func.max(dumps.c.id))) or 0) + 1
    added = insert_one_new(
        connection,
        dumps,
        {
            "id": dump_id,
            "fingerprint": dump.fingerprint,
            "location": dump.location,
            "day": day,
            "ingested_at": now,
            "records": len(changes),
            "seen": sum(change.novelty is Novelty.SEEN for change in changes),
            "rejected": len(dump.rejected),
        },
    )
    if not added:
        raise AlreadyIngestedError("this dump was ingested before", where=dump.location)
    return dump_id
