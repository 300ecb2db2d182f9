"""Tell a linked or bold title from its authors who stand after a dash on the same line."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from digest.sources.facts import Facts
from digest.sources.genre import speaks_of_research
from digest.sources.lines import Line
from digest.sources.links import is_page
from digest.sources.text.kinds import Kind, Piece, one

_DASH = re.compile(r"\s{1,3}[—–-]{1,3}\s{1,3}(?:by:?\s)?(?=\S)")
_OTHERS = re.compile(
    r",?\s?(?:et al\.?|…|\.\.\.|and others|(?:and |\+)?(\d{1,4}) (?:more|others))$"
)
_BETWEEN = re.compile(r"\s?[,;]\s(?:and\s|&\s)?|\s(?:and|&)\s")
_NAME = re.compile(
    r"[^\W\d_a-z][\w'’.-]{0,30}(?:\s(?:(?:van|von|de|der|den|di|da|dos|du|la|le|el|al|bin|ibn|ten|ter|y)"
    r"|[^\W\d_a-z][\w'’.-]{0,30})){0,4}\.?"
)
_LONGEST_NAMES = 3_000
_NOBODY = re.compile(
    r"\b(?:ai|arxiv|award|blog|code|demo|face|group|journal|lab|labs|oral|page|paper|poster|preprint|project|"
    r"research|review|spotlight|survey|team|university|video|workshop)\b",
    re.IGNORECASE,
)
_FEWEST_WORDS, _FEWEST_NAMES = 3, 3
"""Words of a title, or names after a shorter one: after fewer of both the title may go on."""
_UNKNOWN = -1
"""A number of authors that is not told."""


def signed_title(line: Line, today: date) -> list[Piece]:
    """The title and the authors of ``[Title](link) — Authors`` or ``**Title** — Authors``.

    Nothing if the line is neither.
    """
    linked = bool(line.links) and is_page(line.links[0].url)
    label = line.links[0].label.strip("*_ ") if linked else line.bold
    if not label or not line.text.startswith(label):
        return []
    dash = _DASH.match(line.text, len(label))
    words = line.text[dash.end() :] if dash else ""
    authors = author_names(words)
    others = _OTHERS.search(words)
    short = len(label.split()) < _FEWEST_WORDS
    if not authors or (short and len(authors) < _FEWEST_NAMES and not others):
        return []
    alone = replace(line, text=label, linked=linked, whole=not linked, marked="")
    title = one(alone, label, today, line.links[:1])
    if title.kind is not Kind.TEXT:
        return []
    facts = Facts(authors=authors)
    if others:
        facts.author_count = len(authors) + int(others[1]) if others[1] else _UNKNOWN
    return [title, Piece(Kind.FACTS, words, line, line.links[1:], facts)]


def author_names(text: str) -> tuple[str, ...]:
    """The names that a text consists of; none if it may be anything else."""
    if not text or len(text) > _LONGEST_NAMES:
        return ()
    known = _OTHERS.sub("", text).strip(" ,;")
    names = tuple(name.strip() for name in _BETWEEN.split(known) if name.strip())
    if not names or not all(_NAME.fullmatch(name) for name in names):
        return ()
    if any(map(_NOBODY.search, names)) or sum(map(speaks_of_research, names)) * 2 >= len(names):
        return ()
    whole = sum(" " in name for name in names)
    if len(names) == 1 and known == text:
        return names if 1 <= known.count(" ") <= 2 else ()
    return names if whole * 2 >= len(names) else ()
