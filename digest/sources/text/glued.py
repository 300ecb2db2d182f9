"""Take apart what stands on one line: cells of a row, buttons side by side, facts beside a title."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from digest.sources.chrome import is_chrome
from digest.sources.facts import Facts, is_unparted, read_facts
from digest.sources.lines import Line, PageLink
from digest.sources.links import absolute, is_page
from digest.sources.text.kinds import ALT_FIRST, Kind, Piece, one
from digest.sources.text.signed import signed_title

_SUBMITTED = re.compile(r"submitted by\b:?\s{0,3}|submitted by(?=\S)", re.IGNORECASE)
_ADDRESS_AFTER = re.compile(r"(\S.{2,500}?)\s(?:[-–—|:·→]\s)?[<(]?(https?://[^\s<>()]{8,300})[>)]?")
_SUBMITTED_AFTER = re.compile(r"(.{8,400}?)\s{0,3}submitted by:?\s{0,3}(\S{1,40})", re.IGNORECASE)
_HANDLE = re.compile(r"@?[\w.-]{1,40}")
_GLUED_HANDLE = re.compile(r"@?[\w-]{2,30}?(?=\d{1,5}[A-Z\"“'(]|[A-Z][a-z]|[A-Z]{2,}[\s:-])")
_PLAIN_HANDLE = re.compile(r"@?[\w-]{2,30}?(?=[A-Z][a-z]|[A-Z]{2,}[\s:-])")
_SUFFIX = re.compile(r"(.{3,500}?)\s{0,3}[(\[]([^()\[\]]{1,60})[)\]]\s{0,3}")
_PARTS = re.compile(
    r"(?=\s)(?:\s{0,3}\t\s{0,3}|\s[·•∙⋅|]\s|\s[—–-]\s(?=[\d▲△⬆↑👍🔺🔼❤♥💬⭐★(]|by\s))"
)
_MARKED_FACT = re.compile(
    r"[▲△⬆↑👍🔺🔼❤♥💬⭐★]|votes?\b|authors?\b|comments?\b|arxiv|likes?\b|points?\b|stars?\b|upvotes?",
    re.I,
)
_MARKED_START = re.compile(
    r"((?:[▲△⬆↑👍🔺🔼❤♥]\ufe0f?\s?\d[\d,.]{0,6}[kK]?)|(?:\d[\d,.]{0,6}[kK]?\s?[▲△⬆↑👍🔺🔼❤♥]\ufe0f?)"
    r"|(?:\[\d{1,6}\](?=\s+[A-Z\"“])))\s{1,3}(?=\S)"
)
_LONGEST_BUTTON = 12
_LONGEST_HANDLE = 40
_LONGEST_PEELED = 420
_LONGEST_SUFFIX = 90
_NEAR_START = 60
_MOST_AFTER, _MOST_BEFORE = 6, 4
"""Facts that are taken off one end of a line."""


@dataclass(frozen=True, slots=True)
class Submissions:
    """The ways in which this page writes ``Submitted by``.

    ``handles`` are names seen alone on a line; ``numbered`` says that the votes stand on the next
    line, ``titled`` that a title is glued to the name.
    """

    handles: Counter[str]
    numbered: bool
    titled: bool


def submissions_in(lines: Sequence[Line]) -> Submissions:
    """The habits of the page's lines that say who submitted a paper."""
    handles: Counter[str] = Counter()
    submissions = numbered = titled = 0
    for line, following in zip(lines, [*lines[1:], None], strict=False):
        if line.text[:12].lower() != "submitted by":
            continue
        submissions += 1
        rest = line.text[12:].strip(" :")
        numbered += following is not None and following.text.isdigit()
        if rest and _HANDLE.fullmatch(rest):
            handles[rest] += 1
        elif not line.text[12:13].isspace():
            titled += 1
    glued = titled * 2 > submissions
    return Submissions(Counter() if glued else handles, numbered * 2 > submissions, glued)


def take_apart(line: Line, today: date, page: Submissions) -> list[Piece]:
    """The pieces of a line."""
    text = line.text
    if not text:
        return [Piece(Kind.FACTS, "", line, line.links, Facts())]
    if len(line.links) > 1 and (apart := _buttons(line)):
        buttons = [one(line, label, today, links) for label, links in apart]
        for button in buttons:
            if button.kind is Kind.TEXT and not button.page_id:
                button.kind = Kind.CHROME
        return buttons
    if "\t" in text:
        return _cells(line, today)
    if signed := signed_title(line, today):
        return signed
    if len(text) <= _LONGEST_PEELED and not (line.heading and _page(line)):
        lowered = text[:14].lower()
        if lowered.startswith("submitted by"):
            return _submission(line, today, page)
    piece = one(line, text, today)
    if piece.kind is not Kind.TEXT or len(text) > _LONGEST_PEELED:
        return [piece]
    return _peel(piece, today)


def _page(line: Line) -> bool:
    return any(is_page(link.url) for link in line.links)


def _buttons(line: Line) -> list[tuple[str, tuple[PageLink, ...]]]:
    """The labels of a line that is nothing but links side by side, each with its link."""
    labels = [" ".join(link.label.split()) for link in line.links]
    rest = line.text
    for label in labels:
        if not label or len(label) > 60 or label not in rest:
            return []
        rest = rest.replace(label, "", 1)
    if "," in rest or any(map(str.isdigit, rest)) or sum(map(str.isalnum, rest)) > _LONGEST_BUTTON:
        return []
    return [(label, (link,)) for label, link in zip(labels, line.links, strict=True)]


def _cells(line: Line, today: date) -> list[Piece]:
    """The cells of a row, each a piece."""
    cells = [cell.strip() for cell in line.text.split("\t")]
    cells = [cell for cell in cells if cell]
    if not cells:
        return []
    if len(cells) < 2:
        return [one(line, line.text.replace("\t", " ").strip(), today)]
    pieces = [one(line, cell, today) for cell in cells]
    labels = [" ".join(link.label.split()) for link in line.links]
    for piece in pieces:
        if piece.kind is not Kind.ADDRESS:
            piece.links = tuple(
                link for link, label in zip(line.links, labels, strict=True) if label == piece.text
            )
    _mark_peeled(pieces)
    return pieces


def _mark_peeled(pieces: Sequence[Piece]) -> None:
    """Note on each text of a line on which side of it the line has facts."""
    fact_places = [
        place
        for place, piece in enumerate(pieces)
        if piece.kind is Kind.FACTS and piece.facts != Facts()
    ]
    for place, piece in enumerate(pieces):
        if piece.kind is Kind.TEXT:
            piece.peeled = (any(at < place for at in fact_places) * "<") + (
                any(at > place for at in fact_places) * ">"
            )


def _submission(line: Line, today: date, page: Submissions) -> list[Piece]:
    """``Submitted by somebody``, and what may be glued to it: votes and a title."""
    text = line.text
    match = _SUBMITTED.match(text)
    rest = ALT_FIRST.sub("", text[match.end() :] if match else "", count=1).strip()
    chrome = Piece(Kind.CHROME, text, line)
    guess = _GLUED_HANDLE.match(rest)
    if guess and page.numbered and (plain := _PLAIN_HANDLE.match(rest)):
        guess = plain
    single = _HANDLE.fullmatch(rest) and len(rest) <= _LONGEST_HANDLE
    if not rest or (single and not (page.titled and guess)):
        chrome.text = "submitted by" if not rest else text
        chrome.links = line.links
        return [chrome]
    name = ""
    glued = match is not None and not text[12:13].isspace() and text[12:13] != ":"
    known = [handle for handle in page.handles if rest.startswith(handle)]
    if known:
        name = max(known, key=len)
    elif not glued or (_HANDLE.fullmatch(rest.split(None, 1)[0]) and not guess):
        name = rest.split(None, 1)[0]
    elif guess:
        name = guess[0]
    rest = rest[len(name) :].strip(" ·•|")
    chrome.text = f"submitted by {name}"
    pieces = [chrome]
    if number := re.match(r"(\d{1,5}(?:\.\d)?[kK]?)(?=\s|[A-Z\"“(]|$)\s{0,3}", rest):
        facts = read_facts(number[1], today)
        pieces.append(Piece(Kind.FACTS, number[1], line, facts=facts))
        rest = rest[number.end() :]
    if rest:
        title = one(line, rest, today)
        pieces += _peel(title, today) if title.kind is Kind.TEXT else [title]
        _mark_peeled(pieces)
    return pieces


def _peel(piece: Piece, today: date) -> list[Piece]:
    """The text without the facts at its ends, between them and it a separator or brackets."""
    line = piece.line
    text, after = _take_from_end(line, piece.text, today)
    text, before = _take_from_start(line, text, today)
    if not before and not after:
        return [piece]
    text = text.strip(" ·•|\t")
    if not text:
        return [*before, *after]
    middle = one(line, text, today)
    if middle.kind is not Kind.TEXT and not piece.page_id:
        return [*before, middle, *after]
    for other in (*before, *after):
        if other.kind is not Kind.ADDRESS:
            other.links = ()
    _mark_peeled(pieces := [*before, middle, *after])
    return pieces


def _take_from_end(line: Line, text: str, today: date) -> tuple[str, list[Piece]]:
    """The text without what was glued after it, and that, in order."""
    after: list[Piece] = []
    if "tted by" in text.lower() and (match := _SUBMITTED_AFTER.fullmatch(text)):
        after.append(Piece(Kind.CHROME, f"submitted by {match[2]}", line))
        text = match[1]
    if (
        "://" in text
        and (address := _ADDRESS_AFTER.fullmatch(text))
        and (url := absolute(address[2]))
        and is_page(url)
    ):
        after.append(Piece(Kind.ADDRESS, address[2], line, (PageLink("", url),)))
        text = address[1]
    for _ in range(_MOST_AFTER):
        parts = _split_last(text)
        if parts is None:
            break
        last = _told_last(line, parts[1], today, bracketed=text[-1] in ")]", first=not after)
        if last is None:
            break
        after.insert(0, last)
        text = parts[0]
    return text, after


def _told_last(
    line: Line, words: str, today: date, *, bracketed: bool, first: bool
) -> Piece | None:
    """A line's last part as a piece, if it is no part of its text; ``first`` if none was yet."""
    if bracketed and is_chrome(words):
        return Piece(Kind.CHROME, words, line)
    facts = read_facts(words, today) if len(words) <= _LONGEST_SUFFIX else None
    if facts is None:
        return None
    sure = facts.strong or facts.votes is not None or facts.external_id
    if sure or (facts.numbers and (not first or _MARKED_FACT.search(words))):
        return Piece(Kind.FACTS, words, line, facts=facts)
    return None


def _take_from_start(line: Line, text: str, today: date) -> tuple[str, list[Piece]]:
    """The text without what was glued before it, and that, in order."""
    before: list[Piece] = []
    for _ in range(_MOST_BEFORE):
        separator = _PARTS.search(text[:_NEAR_START]) if _has_parts(text) else None
        if not separator or separator.start() == 0:
            break
        first = text[: separator.start()]
        facts = read_facts(first, today)
        if facts is None:
            break
        before.append(Piece(Kind.FACTS, first, line, facts=facts))
        text = text[separator.end() :]
    if not text[:1].isalpha() and (marked := _MARKED_START.match(text)):
        facts = read_facts(marked[1].strip("[]"), today)
        if facts:
            before.append(Piece(Kind.FACTS, marked[1], line, facts=facts))
            text = text[marked.end() :]
    return text, before


def _has_parts(text: str) -> bool:
    """Tell whether there may be a separator of parts; a cheap test, right if it says no."""
    return not is_unparted(text) or " - " in text


def _split_last(text: str) -> tuple[str, str] | None:
    """The text before its last separator or bracket, and what stands there."""
    if text[-1:] in ")]" and (match := _SUFFIX.fullmatch(text)):
        return match[1], match[2]
    separators = list(_PARTS.finditer(text)) if _has_parts(text) else []
    if not separators or separators[-1].start() == 0:
        return None
    return text[: separators[-1].start()], text[separators[-1].end() :]
