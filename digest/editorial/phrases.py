"""Words of a title or an abstract as comparable stems, and the known phrases found among them.

Phrases are matched on light stems, so that "prunes", "pruned" and "pruning" are one word while
"generation", "general" and "generic" stay three (Porter's stemmer makes them one). Everything
here is linear in the text, and the text is cut first: a page of nonsense costs what a page costs.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

BREAK = "."
"""Stands between sentences; no phrase reaches across it."""

LONGEST_WORD = 40
"""Characters of a word that count; the longest plain word of 2 652 real abstracts has 23."""

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
_ENDINGS = (("ings", 3), ("ing", 3), ("edly", 3), ("ed", 3), ("ions", 5), ("ion", 5), ("ness", 5),
            ("es", 4), ("e", 4), ("s", 3))  # fmt: skip
_VERBAL = ("ings", "ing", "edly", "ed")
_SHORT = re.compile("[^aeiou][aeiou][^aeiouwxy]")


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
        return word[:-3] + "y"
    if word.endswith(("ss", "us", "is")):
        return word
    word = _bare(word)
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word


def _bare(word: str) -> str:
    """Without its ending; what would leave three letters keeps an ``e``: gating → gate, not gat."""
    for ending, least in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest == word or len(rest) < least or not _VOWEL.search(rest):
            continue
        return rest + "e" if ending in _VERBAL and _SHORT.fullmatch(rest) else rest
    return word


@dataclass(frozen=True, slots=True)
class StemmedWords:
    """A text as stems in order, :data:`BREAK` between sentences, beside the words as written."""

    stems: tuple[str, ...]
    written: tuple[str, ...]


def stem_words(text: str, limit: int) -> StemmedWords:
    """At most ``limit`` words of ``text``; characters beyond ``12 × limit`` are not looked at.

    Markup is looked through: ``$\\mu$Flow``, ``\\textbf{x}`` and the half-stripped ``textbf{x}``
    give their words.
    """
    plain = _CLIPPED_COMMAND.sub(" ", _LATEX.sub(" ", text[: 12 * limit]))
    in_text = _WORD.findall(plain)[:limit]
    return StemmedWords(tuple(map(_stem_as_written, in_text)), tuple(in_text))


@lru_cache(maxsize=1 << 16)
def _stem_as_written(word: str) -> str:
    return stem(word[:LONGEST_WORD].casefold()) if word.isalnum() else BREAK


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


def phrase_key(phrase: str) -> str:
    """The form under which a phrase of a lexicon is looked up."""
    return " ".join(word for word in stem_words(phrase, 40).stems if word != BREAK)


def pieces(text: str) -> Iterator[tuple[str, str, int]]:
    """The words and word pairs of a description as (key, as written, words), without fillers."""
    read_ = stem_words(text, 400)
    before: tuple[str, str] | None = None
    for stem_, written in zip(read_.stems, read_.written, strict=True):
        if stem_ == BREAK or len(stem_) < 3 or _FILLERS.fullmatch(stem_):
            before = None
            continue
        yield stem_, written, 1
        if before:
            yield f"{before[0]} {stem_}", f"{before[1]} {written}", 2
        before = (stem_, written)


def beginnings(keys: Iterable[str]) -> frozenset[str]:
    """Give what :func:`find_phrases` needs to know when to stop: every key without its last words."""
    return frozenset(key[:place] for key in keys for place, sign in enumerate(key) if sign == " ")


def find_phrases(
    stems: Sequence[str], known: Container[str], begun: Container[str]
) -> list[tuple[int, int, str]]:
    """Every known phrase as (start, end, key), none inside a longer one.

    ``begun`` has the :func:`beginnings` of the known. "Segmentation" within "medical image
    segmentation" does not count where both are known: the longest phrase says what is meant.
    """
    hits: list[tuple[int, int, str]] = []
    reach = 0
    for start, phrase in enumerate(stems):
        end = start + 1
        best, best_end = (phrase, end) if phrase in known else ("", 0)
        while phrase in begun and end < len(stems) and stems[end] != BREAK:
            phrase = f"{phrase} {stems[end]}"
            end += 1
            if phrase in known:
                best, best_end = phrase, end
        if best_end > reach:
            reach = best_end
            hits.append((start, best_end, best))
    return hits
