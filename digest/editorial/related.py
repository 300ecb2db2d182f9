"""Related papers: those whose words are nearest, by TF-IDF.

A paper is a vector of its stems and pairs of stems, those of the title counted double, weighed by the
rarity that topics are told by (`digest.editorial.word_rarity`). Each vector keeps its heaviest terms,
so that several thousand papers are compared in about a second.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from digest.editorial import phrases, word_rarity

TITLE_WORDS = 60
ABSTRACT_WORDS = 400
HEAVIEST = 40
"""Terms of a vector; more change hardly anything but the time it takes."""
LEAST_RARITY = 1.5
"""Nats: what more than a fifth of all abstracts have relates nothing."""
LEAST_LIKENESS = 0.05
"""Cosine below which papers have a word in common rather than a matter."""
_LONGEST_LIST = 400
"""Papers with one term that are looked at, the newest: more of them make it a common word here."""


class PaperText(NamedTuple):
    """A paper by its number and its words."""

    paper_id: int
    title: str
    abstract: str


class Relation(NamedTuple):
    """Two papers and their likeness: the cosine (0 to 1) of their vectors."""

    paper_id: int
    other_id: int
    likeness: float


def relate(
    papers: Sequence[PaperText], wanted: Collection[int], most: int = 5
) -> Iterator[Relation]:
    """Yield for each paper that is ``wanted`` the ``most`` others that are nearest, best first.

    ``papers`` has the wanted ones too, the oldest first. Whatever their text is, this ends in time
    proportional to their number.
    """
    vectors = shared_vectors({paper.paper_id: term_weights(paper) for paper in papers})
    having: dict[str, list[int]] = defaultdict(list)
    for paper_id, vector in vectors.items():
        for term in vector:
            having[term].append(paper_id)
    for paper_id in dict.fromkeys(wanted):
        likeness: dict[int, float] = defaultdict(float)
        for term, weight in vectors.get(paper_id, {}).items():
            for other in having[term][-_LONGEST_LIST:]:
                likeness[other] += weight * vectors[other][term]
        likeness.pop(paper_id, None)
        nearest = heapq.nlargest(most, likeness.items(), key=lambda pair: (pair[1], pair[0]))
        for other, cosine in nearest:
            if cosine >= LEAST_LIKENESS:
                yield Relation(paper_id, other, min(cosine, 1.0))


def term_weights(paper: PaperText) -> Mapping[str, float]:
    """The vector of a paper, of length one."""
    counts = Counter[str]()
    title = phrases.stem_words(paper.title, TITLE_WORDS).stems
    for stems, times in ((title, 2), (phrases.stem_words(paper.abstract, ABSTRACT_WORDS).stems, 1)):
        for term in _terms(stems):
            counts[term] += times
    weights = {
        term: (1 + math.log(count)) * rarity
        for term, count in counts.items()
        if (rarity := word_rarity.rarity(term)) >= LEAST_RARITY
    }
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {term: weight / length for term, weight in weights.items()}


def shared_vectors(vectors: Mapping[int, Mapping[str, float]]) -> Mapping[int, Mapping[str, float]]:
    """Each vector's heaviest terms among those that more than one paper has."""
    papers_with = Counter(term for vector in vectors.values() for term in vector)
    return {
        paper_id: dict(
            heapq.nlargest(
                HEAVIEST,
                ((term, weight) for term, weight in vector.items() if papers_with[term] > 1),
                key=lambda pair: (pair[1], pair[0]),
            )
        )
        for paper_id, vector in vectors.items()
    }


def _terms(stems: Sequence[str]) -> Iterator[str]:
    before = phrases.BREAK
    for stem in stems:
        if len(stem) < 3 or stem.isdigit():
            before = phrases.BREAK
            continue
        yield stem
        if before != phrases.BREAK:
            yield f"{before} {stem}"
        before = stem
