"""Write one dump, whose rows were worked out before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, delete, func, select, update

from digest.errors import AlreadyIngestedError
from digest.model import Change, Dump, Novelty
from digest.store import search_index
from digest.store.dialect import insert_new, insert_one_new, many
from digest.store.dump_merge import DumpMerge
from digest.store.paper_rows import sorted_keys
from digest.store.tables import dumps, paper_keys, paper_topics, paper_variants, papers, sightings

COLUMNS = tuple(column.name for column in papers.columns)


def next_paper_id(connection: Connection) -> int:
    """The id of the next paper that is new."""
    return (connection.scalar(select(func.max(papers.c.id))) or 0) + 1


def write_dump(connection: Connection, merge: DumpMerge, dump_id: int | None) -> None:
    """Write all that was worked out of the dump with that id; `None` for what no dump listed."""
    added = [row for paper_id, row in merge.rows.items() if paper_id not in merge.before]
    changed = [
        {f"new_{name}": value for name, value in row.items()}
        for paper_id, row in merge.rows.items()
        if paper_id in merge.before and row != merge.before[paper_id]
    ]
    many(connection, papers.insert(), added)
    many(connection, _UPDATE, changed)
    search_index.learn(connection, merge.rows, merge.before)
    many(
        connection,
        insert_new(connection, paper_keys),
        sorted_keys((key, paper_id) for paper_id, keys in merge.lookups.items() for key in keys),
    )
    many(connection, insert_new(connection, paper_variants), list(merge.variants.values()))
    if dump_id is not None:
        many(
            connection,
            sightings.insert(),
            [{**place, "dump_id": dump_id} for place in merge.sightings.values()],
        )
    _write_topics(connection, merge)


def _write_topics(connection: Connection, merge: DumpMerge) -> None:
    revised = [{"paper": paper_id} for paper_id in merge.topics if paper_id in merge.before]
    many(
        connection,
        delete(paper_topics).where(paper_topics.c.paper_id == bindparam("paper")),
        revised,
    )
    many(
        connection,
        paper_topics.insert(),
        [
            {"topic": topic, "paper_id": paper_id}
            for paper_id, assignment in merge.topics.items()
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
