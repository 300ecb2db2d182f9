"""Rows of term weights, and the few directions along which they differ most.

Latent semantic analysis (Deerwester et al., 1990): papers that share no word are near each other
if their words go with the same other words. The directions are the largest right singular vectors
of the papers' words, found by subspace iteration (Halko, Martinsson and Tropp, 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from digest.ranking.terms import TERMS, WORDS, Terms

Floats = NDArray[np.float32]

DIRECTIONS = 128
_PAPERS_EACH = 8
"""Papers that a direction takes at least: with more directions each would only spell a word again."""

_SPARE = 16
_PASSES = 3
_BLOCK = 512
_LEAST_PAPERS = 3
_MOST_WORDS = 8_000
"""Words that directions are made of: the most frequent ones, each in `_LEAST_PAPERS` at least."""


@dataclass(frozen=True, slots=True, eq=False)
class SparseRows:
    """Papers as rows of weighted terms: entry *i* says that row ``rows[i]`` has ``terms[i]``."""

    count: int
    rows: NDArray[np.int32]
    terms: NDArray[np.int32]
    weights: Floats

    def times(self, vector: Floats) -> Floats:
        """The product of each row and a vector that has a number for each term."""
        products = self.weights * vector[self.terms]
        return np.bincount(self.rows, products, self.count).astype(np.float32)

    def times_itself(self) -> Floats:
        """The square of each row's length: 1, or 0 for a paper without terms."""
        return np.bincount(self.rows, self.weights**2, self.count).astype(np.float32)

    def total(self, of_rows: Floats) -> Floats:
        """The sum of the rows, each times its factor, as a vector over all terms."""
        return np.bincount(self.terms, self.weights * of_rows[self.rows], TERMS).astype(np.float32)


def stack(papers: Sequence[Terms], weights: Sequence[Floats]) -> SparseRows:
    """The papers' terms as rows, with these weights."""
    rows = np.repeat(
        np.arange(len(papers), dtype=np.int32), [len(paper.numbers) for paper in papers]
    )
    terms = np.concatenate([paper.numbers for paper in papers] or [np.empty(0, np.int32)])
    return SparseRows(
        len(papers), rows, terms, np.concatenate([*weights] or [np.empty(0, np.float32)])
    )


def weigh(papers: Sequence[Terms], rarity: Floats) -> SparseRows:
    """The papers' terms times their rarity (TF-IDF), each row of length 1."""
    counted = stack(papers, [paper.weights for paper in papers])
    weights = counted.weights * rarity[counted.terms]
    return _of_length_one(counted.count, counted.rows, counted.terms, weights)


def words_only(papers: SparseRows) -> SparseRows:
    """The rows without pairs of words, of length 1 again."""
    chosen = papers.terms < WORDS
    return _of_length_one(
        papers.count, papers.rows[chosen], papers.terms[chosen], papers.weights[chosen]
    )


def unit(rows: Floats) -> Floats:
    """The rows, each of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: Floats = rows / np.maximum(lengths, 1e-12)
    return result


def _of_length_one(
    count: int, rows: NDArray[np.int32], terms: NDArray[np.int32], weights: Floats
) -> SparseRows:
    lengths = np.sqrt(np.bincount(rows, weights * weights, count))
    shares = (weights / np.maximum(lengths, 1e-12)[rows]).astype(np.float32)
    return SparseRows(count, rows, terms, shares)


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """A map from words to places along directions. ``places`` gives a word's row, or the last."""

    places: NDArray[np.int32]
    words: Floats

    def project(self, papers: SparseRows) -> Floats:
        """The papers' places along each direction: one row a paper."""
        projected = np.zeros((papers.count, self.words.shape[1]), dtype=np.float32)
        starts = np.searchsorted(papers.rows, np.arange(papers.count + 1))
        for row, (start, end) in enumerate(pairwise(starts)):
            at = self.places[papers.terms[start:end]]
            projected[row] = papers.weights[start:end] @ self.words[at]
        return projected


def find_directions(papers: SparseRows) -> Directions:
    """The directions of papers that are given by their words (`words_only`)."""
    counts = np.bincount(papers.terms, minlength=WORDS)
    common = np.argsort(-counts, kind="stable")[:_MOST_WORDS]
    kept = common[counts[common] >= _LEAST_PAPERS]
    places = np.full(WORDS, len(kept), dtype=np.int32)
    places[kept] = np.arange(len(kept), dtype=np.int32)
    wanted = min(DIRECTIONS, papers.count // _PAPERS_EACH)
    size = min(wanted + _SPARE, len(kept), papers.count)
    start = np.random.default_rng(0).standard_normal((len(kept), size)).astype(np.float32)
    basis = np.linalg.qr(start)[0]
    for _ in range(_PASSES):
        basis = np.linalg.qr(_covariance_times(papers, places, basis))[0]
    inner = basis.T @ _covariance_times(papers, places, basis)
    _, turns = np.linalg.eigh((inner + inner.T) / 2)
    found = basis @ turns[:, ::-1][:, :wanted]
    nothing = np.zeros((1, found.shape[1]), dtype=np.float32)
    return Directions(places, np.vstack([found, nothing]).astype(np.float32))


def _covariance_times(papers: SparseRows, places: NDArray[np.int32], basis: Floats) -> Floats:
    """``rows.T @ rows @ basis`` for the papers' rows, so many at once that memory stays small."""
    out = np.zeros_like(basis)
    columns = places[papers.terms]
    known = columns < len(basis)
    for start in range(0, papers.count, _BLOCK):
        first, last = np.searchsorted(papers.rows, (start, start + _BLOCK))
        here = slice(first, last)
        block = np.zeros((min(_BLOCK, papers.count - start), len(basis)), dtype=np.float32)
        chosen = known[here]
        block[papers.rows[here][chosen] - start, columns[here][chosen]] = papers.weights[here][
            chosen
        ]
        out += block.T @ (block @ basis)
    return out
