"""The likeness of two texts as strings, by the one library that measures it."""

from __future__ import annotations

from collections.abc import Sequence


def likeness(text: str | Sequence[str], other: str | Sequence[str]) -> float:
    """The likeness of two texts or lists of words, 0 to 1 (normalised indel similarity)."""
    # Loaded here: a dump whose papers share no key is compared without it.
    from rapidfuzz import fuzz

    return fuzz.ratio(text, other) / 100
