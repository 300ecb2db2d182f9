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
from digest.sources.text.signed import author_names

_FEWEST = 2
_SHORTEST, _LONGEST = 12, 220
_FEWEST_WORDS = 3
_MOST_ODD = 0.2
"""Share of the lines that may read unlike a title: titles of one word, in lower case, with a full stop."""
_MOST_MARKED = 0.1
"""Share of the lines with what is in code, addresses and sentences; of 992 real titles six in a thousand."""
_MOST_HEADS = 0.34
_LONGEST_HEAD = 80
_CAPITALISED = 0.6
_MOSTLY = 0.7
_ENOUGH_RESEARCH, _PLENTY = 0.5, 0.75
"""Shares of the lines with words of research that do where titles are capitalised, and where not."""
_NO_TITLE = re.compile(r"://|[{}=<>|\\`@]|\w_\w|\s--|\.\s+[A-Z]|[;,:]$|\d\d:\d\d|\[[ xX]?\]")
_TASK = re.compile(
    r"(?:add|ask|book|bump|buy|call|check|clean|discuss|email|finish|fix|get|implement|improve|install|mail|make|"
    r"move|order|pay|pick|plan|prepare|print|read|refactor|remove|rename|review|run|schedule|send|set|submit|"
    r"support|talk|test|train|try|update|upload|use|wash|write)(?:e?d)?\s"
    r"|.*\b(?:engineer|postdoc|intern|internship|vacancy|position in|lecture \d|chapter \d|homework)\b",
    re.IGNORECASE,
)
"""What lists of tasks, changes, jobs and lessons say, which use the words of research, too."""
_BOX = re.compile(r"^\[[ xX]?\]\s+")
_ID_FIRST = re.compile(
    r"\[?(?:arxiv:\s?)?(\d{4}\.\d{4,5})(?:v\d{1,2})?\]?\s?[:,–—-]?\s+", re.IGNORECASE
)
_ID_LAST = re.compile(
    r"[,;]?\s[(\[–—-]?\s?(?:arxiv:\s?)?(\d{4}\.\d{4,5})(?:v\d{1,2})?[)\]]?$", re.IGNORECASE
)
_DASH = re.compile(r"\s[—–-]{1,3}\s")
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
    return titles if _read_like_titles([_told(piece)[0] for piece in titles]) else []


def title_record(piece: Piece) -> Record:
    """The paper of a line, which tells its title, and at most its id and its authors beside that."""
    title, authors, identity = _told(piece)
    return Record(
        title=one_line(title),
        abstract="",
        external_id=identity,
        authors=authors,
        author_count=len(authors) or None,
    )


def _told(piece: Piece) -> tuple[str, tuple[str, ...], str | None]:
    """The title without its label, the marks that make it bold, or what is told beside it."""
    text = without_label(piece) if piece.stated else piece.text
    text = _BOX.sub("", text)
    identity = None
    if found := _ID_FIRST.match(text) or _ID_LAST.search(text):
        identity = found[1]
        text = text[: found.start()] + text[found.end() :]
    authors: tuple[str, ...] = ()
    title, dash, names = _rpartition(text)
    if dash and len(title.split()) >= _FEWEST_WORDS and (authors := author_names(names)):
        text = title
    bold = text.startswith("**") and text.endswith("**")
    return (text[2:-2] if bold else text), authors, identity


def _rpartition(text: str) -> tuple[str, str, str]:
    """The text before its last dash, the dash, and the text after it."""
    dashes = list(_DASH.finditer(text))
    if not dashes:
        return text, "", ""
    return text[: dashes[-1].start()], dashes[-1][0], text[dashes[-1].end() :]


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
    if sum(map(_is_odd, texts)) > _MOST_ODD * whole:
        return False
    if sum(_NO_TITLE.search(text) is not None for text in texts) > _MOST_MARKED * whole:
        return False
    if sum(_TASK.match(text) is not None for text in texts) > _MOST_ODD * whole:
        return False
    if max(map(len, texts)) > _LONGEST or sum(map(lists_names, texts)) > _MOST_ODD * whole:
        return False
    research = sum(map(speaks_of_research, texts)) / whole
    if sum(map(_is_capitalised, texts)) >= _MOSTLY * whole:
        return research >= _ENOUGH_RESEARCH
    return whole > _FEWEST and research >= _PLENTY


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
