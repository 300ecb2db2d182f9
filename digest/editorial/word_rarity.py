"""The rarity of words, so that a rare one says more than one that every abstract has.

The table ``background.tsv`` counts in how many of some 2 600 abstracts (machine learning,
with statistics, physics and economics among them) a stem or a known phrase occurs. It is made by
``tests/bench/topics_train.py`` and holds counts only.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from importlib import resources

USUAL = 4.0
"""Rarity in nats at which a phrase counts exactly its weight: one abstract in fifty-five."""

_RARE = 6.6
"""Rarity in nats of a word that three of some 2,600 abstracts have."""

SHARE = 0.5
"""Exponent of rarity in a phrase's weight; 0, ½ and 1 were compared by cross-validation."""


@cache
def _table() -> tuple[int, dict[str, int]]:
    text = (resources.files("digest.editorial") / "background.tsv").read_text(encoding="utf-8")
    first, *lines = text.splitlines()
    pairs = (line.split("\t") for line in lines)
    return int(first), {key: int(count) for key, count in pairs}


@lru_cache(maxsize=1 << 16)
def rarity(key: str) -> float:
    """Minus the log of the share of abstracts that have the stem or phrase, in nats.

    A phrase that was never counted is as rare as its rarest word, at the least.
    """
    papers, counts = _table()
    count = counts.get(key)
    if count is None:
        words = key.split(" ")
        count = min((counts.get(word, 0) for word in words), default=0)
        count = count // 2 if len(words) > 1 else count
    return math.log((papers + 1) / (count + 1))


def is_rare(word: str) -> bool:
    """Tell whether fewer than three of the counted abstracts have ``word``, as a name of one paper is."""
    return rarity(word.lower()) > _RARE


@lru_cache(maxsize=1 << 14)
def emphasis(key: str) -> float:
    """The factor by which the weight of a phrase is multiplied for its rarity."""
    return float((rarity(key) / USUAL) ** SHARE)
