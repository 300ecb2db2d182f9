"""Say of a line, or a part of one, what it is: a paper's words, facts, an address, or furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from digest.sources.chrome import is_chrome, is_footer, is_promotion
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
_FORM = re.compile(
    r"[\[(](?:pdf|html|book|citation|paper|preprint|doc)[\])]\s{1,3}(?=\S)", re.IGNORECASE
)
"""What search engines put before a title."""
_ALT_ONLY = re.compile(r"(?:!?\[[^\[\]]{0,60}\]\s*){1,40}")
ALT_FIRST = re.compile(r"(?:\[[^\[\]]{0,60}\]\s?){1,4}(?=\S)")
_READ_MORE = re.compile(
    r"(?<=[\w.!?…)\"”])\s{1,3}[\[(]?(?:\.\.\.|…)?\s?(?:read|show|see|view|load|learn) (?:more|less|full|all|the full abstract|full abstract)(?:\s?[→»>…]|\.\.\.)?[\])]?$|\s{1,3}[\[(](?:more|…|\.\.\.)[\])]$",
    re.IGNORECASE,
)
_READ_MORE_WORDS = ("more", "less", "full", "all", "…", "...")
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
_FIGURE = re.compile(r"\d")
_ICON = re.compile(r"[^\w\s\[(\"“'‘@#$&*+.,:;!?/\\-]+\ufe0f?\s*")
AI_SUMMARY = re.compile(r"ai[- ]generated summary\W{0,3}", re.IGNORECASE)
_CODE_START = re.compile(
    r"[})\]]|function|var|let|const|import|return|window\.|document\.|if \(|//|/\*"
)
_CODE_END = (";", "{", "=", "||")
_CODE_MARK = re.compile(r"\w\(|\)\s?;|\w\s?=\s?|=>|[{}]|\|\|")
_STARRED = re.compile(r"(?:github|code)\s\d[\d.,]{0,6}k?", re.IGNORECASE)
_SHORT_LINE = 60
_LONGEST_BUTTON = 40
_LONGEST_FACT = 200


class Kind(Enum):
    """Kind of a piece on its page."""

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
    printed: bool = False
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


def one(line: Line, text: str, today: date, links: tuple[PageLink, ...] | None = None) -> Piece:
    """The text as one piece."""
    piece = Piece(Kind.TEXT, text, line, line.links if links is None else links)
    size = len(text)
    named = text[:7].lower() in ("authors", "author:") or "arxiv:" in text[-40:].lower()
    if size <= _LONGEST_FACT or named:
        _recognise(piece, today)
    elif size <= 2000 and " " not in text and (match := _ADDRESS.fullmatch(text)):
        _address(piece, match[1])
    if piece.kind is Kind.TEXT:
        if text[0] in "[(" and (match := _FORM.match(text)):
            text = piece.text = text[match.end() :]
            piece.stated, size = "title", len(text)
        if match := _STATED.match(text[:60]):
            piece.stated = "title" if "title" in match["label"].lower() else "abstract"
        piece.text = _without_read_more(text)
    return piece


def _without_read_more(text: str) -> str:
    """The text without the button that shows the rest of it, which a copy has at its end."""
    end = text[-_LONGEST_BUTTON:].casefold()
    if not any(word in end for word in _READ_MORE_WORDS):
        return text
    if " " not in text[-24:] and text[-1] not in ")]":
        return text
    match = _READ_MORE.search(text, max(len(text) - _LONGEST_BUTTON, 0))
    return text[: match.start()].rstrip() if match else text


def _recognise(piece: Piece, today: date) -> None:
    text, line = piece.text, piece.line
    if line.heading and piece.page_id:
        return
    if match := _ADDRESS.fullmatch(text):
        _address(piece, match[1])
        if piece.kind is Kind.ADDRESS:
            return
    if (line.heading or line.whole) and _ENDING.fullmatch(text.strip("#*: ")):
        piece.kind = Kind.ENDING
        return
    facts = read_facts(text.lstrip("*•◦- ") or text, today) if _may_be_facts(text) else None
    if facts and (not line.heading or facts.published):
        piece.kind, piece.facts = Kind.FACTS, facts
        return
    if text[0] in "![" and _ALT_ONLY.fullmatch(text):
        piece.kind, piece.facts = Kind.FACTS, Facts()
        return
    bare = ALT_FIRST.sub("", text, count=1) if text[0] == "[" else text
    if icon := _ICON.match(bare):
        bare = bare[icon.end() :] or bare
    if bare != text and (len(bare) <= 80):
        again = read_facts(bare, today)
        if again:
            piece.kind, piece.facts = Kind.FACTS, again
            return
    if _FIGURE.search(text) and _PRINTED.fullmatch(text):
        piece.kind, piece.printed = Kind.CHROME, True
    elif _is_furniture(text, bare) or (not line.heading and _is_code(text)):
        piece.kind = Kind.CHROME
        piece.promotion = is_promotion(text)


def _is_furniture(text: str, bare: str) -> bool:
    """Tell whether a line belongs to the page, or to the mail that it came in."""
    return (
        is_chrome(bare)
        or (len(bare) <= _SHORT_LINE and _has_stars(bare) and is_chrome(_STARRED.sub("", bare)))
        or text.startswith("[LINK:")
        or _MAIL_HEADER.fullmatch(text) is not None
        or AI_SUMMARY.fullmatch(text) is not None
    )


def _has_stars(text: str) -> bool:
    return _FIGURE.search(text) is not None and _STARRED.search(text) is not None


def _is_code(text: str) -> bool:
    ends = text.endswith(_CODE_END) or _CODE_START.match(text) is not None
    return ends and _CODE_MARK.search(text) is not None


def _may_be_facts(text: str) -> bool:
    """Tell whether the line could be wholly facts; a long one that is not about authors never is."""
    return (
        len(text) <= 90
        or "·" in text
        or "•" in text
        or "|" in text
        or text[:6].lower() in ("author", "by: ")
        or "arxiv:" in text[-40:].lower()
    )


def _address(piece: Piece, address: str) -> None:
    url = absolute(address.rstrip(").,;"))
    if url:
        piece.kind = Kind.ADDRESS
        piece.links = (*piece.links, PageLink("", url))


def without_label(piece: Piece) -> str:
    """The text after its own ``Title:`` or ``Abstract:``."""
    match = _STATED.match(piece.text)
    return (match["text"] or "").strip("* ") if match else piece.text


def is_submission(piece: Piece) -> bool:
    """Tell whether the piece says who submitted a paper."""
    return piece.kind is Kind.CHROME and piece.text[:12].lower() == "submitted by"


def is_end(piece: Piece) -> bool:
    """Tell whether the list of papers (or the paper) ends here."""
    return piece.kind is Kind.ENDING or (piece.kind is Kind.CHROME and is_footer(piece.text))
