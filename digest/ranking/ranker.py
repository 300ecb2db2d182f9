"""Score an edition's papers for one taste: values in, values out.

A score is a sum of likenesses to the taste, each brought to mean 0 and standard deviation 1 over
the papers on offer, so that none drowns another:

- **terms** (TF-IDF): like all of the taste together, less what is like every paper (Rocchio, 1971);
- **directions** (latent semantic analysis): the same, for papers that say it in other words;
- **nearest**: like one paper of the taste, so that a reader of three fields is served in each;
- **feedback**, for one to three papers only: like the earlier papers that are nearest to them,
  since so few words cannot name a field (pseudo-relevance feedback);
- **linear**, from ten papers on: a ridge regression against papers of other days.

The weights were chosen with `tests/bench/ranking`, on half of the readers; its README shows what each
part brings, and what was tried and left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digest.ranking.linear import linear_scores
from digest.ranking.offer import ComparedPapers, Offer
from digest.ranking.terms import Terms
from digest.ranking.vectors import Floats


@dataclass(frozen=True, slots=True)
class PartWeights:
    """The weights of a score's parts; 0 leaves one out (for measuring what it brings).

    ``usual`` is the part of the usual paper that is taken off the terms of a large taste,
    ``from_zero`` the share of directions that is not seen from the middle of all papers.
    """

    terms: float = 1.0
    directions: float = 1.0
    nearest: float = 0.5
    feedback: float = 1.0
    linear: float = 1.0
    usual: float = 0.5
    from_zero: float = 0.5


PARTS = PartWeights()

_NEAREST_PAPERS = 30
_NEAREST_SHARE = 8
"""Earlier papers that feedback asks: so many, and at most one of so many."""

_FEEDBACK_UP_TO = 3
"""Papers of a taste beyond which feedback brings nothing."""

_LINEAR_FROM = 10
_LINEAR_MOST = 50
"""Papers of a taste from which on a linear model helps, and the most, the latest, it is made of."""

_SHARPNESS = 0.15
"""Difference of cosines at which one paper of the taste counts e times as much as another."""


@dataclass(frozen=True, slots=True, eq=False)
class WeighedPapers:
    """Papers of a taste, one at least, and the weight of each, negative for those not wanted."""

    papers: Sequence[Terms]
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """The score of each paper on offer, and its likeness to each of the taste (a column each)."""

    scores: Floats
    likeness: Floats


def score_offer(offer: Offer, taste: WeighedPapers, parts: PartWeights = PARTS) -> Judgement:
    """Score each paper on offer, 0 on average: the higher, the nearer to the taste."""
    weights = taste.weights / np.abs(taste.weights).sum()
    beside = offer.comparisons.beside(taste.papers)
    # Of a single paper nothing is known to be beside the point yet.
    known = 1 - 1 / len(weights)
    wish = weights @ beside.places
    plain_wish = weights @ beside.from_zero
    scores = parts.terms * _standard(beside.likeness @ weights - parts.usual * known * offer.usual)
    scores += parts.directions * (
        (1 - parts.from_zero) * _standard(offer.vectors.places @ wish)
        + parts.from_zero * _standard(offer.vectors.from_zero @ plain_wish)
    )
    wanted = weights > 0
    if parts.nearest and wanted.sum() > 1:
        scores += parts.nearest * _nearest(offer, beside, weights, wanted)
    if parts.feedback and 0 < len(weights) <= _FEEDBACK_UP_TO and wanted.any():
        scores += parts.feedback / len(weights) * _feedback(offer, wish)
    if parts.linear and wanted.any() and len(weights) >= _LINEAR_FROM:
        scores += parts.linear * _linear(offer, taste, beside)
    return Judgement(scores.astype(np.float32), beside.likeness)


def _nearest(
    offer: Offer, beside: ComparedPapers, weights: Floats, wanted: NDArray[np.bool_]
) -> Floats:
    """Score by the one paper of the taste that is nearest: by its terms, and along directions."""
    cosines = offer.vectors.places @ beside.places[wanted].T
    shares = weights[wanted] / weights[wanted].sum()
    softly = np.log(np.exp(cosines / _SHARPNESS) @ shares)
    return _standard(softly) + _standard(beside.likeness[:, wanted].max(axis=1))


def _linear(offer: Offer, taste: WeighedPapers, beside: ComparedPapers) -> Floats:
    """Score by a linear model of the latest papers of the taste."""
    latest = slice(-_LINEAR_MOST, None)
    return _standard(
        linear_scores(
            offer.comparisons.unwanted,
            offer.comparisons.weighed(taste.papers[latest]),
            beside.remainders[latest],
            beside.likeness[:, latest],
            taste.weights[latest],
        )
    )


def _feedback(offer: Offer, wish: Floats) -> Floats:
    """Score by the earlier papers that are nearest to a wish."""
    background = offer.background
    count = min(_NEAREST_PAPERS, len(background.papers) // _NEAREST_SHARE)
    if not count:
        return np.zeros(len(offer.papers), dtype=np.float32)
    nearest = np.argpartition(-(background.places @ wish), count - 1)[:count]
    beside = offer.comparisons.beside([background.papers[row] for row in nearest])
    return _standard(beside.likeness.mean(axis=1))


def _standard(scores: Floats) -> Floats:
    """Scores with mean 0 and standard deviation 1; all 0 if they do not differ."""
    spread = scores.std()
    return (scores - scores.mean()) / spread if spread > 1e-7 else np.zeros_like(scores)
