"""The ranker of this project, whole and with a part left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from bench.ranking.protocol import Data, Floats, Question

from digest.ranking.background import Background, learn_background
from digest.ranking.offer import Offer, OfferedPaper, prepare_offer
from digest.ranking.personal_order import HALF_LIFE
from digest.ranking.ranker import PARTS, PartWeights, WeighedPapers, score_offer
from digest.ranking.terms import Terms, terms_of

WAYS: dict[str, PartWeights] = {
    "digest": PARTS,
    "without terms": replace(PARTS, terms=0),
    "without directions": replace(PARTS, directions=0),
    "without nearest": replace(PARTS, nearest=0),
    "without feedback": replace(PARTS, feedback=0),
    "without linear": replace(PARTS, linear=0),
    "usual paper kept": replace(PARTS, usual=0),
    "all from the middle": replace(PARTS, from_zero=0),
}


class Ranker:
    """The product's own functions over the benchmark's papers, with one month's background."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._terms = [terms_of(paper["title"], paper["abstract"]) for paper in data.papers]
        self._days = [date.fromisoformat(paper["date"]) for paper in data.papers]

    def learn(self, month: str) -> Background:
        return learn_background([self._terms[row] for row in self._data.known_before(month)])

    def offer(self, question: Question, background: Background) -> Offer:
        papers = [self._data.papers[row] for row in question.candidates]
        return prepare_offer(
            [OfferedPaper(row, p["title"], p["abstract"]) for row, p in enumerate(papers)],
            background,
        )

    def taste(self, rows: Sequence[int], day: str) -> WeighedPapers:
        today = date.fromisoformat(day)
        ages = np.array([max((today - self._days[row]).days, 0) for row in rows])
        terms: list[Terms] = [self._terms[row] for row in rows]
        weights = (0.5 ** (ages / HALF_LIFE)).astype(np.float32)
        return WeighedPapers(terms, weights)

    def score(self, offer: Offer, taste: WeighedPapers, way: str) -> Floats:
        return score_offer(offer, taste, WAYS[way]).scores.astype(np.float64).round(5)
