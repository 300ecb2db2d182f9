"""Read the pieces of a page: each line, or part of one, as the one thing that it is.

Facts that stand on one line with a title (``Title (140 ▲)``, ``Submitted by somebody 24 Title``,
cells of a row) are pieces of their own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from digest.sources.dates import read_day
from digest.sources.facts import Facts, read_facts
from digest.sources.lines import Line
from digest.sources.text.glued import submissions_in, take_apart
from digest.sources.text.icons import read_icons
from digest.sources.text.kinds import AI_SUMMARY, Kind, Piece
from digest.sources.text.role_costs import lists_names

_ROW = 80
_LONG, _SHORT = 200, 90
_SITE = 40
_FEWEST_REPEATED = 4
_BESIDE_MOST = 0.7
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?", re.IGNORECASE)
_PERSON = re.compile(r"[^\W\d_][\w'’.-]{0,30}(?:\s[\w'’.()-]{1,30}){1,4}")


def read_pieces(lines: Sequence[Line], today: date) -> list[Piece]:
    """The pieces of a page, in order."""
    lines = _join_facts(read_icons(lines), today)
    page = submissions_in(lines)
    pieces: list[Piece] = []
    expecting_name = False
    for line in lines:
        for part, piece in enumerate(take_apart(line, today, page)):
            piece.part = part
            piece.after_blank = line.after_blank and not part
            if expecting_name and piece.kind in (Kind.TEXT, Kind.FACTS) and _says(piece):
                expecting_name = False
                if (
                    piece.kind is Kind.TEXT
                    and len(piece.text) <= 40
                    and not line.heading
                    and not piece.page_id
                ):
                    piece.kind = Kind.CHROME
            if piece.kind is Kind.CHROME and _bare_submitted(piece.text):
                expecting_name = True
            pieces.append(piece)
    _drop_summaries(pieces)
    _join_days(pieces, today)
    _name_authors(pieces)
    _set_aside_repeated(pieces)
    _set_aside_echoes(pieces)
    return pieces


def _set_aside_echoes(pieces: Sequence[Piece]) -> None:
    """Take for furniture a title that a preview of its page says again (``Paper page - Title``)."""
    lately: list[str] = []
    for piece in pieces:
        if piece.kind is not Kind.TEXT:
            continue
        text = piece.text
        if len(text) >= _LONG:
            lately.clear()
        elif any(_says_again(text, each) for each in lately):
            piece.kind = Kind.CHROME
        else:
            lately = [*lately[-2:], text]


def _says_again(text: str, title: str) -> bool:
    """Tell whether the text is the title with a site's name, and a mark between the two."""
    if not len(title) < len(text) <= len(title) + _SITE:
        return False
    before, found, after = text.partition(title)
    return bool(found) and (
        before.endswith((" - ", " | ", ": ", " · ", "“")) or after[:2] in (" |", " -", " ·")
    )


def _set_aside_repeated(pieces: Sequence[Piece]) -> None:
    """Take for furniture what stands beside (nearly) every paper: a bot's name, a row of buttons.

    Times of day count as one. So many papers there are as long texts, or as ids.
    """
    ids = {piece.page_id or (piece.facts and piece.facts.external_id) for piece in pieces} - {None}
    long = sum(len(piece.text) >= _LONG and piece.kind is Kind.TEXT for piece in pieces)
    least = _BESIDE_MOST * max(len(ids), long, _FEWEST_REPEATED / _BESIDE_MOST)
    beside: defaultdict[str, set[int]] = defaultdict(set)
    short: list[tuple[str, Piece]] = []
    before, paper = None, 0
    for piece in pieces:
        stated = piece.facts is not None and piece.facts.external_id is not None
        if stated or piece.page_id or len(piece.text) >= _LONG:
            paper += 1
        elif _may_be_furniture(before, piece):
            words = _TIME.sub("#", piece.text)
            short.append((words, piece))
            beside[words].add(paper)
        before = piece
    for words, piece in short:
        if len(beside[words]) >= least:
            piece.kind = Kind.CHROME


def _may_be_furniture(before: Piece | None, piece: Piece) -> bool:
    return (
        piece.kind is Kind.TEXT
        and len(piece.text) <= _SHORT
        and not piece.line.heading
        and not _may_go_on(before, piece)
        and not lists_names(piece.text)
    )


def _may_go_on(before: Piece | None, piece: Piece) -> bool:
    """Tell whether the piece may be the last words of the line before."""
    return (
        before is not None
        and before.kind is Kind.TEXT
        and not piece.after_blank
        and (piece.text[:1].islower() or piece.text.count(" ") < 2)
    )


def _join_facts(lines: Sequence[Line], today: date) -> Sequence[Line]:
    """The lines, those joined that are a row of facts only together, as a wrapper left them."""
    if not any("·" in line.text for line in lines):
        return lines
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if (
            last is not None
            and " · " in last.text
            and not line.after_blank
            and len(last.text) <= _ROW
            and len(line.text) <= _ROW // 2
            and read_facts(last.text, today) is None
            and read_facts(f"{last.text} {line.text}", today) is not None
        ):
            joined[-1] = replace(
                last, text=f"{last.text} {line.text}", links=(*last.links, *line.links)
            )
        else:
            joined.append(line)
    return joined


def _join_days(pieces: Sequence[Piece], today: date) -> None:
    """A month and a day that a converter put on two lines are one date."""
    for piece, following in pairwise(pieces):
        if (
            piece.kind is Kind.TEXT
            and len(piece.text) <= 9
            and following.facts is not None
            and following.facts.only_numbers
            and (day := read_day(f"{piece.text} {following.text}", today))
        ):
            piece.kind = Kind.FACTS
            piece.facts = Facts(published=day, dated=f"{piece.text} {following.text}")
            following.facts.numbers.clear()


def _name_authors(pieces: Sequence[Piece]) -> None:
    """Short texts below a line that only says ``Authors`` are the authors' names."""
    listing = False
    for piece in pieces:
        if piece.kind is Kind.CHROME:
            listing = (listing and not any(map(str.isalnum, piece.text))) or piece.text.strip(
                " :*#"
            ).lower() in ("authors", "author", "by")
        elif listing and piece.kind is Kind.TEXT:
            if (
                len(piece.text) <= 60
                and not piece.line.heading
                and _PERSON.fullmatch(piece.text.strip(" ,;"))
            ):
                piece.kind = Kind.FACTS
                piece.facts = Facts(authors=(piece.text.strip(" ,;"),))
            else:
                listing = False


def _says(piece: Piece) -> bool:
    """Tell whether the piece is more than a picture's place."""
    return bool(piece.text) and not (piece.facts == Facts() and piece.text[0] == "[")


def _bare_submitted(text: str) -> bool:
    return text.strip(" :·•").lower() in ("submitted by", "by")


def _drop_summaries(pieces: Sequence[Piece]) -> None:
    """Set aside a machine's summary above the abstract, where the page says that it is one."""
    for place, piece in enumerate(pieces):
        if piece.kind is not Kind.CHROME or not AI_SUMMARY.fullmatch(piece.text):
            continue
        following = next(
            (each for each in pieces[place + 1 : place + 6] if each.kind is Kind.TEXT), None
        )
        if (
            place
            and following is not None
            and len(following.text) > 200
            and pieces[place - 1].kind is Kind.TEXT
        ):
            pieces[place - 1].kind = Kind.CHROME
