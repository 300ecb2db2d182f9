"""Values of the model with defaults: a test says only what it is about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from digest.model import (
    Assignment,
    Candidate,
    Change,
    Dump,
    Edition,
    EditionKind,
    Entry,
    IdentityKeys,
    LeaseRequest,
    Novelty,
    Paper,
    Record,
    Rendering,
    Section,
    Topic,
    Trend,
    TrendPart,
)

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)
MINUTE = timedelta(minutes=1)
TTL = timedelta(minutes=10)
VISION = Assignment("vision", ("vision", "graphics"), 0.75, ("gaussian splatting",))
TOPICS = (
    Topic("3d", "3D"),
    Topic("agents", "Agents"),
    Topic("audio", "Audio"),
    Topic("vision", "Vision"),
    Topic("other", "Other"),
)


def keys_of(record: Record) -> IdentityKeys:
    """Keys as simple as can be: the title's, the abstract's, the external id's."""
    parts = [f"1t:{record.title.lower()}", f"1a:{record.abstract.lower()}"]
    if record.external_id is not None:
        parts.append(f"1x:{record.external_id}")
    return IdentityKeys(tuple(parts), f"1c:{record.title} {record.abstract}")


def record(name: str = "Gaussian Rivers", **other: Any) -> Record:
    other.setdefault("abstract", f"We present {name}, which works.")
    return Record(title=name, **other)


def change(what: Record | str, novelty: Novelty = Novelty.NEW, **other: Any) -> Change:
    one = record(what) if isinstance(what, str) else what
    return Change(one, keys_of(one), novelty, "as the test says", **other)


def dump(name: str = "one") -> Dump:
    return Dump(f"/dumps/{name}.txt", hashlib.sha256(name.encode()).hexdigest(), ())


def paper(id: int = 1, title: str = "", abstract: str = "", **facts: object) -> Paper:
    """A paper first seen on ``DAY``; its number makes its words unless they are given."""
    return Paper(
        id,
        title or f"Paper number {id}",
        abstract or f"We present method {id}. Experiments show that it works.",
        IdentityKeys((), f"1:{id}"),
        facts.pop("first_seen", DAY),  # type: ignore[arg-type]
        facts.pop("last_seen", DAY),  # type: ignore[arg-type]
        **facts,  # type: ignore[arg-type]
    )


def candidate(
    id: int = 1,
    topic: str = "vision",
    score: float = 1.0,
    *,
    others: tuple[str, ...] = (),
    novelty: Novelty = Novelty.NEW,
    title: str = "",
    abstract: str = "",
    **facts: object,
) -> Candidate:
    """A judged paper whose whole score is one part called ``votes``."""
    return Candidate(
        paper(id, title, abstract, **facts),
        novelty,
        Assignment(topic, (topic, *others), 1.0),
        Trend(score, (TrendPart("votes", score, f"{id} votes"),)),
    )


def edition_of(
    ids: Sequence[int] = (), *, kind: EditionKind = EditionKind.DAILY, day: date = DAY, **other: Any
) -> Edition:
    trend = Trend(2.5, (TrendPart("votes", 2.5, "142 votes"),))
    entries = tuple(
        Entry(
            i,
            f"Paper {i}",
            f"Paper {i}",
            "Two sentences. Here.",
            "One.",
            "vision",
            ("vision",),
            trend,
        )
        for i in ids
    )
    sections = (Section(Topic("vision", "Vision"), tuple(ids), len(ids)),)
    return Edition(kind, day, (day, day), entries, tuple(ids[:1]), sections, **other)


def rendering(subject: str = "Two new papers") -> Rendering:
    return Rendering(1, subject, "…", {"cards": {"1": "<p>é</p>"}, "text": ["a", "b"]})


def lease_request(
    edition_id: int, limit: int = 100, *, now: datetime = NOW, **other: Any
) -> LeaseRequest:
    """A request of worker ``a`` for the usual time, unless said otherwise."""
    options: dict[str, Any] = {"ttl": TTL, "worker": "a", **other}
    return LeaseRequest(edition_id, now=now, limit=limit, **options)
