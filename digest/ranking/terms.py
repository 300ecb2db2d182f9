"""The terms of a paper: its words and its pairs of neighbouring words, as numbers.

A term's number is a hash of its letters, so that papers compare without a common vocabulary: the
terms of a text are the same today and tomorrow, whatever other texts there are. Two rare terms
share a number now and then; two papers hardly ever share several such.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from digest.unicode_forms import normalise_unicode

WORDS = 1 << 19
"""Numbers for words: 0 to here. Pairs of words have as many again, from here on."""

TERMS = 2 * WORDS

_TITLE_COUNTS = 2
"""A word of the title counts as that many of the abstract."""

_LONGEST_TITLE = 1_000
_LONGEST_ABSTRACT = 10_000
"""Characters that are read; five times what arXiv lets an abstract have."""

_CACHED = 8_192
"""Papers whose terms are kept: about 3 kB each."""

_CACHED_WORDS = 65_536
"""Words whose checksum is kept: some 15 MB."""

_WORD = re.compile(r"[^\W_]+")
_ASCII_GAPS = {code: " " for code in range(128) if not chr(code).isalnum()}

_FILLER = frozenset(
    """
    about above across after again against all almost alone along already also although always am
    among an and another any anyone anything are around as at back be became because become becomes
    been before behind being below beside besides between beyond both but by can cannot could did do
    does doing done down due during each either else enough especially et etc even ever every
    everyone everything except few find first for former found from further furthermore get give
    given go had has have having he hence her here hers herself him himself his how however i if in
    indeed instead into is it its itself just keep last latter least less made make many may me
    meanwhile might mine more moreover most mostly much must my myself namely neither never
    nevertheless next no nobody none nor not nothing now of off often on once one only onto or other
    others otherwise our ours ourselves out over own part per perhaps please put quite rather re
    really same see seem seemed seeming seems several she should show side since so some someone
    something sometimes still such take than that the their theirs them themselves then there
    thereby therefore these they this those though three through throughout thus to together too
    toward towards two under until up upon us use used using various very via was we well were what
    whatever when whenever where whereas wherever whether which while who whoever whole whom whose
    why will with within without would yet you your yours
    """.split()  # noqa: SIM905 - a column of words reads better than a list of literals
)
"""Words that join others and say nothing of a paper."""


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The terms of one paper: their numbers, ascending, and 1 + ln of how often each is there."""

    numbers: NDArray[np.int32]
    weights: NDArray[np.float32]


@lru_cache(maxsize=_CACHED)
def terms_of(title: str, abstract: str) -> Terms:
    """The terms of a paper's title and abstract; none for a text without words. Never raises."""
    of_title = _numbers(title[:_LONGEST_TITLE])
    of_abstract = _numbers(abstract[:_LONGEST_ABSTRACT])
    every = np.array(of_title * _TITLE_COUNTS + of_abstract, dtype=np.int64)
    numbers, counts = np.unique(every, return_counts=True)
    weights = 1 + np.log(counts.astype(np.float32))
    return Terms(numbers.astype(np.int32), weights)


def plain_words(name: str) -> list[str]:
    """All words of a name in their order, initials too, without case and accents."""
    return _split(_plain(name))


def _numbers(text: str) -> list[int]:
    """The numbers of a text's words, without fillers, and of its pairs of words."""
    words = [known for word in _split(_plain(text)) if (known := _hashed(word))]
    singles = [crc % WORDS for crc, _ in words]
    # A checksum goes on from what stands before: this is that of "left right".
    return singles + [
        WORDS + zlib.crc32(after, crc) % WORDS for (crc, _), (_, after) in pairwise(words)
    ]


def _split(text: str) -> list[str]:
    """The words of a plain text in their order."""
    if text.isascii():  # five times as fast as the pattern
        return text.translate(_ASCII_GAPS).split()
    return _WORD.findall(text)


@lru_cache(maxsize=_CACHED_WORDS)
def _hashed(word: str) -> tuple[int, bytes] | None:
    """A word's checksum, and its octets as they follow another; ``None`` for a filler or a letter."""
    if len(word) < 2 or word in _FILLER:
        return None
    octets = _singular(word).encode()
    return zlib.crc32(octets), b" " + octets


def _plain(text: str) -> str:
    """A text without case and accents."""
    text = text.lower()
    if text.isascii():
        return text
    return "".join(
        char for char in normalise_unicode("NFKD", text) if not unicodedata.combining(char)
    )


def _singular(word: str) -> str:
    """A word without the ending of an English plural, as far as the last letters show one."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith("s") and len(word) > 3 and word[-2] not in "sui":
        return word[:-1]
    return word
