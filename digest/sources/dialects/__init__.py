"""Turn other markup than Markdown into Markdown: the reading of text knows that alone.

A dialect is known by marks that nothing else has (``signs``: how many lines bear one). What it
says of a line (a heading, an item, a link, a field with its name) is said in Markdown's words;
what is for the typesetter alone is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from digest.sources.dialects import (
    arxiv_mail,
    asciidoc,
    latex,
    org,
    restructured,
    spoken,
    vault,
    wiki,
)

_START = 100_000


@dataclass(frozen=True, slots=True)
class _Dialect:
    """A markup: how surely a text is of it (from 3 on it is), and its Markdown."""

    signs: Callable[[Sequence[str]], int]
    to_markdown: Callable[[Sequence[str]], list[str]]


_DIALECTS = tuple(
    _Dialect(each.signs, each.to_markdown)
    for each in (org, restructured, asciidoc, latex, wiki, vault, spoken, arxiv_mail)
)
_ENOUGH = 3


_FOOTNOTE = re.compile(r"(?m)^[ \t]{0,8}\[(\d{1,4})\][ \t]{1,8}(https?://\S{3,1900})[ \t]{0,8}$")
_FEWEST_FOOTNOTES = 3
_MARK = re.compile(r"\s\[\d{1,4}\][ \t]{0,8}$")
_LONGEST_MARKED = 400
_MARK_LINE = "]: http"


def to_markdown(text: str) -> str:
    """The text in Markdown if it is in one of the dialects, else as it is.

    The addresses that a mail's text lists at its foot (``[5] https://…``) become Markdown's own.
    """
    if text.count("] http") >= _FEWEST_FOOTNOTES:
        text = _unwrapped(_FOOTNOTE.sub(r"[\1]: \2", text))
    start = text[:_START].replace("\r\n", "\n").split("\n")
    signs = [dialect.signs(start) for dialect in _DIALECTS]
    most = max(signs)
    if most < _ENOUGH:
        return text
    dialect = _DIALECTS[signs.index(most)]
    return "\n".join(dialect.to_markdown(text.replace("\r\n", "\n").split("\n")))


def _unwrapped(text: str) -> str:
    """The text with each short paragraph that ends with a footnote's mark on one line: its link."""
    parts = text.split("\n\n")
    for place, part in enumerate(parts):
        breaks = part.count("\n")
        if (
            breaks
            and len(part) <= _LONGEST_MARKED
            and _MARK.search(part)
            and _MARK_LINE not in part
        ):
            parts[place] = " ".join(part.split()) + "\n" * breaks
    return "\n\n".join(parts)
