"""One subscriber's order of an edition's papers, with a reason in words for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from digest.model import PersonalPlace, Seed, Taste, Vote, VoteDirection
from digest.ranking.offer import Offer
from digest.ranking.ranker import WeighedPapers, score_offer
from digest.ranking.reasons import EXPLORED, follow_reason, likeness_reason
from digest.ranking.terms import Terms, terms_of
from digest.ranking.vectors import Floats

EXPLORING_PLACES = (5, 10)
"""Places, counted from 1, of the papers that the general order likes and the taste does not."""

HALF_LIFE = 365.0
"""Days after which a vote or a seed weighs half."""

MOST_TASTE_PAPERS = 100
"""Papers of a taste that count: the latest."""

_ALIKE = 0.08
"""Least cosine of terms at which one paper is said to be like another."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A paper of a taste, and its weight."""

    paper: Seed | Vote
    weight: float

    @property
    def terms(self) -> Terms:
        return terms_of(self.paper.title, self.paper.abstract)

    @property
    def reason(self) -> str:
        """The words by which it is a reason."""
        if isinstance(self.paper, Vote):
            return likeness_reason(self.paper.title, voted=True)
        return likeness_reason(self.paper.title, voted=False, seed_list=self.paper.seed_list)


def rank(offer: Offer, taste: Taste, day: date) -> tuple[PersonalPlace, ...]:
    """Order all papers on offer for a taste, as of a day; ``()`` for an empty taste.

    First what follows bring, in the order of likeness; then the others, nearest first, with an
    exploring paper at each of `EXPLORING_PLACES` that the offer is long enough for. A taste of
    follows alone leaves the others in the general order. The same values give the same order.
    """
    if taste.is_empty or not offer.papers:
        return ()
    known = _taste_papers(taste, day)
    scores, reasons = _judged(offer, known)
    follows = taste.follows
    followed = [follow_reason(paper, follows) if follows else "" for paper in offer.papers]
    order = sorted(range(len(offer.papers)), key=lambda row: (not followed[row], -scores[row], row))
    explored = _exploring(order, scores, sum(map(bool, followed))) if known else {}
    for place, row in explored.items():
        order.remove(row)
        order.insert(place - 1, row)
    unlike = set(explored.values())
    return tuple(
        PersonalPlace(
            offer.papers[row].paper_id,
            EXPLORED if row in unlike else followed[row] or reasons[row],
            bool(followed[row]),
            row in unlike,
            scores[row],
        )
        for row in order
    )


def _judged(offer: Offer, known: Sequence[_Known]) -> tuple[list[float], list[str]]:
    """The score of each paper on offer, and the paper of the taste it is like, in words."""
    if not known:
        return [0.0] * len(offer.papers), [""] * len(offer.papers)
    weights = np.array([paper.weight for paper in known], dtype=np.float32)
    judged = score_offer(offer, WeighedPapers([paper.terms for paper in known], weights))
    # Rounded, since the last digits of a float differ from machine to machine.
    scores: list[float] = np.round(judged.scores.astype(np.float64), 5).tolist()
    return scores, _nearest_reasons(judged.likeness, known)


def _nearest_reasons(likeness: Floats, known: Sequence[_Known]) -> list[str]:
    """For each paper on offer the wanted one of the taste that is most like it, if one is."""
    wanted = [paper for paper in known if paper.weight > 0]
    if not wanted:
        return [""] * len(likeness)
    to_wanted = likeness[:, [paper.weight > 0 for paper in known]]
    nearest = to_wanted.argmax(axis=1).tolist()
    near_enough = (to_wanted.max(axis=1) >= _ALIKE).tolist()
    named = {column: wanted[column].reason for column in set(nearest)}
    return [
        named[column] if near else "" for column, near in zip(nearest, near_enough, strict=True)
    ]


def _exploring(order: Sequence[int], scores: Sequence[float], first: int) -> dict[int, int]:
    """The rows for the exploring places: of the half least like the taste, the best in general."""
    least = sorted(order[max(first, len(order) // 2) :])
    places = [place for place in EXPLORING_PLACES if first < place < len(order) // 2]
    return dict(zip(places, least, strict=False))


def _taste_papers(taste: Taste, day: date) -> list[_Known]:
    """The latest papers of a taste, oldest first."""
    said: list[tuple[date, Seed | Vote, int]] = [(seed.added, seed, 1) for seed in taste.seeds]
    for vote in taste.votes:
        said.append((vote.day, vote, 1 if vote.direction is VoteDirection.MORE else -1))
    latest = sorted(said, key=lambda word: word[0])[-MOST_TASTE_PAPERS:]
    return [_Known(paper, sign * _faded(then, day)) for then, paper, sign in latest]


def _faded(then: date, day: date) -> float:
    """The weight, at most 1, of a word that was said then. A day to come counts as today."""
    return float(0.5 ** (max((day - then).days, 0) / HALF_LIFE))
