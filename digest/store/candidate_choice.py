"""The choice of the remembered papers that a record is compared with.

A key that very many papers share tells nothing, so at most :data:`PER_KEY` of its papers (the
newest) are looked at; a record gets at most :data:`PER_RECORD` candidates, those with the rarest
common keys first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

PER_KEY = 20
"""Papers read under one key. Real titles and abstracts share a key among a handful."""

PER_RECORD = 24
"""Candidates handed to the comparison, which costs about 20 µs each."""


def likeliest(digests: Iterable[int], holders: Mapping[int, Sequence[int]]) -> list[int]:
    """The papers under ``digests``, those with many and rare common keys first."""
    weight: dict[int, float] = defaultdict(float)
    for digest in digests:
        paper_ids = holders.get(digest, ())
        for paper_id in paper_ids:
            weight[paper_id] += 1 / len(paper_ids)
    ranked = sorted(weight, key=lambda paper_id: (-weight[paper_id], -paper_id))
    return sorted(ranked[:PER_RECORD])
