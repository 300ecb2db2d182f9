"""The papers of one edition, ready to be compared with any number of tastes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digest.ranking.background import Background, PaperVectors
from digest.ranking.linear import learn_unwanted
from digest.ranking.terms import TERMS, Terms, terms_of
from digest.ranking.vectors import Floats, SparseRows, stack

_MOST_COMPARED = 20_000
"""Papers whose comparison is kept: 3 kB each beside 250 on offer; then the memory starts anew."""


@dataclass(frozen=True, slots=True)
class OfferedPaper:
    """A paper that may be ranked: what it says, and whose it is."""

    paper_id: int
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class TermIndex:
    """Papers by their terms: the entries of term *n* begin at ``starts[slots[n]]``."""

    count: int
    slots: NDArray[np.int32]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: Floats

    def likeness(self, papers: SparseRows) -> Floats:
        """The cosines (0 to 1) of the indexed papers, a row each, and others, a column each."""
        slots = self.slots[papers.terms]
        known = slots >= 0
        slots, columns, weights = slots[known], papers.rows[known], papers.weights[known]
        first = self.starts[slots]
        lengths = self.starts[slots + 1] - first
        skipped = np.cumsum(lengths) - lengths
        entries = np.arange(lengths.sum()) + np.repeat(first - skipped, lengths)
        cells = self.rows[entries] * np.int64(papers.count) + np.repeat(columns, lengths)
        products = self.weights[entries] * np.repeat(weights, lengths)
        sums = np.bincount(cells, products, self.count * papers.count)
        return sums.reshape(self.count, papers.count).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class ComparedPapers:
    """Papers beside those on offer, and where they are along the directions (a row each).

    ``likeness`` has the cosines of terms: a row for each paper on offer, a column for each of these.
    ``remainders`` are what `digest.ranking.linear` needs of each.
    """

    likeness: Floats
    remainders: Floats
    places: Floats
    from_zero: Floats


class Comparisons:
    """The papers on offer beside others, each of which is compared once, whoever asks for it."""

    def __init__(self, offered: SparseRows, background: Background) -> None:
        self._background = background
        self._offered = index_terms(offered)
        others = background.unwanted
        self._others = index_terms(others)
        self.unwanted = learn_unwanted(
            self._others.likeness(others), self._others.likeness(offered).T
        )
        self._rows: dict[Terms, Floats] = {}
        self._weights: dict[Terms, Floats] = {}

    def beside(self, papers: Sequence[Terms]) -> ComparedPapers:
        """Compare one paper or more with those on offer."""
        if len(self._rows) > _MOST_COMPARED:
            self._rows.clear()
            self._weights.clear()
        if new := [paper for paper in dict.fromkeys(papers) if paper not in self._rows]:
            self._rows.update(zip(new, self._compared(new), strict=True))
        rows = np.array([self._rows[paper] for paper in papers])
        counts = (self._offered.count, self._others.count, self._background.places.shape[1])
        likeness, remainders, places, from_zero = np.split(rows, np.cumsum(counts), axis=1)
        return ComparedPapers(np.ascontiguousarray(likeness.T), remainders, places, from_zero)

    def weighed(self, papers: Sequence[Terms]) -> SparseRows:
        """The weighed terms of papers that were compared before."""
        return stack(papers, [self._weights[paper] for paper in papers])

    def _compared(self, papers: Sequence[Terms]) -> Floats:
        """A row for each paper, in parts as `ComparedPapers` has them."""
        vectors = self._background.vectors(papers)
        ends = np.cumsum([len(paper.numbers) for paper in papers])
        self._weights.update(zip(papers, np.split(vectors.terms.weights, ends), strict=False))
        likeness = self._offered.likeness(vectors.terms).T
        remainders = self.unwanted.remainder(self._others.likeness(vectors.terms).T)
        return np.hstack([likeness, remainders, vectors.places, vectors.from_zero])


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """An edition's papers in the general order, their vectors, and their likeness to the usual."""

    papers: tuple[OfferedPaper, ...]
    background: Background
    vectors: PaperVectors
    comparisons: Comparisons
    usual: Floats


def prepare_offer(papers: Sequence[OfferedPaper], background: Background) -> Offer:
    """Make an edition's papers ready, in their general order, best first. Shared by all readers."""
    vectors = background.vectors([terms_of(paper.title, paper.abstract) for paper in papers])
    usual = vectors.terms.times(background.usual)
    comparisons = Comparisons(vectors.terms, background)
    return Offer(tuple(papers), background, vectors, comparisons, usual)


def index_terms(papers: SparseRows) -> TermIndex:
    """The index of papers by their terms."""
    order = np.argsort(papers.terms, kind="stable")
    numbers, starts = np.unique(papers.terms[order], return_index=True)
    slots = np.full(TERMS, -1, dtype=np.int32)
    slots[numbers] = np.arange(len(numbers), dtype=np.int32)
    ends = np.append(starts, len(order)).astype(np.int64)
    return TermIndex(papers.count, slots, ends, papers.rows[order], papers.weights[order])
