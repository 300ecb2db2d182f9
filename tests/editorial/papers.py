"""Made-up papers, judged, for the tests of editions and selections."""

from __future__ import annotations

from datetime import date

from digest.model import (
    Assignment,
    Candidate,
    IdentityKeys,
    Novelty,
    Paper,
    Topic,
    Trend,
    TrendPart,
)

DAY = date(2026, 11, 20)
TOPICS = (
    Topic("3d", "3D"),
    Topic("agents", "Agents"),
    Topic("audio", "Audio"),
    Topic("vision", "Vision"),
    Topic("other", "Other"),
)


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
        Trend(score, (TrendPart("votes", score, f"{id} votes in its first day"),)),
    )
