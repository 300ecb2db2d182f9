"""The lines of a page after its markup is undone: text, heading level, links, place."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(slots=True)
class PageLink:
    """A link as a page has it: what it says and where it leads (absolute http(s))."""

    label: str
    url: str


@dataclass(slots=True)
class Line:
    """One line of a page, or one paragraph where the markup says where paragraphs end.

    ``number`` counts from 1. ``heading`` is 0 for none, else 1 (largest) to 6. ``after_blank``
    says that an empty line, or the edge of a block, comes before. ``linked`` says that the
    whole line is the text of a link; lines of one link have the same ``span`` then. ``whole`` says
    that all of it is bold, ``slanted`` that it is in italics. ``ordinal`` is the number that a
    numbered list gives it, ``marked`` the text with its list mark, if it has one, and ``columns`` how wide it stood there.
    ``bold`` are the bold words that it begins with, if more follows.
    """

    number: int
    text: str
    heading: int = 0
    links: tuple[PageLink, ...] = ()
    after_blank: bool = False
    indent: int = 0
    bullet: bool = False
    linked: bool = False
    whole: bool = False
    ordinal: int = 0
    slanted: bool = False
    marked: str = ""
    span: int = 0
    columns: int = 0
    bold: str = ""


@dataclass(slots=True)
class Page:
    """A page as lines. ``marked`` says that it carried markup (Markdown, link marks, HTML).

    ``stamp`` is the ISO day that whoever saved the page noted, or ``""``. ``web`` says that it
    is HTML, so that each line is a whole paragraph. ``notes`` say what was not read of it.
    """

    lines: list[Line]
    marked: bool = False
    stamp: str = ""
    web: bool = False
    notes: tuple[str, ...] = ()


def one_line(text: str) -> str:
    """The text without line breaks, control characters and outer blanks; otherwise untouched."""
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text)
    return text.strip()
