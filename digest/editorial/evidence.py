"""What a paper's text says for each topic, by where it says it.

A title names the contribution; a sentence that begins "we propose" describes it; the rest of an
abstract tells of the field around it. The three are weighed apart, because a paper belongs to
the topic that it contributes to and not to every topic it mentions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.editorial import phrases
from digest.editorial.lexicon import Lexicon, Weights

TITLE_WORDS = 60
"""Words of a title that are read; the longest of 3 000 real titles has 32."""

ABSTRACT_WORDS = 600
"""Words of an abstract that are read; arXiv takes 1 920 characters, about 350 words."""

_DOERS = frozenset(map(phrases.stem, "we i paper work study article report thesis".split()))
_DEEDS = frozenset(
    map(
        phrases.stem,
        "propose present introduce develop design describe show demonstrate study investigate "
        "explore analyze examine evaluate provide contribute release construct build create "
        "derive prove establish formulate address tackle revisit review survey offer find report "
        "curate collect train apply extend devise advocate argue discover".split(),
    )
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A known phrase in the text: its look-up key, where it stands, and how often."""

    key: str
    zone: int
    times: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Weight of the phrases for each topic: in the title, in what is claimed, in the rest."""

    zones: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    hits: tuple[Hit, ...]
    title: tuple[str, ...]
    claim: tuple[str, ...]
    rest: tuple[str, ...]


def weigh(title: str, abstract: str, lexicon: Lexicon) -> Evidence:
    """The evidence in one paper; any text at all will do."""
    heading = phrases.read(title, TITLE_WORDS).stems + tuple(phrases.humps(title, TITLE_WORDS))
    claim, rest = divide(phrases.read(abstract, ABSTRACT_WORDS).stems)
    hits: list[Hit] = []
    zones: list[tuple[float, ...]] = []
    for zone, stems in enumerate((heading, claim, rest)):
        table = lexicon.anywhere if zone else lexicon.title
        weights = [0.0] * len(lexicon.topics)
        for key, times in _count(stems, table, lexicon.longest).items():
            hits.append(Hit(key, zone, times))
            for place, weight in table[key]:
                weights[place] += weight * math.sqrt(min(times, 4))
        zones.append(tuple(weights))
    return Evidence((zones[0], zones[1], zones[2]), tuple(hits), heading, claim, rest)


def _count(stems: Sequence[str], table: Mapping[str, Weights], longest: int) -> Counter[str]:
    return Counter(key for _, _, key in phrases.find(stems, table, longest))


def divide(stems: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The stems of an abstract in sentences (or their ends) that claim something, and the others."""
    claim: list[str] = []
    rest: list[str] = []
    into, doer = rest, -9
    for place, word in enumerate(stems):
        if word == phrases.BREAK:
            into.append(word)
            into, doer = rest, -9
            continue
        if word in _DOERS:
            doer = place
        elif word in _DEEDS and place - doer <= 3 and into is rest:
            into = claim
            claim.append(phrases.BREAK)
        into.append(word)
    return tuple(claim), tuple(rest)
