"""Read a list of nothing but titles: one a line, bare, numbered or with bullets.

On such a page nothing repeats but the line itself, so it is told by the whole: (nearly) every line has to
read like a title, and most have to use the words of research. One that is only short is not enough.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.model import Record
from digest.sources.genre import speaks_of_research
from digest.sources.lines import one_line
from digest.sources.text.kinds import Kind, Piece, without_label
from digest.sources.text.role_costs import lists_names

_FEWEST = 2
_SHORTEST, _LONGEST = 12, 220
_FEWEST_WORDS = 3
_MOST_ODD = 0.2
"""Share of the lines that may read unlike a title: titles of one word, in lower case, with a full stop."""
_MOST_HEADS = 0.34
_LONGEST_HEAD = 80
_CAPITALISED = 0.6
_MOSTLY = 0.7
_ENOUGH_RESEARCH, _PLENTY = 0.5, 0.75
"""Shares of the lines with words of research that do where titles are capitalised, and where not."""
_NO_TITLE = re.compile(r"://|[{}=<>|\\`@]|\w_\w|\s--|\.\s+[A-Z]|[;,:]$|\d\d:\d\d|\[[ xX]?\]")
_TASK = re.compile(
    r"(?:add|ask|book|buy|call|check|clean|discuss|email|finish|fix|get|implement|install|mail|make|move|order|"
    r"pay|pick|plan|prepare|print|read|refactor|remove|rename|review|run|schedule|send|set|submit|talk|test|"
    r"train|try|update|upload|use|wash|write)\s",
    re.IGNORECASE,
)
_HEAD_WORDS = re.compile(r"\b(?:papers?|reading|to read|titles?|preprints?|articles)\b", re.I)
_WORD = re.compile(r"[^\W\d_][\w'’-]{3,40}")


def title_lines(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces that are titles, if the page is a list of titles and nothing else; else none.

    Headings above them, and furniture of the page, may stand beside them.
    """
    texts = [piece for piece in pieces if piece.kind is Kind.TEXT]
    listed = sum(piece.line.bullet for piece in texts) * 2 > len(texts)
    titles = [piece for place, piece in enumerate(texts) if not _heads(piece, place, listed=listed)]
    if len(titles) < _FEWEST or len(texts) - len(titles) > max(1, _MOST_HEADS * len(texts)):
        return []
    if any(map(_tells_more, titles)) or _told_below(pieces, titles[0]):
        return []
    return titles if _read_like_titles(list(map(_words, titles))) else []


def title_record(piece: Piece) -> Record:
    """The paper of which a line tells no more than the title."""
    return Record(title=one_line(_words(piece)), abstract="")


def _words(piece: Piece) -> str:
    """The title without its label, or the marks that make it bold."""
    text = without_label(piece) if piece.stated else piece.text
    return text[2:-2] if text.startswith("**") and text.endswith("**") else text


def _heads(piece: Piece, place: int, *, listed: bool) -> bool:
    """Tell whether the line stands above titles and says what they are."""
    text, line = piece.text, piece.line
    if len(text) > _LONGEST_HEAD or line.bullet:
        return False
    if line.heading or text.endswith((":", "：")):
        return True
    return not place and (listed or len(text.split()) <= 5) and bool(_HEAD_WORDS.search(text))


def _tells_more(piece: Piece) -> bool:
    """Tell whether the line is more than a title: a part of one, a link, a labelled text."""
    told = piece.links or piece.peeled or piece.stated == "abstract" or piece.part
    return bool(told or "\t" in piece.text)


def _told_below(pieces: Sequence[Piece], first: Piece) -> bool:
    """Tell whether facts or addresses stand below the first title, so that it has a frame."""
    start = next(place for place, piece in enumerate(pieces) if piece is first)
    return any(piece.kind in (Kind.FACTS, Kind.ADDRESS, Kind.ENDING) for piece in pieces[start:])


def _read_like_titles(texts: Sequence[str]) -> bool:
    whole = len(texts)
    if sum(map(_is_odd, texts)) > _MOST_ODD * whole or any(map(_NO_TITLE.search, texts)):
        return False
    if max(map(len, texts)) > _LONGEST or sum(map(lists_names, texts)) > _MOST_ODD * whole:
        return False
    research = sum(map(speaks_of_research, texts)) / whole
    if sum(map(_is_capitalised, texts)) >= _MOSTLY * whole:
        return research >= _ENOUGH_RESEARCH
    tasks = sum(_TASK.match(text) is not None for text in texts)
    return whole > _FEWEST and research >= _PLENTY and tasks <= _MOST_ODD * whole


def _is_odd(text: str) -> bool:
    """Tell whether a line reads unlike most titles do."""
    return (
        len(text) < _SHORTEST
        or len(text.split()) < _FEWEST_WORDS
        or text[0].islower()
        or text.endswith(".")
    )


def _is_capitalised(text: str) -> bool:
    """Tell whether most of the longer words after the first begin with a capital."""
    words = _WORD.findall(text)[1:]
    return bool(words) and sum(word[0].isupper() for word in words) >= _CAPITALISED * len(words)
