"""The features that speak for each topic, by where it says it.

A paper belongs to the topic it contributes to, not to every topic it mentions. The head of a title
names the contribution and what follows "via" or "with" only the means; a sentence that begins "we
propose" describes it; the opening sentence tells of the field. Each zone is weighed apart.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.editorial import phrases, word_rarity
from digest.editorial.lexicon import Lexicon, Weights

TITLE_WORDS = 60
"""Words of a title that are read; the longest of 2 652 real titles has 25."""

ABSTRACT_WORDS = 600
"""Words of an abstract that are read; the longest of 2 652 real abstracts has 326."""

_DOERS = frozenset(phrases.stem_words("we i paper work study article report thesis", 20).stems)
_DEEDS = frozenset(
    phrases.stem_words(
        "propose present introduce develop design describe show demonstrate study investigate "
        "explore analyze examine evaluate provide contribute release construct build create "
        "derive prove establish formulate address tackle revisit review survey offer find report "
        "curate collect train apply extend devise advocate argue discover",
        60,
    ).stems
)


_TITLE_MEANS = frozenset(
    phrases.stem_words(
        "via with using by through from leveraging on in under based without", 20
    ).stems
)
_CLAIM_MEANS = frozenset(phrases.stem_words("via with using by through based without", 20).stems)
_PURPOSE = frozenset(("for", "to"))

ZONES = ("title", "title means", "claim", "claim means", "opening", "rest")
"""The parts of a paper's text that are weighed apart, in the order of :attr:`TopicFeatures.zones`."""

_MOST_TIMES = 4


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """A known phrase in a zone (by its place in :data:`ZONES`) and the factor on its weight."""

    key: str
    zone: int
    factor: float


@dataclass(frozen=True, slots=True)
class TopicFeatures:
    """Weight of the phrases for each topic in each zone, and the stems that were read."""

    zones: tuple[tuple[float, ...], ...]
    hits: tuple[PhraseHit, ...]
    title: tuple[str, ...]
    abstract: tuple[str, ...]


def extract_features(title: str, abstract: str, lexicon: Lexicon) -> TopicFeatures:
    """The evidence in one paper; any text at all will do."""
    heading = phrases.stem_words(title, TITLE_WORDS).stems + tuple(
        phrases.humps(title, TITLE_WORDS)
    )
    body = phrases.stem_words(abstract, ABSTRACT_WORDS).stems
    claim, rest = divide(body)
    opening, others = _opening(rest)
    parts = (*_apart(heading, _TITLE_MEANS), *_apart(claim, _CLAIM_MEANS), opening, others)
    hits: list[PhraseHit] = []
    zones: list[tuple[float, ...]] = []
    for zone, stems in enumerate(parts):
        table = lexicon.table(zone)
        weights = [0.0] * len(lexicon.topics)
        for key, times in _count(stems, table, lexicon.begun).items():
            factor = word_rarity.emphasis(key) * math.sqrt(min(times, _MOST_TIMES))
            hits.append(PhraseHit(key, zone, factor))
            for place, weight in table[key]:
                weights[place] += weight * factor
        zones.append(tuple(weights))
    return TopicFeatures(tuple(zones), tuple(hits), heading, body)


def _count(
    stems: Sequence[str], table: Mapping[str, Weights], begun: frozenset[str]
) -> Counter[str]:
    return Counter(key for _, _, key in phrases.find_phrases(stems, table, begun))


def divide(stems: Sequence[str]) -> tuple[list[str], list[str]]:
    """An abstract's stems in sentences (from their verb on) that claim something, and the others."""
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
    return claim, rest


def _apart(stems: Sequence[str], means: frozenset[str]) -> tuple[list[str], list[str]]:
    """Divide what is contributed from its means: from a word such as "via" to the end or to "for"."""
    head: list[str] = []
    tail: list[str] = []
    into = head
    for place, word in enumerate(stems):
        if word == phrases.BREAK or (word in _PURPOSE and means is _CLAIM_MEANS):
            into = head
        elif word in means and place:
            into = tail
        into.append(word)
    return head, tail


def _opening(stems: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    start = 0
    while start < len(stems) and stems[start] == phrases.BREAK:
        start += 1
    end = start
    while end < len(stems) and stems[end] != phrases.BREAK:
        end += 1
    return stems[start:end], stems[end:]
