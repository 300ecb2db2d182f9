"""Part a file that holds several captures, one after the other, into its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.sources.chrome import is_promotion
from digest.sources.lines import Line

_MOST_NOTES = 40
_KEY = re.compile(
    r"^(?:url|source|title|date|retrieved|exported|type|author|captured|tags)\b[^:\n]{0,20}:",
    re.I,
)
_LEAST_TEXT = 60
"""Characters. Beyond this a line is a text, and what stands above a page's header is over."""


def segments(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """The pages of a file: a new one begins where the header of a papers page comes again."""
    starts = [0]
    texts = 0
    fresh = 0
    for index, line in enumerate(lines):
        if len(line.text) <= 80 and is_promotion(line.text):
            if texts >= 2:
                starts.append(max(fresh, starts[-1] + 1))
                texts = 0
            fresh = index + 1
        elif len(line.text) > _LEAST_TEXT:
            texts += 1
            fresh = index + 1
        elif line.text.strip("#* ").lower() not in ("new", ""):
            fresh = index + 1
    return [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def captures(text: str) -> list[tuple[str, str, int]]:
    """The captures in a text: what its saver noted above each, its body, and the lines before it.

    A capture begins with the YAML block that some savers put at its top.
    """
    lines = text.split("\n")
    blocks = list(_blocks(lines))
    if not blocks:
        return [("", text, 0)]
    parts: list[tuple[str, str, int]] = []
    before = "\n".join(lines[: blocks[0][0]])
    if before.strip():
        parts.append(("", before, 0))
    for (first, last), following in zip(blocks, [*blocks[1:], None], strict=True):
        end = following[0] if following else len(lines)
        notes = "\n".join(lines[first + 1 : last])
        parts.append((notes, "\n".join(lines[last + 1 : end]), last + 1))
    return parts


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The first and the last line of each block of a saver's notes."""
    past = -1
    for first, line in enumerate(lines):
        if first <= past or line.rstrip() != "---":
            continue
        for last in range(first + 1, min(first + _MOST_NOTES, len(lines))):
            if lines[last].rstrip() == "---":
                if any(_KEY.match(note) for note in lines[first + 1 : last]):
                    yield first, last
                    past = last
                break
            if not lines[last].strip():
                break
