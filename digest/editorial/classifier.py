"""The weights learned from labelled papers: how far to trust which words, zone by zone.

``topics.weights`` holds, for the topics that ship with the program, a linear correction to the
weight of the phrases: a bias, a matrix from (zone, topic) to topic, and a row of one byte per topic
for some ten thousand words, word pairs and phrases. ``tests/bench/topics_train.py`` makes it.
It is a table of numbers and words; no text of any paper is in it.
"""

from __future__ import annotations

import json
import math
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from operator import mul

from digest.editorial import phrases
from digest.editorial.features import PhraseHit, TopicFeatures

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Correction:
    """The learned numbers. ``rows`` has ``len(topics)`` signed bytes for each term."""

    topics: tuple[str, ...]
    zones: tuple[float, ...]
    bias: tuple[float, ...]
    matrix: tuple[tuple[float, ...], ...]
    scale: float
    places: Mapping[str, int]
    rarity: Sequence[float]
    rows: bytes
    _floats: dict[int, tuple[float, ...]] = field(default_factory=dict, compare=False, repr=False)

    def row(self, term: int) -> tuple[float, ...]:
        """The row of a term. Most terms of a paper are many papers', so rows are kept."""
        floats = self._floats.get(term)
        if floats is None:
            width = len(self.topics)
            signed = memoryview(self.rows).cast("b")[term * width : term * width + width]
            floats = self._floats[term] = tuple(map(float, signed))
        return floats


@cache
def load_model() -> Correction:
    """The correction shipped with the program."""
    return parse_model((resources.files("digest.editorial") / "topics.weights").read_bytes())


def parse_model(data: bytes) -> Correction:
    """A weights file: a line of JSON, a line of JSON for each term, then the rows."""
    first, rest = data.split(b"\n", 1)
    head = json.loads(first)
    if head["format"] != FORMAT:
        raise ValueError(f"weights of format {head['format']}, not {FORMAT}")
    terms = rest[: head["terms_size"]].decode("utf-8").split("\n")
    rarity = array("f", (math.log(head["papers"] / count) for count in head["counts"]))
    return Correction(
        tuple(head["topics"]),
        tuple(head["zones"]),
        tuple(head["bias"]),
        tuple(map(tuple, head["matrix"])),
        head["scale"],
        {term: place for place, term in enumerate(terms)},
        rarity,
        rest[head["terms_size"] :],
    )


def groups(evidence: TopicFeatures) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """The terms of a paper: words and pairs of the title, those of the abstract, known phrases."""
    known: Counter[str] = Counter()
    for hit in evidence.hits:
        known[_phrase_term(hit)] += 1
    return (
        Counter(_grams(evidence.title, "t:")),
        Counter(_grams(evidence.abstract, "b:")),
        known,
    )


def _phrase_term(hit: PhraseHit) -> str:
    return f"{'t' if hit.zone < 2 else 'b'}#{hit.key}"


def _grams(stems: Sequence[str], mark: str) -> Iterator[str]:
    before = phrases.BREAK
    for word in stems:
        if word != phrases.BREAK:
            yield mark + word
            if before != phrases.BREAK:
                yield f"{mark}{before} {word}"
        before = word


def feature_values(evidence: TopicFeatures, model: Correction) -> list[tuple[int, float]]:
    """The known terms of a paper with their weight; each group of terms has length one."""
    values: list[tuple[int, float]] = []
    for group in groups(evidence):
        part = [
            (place, ((1 + math.log(times)) if times > 1 else 1.0) * model.rarity[place])
            for term, times in group.items()
            if (place := model.places.get(term)) is not None
        ]
        length = math.sqrt(sum(value * value for _, value in part)) or 1.0
        values += [(place, value / length) for place, value in part]
    return values


def damp(weight: float) -> float:
    """The tenth phrase for a topic says less than the first; the sign is kept."""
    return math.copysign(math.log1p(abs(weight)), weight)


def correct(
    evidence: TopicFeatures, damped: Sequence[Sequence[float]], model: Correction
) -> list[float]:
    """Give the addition for each of the model's topics, given its zones' damped weights."""
    flat = [value for zone in damped for value in zone]
    shares = [value for value in flat if value]
    rows: list[Sequence[float]] = [
        row for value, row in zip(flat, model.matrix, strict=True) if value
    ]
    for term, value in feature_values(evidence, model):
        shares.append(value * model.scale)
        rows.append(model.row(term))
    if not rows:
        return list(model.bias)
    columns = zip(*rows, strict=True)
    return [
        bias + sum(map(mul, column, shares))
        for bias, column in zip(model.bias, columns, strict=True)
    ]
