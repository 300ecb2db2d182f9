"""Papers as rows and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from digest.model import NO_DETAILS, Assignment, IdentityKeys, Link, Paper, PaperDetails, Record
from digest.model.details import merged_details
from digest.store.codec import from_plain, pack, to_plain, unpack
from digest.store.storable_values import bounded

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

DIGEST_BYTES = 8
"""64 bits: two of 20 million keys share a digest with odds of 1 in 90,000, and a false candidate
costs one comparison."""


_LONGEST_SOURCE = 200
"""Characters kept of the location that a field is from."""


def key_digest(key: str) -> int:
    """The signed 64-bit number under which ``key`` is filed."""
    octets = hashlib.blake2b(
        key.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES
    ).digest()
    return int.from_bytes(octets, "big", signed=True)


def wording_digest(title: str, abstract: str) -> int:
    """The number of one wording of a paper."""
    return key_digest(f"{title}\n{abstract}")


def paper_of(row: RowMapping | Mapping[str, Any]) -> Paper:
    """The paper of a row of ``papers``."""
    return Paper(
        id=row["id"],
        title=row["title"],
        abstract=row["abstract"],
        keys=IdentityKeys(lookup_of(row), row["content_key"]),
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        external_id=row["external_id"],
        url=row["url"],
        votes=row["votes"],
        authors=unpack(str, row["authors"]),
        author_count=row["author_count"],
        organization=row["organization"],
        published=row["published"],
        links=unpack(Link, row["links"]),
        details=details_of(row),
        field_sources=tuple(json.loads(row["field_sources"] or "{}").items()),
    )


def details_of(row: RowMapping | Mapping[str, Any]) -> PaperDetails:
    """Details that the sources gave of the paper of a row of ``papers``."""
    return from_plain(PaperDetails, json.loads(row["details"])) if row["details"] else NO_DETAILS


def lookup_of(row: RowMapping | Mapping[str, Any]) -> tuple[str, ...]:
    """Every key under which the paper of a row of ``papers`` is filed."""
    return tuple(json.loads(row["lookup_keys"]))


def lookup_text(keys: Sequence[str]) -> str:
    """``keys`` as the column holds them."""
    return json.dumps(keys, separators=(",", ":"))


def sorted_keys(filed: Iterable[tuple[str, int]]) -> list[dict[str, int]]:
    """Rows of ``paper_keys`` for each (key, paper), in the order of its index."""
    digests = sorted({(key_digest(key), paper_id) for key, paper_id in filed})
    return [{"key": key, "paper_id": paper_id} for key, paper_id in digests]


def record_of(paper: Paper) -> Record:
    """The record that would give ``paper`` as it is, to make its keys from."""
    return Record(
        title=paper.title,
        abstract=paper.abstract,
        external_id=paper.external_id,
        url=paper.url,
        votes=paper.votes,
        authors=paper.authors,
        author_count=paper.author_count,
        organization=paper.organization,
        published=paper.published,
        links=paper.links,
        details=paper.details,
    )


def assignment_of(row: RowMapping | Mapping[str, Any]) -> Assignment | None:
    """The topics of a row of ``papers``; ``None`` if they were never judged."""
    if row["topic"] is None:
        return None
    return Assignment(
        topic=row["topic"],
        topics=unpack(str, row["topics"]),
        score=row["topic_score"],
        why=unpack(str, row["topic_why"]),
    )


def wording_columns(record: Record, keys: IdentityKeys) -> dict[str, Any]:
    """The columns that hold a paper's text and keys."""
    return {
        "title": record.title,
        "abstract": record.abstract,
        "content_key": keys.content,
        "lookup_keys": lookup_text(keys.lookup),
    }


def fact_columns(record: Record) -> dict[str, Any]:
    """The columns that hold what else a source said of a paper."""
    return {
        "external_id": record.external_id,
        "url": record.url,
        "votes": bounded(record.votes),
        "author_count": bounded(record.author_count),
        "organization": record.organization,
        "published": record.published,
        "authors": pack(record.authors),
        "links": pack(record.links),
    }


def merge_facts(row: dict[str, Any], record: Record, *, latest: bool, source: str) -> None:
    """Let a row of ``papers`` gain what ``record`` of that source says beside its words.

    A list of authors grows; votes are the latest; of everything else the first word stands.
    """
    taken = []
    for name, value in fact_columns(record).items():
        is_better = row[name] is None or (name == "votes" and latest)
        if name == "authors" and value is not None and row[name] is not None:
            is_better = len(record.authors) > len(json.loads(row[name]))
        if value is not None and is_better and value != row[name]:
            row[name] = value
            taken.append(name)
    details, names = merged_details(details_of(row), record.details, latest=latest)
    if names:
        row["details"] = _short_json(details)
    sources = json.loads(row["field_sources"] or "{}")
    sources.update(dict.fromkeys((*taken, *names), source[:_LONGEST_SOURCE]))
    row["field_sources"] = json.dumps(sources, separators=(",", ":")) if sources else None


def note_wording_source(row: dict[str, Any], record: Record, source: str) -> None:
    """Remember which source the words of a row of ``papers`` are from."""
    sources = json.loads(row["field_sources"] or "{}")
    names = ("title", "abstract") if record.abstract else ("title",)
    sources.update(dict.fromkeys(names, source[:_LONGEST_SOURCE]))
    row["field_sources"] = json.dumps(sources, separators=(",", ":"))


def _short_json(details: PaperDetails) -> str:
    """Only the fields that are known: most papers have few of them."""
    plain = to_plain(details)
    assert isinstance(plain, dict)
    known = {name: value for name, value in plain.items() if value not in (None, "", [])}
    return json.dumps(known, separators=(",", ":"))


def judgement_columns(assignment: Assignment) -> dict[str, Any]:
    """The columns that hold a paper's topics."""
    return {
        "topic": assignment.topic,
        "topics": pack(assignment.topics),
        "topic_score": assignment.score,
        "topic_why": pack(assignment.why),
    }
