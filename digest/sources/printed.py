"""Take a print's running heads and page numbers out of its text, so that paragraphs go on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_EDGE = 2
"""Lines at the top and at the foot of a page that may be a running head or a number."""
_FIGURES = re.compile(r"\d{1,9}")
_ENDS = (".", "?", "!", ":", "”", '"', ")")
_LONGEST = 120


def without_running_heads(text: str) -> str:
    """The text without what stands at the edge of most of its pages, which form feeds part."""
    if text.count("\f") < 2:
        return text
    pages = [page.strip("\n").split("\n") for page in text.split("\f") if page.strip()]
    heads = _repeated([_masked(page[:_EDGE]) for page in pages])
    feet = _repeated([_masked(page[-_EDGE:]) for page in pages])
    whole: list[str] = []
    for page in pages:
        lines = _trimmed(_trimmed(page, heads)[::-1], feet)[::-1]
        if whole and lines and whole[-1].rstrip().endswith(_ENDS):
            whole.append("")
        whole += lines
    return "\n".join(whole)


def _masked(lines: Sequence[str]) -> set[str]:
    """The lines with their figures alike, so that a page's number is any page's number."""
    return {_FIGURES.sub("#", line.strip()) for line in lines if 0 < len(line.strip()) <= _LONGEST}


def _repeated(edges: Sequence[set[str]]) -> set[str]:
    """The lines at the edge of at least half of the pages."""
    counts = Counter(line for edge in edges for line in edge)
    return {line for line, count in counts.items() if count >= 2 and count * 2 >= len(edges)}


def _trimmed(lines: Sequence[str], repeated: set[str]) -> list[str]:
    """The lines without the repeated ones, and the blank ones, that they begin with."""
    start = 0
    while start < min(len(lines), 2 * _EDGE) and (
        not lines[start].strip() or _FIGURES.sub("#", lines[start].strip()) in repeated
    ):
        start += 1
    return list(lines[start:])
