"""Real abstracts, where they are, and the rules that a summary of them keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from digest.editorial.openings import without_opening
from digest.editorial.sentences import is_whole, sentences
from digest.editorial.summary import BRIEF_LENGTH, SUMMARY_LENGTH, summarise
from digest.latex import readable

# A macro, mathematics, a group, emphasis, or a name that lost its backslash at a number.
_MARKUP = re.compile(r"\\[A-Za-z]|\$[^$\d]|[\^_]\{|\{[a-z]+ |\*\*|\d(?:times|circ)\b")


def real_abstracts(folder: Path) -> list[str]:
    """Every abstract of the dumps (lines too long for a title) and of the daily lists, once."""
    found: dict[str, None] = {}
    for dump in sorted((folder / "dumps").glob("*.txt")):
        for line in dump.read_text(encoding="utf-8").splitlines():
            if len(line) > 300:
                found[line] = None
    for day in sorted((folder / "hf").glob("*.json")):
        for item in json.loads(day.read_text(encoding="utf-8")):
            found[item["paper"].get("summary") or ""] = None
    return [abstract for abstract in found if abstract]


def broken_rules(abstract: str) -> Iterator[str]:
    """The names of the rules that the summary of ``abstract`` breaks."""
    said = summarise(abstract)
    own = sentences(readable(abstract))
    for part, most, longest in ((said.summary, 2, SUMMARY_LENGTH), (said.brief, 1, BRIEF_LENGTH)):
        chosen = made_of(part, own, most)
        if part and (chosen is None or not all(map(is_whole, chosen))):
            yield "cut"
        if len(part) > longest:
            yield "too long"
        if _MARKUP.search(part):
            yield "markup"


def made_of(part: str, own: tuple[str, ...], most: int) -> tuple[str, ...] | None:
    """The sentences, at most ``most`` and in order, that ``part`` is made of.

    The first may lack an opening that points back.
    """
    for number in range(1, most + 1):
        for chosen in combinations(own, number):
            if part in (" ".join(chosen), without_opening(" ".join(chosen))):
                return chosen
    return None
