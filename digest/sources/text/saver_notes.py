"""Know what a program that saved a page notes above it: the page's address, its title, the day."""

from __future__ import annotations

import re

_STAMP = re.compile(
    r"\W{0,4}(?:retrieved|exported|captured|date|published time|published|fetched|saved|accessed|crawled|updated|day)\b[^:\n]{0,30}:\s*"
    r"[\"']?(?:\w{3}, )?(\d{4}-\d{2}-\d{2}|\d{1,2} \w{3} \d{4})",
    re.I,
)
_NOTE = re.compile(
    r"\W{0,4}(?:url|source|source url|url source|page title|captured|retrieved|exported|title|web source|command|transport|generated from|source html|source sha256|extraction|published time|markdown content|statuscode|completeness|extracted text|warning)\b[^:]{0,30}(?::|$)",
    re.I,
)


def noted_day(line: str) -> str:
    """The day that a line of a saver's notes names, as it is written; ``""`` for none."""
    stamp = _STAMP.match(line)
    return stamp[1] if stamp else ""


def is_note(line: str) -> bool:
    """Tell whether a line above a page is its saver's."""
    return _NOTE.match(line) is not None


def saver_day(notes: str) -> str:
    """The day that a saver's notes name, as they write it; ``""`` for none."""
    return next((day for line in notes.split("\n") if (day := noted_day(line))), "")
