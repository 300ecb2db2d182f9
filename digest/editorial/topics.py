"""Which topic a paper contributes to, which others apply, and the phrases that say so.

``Topics.assign`` reads a title and an abstract in about a millisecond, without network or model
server: phrases of a topics file are counted by where they stand (see ``evidence``).
"""

from __future__ import annotations

import math
from pathlib import Path

from digest.editorial import lexicon as lexicons
from digest.editorial.evidence import Evidence, weigh
from digest.editorial.lexicon import OTHER, Lexicon
from digest.model import Assignment, Topic

__all__ = ["OTHER", "Topics", "load_topics"]

ZONE_WEIGHTS = (2.0, 0.8, 0.4)
LEAST = 5.0
MOST_REASONS = 5


class Topics:
    """The topics of one topics file, ready to judge papers. ``OTHER`` comes last."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.topics: tuple[Topic, ...] = (*lexicon.topics, OTHER)
        self._names = {topic.id: topic.name for topic in self.topics}

    def name(self, id: str) -> str:
        """The name of a topic; an id that is no longer in the file names itself."""
        return self._names.get(id, id)

    def assign(self, title: str, abstract: str = "") -> Assignment:
        """The topics of a paper. ``score`` is how sure, from 0 to 1. Never raises."""
        evidence = weigh(title, abstract, self._lexicon)
        sums = [
            sum(w * z for w, z in zip(ZONE_WEIGHTS, parts, strict=True))
            for parts in zip(*evidence.zones, strict=True)
        ]
        best = max(range(len(sums)), key=lambda place: sums[place])
        if sums[best] < LEAST:
            return Assignment(OTHER.id, (OTHER.id,), 0.0)
        powers = [math.exp((value - sums[best]) / 4) for value in sums]
        shares = [power / sum(powers) for power in powers]
        order = sorted(range(len(sums)), key=lambda place: -shares[place])
        chosen = [place for place in order if shares[place] >= 0.5 * shares[best]][:3]
        return Assignment(
            self.topics[best].id,
            tuple(self.topics[place].id for place in chosen),
            round(shares[best], 4),
            self._why(evidence, best),
        )

    def _why(self, evidence: Evidence, place: int) -> tuple[str, ...]:
        gains: dict[str, float] = {}
        for hit in evidence.hits:
            table = self._lexicon.anywhere if hit.zone else self._lexicon.title
            gain = dict(table[hit.key]).get(place, 0.0)
            gains[hit.key] = gains.get(hit.key, 0.0) + ZONE_WEIGHTS[hit.zone] * gain * math.sqrt(
                min(hit.times, 4)
            )
        best = sorted((key for key in gains if gains[key] > 0), key=lambda key: -gains[key])
        return tuple(self._lexicon.spelling[key] for key in best[:MOST_REASONS])


def load_topics(path: Path | None = None) -> Topics:
    """The topics of ``path``, or those shipped. ``ConfigurationError`` if the file is wrong."""
    return Topics(lexicons.read(path))
