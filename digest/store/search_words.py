"""Words of a text as a search compares them, the same for papers and for queries.

Letters are compared without case and accents; a Greek letter that stands alone is its name; scripts
that put no blanks between words are taken letter by letter. Parts that a hyphen or another joint
holds together are words of their own, and together one more: *k-NN* is *k*, *nn* and *knn*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from digest.unicode_forms import normalise_unicode

LONGEST_WORD = 60
"""Letters of a word that count."""

_MARKS = "\u0300-\u036f"
_NO_BLANKS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Kana, Han and Hangul, whose words nothing parts, or not always."""
_JOINTS = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212'\u2019/^.&_:")
_PART = re.compile(
    rf"(?P<letter>[{_NO_BLANKS}])|(?P<word>(?:(?![{_NO_BLANKS}])[^\W_]|[{_MARKS}])+)"
    r"(?P<sign>\+\+|#)?"
)
_LETTER = re.compile(f"[{_NO_BLANKS}]")
_MARK = re.compile(f"[{_MARKS}]")
_SIGNS = {"++": "plusplus", "#": "sharp"}
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ς": "σ"}
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
         "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi",
         "psi", "omega"),
        strict=True,
    )
)  # fmt: skip

STOP_WORDS = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "by", "can", "for", "from", "has", "have", "in",
     "into", "is", "it", "its", "of", "on", "or", "that", "the", "their", "this", "to", "via", "we",
     "what", "when", "which", "with")
)  # fmt: skip
"""Words so common that a search asks for them only where they stand in a phrase."""


@dataclass(frozen=True, slots=True)
class Part:
    """A word where it stands in a text: ``text[start:end]``, folded.

    ``sign`` is the folded word with the sign after it (*cplusplus*); ``joined`` says that only a
    joint (a hyphen, a dot) is between it and the word before.
    """

    start: int
    end: int
    word: str
    sign: str = ""
    joined: bool = False


@lru_cache(200_000)
def fold(word: str) -> str:
    """The word without case, accents and forms: *Café* is *cafe*, *R²* is *r2*, *α* is *alpha*."""
    if not word.isascii():
        # Marks first alone, so that those of Kana, which tell one letter from another, stay.
        bare = _MARK.sub("", normalise_unicode("NFKD", word).casefold())
        word = normalise_unicode("NFKC", bare).translate(_PLAIN)
        word = "".join(filter(str.isalnum, _GREEK.get(word, word)))
    return word.lower()[:LONGEST_WORD]


def parts(text: str, start: int = 0) -> Iterator[Part]:
    """The words of ``text`` from ``start`` on, in order."""
    end = -1
    for match in _PART.finditer(text, start):
        letter = match["letter"]
        word = fold((letter or match["word"])[:LONGEST_WORD])
        if not word:
            continue
        start = match.start()
        joined = not letter and start == end + 1 and text[end] in _JOINTS
        sign = match["sign"] or ""
        if sign and text[match.end() : match.end() + 1].isalnum():
            sign = ""
        end = match.end()
        yield Part(start, end, word, word + _SIGNS[sign] if sign else "", joined)
        if letter:
            end = -1


def chains(found: list[Part]) -> Iterator[list[Part]]:
    """The words that joints hold together, each such run of them."""
    run: list[Part] = []
    for part in found:
        if not part.joined and run:
            yield run
            run = []
        run.append(part)
    if run:
        yield run


def compounds(found: list[Part]) -> Iterator[str]:
    """The further words that those of ``found`` make: with their signs, and joined to each other."""
    for run in chains(found):
        for part, following in zip(run, [*run[1:], None], strict=True):
            if part.sign:
                yield part.sign
            if following is not None:
                yield (part.word + following.word)[:LONGEST_WORD]
        if len(run) > 2:
            yield "".join(part.word for part in run)[:LONGEST_WORD]


def is_joint(char: str) -> bool:
    """True for a hyphen, a dot or whatever else holds the parts of a word together."""
    return char in _JOINTS


def is_letter(char: str) -> bool:
    """True for a letter of a script that is searched letter by letter."""
    return _LETTER.match(char) is not None
