"""The stem of an English word, so that *pruning* finds *pruned*.

M. F. Porter, *An algorithm for suffix stripping*, Program 14(3), 1980. It is here rather than left to
the databases because each has its own (FTS5 this one, PostgreSQL a later one that drops words too),
and a search has to find the same on both.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST_STEMMED = 40
"""Letters: what is longer is no English word, and stays as it is."""

_WORD = re.compile(r"[a-z]{3,40}")
_STEP_2 = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"),
    ("abli", "able"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"),
    ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"),
    ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
)  # fmt: skip
_STEP_3 = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"),
    ("ful", ""), ("ness", ""),
)  # fmt: skip
_STEP_4 = (
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous",
    "ive", "ize", "ion", "al", "er", "ic", "ou",
)  # fmt: skip


@lru_cache(200_000)
def stem(word: str) -> str:
    """The stem of a word in small letters; the word itself if it is not of three letters a–z or more."""
    if not _WORD.fullmatch(word):
        return word
    word = _without_ending(_without_plural(word))
    word = _replaced(word, _STEP_2)
    word = _replaced(word, _STEP_3)
    for suffix in _STEP_4:
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            if _measure(rest) > 1 and (suffix != "ion" or rest.endswith(("s", "t"))):
                word = rest
            break
    return _tidied(word)


def _shape(word: str) -> str:
    """The word as ``v`` for each vowel and ``c`` for each consonant."""
    shape = ""
    for letter in word:
        is_vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if is_vowel else "c"
    return shape


def _measure(word: str) -> int:
    """The number of vowel-consonant sequences: *m* in the paper."""
    return _shape(word).count("vc")


def _ends_short(word: str) -> bool:
    """True for a word that ends like *hop*: *\\*o* in the paper."""
    return _shape(word)[-3:] == "cvc" and word[-1] not in "wxy"


def _without_plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def _without_ending(word: str) -> str:
    if word.endswith("eed"):
        word = word[:-1] if _measure(word[:-3]) > 0 else word
    else:
        for suffix in ("ed", "ing"):
            rest = word.removesuffix(suffix)
            if rest != word:
                word = _restored(rest) if "v" in _shape(rest) else word
                break
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = word[:-1] + "i"
    return word


def _restored(word: str) -> str:
    """Mend what is left of a word without *-ed* or *-ing*: *hopp* to *hop*, *prun* to *prune*."""
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if len(word) > 1 and word[-1] == word[-2] and word[-1] not in "aeioulsz":
        return word[:-1]
    if _measure(word) == 1 and _ends_short(word):
        return word + "e"
    return word


def _replaced(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    for suffix, other in endings:
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            return rest + other if _measure(rest) > 0 else word
    return word


def _tidied(word: str) -> str:
    if word.endswith("e"):
        rest = word[:-1]
        if _measure(rest) > 1 or (_measure(rest) == 1 and not _ends_short(rest)):
            word = rest
    if word.endswith("ll") and _measure(word[:-1]) > 1:
        word = word[:-1]
    return word
