"""The likeness of two texts as strings, by the one library that measures it."""

from __future__ import annotations

from collections.abc import Sequence


def likeness(text: str | Sequence[str], other: str | Sequence[str]) -> float:
    """The likeness of two texts or lists of words, 0 to 1 (normalised indel similarity)."""
    # Loaded here: a dump whose papers share no key is compared without it.
    from rapidfuzz import fuzz

    return fuzz.ratio(text, other) / 100


def nearest_words(word: str, words: Sequence[str], most: int) -> list[tuple[str, int]]:
    """The words that at most so many slips make of ``word``, with their number, the nearest first.

    A slip is a letter too many, too few, another, or two in each other's place (optimal string
    alignment distance). At most 40 words.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    found = process.extract(word, words, scorer=OSA.distance, score_cutoff=most, limit=40)
    return [(other, int(slips)) for other, slips, _ in found]
