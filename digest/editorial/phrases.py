"""Words of a title or an abstract as comparable stems, and the known phrases found among them.

Phrases are matched on light stems, so that "prunes", "pruned" and "pruning" are one word while
"generation", "general" and "generic" stay three (Porter's stemmer makes them one). Everything
here is linear in the text, and the text is cut first: a page of nonsense costs what a page costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

BREAK = "."
"""Stands between sentences; no phrase reaches across it."""

LONGEST_WORD = 40
"""Characters of a word that count; the longest word of the field's own terms has 34."""

_LATEX = re.compile(r"\\(?:[a-zA-Z]+\*?|.)|[${}^_~]")
_CLIPPED_COMMAND = re.compile(
    r"\b(?:text(?:bf|it|tt|sc|sf|rm|sl|up)|math(?:bf|cal|bb|rm|it|sf)|emph|underline)(?=[\s{]|[A-Z])"
)
_WORD = re.compile(r"[^\W_]+|[.!?](?=\s|$)|[:;]")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_VERSION = re.compile(r"(?<=[a-z]{3})v?\d+[a-z]?$")
_VOWEL = re.compile(r"[aeiouy]")
_BRITISH = (("isation", "ization"), ("ising", "izing"), ("ised", "ized"), ("isers", "izers"),
            ("iser", "izer"), ("ises", "izes"), ("ise", "ize"), ("our", "or"), ("ourable", "orable"),
            ("elling", "eling"), ("elled", "eled"), ("ogue", "og"), ("yse", "yze"))  # fmt: skip
_SPELLED_SO = re.compile(
    "precise|concise|otherwise|noised?|exercise|(?:un|super|a)?r(?:a|i)s(?:e|ing|ed)|arising|wise"
    "|advised?|promise|premise|enterprise|likewise|expertise|f?y?our|hour|pour|tour|disguise"
    "|surprise|(?:un)?supervis(?:e|ed|ing)|(?:re|de)vis(?:e|ed|ing)|compris(?:e|es|ed|ing)"
    "|compromise|raised?|raising"
)
_ENDINGS = ("ings", "ing", "edly", "ed", "ions", "ion", "ness", "es", "e", "s")


_FILLERS = re.compile(
    "and|the|for|with|from|into|that|this|their|its|are|was|were|how|what|who|why|when|where|which"
    "|not|but|such|other|others|also|more|most|than|over|under|between|among|about|across|within"
    "|through|against|without|all|any|each|both|new|use|us|paper|study|model|method|result|effect"
)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of one lower-case word: no plural, no ``-ing``, ``-ed``, ``-ion``, no version."""
    if len(word) < 4 or not word.isascii():
        return word
    word = _VERSION.sub("", word)
    if not _SPELLED_SO.fullmatch(word):
        for british, american in _BRITISH:
            if word.endswith(british) and len(word) > len(british) + 2:
                word = word[: -len(british)] + american
                break
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("ss", "us", "is")):
        return word
    else:
        for ending in _ENDINGS:
            if word.endswith(ending):
                rest = word[: -len(ending)]
                least = 5 if ending in ("ion", "ions", "ness") else 3
                if len(rest) >= least and _VOWEL.search(rest):
                    word = rest
                    break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word


@dataclass(frozen=True, slots=True)
class Words:
    """A text as stems in order, :data:`BREAK` between sentences, beside the words as written."""

    stems: tuple[str, ...]
    written: tuple[str, ...]


def read(text: str, limit: int) -> Words:
    """At most ``limit`` words of ``text``; characters beyond ``12 × limit`` are not looked at.

    Markup is looked through: ``$\\mu$Flow``, ``\\textbf{x}`` and the half-stripped ``textbf{x}``
    give their words.
    """
    plain = _CLIPPED_COMMAND.sub(" ", _LATEX.sub(" ", text[: 12 * limit]))
    found = _WORD.findall(plain)[:limit]
    return Words(
        tuple(stem(word[:LONGEST_WORD].casefold()) if word.isalnum() else BREAK for word in found),
        tuple(found),
    )


def humps(text: str, limit: int) -> list[str]:
    """The parts of the coined words in a title: ``FuzzCoder`` → fuzz, coder; ``FEABench`` → bench."""
    parts: list[str] = []
    for word in re.findall(r"[A-Za-z]{5,40}", text[: 12 * limit])[:limit]:
        pieces = _HUMP.split(word)
        if len(pieces) > 1:
            parts += [BREAK, *(stem(piece.lower()) for piece in pieces)]
        elif word.lower().endswith("bench") and len(word) > 5:
            parts += [BREAK, "bench"]
    return parts


def key(phrase: str) -> str:
    """The form under which a phrase of a lexicon is looked up."""
    return " ".join(word for word in read(phrase, 40).stems if word != BREAK)


def pieces(text: str) -> Iterator[tuple[str, str, int]]:
    """The words and word pairs of a description as (key, as written, words), without fillers."""
    read_ = read(text, 400)
    before: tuple[str, str] | None = None
    for stem_, written in zip(read_.stems, read_.written, strict=True):
        if stem_ == BREAK or len(stem_) < 3 or _FILLERS.fullmatch(stem_):
            before = None
            continue
        yield stem_, written, 1
        if before:
            yield f"{before[0]} {stem_}", f"{before[1]} {written}", 2
        before = (stem_, written)


def find(
    stems: Sequence[str], known: Mapping[str, object], longest: int
) -> list[tuple[int, int, str]]:
    """Every known phrase as (start, end, key), none inside a longer one.

    "Segmentation" within "medical image segmentation" does not count where both are known: the
    longest phrase says what is meant. Linear in ``len(stems)`` for a fixed ``longest``.
    """
    hits: list[tuple[int, int, str]] = []
    reach = 0
    for start, first in enumerate(stems):
        if first == BREAK:
            continue
        phrase, best = first, ("", 0)
        end = start + 1
        while True:
            if phrase in known:
                best = (phrase, end)
            if end - start == longest or end == len(stems) or stems[end] == BREAK:
                break
            phrase = f"{phrase} {stems[end]}"
            end += 1
        if best[1] > reach:
            reach = best[1]
            hits.append((start, best[1], best[0]))
    return hits
