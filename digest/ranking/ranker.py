"""Score an edition's papers for one taste: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digest.ranking.background import Background, PaperVectors
from digest.ranking.offer import Offer
from digest.ranking.vectors import Floats

_FROM_THE_USUAL = 0.5
"""The part of the usual paper that is taken off a taste."""

_FEEDBACK = 0.5
_NEAREST = 10
"""Earlier papers nearest to a small taste that speak beside it (pseudo-relevance feedback)."""

_SMALL = 5
"""Papers up to which a taste is small."""


@dataclass(frozen=True, slots=True, eq=False)
class WeighedPapers:
    """Papers of a taste: their vectors and the weight of each, negative for those not wanted."""

    vectors: PaperVectors
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """The score of each paper on offer, and its likeness to each of the taste (a column each)."""

    scores: Floats
    likeness: Floats


def score_offer(offer: Offer, taste: WeighedPapers) -> Judgement:
    """Score each paper on offer, 0 on average: the higher, the nearer to the taste."""
    weights = taste.weights / np.abs(taste.weights).sum()
    likeness = offer.index.likeness(taste.vectors.terms)
    terms = likeness @ weights - _FROM_THE_USUAL * offer.usual
    wish = weights @ taste.vectors.places
    scores = _standard(terms) + _standard(offer.vectors.places @ wish)
    if np.count_nonzero(weights > 0) <= _SMALL:
        scores += _FEEDBACK * _feedback(offer, offer.background, wish)
    return Judgement(scores, likeness)


def _feedback(offer: Offer, background: Background, wish: Floats) -> Floats:
    """Score by the earlier papers that are nearest to a wish."""
    places = background.papers.places
    if len(places) < _NEAREST:
        return np.zeros(len(offer.papers), dtype=np.float32)
    nearest = np.argpartition(-(places @ wish), _NEAREST - 1)[:_NEAREST]
    return _standard(offer.vectors.places @ places[nearest].mean(axis=0))


def _standard(scores: Floats) -> Floats:
    """Scores with mean 0 and standard deviation 1; all 0 if they do not differ."""
    spread = scores.std()
    return (scores - scores.mean()) / spread if spread > 1e-9 else np.zeros_like(scores)
