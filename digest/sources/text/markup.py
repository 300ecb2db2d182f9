"""Undo Markdown and the link marks of text browsers, keeping on each line what its marks said."""

from __future__ import annotations

import re

from digest.sources.lines import Line, PageLink, one_line
from digest.sources.text.brackets import (
    REFERENCE,
    Scan,
    listed_lines,
    numbered_references,
    soft_breaks,
)
from digest.sources.text.marked_line import (
    PageMarks,
    marks_of,
    read_line,
    underlined_level,
    undo_numbers,
)
from digest.sources.text.saver_notes import is_note, noted_day
from digest.sources.text.unmarked import HEADING, RawLine, raw_lines, without_marks

_LONGEST_STRONG = 400
_LONGEST_LABEL = 400
_LONGEST_LABEL_KEPT = 200
_LINK_START = re.compile(
    r"\s{0,8}(?:(?:[*+•-]|\d{1,4}[.)])\s+){0,2}(?:\*\*)?!?\[[^\[\]\n]{0,400}\](?:\(|\[)"
)
_SIGNED = re.compile(
    r"\s{0,8}(?:(?:[*+•-]|\d{1,4}[.)])\s{1,4})?\*\*[^*\n]{8,400}\*\*\s[—–-]{1,3}\s[^\W\d_a-z]"
)
"""A bold title with authors after a dash."""
_MOST_FRONT_LINES = 60


def is_marked(text: str) -> bool:
    """Tell whether the text is Markdown or a text browser's capture, not a plain copy."""
    starts = links = 0
    lines = text.split("\n")
    for raw in lines:
        if "#" in raw[:4] and HEADING.match(raw):
            return True
        starts += _looks_marked(raw)
        links += len(raw) <= _LONGEST_STRONG and ("](http" in raw or "](/" in raw)
        if starts >= 2:
            return True
    if links >= 3 and links * 5 >= sum(not raw.isspace() for raw in lines if raw):
        return True
    return len(numbered_references(lines)) >= 2


def _looks_marked(raw: str) -> bool:
    start = raw[:3]
    if "**" in raw[:12] and _SIGNED.match(raw):
        return True
    if start[:2] == "**":
        return raw.rstrip()[-2:] == "**" and 4 < len(raw) <= _LONGEST_STRONG
    if raw[:4] in ("----", "===="):
        return not raw.strip("-= \t")
    if start == "<a " or start[:2] == "<h":
        return True
    return "[" in raw[:20] and bool(_LINK_START.match(raw) or REFERENCE.match(raw))


def read_marked(text: str) -> tuple[list[Line], str]:
    """The lines of a marked text with its marks undone, and the day its saver noted (``""``)."""
    scan = Scan(text)
    unmarked = without_marks(text, scan)
    page = _MarkedPage(text, scan, marks_of(text, unmarked.text))
    for raw in raw_lines(unmarked, soft_breaks(text, scan)):
        page.read(raw)
    return page.lines, page.stamp


class _MarkedPage:
    """The lines read so far of a marked text, and what is to be known of its next."""

    def __init__(self, text: str, scan: Scan, marks: PageMarks) -> None:
        self.text, self.marks = text, marks
        self.numbered = scan.references
        self.lines: list[Line] = []
        self.stamp = ""
        self._blank = True
        self._links = sorted(scan.links)
        self._next_link = 0
        self._open: list[tuple[int, int, str, bool]] = []
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._number = 0
        self._references = scan.reference_starts
        self._listed = listed_lines(text)

    def read(self, raw: RawLine) -> None:
        """Read the next line; what is only an address, a fence or an underline leaves a blank."""
        number, start = self._place(raw.first)
        front = number <= _MOST_FRONT_LINES
        if front and not self.stamp:
            self.stamp = noted_day(raw.text)
        covering = self._covering(raw)
        stripped = raw.text.strip()
        if number in self._listed or not (stripped or covering):
            self._blank = True
        elif front and not self.lines and is_note(stripped):
            pass
        elif stripped.startswith(("```", "~~~")) or start in self._references:
            self._blank = True
        elif not covering and (level := underlined_level(stripped)):
            self._underline(level, len(stripped))
        else:
            self._add(raw, number, covering)

    def _add(self, raw: RawLine, number: int, covering: list[tuple[int, int, str, bool]]) -> None:
        links = tuple(PageLink(self._label(a, b), url) for a, b, url, _ in covering)
        cover = _cover(raw, covering) if covering else 0
        line = read_line(
            number, raw.text, links, self.marks, linked=cover > 0, after_blank=self._blank
        )
        self._blank = line is None
        if line is None:
            return
        line.span = cover
        line.columns = 0 if links else raw.columns
        if self.numbered and "[" in line.text:
            undo_numbers(line, self.numbered)
        self.lines.append(line)

    def _place(self, position: int) -> tuple[int, int]:
        """The number of the line that a position of the marked text is on, and where that begins."""
        starts = self._starts
        while self._number + 1 < len(starts) and starts[self._number + 1] <= position:
            self._number += 1
        return self._number + 1, starts[self._number]

    def _covering(self, raw: RawLine) -> list[tuple[int, int, str, bool]]:
        """The links whose labels lie on the line, wholly or in part."""
        links = self._links
        while self._next_link < len(links) and links[self._next_link][0] <= raw.last:
            self._open.append(links[self._next_link])
            self._next_link += 1
        if self._open:
            self._open = [link for link in self._open if link[1] >= raw.first]
        return self._open

    def _label(self, start: int, end: int) -> str:
        if end - start >= _LONGEST_LABEL:
            return ""
        return one_line(" ".join(self.text[start:end].split()))[:_LONGEST_LABEL_KEPT]

    def _underline(self, level: int, length: int) -> None:
        """Make a heading of the line before, if it is as long as what stands below it."""
        if self.lines and not self._blank and abs(length - len(self.lines[-1].text)) <= 2:
            self.lines[-1].heading = level
        self._blank = True


def _cover(raw: RawLine, covering: list[tuple[int, int, str, bool]]) -> int:
    """The place where the label begins that (nearly) the whole of a line belongs to; 0 for none."""
    words = len(raw.text.strip().lstrip("#*+-•>0123456789.) "))
    for start, end, _, _ in covering:
        if words and min(end, raw.last) - max(start, raw.first) >= 0.9 * words:
            return start
    return 0
