"""Part a file that holds several captures, one after the other, into its pages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.sources.chrome import is_promotion
from digest.sources.lines import Line

_FRONT = re.compile(
    r"^---[ \t]*\n((?:[\w .-]{1,40}:[^\n]{0,2000}\n|[ \t]{0,8}-? ?[^\n:]{1,300}\n){1,40}?)---[ \t]*$",
    re.M,
)
_KEY = re.compile(
    r"^(?:url|source|title|date|retrieved|exported|type|author|captured|tags)\b[^:\n]{0,20}:",
    re.M | re.I,
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
    if "---" not in text:
        return [("", text, 0)]
    found = [front for front in _FRONT.finditer(text) if _KEY.search(front[1])]
    if not found:
        return [("", text, 0)]
    parts: list[tuple[str, str, int]] = []
    if text[: found[0].start()].strip():
        parts.append(("", text[: found[0].start()], 0))
    for front, following in zip(found, [*found[1:], None], strict=True):
        body = text[front.end() : following.start() if following else len(text)]
        parts.append((front[1], body, text.count("\n", 0, front.end())))
    return parts
