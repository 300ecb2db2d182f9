"""Classify the change of a remembered paper's text: none, a shorter form of it, or a new wording.

Sources cut abstracts, leave them out or put a one-sentence summary of their own in their place.
None of that is news about the paper; other words are.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum

from digest.editorial.normalise import normalised, without_addresses
from digest.editorial.signature import containment, shingles

COPY_EDIT = 2
"""Words that may go or come without a reader caring: a typo mended, a torn macro, "e.g." spelt out.
A changed number is never a copy edit."""

SUMMARY_WORDS = 60
"""A page's own one-sentence summary has 15 to 45 words, an abstract seldom fewer than 80."""

EXCERPT = 0.9
"""How much of a cut text's phrases stand in the full one: all but those at the seams of the cut."""

_FINISHED = re.compile(r"[.!?。！？][\"'”’)\]}$]*\s*$")
_CUT = re.compile(r"(?:…|\.\.\.|\[…\])\s*$")
_ADDRESS_AT_END = re.compile(r"https?://\S+\s*$")


class Wording(Enum):
    """A text beside the remembered text of the same paper."""

    SAME = "same"
    SHORTER = "shorter"
    FULLER = "fuller"
    CHANGED = "changed"


def compare_wording(text: tuple[str, str], remembered: tuple[str, str]) -> Wording:
    """Tell how ``text`` (title, abstract) differs from ``remembered`` (title, abstract)."""
    if _retitled(_words(text[0]), _words(remembered[0])):
        return Wording.CHANGED
    return _abstract(text[1], remembered[1])


def _retitled(words: list[str], other: list[str]) -> bool:
    """Tell whether the title changed by more than a letter or two at the end of a word."""
    if "".join(words) == "".join(other):
        return False
    gone, come = sorted(Counter(words) - Counter(other)), sorted(Counter(other) - Counter(words))
    return len(words) != len(other) or any(
        any(map(str.isdigit, before + after)) or not _same_stem(before, after)
        for before, after in zip(gone, come, strict=False)
    )


def _same_stem(word: str, other: str) -> bool:
    shared = max(len(word), len(other)) - 2
    return shared >= 4 and word[:shared] == other[:shared]


def _abstract(text: str, remembered: str) -> Wording:
    words, other = _words(text), _words(remembered)
    if not _words_changed(words, other):
        return Wording.SAME
    if not words or not other:
        return Wording.FULLER if words else Wording.SHORTER
    if len(words) < len(other):
        return Wording.SHORTER if _stands_for(text, words, other) else Wording.CHANGED
    return Wording.FULLER if _stands_for(remembered, other, words) else Wording.CHANGED


def _stands_for(short: str, words: list[str], whole: list[str]) -> bool:
    """Tell whether ``short`` is a piece or a summary of the whole rather than another version."""
    if len(words) < SUMMARY_WORDS and len(words) < 0.6 * len(whole):
        return True
    if containment(shingles(words, 3), shingles(whole, 3)) < EXCERPT:
        return False
    broken = _CUT.search(short) or not (_FINISHED.search(short) or _ADDRESS_AT_END.search(short))
    return bool(broken) or len(words) < 0.75 * len(whole)


def _words(text: str) -> list[str]:
    return normalised(without_addresses(text)).split()


def _words_changed(words: list[str], other: list[str]) -> bool:
    if "".join(words) == "".join(other):
        return False
    gone, come = Counter(words) - Counter(other), Counter(other) - Counter(words)
    if not words or not other or max(gone.total(), come.total()) > COPY_EDIT:
        return True
    return any(char.isdigit() for word in (*gone, *come) for char in word)
