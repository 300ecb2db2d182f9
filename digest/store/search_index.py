"""The search's index: the folded stems of every paper, and the count of every word.

Written with the papers themselves, in the same transaction, so that it is never behind them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, column, delete, select, table, text

from digest.latex import readable
from digest.store.dialect import chunks, insert_or_add, many
from digest.store.paper_ids import id_words
from digest.store.search_tables import search_words
from digest.store.search_words import Part, compounds, parts
from digest.store.stemming import stem

MOST_AUTHORS = 400
"""Authors whose names are indexed: collaborations have thousands."""

MOST_PARTS = 4_000
"""Words of one text that are indexed; a position in PostgreSQL goes to 16,383."""

BATCH = 1_000
"""Papers indexed at a time."""

GAP = "·"
"""What stands between names that are no phrase together: no word is this."""

_INDEXED = ("title", "abstract", "authors", "organization", "external_id", "url", "details")


@dataclass(frozen=True, slots=True)
class _IndexedPaper:
    """The words of one paper by where they stand, stems and gaps in order; and unstemmed, once each."""

    title: tuple[str, ...]
    authors: tuple[str, ...]
    terms: tuple[str, ...]
    abstract: tuple[str, ...]
    words: frozenset[str]
    names: frozenset[str]


def learn(
    connection: Connection,
    rows: Mapping[int, Mapping[str, Any]],
    before: Mapping[int, Mapping[str, Any]],
) -> None:
    """Take in the rows of ``papers`` as they are now; ``before`` has those that were there, as they were."""
    changed = [
        (paper_id, row)
        for paper_id, row in rows.items()
        if paper_id not in before or any(row[name] != before[paper_id][name] for name in _INDEXED)
    ]
    for part in chunks(changed, BATCH):
        counts = Counter[tuple[str, bool]]()
        papers = []
        for paper_id, row in part:
            paper = _indexed(row)
            papers.append((paper_id, paper))
            counts.update(_counted(paper))
            if paper_id in before:
                counts.subtract(_counted(_indexed(before[paper_id])))
        _forget(connection, [paper_id for paper_id, _ in part if paper_id in before])
        _write(connection, papers)
        _count(connection, counts)


def index_all(connection: Connection) -> None:
    """Make the index of every paper anew; it must be empty of papers."""
    connection.execute(delete(search_words))
    last_id = -1
    # Not the table that the program knows: a revision of it to come may have columns that these
    # papers do not have yet.
    papers = table("papers", column("id"), *map(column, _INDEXED))
    query = select(papers).where(papers.c.id > bindparam("after")).order_by(papers.c.id)
    while rows := connection.execute(query.limit(BATCH), {"after": last_id}).mappings().all():
        learn(connection, {row["id"]: dict(row) for row in rows}, {})
        last_id = rows[-1]["id"]


def _indexed(row: Mapping[str, Any]) -> _IndexedPaper:
    title, abstract = _parts_of(row["title"]), _parts_of(row["abstract"])
    details = json.loads(row["details"]) if row["details"] else {}
    groups = [row["organization"] or "", *details.get("affiliations", ())]
    organisations = [_parts_of(group[:200]) for group in groups[:20]]
    ids = id_words(row["external_id"], details.get("doi"), row["url"])
    joined = dict.fromkeys(
        word for found in (title, abstract, *organisations) for word in compounds(found)
    )
    people = [_parts_of(name[:100]) for name in json.loads(row["authors"] or "[]")[:MOST_AUTHORS]]
    terms = [*_runs((word,) for word in (*ids, *joined)), *_runs(map(_words, organisations))]
    return _IndexedPaper(
        _stems(_words(title)),
        _stems(_runs(spelling for person in people for spelling in _spellings(_words(person)))),
        _stems(terms),
        _stems(_words(abstract)),
        frozenset(
            (*_words(title), *_words(abstract), *joined, *sum(map(_words, organisations), ()))
        ),
        frozenset(word for person in people for word in _words(person)),
    )


def _parts_of(text: str) -> list[Part]:
    return list(parts(readable(text)))[:MOST_PARTS]


def _words(found: Iterable[Part]) -> tuple[str, ...]:
    return tuple(part.word for part in found)


def _stems(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(stem(word) for word in words)


def _runs(phrases: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for phrase in phrases:
        yield from phrase
        yield GAP


def _spellings(name: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The ways in which one may write a name: whole, without middle names, with an initial."""
    yield name
    if len(name) > 2:
        yield name[0], name[-1]
    if len(name) > 1 and len(name[0]) > 1:
        yield name[0][0], name[-1]


def _counted(paper: _IndexedPaper) -> Iterator[tuple[str, bool]]:
    """The words that somebody may mean, each with true where it is of a name."""
    for words, of_name in ((paper.words, False), (paper.names, True)):
        yield from ((word, of_name) for word in words if not word.isdecimal())


def _forget(connection: Connection, ids: Sequence[int]) -> None:
    statement = (
        "DELETE FROM papers_fts WHERE paper_id = :id"
        if connection.dialect.name == "postgresql"
        else "DELETE FROM papers_fts WHERE rowid = :id"
    )
    many(connection, text(statement), [{"id": paper_id} for paper_id in ids])


def _write(connection: Connection, papers: Sequence[tuple[int, _IndexedPaper]]) -> None:
    if connection.dialect.name == "postgresql":
        statement = text(
            "INSERT INTO papers_fts (paper_id, heads, words) "
            "VALUES (:id, CAST(:heads AS tsvector), CAST(:words AS tsvector))"
        )
        many(
            connection,
            statement,
            [
                {"id": paper_id, "heads": _vector(paper, ""), "words": _vector(paper, "D")}
                for paper_id, paper in papers
            ],
        )
        return
    statement = text(
        "INSERT INTO papers_fts (rowid, title, authors, terms, abstract) "
        "VALUES (:id, :title, :authors, :terms, :abstract)"
    )
    names = ("title", "authors", "terms", "abstract")
    rows = [
        {"id": paper_id} | {name: " ".join(getattr(paper, name)) for name in names}
        for paper_id, paper in papers
    ]
    many(connection, statement, rows)


def _vector(paper: _IndexedPaper, abstract: str) -> str:
    """The paper as PostgreSQL writes a ``tsvector``: A the title, B authors, C terms, D the abstract."""
    lexemes = []
    position = 1
    for words, weight in (
        (paper.title, "A"),
        (paper.abstract if abstract else (), abstract),
        (paper.terms, "C"),
        (paper.authors, "B"),
    ):
        for word in words:
            if word != GAP:
                lexemes.append(f"'{word}':{min(position, 16_383)}{weight}")
            position += 1
        position += 2
    return " ".join(lexemes)


def _count(connection: Connection, counts: Mapping[tuple[str, bool], int]) -> None:
    rows: dict[str, dict[str, Any]] = {}
    for (word, of_name), count in sorted(counts.items()):
        if count:
            row = rows.setdefault(
                word, {"word": word, "stem": stem(word), "papers": 0, "authors": 0}
            )
            row["authors" if of_name else "papers"] += count
    statement = insert_or_add(connection, search_words, ("papers", "authors"))
    for part in chunks(list(rows.values())):
        many(connection, statement, part)
