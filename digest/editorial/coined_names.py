"""The names that an abstract gives to new things, and what can be said of a sentence without them.

"Experiments show that LampNet burns longest" is a riddle where nothing shown has said what LampNet is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["but_for_its_data", "coined_names", "without_unknown_opening"]

_COINED = re.compile(
    r"\b(?:propos|introduc|present|develop|dub|call|nam|term|buil|construct|creat|releas|train|design|obtain|collect|curat|compil|motivat|instantiat|implement|realiz|deriv)\w*,? "
    r"(?:[a-z][\w-]*,? ){0,3}?([A-Z][\w+-]*[A-Z0-9][\w-]*)"
)
_IN_QUOTES = re.compile(r"[\"“]([A-Z][a-z]{1,20}[A-Z][\w-]{0,30})[\"”]")
_APPOSED = re.compile(
    r"(?:[,:]|\band) ([A-Z][\w+]*(?:-[A-Z][\w]*)+|[A-Z][a-z]+[A-Z]\w*), (?:an?|which)\b"
)
# "Based on LampNet, we …": what it is based on goes where it has not been said.
_WITH_A_NAME = re.compile(
    r"(?:leveraging|using|(?:based|building|built|relying|trained) (?:up)?on|with|powered by|equipped with|given|through|via) "
    r"[^,.;:()]{2,60}, (?=(?:we|our|this (?:paper|work))\b)",
    re.IGNORECASE,
)
_SAYING_MORE = (
    "show",
    "demonstrat",
    "reveal",
    "indicat",
    "confirm",
    "suggest",
    "that ",
    ", we ",
    ", our ",
    "perform",
)


def coined_names(written: Sequence[str]) -> dict[str, int]:
    """The names that the sentences ``written`` give, each with the place of the first that does."""
    coined: dict[str, int] = {}
    for place, text in enumerate(written):
        for name in _coined(text):
            coined.setdefault(name, place)
    return coined


def _coined(text: str) -> Iterator[str]:
    """The names that a sentence gives to something new, the first few."""
    yield from _COINED.findall(text)[:2]
    if '"' in text or "“" in text:
        yield from _IN_QUOTES.findall(text)[:2]
    if ", a" in text or ", which " in text:
        yield from _APPOSED.findall(text)[:2]


def but_for_its_data(text: str) -> str:
    """``text`` but for "on LampBench and MothSet" at its end: a name there is that of some data."""
    said, on, data = text.rpartition(" on ")
    return text if not on or any(word in data for word in _SAYING_MORE) else said


def without_unknown_opening(text: str, unknown: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """``text`` without "Using LampNet, " if that name has not been said; and the names that stay."""
    opening = _WITH_A_NAME.match(text)
    if opening is None or not any(name in opening[0] for name in unknown):
        return text, unknown
    rest = text[opening.end() :]
    return rest[:1].upper() + rest[1:], tuple(name for name in unknown if name in rest)
