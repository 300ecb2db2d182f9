"""Tell which topic a paper contributes to, which others apply, and the phrases that say so.

Offline, in about a millisecond a paper, with the standard library alone: the phrases of a topics
file are counted by where they stand (``evidence``), and for the topics that ship with the program
a correction learned from labelled papers is added (``learned``). An operator's own topics need no
training. Figures, and what they are compared with, are printed by ``tests/bench/topics.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from pathlib import Path

from digest.editorial import built_lexicon, classifier, word_rarity
from digest.editorial import lexicon as lexicons
from digest.editorial.features import TopicFeatures, extract_features
from digest.editorial.lexicon import OTHER, Lexicon
from digest.editorial.phrases import BREAK
from digest.model import Assignment, Topic

__all__ = ["OTHER", "Topics", "load_topics"]

ZONE_WEIGHTS = (1.2, 0.6, 0.7, 0.3, 0.6, 1.0)
"""How much each of ``evidence.ZONES`` counts without training: what was learned, rounded."""

LEAST = (0.8, 1.6)
LEAST_UNTRAINED = (0.35, 0.75)
"""Evidence for its best topic that a paper needs to be in it: at once, and per ``LONG`` words, for
by chance a long text has more. Ninety-eight in a hundred real titles alone and all real abstracts
pass the first; short lists of an operator's own phrases find less, which is why theirs is lower."""

LONG = 150

STRANGE = 6.0
"""Rarity from which a word is strange to the field: one abstract in four hundred has it."""

USUAL_STRANGENESS = 0.12
GRANTED = 20
STRANGENESS_COST = 15.0
"""What the share of strange words beyond the usual adds to the evidence needed; twenty words are
granted as usual, for a short text tells little. Of real abstracts one in a hundred has a share above
0.13; of recipes, law and local history it is 0.2 to 0.6."""

SURE = 0.5
"""Score from which a topic is shown beside a paper. Of 478 labelled papers, each judged by what the
others taught, 82 in 100 reach it, and 95 in 100 of these are right by a reader; of the rest 66 are.
Chosen on one half of them (94 right) and read on the other (95). With phrases alone 91 are right."""

RELATIVE = 0.4
"""Share of the primary topic's probability at which another topic applies too."""

MOST_TOPICS = 3
MOST_REASONS = 5


class Topics:
    """The topics of one topics file, ready to judge papers. ``OTHER`` comes last."""

    def __init__(self, lexicon: Lexicon, correction: classifier.Correction | None = None) -> None:
        """``correction`` applies to the topics that have its ids, and to no other."""
        self._lexicon = lexicon
        self._correction = correction
        self.topics: tuple[Topic, ...] = (*lexicon.topics, OTHER)
        self._names = {topic.id: topic.name for topic in self.topics}
        places = {topic.id: place for place, topic in enumerate(lexicon.topics)}
        self._known = [places.get(id) for id in correction.topics] if correction else []

    def name(self, id: str) -> str:
        """The name of a topic; an id that is no longer in the file names itself."""
        return self._names.get(id, id)

    def assign(self, title: str, abstract: str = "") -> Assignment:
        """The topics of a paper. ``score`` is how sure, from 0 to 1. Never raises."""
        shares, why = self.shares(title, abstract)
        topic, share = shares[0]
        score = 0.0 if topic == OTHER.id else share
        return Assignment(topic, tuple(id for id, _ in shares), score, why)

    def shares(
        self, title: str, abstract: str = ""
    ) -> tuple[tuple[tuple[str, float], ...], tuple[str, ...]]:
        """The ids of the topics that apply, the surest first, each with how sure (0 to 1), and why.

        The shares of all topics there are add up to 1. Never raises.
        """
        evidence = extract_features(title, abstract, self._lexicon)
        damped = [
            [classifier.damp(weight) if weight else 0.0 for weight in zone]
            for zone in evidence.zones
        ]
        plain = _weighted(damped, ZONE_WEIGHTS)
        sums = self._corrected(evidence, damped) if self._correction else plain
        best = max(range(len(sums)), key=sums.__getitem__)
        if max(plain) < self._needed(evidence):
            return ((OTHER.id, 1.0),), ()
        powers = [math.exp(value - sums[best]) for value in sums]
        share = 1 / sum(powers)
        order = sorted(range(len(sums)), key=lambda place: (-powers[place], place))
        applying = [place for place in order[:MOST_TOPICS] if powers[place] >= RELATIVE]
        shares = ((self.topics[place].id, round(share * powers[place], 4)) for place in applying)
        return tuple(shares), self._why(evidence, best)

    def _needed(self, evidence: TopicFeatures) -> float:
        words = [word for word in (*evidence.title, *evidence.abstract) if word != BREAK]
        least, more = LEAST if self._correction else LEAST_UNTRAINED
        needed = least + more * min(1.0, len(words) / LONG)
        different = set(words)
        if self._correction and evidence.abstract:
            strange = sum(word_rarity.rarity(word) > STRANGE for word in different)
            beyond = max(0.0, strange / (len(different) + GRANTED) - USUAL_STRANGENESS)
            needed += STRANGENESS_COST * beyond
        return needed

    def _corrected(self, evidence: TopicFeatures, damped: Sequence[Sequence[float]]) -> list[float]:
        model = self._correction
        assert model is not None
        sums = _weighted(damped, model.zones)
        own = [[0.0 if at is None else zone[at] for at in self._known] for zone in damped]
        for at, gain in zip(self._known, classifier.correct(evidence, own, model), strict=True):
            if at is not None:
                sums[at] += gain
        return sums

    def _why(self, evidence: TopicFeatures, place: int) -> tuple[str, ...]:
        gains: dict[str, float] = {}
        for hit in evidence.hits:
            weight = dict(self._lexicon.table(hit.zone)[hit.key]).get(place, 0.0)
            gain = ZONE_WEIGHTS[hit.zone] * hit.factor * weight
            gains[hit.key] = gains.get(hit.key, 0.0) + gain
        order = sorted((key for key in gains if gains[key] > 0), key=lambda key: -gains[key])
        return tuple(self._lexicon.spelling[key] for key in order[:MOST_REASONS])


def _weighted(damped: Sequence[Sequence[float]], weights: Sequence[float]) -> list[float]:
    return [sum(map(mul, weights, column)) for column in zip(*damped, strict=True)]


def load_topics(path: Path | None = None) -> Topics:
    """The topics of ``path``, or those shipped. ``ConfigurationError`` if the file is wrong."""
    lexicon = lexicons.read_lexicon(path) if path else built_lexicon.shipped_lexicon()
    return Topics(lexicon, classifier.load_model() if lexicon.trained else None)
