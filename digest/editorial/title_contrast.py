"""Tell how two titles that are not equal contradict each other: a number, a name, a swapped phrase.

A like title speaks for a sibling as much as for a revision: of one group's papers the titles differ
in just the word that matters ("… via X" and "… via Y", "Part I" and "Part II"). So it is looked at
the words in which they differ, and at which of them each abstract has for itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum

from digest.editorial.comparable_text import COMMONPLACE, FILLER, ComparableText
from digest.editorial.likeness import likeness
from digest.editorial.phrases import stem


class TitleContrast(IntEnum):
    """The strength with which two titles say that theirs are two papers.

    A ``SERIES`` are two papers whatever the abstracts say, a ``SIBLING`` is unless they are equal.
    """

    NONE = 0
    DOUBTFUL = 1
    SIBLING = 2
    SERIES = 3


METHOD_OPENERS = frozenset("via with using through by".split())  # noqa: SIM905 - as in prose
OPENERS = METHOD_OPENERS | frozenset(
    "for in on of from to at under across against towards without over as".split()  # noqa: SIM905
)
"""Words that open the phrase in which siblings differ: their method, their task, their language."""

SINGULAR = frozenset({"one", "single"})
"""Words that say no more than ``a``."""

LONGEST_NAME = 3
"""Words before a colon that are still a name; longer ones are a phrase."""

LONGEST_HEAD = 200
"""Characters before a colon that are looked at for a name."""

ALIKE_NAMES = 0.5
"""Likeness from which two names are of one family (``X-ASL`` and ``X-SL-25``), not a renaming."""

SPELLING = 0.7
"""Likeness from which two phrases are spellings of one (``hand-held``, ``handheld video``)."""

LITTLE_ELSE = 0.1
"""Part of the words in which two abstracts differ, from which a word that one title has more, and
its abstract, too, is what they differ in: of revisions it is one of thirty and more."""

LONG_REST = 5
"""Telling words after the colon that are seldom equal by accident."""

_NUMERAL = re.compile(
    r"(?!\dd$)(?:\d+[a-z]?|v\d*|[ivx]+|plus|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)$"
)
_DIGITS = re.compile(r"\d+")
_MADE_UP = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}|[A-Za-z]\d|\d[A-Za-z]")
_VERSION = re.compile(r"v\d+$")


def contrast_titles(text: ComparableText, other: ComparableText) -> TitleContrast:
    """The contrast of two titles that are not equal. Symmetric; never raises."""
    if _numbered_apart(text, other) or _named_alike(text, other):
        return TitleContrast.SERIES
    if _method_swapped(text, other):
        return TitleContrast.SIBLING
    if _renamed(text, other):
        return TitleContrast.NONE
    mine, theirs, openers = _differing(text.title.split(), other.title.split())
    telling = _telling(mine), _telling(theirs)
    if all(telling):
        swapped = _swapped(text, other, telling, openers)
        if swapped is not TitleContrast.NONE:
            return swapped
    elif added := _own(telling[0], text, other) + _own(telling[1], other, text):
        apart = text.content ^ other.content
        narrower = _opens(mine) or _opens(theirs) or len(added) >= LITTLE_ELSE * len(apart)
        return TitleContrast.SIBLING if narrower else TitleContrast.DOUBTFUL
    return TitleContrast.DOUBTFUL if _have_two_names(text, other) else TitleContrast.NONE


def _numbered_apart(text: ComparableText, other: ComparableText) -> bool:
    """True if titles, or their names, differ in numbers only, or count otherwise: a series."""
    if text.head and other.head and _numbered(text.head_words, other.head_words):
        return True
    words = text.title.split(), other.title.split()
    if _numbered(*words):
        return True
    versions = [{word for word in each if _VERSION.match(word)} for each in words]
    counts = [{word for word in each if word.isdigit()} for each in words]
    return versions[0] != versions[1] or (all(counts) and counts[0] != counts[1])


def _numbered(name: Sequence[str], other: Sequence[str]) -> bool:
    stems = [
        _DIGITS.sub("", "".join(w for w in words if not _NUMERAL.match(w)))
        for words in (name, other)
    ]
    return bool(stems[0]) and stems[0] == stems[1] and "".join(name) != "".join(other)


def _have_two_names(text: ComparableText, other: ComparableText) -> bool:
    """True for a name before the colon of each title, and not the same one, however inflected."""
    return (
        _has_name(text)
        and _has_name(other)
        and _inflected(text.head_words) != _inflected(other.head_words)
    )


def _has_name(text: ComparableText) -> bool:
    """True for a few words before the colon that are no mere phrase (``Mind the Gap``)."""
    if not 0 < len(text.head_words) <= LONGEST_NAME:
        return False
    head = text.written.partition(":")[0][:LONGEST_HEAD]
    return len(head.split()) == 1 or _MADE_UP.search(head) is not None


def _inflected(words: Sequence[str]) -> list[str]:
    """The stems of words; those with numbers as they are."""
    return [stem(word) if word.isalpha() else word for word in words]


def _named_alike(text: ComparableText, other: ComparableText) -> bool:
    """True for two names of one family before the colon, which are not one name."""
    if text.head == other.head:
        return False
    if not _have_two_names(text, other):
        return _have_one_family(text.head_words, other.head_words)
    return likeness(text.head, other.head) >= ALIKE_NAMES or bool(
        set(_telling(text.head_words)).intersection(_telling(other.head_words))
    )


def _have_one_family(words: Sequence[str], other: Sequence[str]) -> bool:
    """True for phrases of the same length that go on otherwise after one rare word."""
    return (
        2 <= len(words) == len(other) <= LONGEST_NAME
        and words[0] == other[0]
        and words[0] not in COMMONPLACE
        and words[0] not in FILLER
        and _inflected(words) != _inflected(other)
    )


def _renamed(text: ComparableText, other: ComparableText) -> bool:
    """True if the names before the colon differ, and a long rest of the title does not."""
    if not _have_two_names(text, other):
        return False
    rest = text.title.split()[len(text.head_words) :]
    return rest == other.title.split()[len(other.head_words) :] and len(_telling(rest)) >= LONG_REST


def _method_swapped(text: ComparableText, other: ComparableText) -> bool:
    """True if each title names its own method ("via X"), and its own abstract alone has it.

    Under one name two methods have to have nothing in common.
    """
    mine, theirs = _method(text.title.split()), _method(other.title.split())
    if text.head and text.head == other.head and set(mine) & set(theirs):
        return False
    return bool(
        _own([word for word in mine if word not in theirs], text, other)
        and _own([word for word in theirs if word not in mine], other, text)
    )


def _method(words: Sequence[str]) -> list[str]:
    """The telling words of the last phrase that ``via`` or the like opens."""
    for place in range(len(words) - 1, -1, -1):
        if words[place] in METHOD_OPENERS:
            rest = words[place + 1 :]
            end = next((i for i, word in enumerate(rest) if word in OPENERS), len(rest))
            return _telling(rest[:end])
    return []


def _swapped(
    text: ComparableText,
    other: ComparableText,
    telling: tuple[list[str], list[str]],
    openers: frozenset[str],
) -> TitleContrast:
    """The contrast of two phrases of which one stands where the other does, each abstract with its own.

    Where ``for`` or the like opens them it is enough that one abstract has its own, and where ``via``
    or the like does that they are two phrases.
    """
    mine, theirs = telling
    if likeness(" ".join(mine), " ".join(theirs)) >= SPELLING:
        return TitleContrast.NONE
    own = _own(mine, text, other), _own(theirs, other, text)
    if openers and not set(mine) & set(theirs):
        if openers <= METHOD_OPENERS:
            return TitleContrast.SERIES
        return TitleContrast.SIBLING if any(own) else TitleContrast.NONE
    named = bool(text.head) and text.head == other.head
    return TitleContrast.SIBLING if all(own) and not named else TitleContrast.NONE


def _own(words: Sequence[str], text: ComparableText, other: ComparableText) -> list[str]:
    """Those of ``words`` that the abstract of ``one`` has and the other abstract lacks."""
    return [word for word in words if word in text.content and word not in other.content]


def _telling(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in FILLER and word not in SINGULAR]


def _differing(
    words: Sequence[str], other: Sequence[str]
) -> tuple[Sequence[str], Sequence[str], frozenset[str]]:
    """The span in which two titles differ, of each, and the prepositions that open them.

    Both spans are empty where less than half of the shorter title is common to both.
    """
    shorter = min(len(words), len(other))
    start = next((i for i in range(shorter) if words[i] != other[i]), shorter)
    left = shorter - start
    end = next((i for i in range(left) if words[-1 - i] != other[-1 - i]), left)
    if 2 * (start + end) < shorter:
        return (), (), frozenset()
    mine, theirs = words[start : len(words) - end], other[start : len(other) - end]
    before = [word for word in words[:start] if word in OPENERS][-1:]
    openers = [word for span in (mine, theirs) for word in (span[:1] if _opens(span) else before)]
    return mine, theirs, frozenset(openers)


def _opens(span: Sequence[str]) -> bool:
    return bool(span) and span[0] in OPENERS
