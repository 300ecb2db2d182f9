"""Say of every line what it is: words of a paper, facts about one, an address, or furniture.

Facts that stand on one line with a title (``Title (140 ▲)``, ``Submitted by somebody 24 Title``,
cells of a row) are taken off it, so that each piece is one thing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import pairwise

from digest.sources.chrome import is_chrome, is_footer, is_promotion
from digest.sources.dates import read_day
from digest.sources.facts import Facts, read_facts
from digest.sources.lines import Line, PageLink
from digest.sources.links import absolute, is_page, paper_id

_ADDRESS = re.compile(
    r"(?:(?:link|url|pdf|paper|source|abs|read|see|arxiv|hf|page|details|read more|full text)\s*[:：]\s*|→\s*|↗\s*|🔗\s*)?[<(\[]?"
    r"((?:https?://|www\.|arxiv\.org/|hf\.co/|huggingface\.co/|doi\.org/)[^\s<>]{3,1900})[>)\]]?",
    re.IGNORECASE,
)
_STATED = re.compile(
    r"(?:\d{1,4}[.)]\s+)?\**(?P<label>paper title|title|abstract|summary|tl;?dr)\**\s*[:：]\s*\**\s*(?P<text>\S.*)?",
    re.IGNORECASE | re.DOTALL,
)
_ALT_ONLY = re.compile(r"(?:!?\[[^\[\]]{0,60}\]\s*){1,40}")
_ALT_FIRST = re.compile(r"(?:\[[^\[\]]{0,60}\]\s?){1,4}(?=\S)")
_SUBMITTED = re.compile(r"submitted by\b:?\s{0,3}|submitted by(?=\S)", re.IGNORECASE)
_SUBMITTED_AFTER = re.compile(r"(.{8,400}?)\s{0,3}submitted by:?\s{0,3}(\S{1,40})", re.IGNORECASE)
_HANDLE = re.compile(r"@?[\w.-]{1,40}")
_GLUED_HANDLE = re.compile(r"@?[\w-]{2,30}?(?=\d{1,5}[A-Z\"“'(]|[A-Z][a-z]|[A-Z]{2,}[\s:-])")
_SUFFIX = re.compile(r"(.{3,500}?)\s{0,3}[(\[]([^()\[\]]{1,60})[)\]]\s{0,3}")
_PARTS = re.compile(r"\s{0,3}\t\s{0,3}|\s[·•∙⋅|]\s|\s[—–]\s(?=[\d▲△⬆↑👍🔺🔼❤♥💬⭐★(]|by\s)")
_READ_MORE = re.compile(
    r"(?<=[\w.!?…)\"”])\s{1,3}[\[(]?(?:\.\.\.|…)?\s?(?:read|show|see|view|load|learn) (?:more|less|full|all|the full abstract|full abstract)(?:\s?[→»>…]|\.\.\.)?[\])]?$|\s{1,3}[\[(](?:more|…|\.\.\.)[\])]$",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"(?:models|datasets|spaces|collections|articles|blogs?) (?:citing|including|mentioning|linking) this paper\b.{0,20}|community(?: \(\d{1,5}\))?|comments?(?: \(\d{1,5}\))?|references|bibliography|get this paper in your agent:?|related papers|similar papers|recommended papers",
    re.IGNORECASE,
)
_MAIL_HEADER = re.compile(
    r"(?:from|to|cc|subject|sent|date|reply-to|von|an|betreff|gesendet|de|objet|à)\s?:\s.{1,200}|on .{6,120} wrote:|am .{6,120} schrieb.{0,60}:|-{2,12}\s?(?:original message|forwarded message|ursprüngliche nachricht).{0,20}-{0,12}|begin forwarded message:|sent from my \w{2,20}|--",
    re.IGNORECASE,
)
_PRINTED = re.compile(
    r"(?:\d{1,2}[./]\d{1,2}[./]\d{2,4},? \d{1,2}:\d{2}(?:\s?[ap]m)?)\s{0,9}.{0,120}|(?:https?://\S{4,300}|.{0,80})\s{1,9}\d{1,4}\s?/\s?\d{1,4}|-\s?\d{1,4}\s?-",
    re.IGNORECASE,
)
_ICON = re.compile(r"^[^\w\s\[(\"“'‘@#$&*+.,:;!?/\\-]+\ufe0f?\s*")
_AI_SUMMARY = re.compile(r"ai[- ]generated summary\W{0,3}", re.IGNORECASE)
_MARKED_FACT = re.compile(
    r"[▲△⬆↑👍🔺🔼❤♥💬⭐★]|votes?\b|authors?\b|comments?\b|arxiv|likes?\b|points?\b|stars?\b|upvotes?",
    re.I,
)
_CODE = re.compile(
    r"[;{]$|^[})\]]|^(?:function|var|let|const|import|return|window\.|document\.|if \(|//|/\*)|=$|\|\|$"
)
_CODE_MARKS = re.compile(r"\w\(|\)\s?;|\w\s?=\s?|=>|[{}]|\|\|")
_PERSON = re.compile(r"[^\W\d_][\w'’.-]{0,30}(?:\s[\w'’.()-]{1,30}){1,4}")
_LONGEST_FACT = 200
_LONGEST_BUTTON = 12
_LONGEST_PEELED = 420


class Kind(Enum):
    """What a piece is on its page."""

    TEXT = "text"
    FACTS = "facts"
    ADDRESS = "address"
    CHROME = "chrome"
    ENDING = "ending"


@dataclass(slots=True)
class Piece:
    """A line, or a part of one, that is one thing.

    ``whole`` is the line as it stood, list mark included, for a text that goes on on it.
    ``peeled`` says on which sides facts were taken off this text's line: ``<``, ``>`` or both.
    """

    kind: Kind
    text: str
    line: Line
    links: tuple[PageLink, ...] = ()
    facts: Facts | None = None
    promotion: bool = False
    stated: str = ""
    peeled: str = ""
    after_blank: bool = False
    part: int = 0

    @property
    def page_id(self) -> str | None:
        """The id of the paper to whose page a link of this piece leads."""
        for link in self.links:
            if is_page(link.url):
                return paper_id(link.url)
        return None

    @property
    def whole(self) -> str:
        """The text with the list mark that it may have started with."""
        return self.line.marked if self.line.marked and not self.part else self.text


def read_pieces(lines: Sequence[Line], today: date) -> list[Piece]:
    """The pieces of a page, in order."""
    handles = _handles(lines)
    pieces: list[Piece] = []
    expecting_name = False
    for line in lines:
        for part, piece in enumerate(_pieces(line, today, handles)):
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
    return pieces


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
    """Whether the piece is more than a picture's place."""
    return bool(piece.text) and not (piece.facts == Facts() and piece.text[0] == "[")


def _bare_submitted(text: str) -> bool:
    return text.strip(" :·•").lower() in ("submitted by", "by")


def _handles(lines: Sequence[Line]) -> Counter[str]:
    """Who submitted papers here, as far as the name stands on a line with nothing after it."""
    found: Counter[str] = Counter()
    for line in lines:
        if line.text[:12].lower() == "submitted by":
            rest = line.text[12:].strip(" :")
            if rest and _HANDLE.fullmatch(rest):
                found[rest] += 1
    return found


def _pieces(line: Line, today: date, handles: Counter[str]) -> list[Piece]:
    text = line.text
    if not text:
        return [Piece(Kind.FACTS, "", line, line.links, Facts())]
    if len(line.links) > 1 and (apart := _buttons(line)):
        buttons = [_one(line, label, today, links) for label, links in apart]
        for button in buttons:
            if button.kind is Kind.TEXT and not button.page_id:
                button.kind = Kind.CHROME
        return buttons
    if len(text) <= _LONGEST_PEELED and not (line.heading and _page(line)):
        lowered = text[:14].lower()
        if lowered.startswith("submitted by"):
            return _submission(line, today, handles)
        if "\t" in text:
            return _cells(line, today)
    piece = _one(line, text, today)
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


def _one(line: Line, text: str, today: date, links: tuple[PageLink, ...] | None = None) -> Piece:
    """The text as one piece."""
    piece = Piece(Kind.TEXT, text, line, line.links if links is None else links)
    size = len(text)
    if size <= _LONGEST_FACT or text[:7].lower() in ("authors", "author:"):
        _recognise(piece, today)
    elif size <= 2000 and " " not in text and (found := _ADDRESS.fullmatch(text)):
        _address(piece, found[1])
    if piece.kind is Kind.TEXT:
        if found := _STATED.match(text[:60]):
            piece.stated = "title" if "title" in found["label"].lower() else "abstract"
        if text[-24:].find(" ") >= 0 or text[-1] in ")]":
            tail = _READ_MORE.search(text, max(size - 40, 0))
            if tail:
                piece.text = text[: tail.start()].rstrip()
    return piece


def _recognise(piece: Piece, today: date) -> None:
    text, line = piece.text, piece.line
    if line.heading and piece.page_id:
        return
    if found := _ADDRESS.fullmatch(text):
        _address(piece, found[1])
        if piece.kind is Kind.ADDRESS:
            return
    if _ENDING.fullmatch(text.strip("#*: ")) and (line.heading or line.whole):
        piece.kind = Kind.ENDING
        return
    facts = read_facts(text.lstrip("*•◦- ") or text, today) if _may_be_facts(text) else None
    if facts and (not line.heading or facts.published):
        piece.kind, piece.facts = Kind.FACTS, facts
        return
    if _ALT_ONLY.fullmatch(text):
        piece.kind, piece.facts = Kind.FACTS, Facts()
        return
    bare = _ALT_FIRST.sub("", text, count=1) if text[0] == "[" else text
    bare = _ICON.sub("", bare) or bare
    if bare != text and (len(bare) <= 80):
        again = read_facts(bare, today)
        if again:
            piece.kind, piece.facts = Kind.FACTS, again
            return
    if (
        is_chrome(bare)
        or text.startswith("[LINK:")
        or _MAIL_HEADER.fullmatch(text)
        or _PRINTED.fullmatch(text)
        or _AI_SUMMARY.fullmatch(text)
        or (not line.heading and _CODE.search(text) and _CODE_MARKS.search(text))
    ):
        piece.kind = Kind.CHROME
        piece.promotion = is_promotion(text)


def _may_be_facts(text: str) -> bool:
    """Whether the line could be wholly facts; a long one that is not about authors never is."""
    return (
        len(text) <= 90
        or "·" in text
        or "•" in text
        or "|" in text
        or text[:6].lower() in ("author", "by: ")
    )


def _address(piece: Piece, address: str) -> None:
    url = absolute(address.rstrip(").,;"))
    if url:
        piece.kind = Kind.ADDRESS
        piece.links = (*piece.links, PageLink("", url))


def _cells(line: Line, today: date) -> list[Piece]:
    """The cells of a row, each a piece."""
    cells = [cell.strip() for cell in line.text.split("\t")]
    cells = [cell for cell in cells if cell]
    if len(cells) < 2:
        return [_one(line, line.text.replace("\t", " ").strip(), today)]
    pieces = [_one(line, cell, today) for cell in cells]
    for piece in pieces[1:]:
        if piece.kind is not Kind.ADDRESS:
            piece.links = ()
    _mark_peeled(pieces)
    return pieces


def _mark_peeled(pieces: Sequence[Piece]) -> None:
    """Note on each text of a line on which side of it the line has facts."""
    told = [
        place
        for place, piece in enumerate(pieces)
        if piece.kind is Kind.FACTS and piece.facts != Facts()
    ]
    for place, piece in enumerate(pieces):
        if piece.kind is Kind.TEXT:
            piece.peeled = (any(at < place for at in told) * "<") + (
                any(at > place for at in told) * ">"
            )


def _submission(line: Line, today: date, handles: Counter[str]) -> list[Piece]:
    """``Submitted by somebody``, and what may be glued to it: votes and a title."""
    text = line.text
    found = _SUBMITTED.match(text)
    rest = _ALT_FIRST.sub("", text[found.end() :] if found else "", count=1).strip()
    chrome = Piece(Kind.CHROME, text, line)
    if not rest or (_HANDLE.fullmatch(rest) and len(rest) <= 40 and not _long_glue(rest, handles)):
        chrome.text = "submitted by" if not rest else text
        chrome.links = line.links
        return [chrome]
    name = ""
    glued = found is not None and not text[12:13].isspace() and text[12:13] != ":"
    known = [handle for handle in handles if rest.startswith(handle)]
    if known:
        name = max(known, key=len)
    elif not glued or (_HANDLE.fullmatch(rest.split(None, 1)[0]) and not _GLUED_HANDLE.match(rest)):
        name = rest.split(None, 1)[0]
    elif guess := _GLUED_HANDLE.match(rest):
        name = guess[0]
    rest = rest[len(name) :].strip(" ·•|")
    chrome.text = f"submitted by {name}"
    pieces = [chrome]
    if number := re.match(r"(\d{1,5}(?:\.\d)?[kK]?)(?=\s|[A-Z\"“(]|$)\s{0,3}", rest):
        facts = read_facts(number[1], today)
        pieces.append(Piece(Kind.FACTS, number[1], line, facts=facts))
        rest = rest[number.end() :]
    if rest:
        title = _one(line, rest, today)
        pieces += _peel(title, today) if title.kind is Kind.TEXT else [title]
        _mark_peeled(pieces)
    return pieces


def _long_glue(rest: str, handles: Counter[str]) -> bool:
    return len(rest) > 24 and any(rest.startswith(handle) and rest != handle for handle in handles)


def _peel(piece: Piece, today: date) -> list[Piece]:
    """The text without the facts at its ends, between them and it a separator or brackets."""
    line, text = piece.line, piece.text
    before: list[Piece] = []
    after: list[Piece] = []
    if found := _SUBMITTED_AFTER.fullmatch(text):
        after.append(Piece(Kind.CHROME, f"submitted by {found[2]}", line))
        text = found[1]
    for _ in range(6):
        parts = _split_last(text)
        if parts is None:
            break
        facts = read_facts(parts[1], today) if len(parts[1]) <= 90 else None
        if facts is None or not (
            facts.strong
            or facts.votes is not None
            or facts.external_id
            or (facts.numbers and (after or _MARKED_FACT.search(parts[1])))
        ):
            break
        after.insert(0, Piece(Kind.FACTS, parts[1], line, facts=facts))
        text = parts[0]
    for _ in range(4):
        found_first = _PARTS.search(text[:60])
        if not found_first or found_first.start() == 0:
            break
        first = text[: found_first.start()]
        facts = read_facts(first, today)
        if facts is None:
            break
        before.append(Piece(Kind.FACTS, first, line, facts=facts))
        text = text[found_first.end() :]
    if marked := re.match(
        r"((?:[▲△⬆↑👍🔺🔼❤♥]\ufe0f?\s?\d[\d,.]{0,6}[kK]?)|(?:\d[\d,.]{0,6}[kK]?\s?[▲△⬆↑👍🔺🔼❤♥]\ufe0f?)|(?:\[\d{1,6}\](?=\s+[A-Z\"“])))\s{1,3}(?=\S)",
        text,
    ):
        facts = read_facts(marked[1].strip("[]"), today)
        if facts:
            before.append(Piece(Kind.FACTS, marked[1], line, facts=facts))
            text = text[marked.end() :]
    if not before and not after:
        return [piece]
    text = text.strip(" ·•|\t")
    if not text:
        return [*before, *after]
    middle = _one(line, text, today)
    if middle.kind is not Kind.TEXT and not piece.page_id:
        return [*before, middle, *after]
    for other in (*before, *after):
        other.links = ()
    _mark_peeled(pieces := [*before, middle, *after])
    return pieces


def _split_last(text: str) -> tuple[str, str] | None:
    """The text before its last separator or bracket, and what stands there."""
    if text[-1:] in ")]" and (found := _SUFFIX.fullmatch(text)):
        return found[1], found[2]
    found_parts = list(_PARTS.finditer(text))
    if not found_parts or found_parts[-1].start() == 0:
        return None
    last = found_parts[-1]
    return text[: last.start()], text[last.end() :]


def _drop_summaries(pieces: Sequence[Piece]) -> None:
    """Set aside a machine's summary above the abstract, where the page says that it is one."""
    for place, piece in enumerate(pieces):
        if piece.kind is not Kind.CHROME or not _AI_SUMMARY.fullmatch(piece.text):
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


def without_label(piece: Piece) -> str:
    """The text after its own ``Title:`` or ``Abstract:``."""
    found = _STATED.match(piece.text)
    return (found["text"] or "").strip("* ") if found else piece.text


def is_end(piece: Piece) -> bool:
    """Whether the list of papers (or the paper) ends here."""
    return piece.kind is Kind.ENDING or (piece.kind is Kind.CHROME and is_footer(piece.text))
