"""Put the lines of one text together again, hyphens at their ends included."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

_ENDS_HYPHENATED = re.compile(r"[^\W\d_]{2}-$")
_ADDRESS_BREAK = re.compile(r"://[^\s]{1,200}[/_-]$")
_COMPOUND = re.compile(r"\b([^\W\d_]{2,})-([^\W\d_]{2,})\b")
_WORD = re.compile(r"[^\W\d_]{4,}")
_NEVER = 1 << 30
_TOO_LONG = 30
"""Characters. A "word" of that length at a line's end is an address or a formula."""
_PREFIX_WORDS = """
self non pre post multi semi co re cross inter intra meta state high low long short well real one two
three zero few single large small fine end open closed vision text image video audio human model data
task time test train in on off out over under sub super hyper auto bi tri uni half full cost so
"""
_PREFIXES = frozenset(_PREFIX_WORDS.split())


class Hyphens:
    """Knows which words of a page are written with a hyphen, and which only at the ends of lines."""

    def __init__(self, lines: Iterable[str], width: int = 0) -> None:
        self.width = width or _NEVER
        self.compounds: set[str] = set()
        self.words: set[str] = set()
        broken: list[tuple[str, str]] = []
        before = ""
        for line in lines:
            if before.endswith("-") and _ENDS_HYPHENATED.search(before):
                broken.append((before, line))
            before = line
        if not broken:
            self.drops = False
            return
        self._learn(broken)

    def _learn(self, broken: Sequence[tuple[str, str]]) -> None:
        self.drops = False
        self.broken = broken

    def know(self, texts: Iterable[str]) -> None:
        """Learn the words of the page; then settle what a hyphen at a line's end mostly means."""
        if not getattr(self, "broken", None):
            return
        for text in texts:
            lowered = text.lower()
            if "-" in lowered:
                self.compounds.update(match[0] for match in _COMPOUND.finditer(lowered))
            self.words.update(_WORD.findall(lowered))
        kept = dropped = 0
        for before, after in self.broken:
            first, second = _halves(before, after)
            if f"{first}-{second}" in self.compounds or first in _PREFIXES:
                kept += 1
            elif first + second in self.words:
                dropped += 1
        self.drops = dropped > kept

    def join(self, parts: Sequence[str]) -> str:
        """The parts as one text."""
        if len(parts) == 1:
            return parts[0]
        out = parts[0]
        for before, part in pairwise(parts):
            if (part and len(before) >= self.width and _cut_inside(before, part)) or (
                part and _ADDRESS_BREAK.search(before)
            ):
                out += part
            elif not _ends_in_word_hyphen(out):
                out = f"{out} {part}" if part else out
            elif self._drop(out, part):
                out = out[:-1] + part
            else:
                out += part
        return out

    def _drop(self, before: str, after: str) -> bool:
        """Tell whether the hyphen is only the break's, not the word's."""
        if not after[:1].islower() or not _ENDS_HYPHENATED.search(before):
            return False
        first, second = _halves(before, after)
        if f"{first}-{second}" in self.compounds:
            return False
        if first + second in self.words:
            return True
        return self.drops and first not in _PREFIXES


def join_plain(parts: Sequence[str]) -> str:
    """The parts as one text, where a hyphen at a line's end is the word's own."""
    out = parts[0] if parts else ""
    for part in parts[1:]:
        out = out + part if _ends_in_word_hyphen(out) else f"{out} {part}"
    return out


def _ends_in_word_hyphen(text: str) -> bool:
    return text.endswith("-") and len(text) > 1 and (text[-2].isalnum() or text[-2] in "}])")


def _cut_inside(before: str, after: str) -> bool:
    """Tell whether a wrapper cut a word that was longer than its lines."""
    last = len(before) - before.rfind(" ") - 1
    return last >= _TOO_LONG and before[-1].isalnum() and after[0].isalnum()


def _halves(before: str, after: str) -> tuple[str, str]:
    first = re.split(r"[^\w]", before[:-1])[-1].lower()
    word = re.match(r"[^\W\d_]+", after)
    return first, word[0].lower() if word else ""
