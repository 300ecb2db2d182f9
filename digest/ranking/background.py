"""The background of a taste: the papers of other days, from which rarity and directions are learned.

A word says the more, the fewer papers have it. A paper that everybody's words describe is like
everything, so a taste is measured from the middle of the background, not from zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digest.ranking.terms import TERMS, Terms
from digest.ranking.vectors import (
    Directions,
    Floats,
    SparseRows,
    find_directions,
    unit,
    weigh,
    words_only,
)

UNWANTED = 300
"""Papers that stand for what nobody in particular wants."""

MOST_PAPERS = 20_000
"""Papers that are learned from, the latest; more change little and cost memory."""


@dataclass(frozen=True, slots=True, eq=False)
class PaperVectors:
    """Papers as rows of weighted terms, and as places along the directions; all of length 1.

    ``places`` are seen from the middle of all papers, ``from_zero`` are not.
    """

    terms: SparseRows
    places: Floats
    from_zero: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """The statistics of the papers of other days. Made once, used for every subscriber.

    ``rarity`` and ``usual`` (the mean of all papers) have a number for each term; ``middle`` is
    the mean of all papers along the directions. ``papers`` are all of them, ``places`` where they
    are, seen from there.
    """

    rarity: Floats
    usual: Floats
    directions: Directions
    middle: Floats
    papers: Sequence[Terms]
    places: Floats

    def vectors(self, papers: Sequence[Terms]) -> PaperVectors:
        """The vectors of papers, measured by this background."""
        rows = weigh(papers, self.rarity)
        along = self.directions.project(words_only(rows))
        return PaperVectors(rows, unit(along - self.middle), unit(along))

    @property
    def unwanted(self) -> SparseRows:
        """Papers of all these days, at most `UNWANTED`, evenly over time."""
        step = max(-(-len(self.papers) // UNWANTED), 1)
        return weigh(self.papers[::step], self.rarity)


def learn_background(papers: Sequence[Terms]) -> Background:
    """Learn from papers (oldest first), of which the last `MOST_PAPERS` count; none is enough, too.

    The same papers give the same background on the same machine.
    """
    papers = papers[-MOST_PAPERS:]
    having = np.zeros(TERMS, dtype=np.float32)
    for paper in papers:
        having[paper.numbers] += 1
    rarity: Floats = np.log((1 + len(papers)) / (1 + having)) + 1
    rows = weigh(papers, rarity)
    words = words_only(rows)
    directions = find_directions(words)
    along = directions.project(words)
    middle = along.sum(axis=0) / max(len(papers), 1)
    usual = rows.total(np.full(len(papers), 1 / max(len(papers), 1), dtype=np.float32))
    return Background(rarity, usual, directions, middle, papers, unit(along - middle))
