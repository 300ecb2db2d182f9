"""A linear model of a large taste: ridge regression on terms, against papers of other days.

Which words tell the papers of a taste from others, each weighed by how little the rest of the taste
has it already: what is said once counts as much as what is said ten times. The papers of other days
stand for all that is not wanted, and are the same for every reader, so that what depends on them is
worked out once (`Unwanted`); a reader costs a system of as many equations as their taste has papers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digest.ranking.vectors import Floats, SparseRows

_LOOSE = 0.2
_STRICT = 0.02
"""How far the model may miss: papers of other days, and those of the taste."""


@dataclass(frozen=True, slots=True, eq=False)
class Unwanted:
    """Papers of other days: what they take off the likeness of any two papers.

    ``half`` turns a paper's likeness to each of them into what is left of it (`remainder`);
    ``offered`` has this for the papers on offer, a row each. ``pull`` is theirs alone.
    """

    half: Floats
    offered: Floats
    pull: Floats

    def remainder(self, likeness: Floats) -> Floats:
        """The part of papers that these explain, given the likeness to each of these (a row a paper)."""
        return (likeness + 1) @ self.half.T


def learn_unwanted(to_each_other: Floats, offered: Floats) -> Unwanted:
    """Learn from the likeness of these papers to each other, and of those on offer to them (a row each)."""
    count = len(to_each_other)
    within = to_each_other.astype(np.float64) + 1 + _LOOSE * np.eye(count)
    half = np.linalg.inv(np.linalg.cholesky(within)).astype(np.float32)
    return Unwanted(half, (offered + 1) @ half.T, half.sum(axis=1))


def linear_scores(
    unwanted: Unwanted, papers: SparseRows, remainders: Floats, likeness: Floats, weights: Floats
) -> Floats:
    """Score the papers on offer for a taste.

    Its papers' terms are given, what is left of them, the likeness of those on offer to each (a column
    each), and their weights, negative for those not wanted, the largest about 1.
    """
    within = likeness_among(papers) + 1 - remainders @ remainders.T
    within += np.diag(_STRICT / np.maximum(np.abs(weights), 1e-3))
    wish = np.linalg.solve(within, np.sign(weights) + remainders @ unwanted.pull)
    left = likeness @ wish - unwanted.offered @ (wish @ remainders + unwanted.pull)
    return np.asarray(left + wish.sum(), dtype=np.float32)


def likeness_among(papers: SparseRows) -> Floats:
    """The cosine of the terms of each two papers."""
    _, places, counts = np.unique(papers.terms, return_inverse=True, return_counts=True)
    shared = counts > 1  # most terms are one paper's alone, and make it like itself only
    chosen = shared[places]
    columns = (np.cumsum(shared) - 1)[places[chosen]]
    dense = np.zeros((papers.count, int(shared.sum())), dtype=np.float32)
    dense[papers.rows[chosen], columns] = papers.weights[chosen]
    among: Floats = dense @ dense.T
    np.fill_diagonal(among, papers.times_itself())
    return among
