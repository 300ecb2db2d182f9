"""The forms of Unicode (UAX #15) of texts that anybody may have written, in bounded time.

Bringing marks that follow one letter into order takes the square of their number, with every other
thread of the program standing still. So no run of them is longer than the Stream-Safe Text Format
allows (UAX #15 §13). Nothing else in the program calls `unicodedata.normalize`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

LONGEST_RUN = 30
"""Marks in a row that are kept: the number of UAX #15 §13, far above what any language writes."""

_MAYBE_MARKS = re.compile(rf"[\W\uff9e\uff9f]{{{LONGEST_RUN + 1},}}")
"""Any run that may be of marks: these are no letters, except the two of halfwidth Katakana."""


def normalise_unicode(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """``text`` in that form, without marks beyond `LONGEST_RUN` in a row.

    The time it takes grows as the length of ``text``.
    """
    return unicodedata.normalize(form, stream_safe(text))


def stream_safe(text: str) -> str:
    """``text`` without the marks that follow `LONGEST_RUN` others."""
    return text if text.isascii() else _MAYBE_MARKS.sub(_shortened, text)


def is_mark(char: str) -> bool:
    """True if ``char`` becomes nothing but combining marks (UAX #15 §13, D3)."""
    return all(map(unicodedata.combining, unicodedata.normalize("NFKD", char)))


def _shortened(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for char in run[0]:
        marks = marks + 1 if not char.isascii() and is_mark(char) else 0
        if marks <= LONGEST_RUN:
            kept.append(char)
    return "".join(kept)
