"""Take the marks out of a text, and know of each line that is left where it stood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.sources.text.brackets import Scan
from digest.sources.text.joining import join_plain

HEADING = re.compile(r"\s{0,3}(#{1,6})\s+\S")
_MOST_WRAPPED = 60
"""Lines over which one label may go."""


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A text without its marks. ``shifts`` are places in it, each with what stood there before."""

    text: str
    shifts: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line without its marks, that of a wrapped label as one.

    ``first`` and ``last`` are where it begins and ends in the marked text; ``columns`` is how wide
    it stood there, 0 if it was several.
    """

    text: str
    first: int
    last: int
    columns: int


def without_marks(text: str, scan: Scan) -> Unmarked:
    """The text without what the scan found to be marks."""
    out: list[str] = []
    shifts: list[tuple[int, int]] = []
    position = length = 0
    for edge in sorted(scan.drop):
        if edge < position:
            continue
        out.append(text[position:edge])
        shifts.append((length, position))
        length += edge - position
        if instead := scan.put.get(edge, ""):
            out.append(instead)
            shifts.append((length, edge))
            length += len(instead)
        position = scan.drop[edge]
    out.append(text[position:])
    shifts.append((length, position))
    return Unmarked("".join(out), shifts)


def raw_lines(unmarked: Unmarked, soft: set[int]) -> Iterator[RawLine]:
    """The lines, joined where the marked text has one of the ``soft`` breaks inside a label."""
    text, shifts = unmarked.text, unmarked.shifts
    size = len(text)
    at = begin = 0
    while begin <= size:
        stop = begin
        pieces: list[str] = []
        first = -1
        while True:
            end = text.find("\n", stop)
            end = size if end < 0 else end
            at = _shift_at(shifts, stop, at)
            first = shifts[at][1] + stop - shifts[at][0] if first < 0 else first
            pieces.append(text[stop:end])
            behind = _shift_at(shifts, end, at)
            last = shifts[behind][1] + end - shifts[behind][0]
            if end >= size or last not in soft or len(pieces) > _MOST_WRAPPED:
                break
            stop = end + 1
        begin = end + 1
        if len(pieces) == 1:
            yield RawLine(pieces[0], first, last, len(pieces[0].rstrip()))
        else:
            yield RawLine(_joined(pieces), first, last, 0)


def _shift_at(shifts: Sequence[tuple[int, int]], place: int, at: int) -> int:
    """The last of the shifts up to a place, looked for from ``at`` on."""
    while at + 1 < len(shifts) and shifts[at + 1][0] <= place:
        at += 1
    return at


def _joined(pieces: list[str]) -> str:
    """The lines of one label as one; a heading's mark may stand before each of them."""
    words = [piece.strip().rstrip("\\").strip() for piece in pieces]
    if HEADING.match(words[0]):
        words[1:] = [
            word.lstrip("#").strip() if HEADING.match(word) else word for word in words[1:]
        ]
    return join_plain([word for word in words if word])
