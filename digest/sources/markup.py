"""Undo Markdown and the link marks of text browsers, so that only a page's own words are left.

Inline links are ``[label](address)`` (CommonMark 0.31 §6.3); captures of text browsers write
``[label][32]`` or ``[32]label`` and list the addresses at the end of the page.
"""

from __future__ import annotations

import re

from digest.sources.bounds import MOST_LABEL_LINES
from digest.sources.lines import Line, Page, PageLink, one_line
from digest.sources.links import absolute

_MOST_FRONT_LINES = 60
_MOST_OPEN = 50
_LONGEST_STRONG = 400

_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+\S")
_LINK_START = re.compile(
    r"\s{0,8}(?:(?:[*+-]|\d{1,4}[.)])\s+)?(?:\*\*)?!?\[[^\[\]\s].{0,400}?\](?:\(|\[\d)"
)
_DEFINITION = re.compile(r"\s{0,8}\[(\d{1,6})\]:?\s+<?(\S{1,2000}?)>?(?:\s+[\"'(].{0,200})?\s*")
_NUMBERED = re.compile(r"\s{0,12}(\d{1,6})[.:]\s+(\S{1,2000})\s*")
_LIST_TITLE = re.compile(r"\s*+#{0,6}\s*+(?:references|links|visible links|footnotes):?\s*", re.I)
_MARK = re.compile(r"\[(\d{1,6})\](?=\S|$)")
_OPENER = re.compile(r"\s*!?\[\s*")
_CLOSER = re.compile(r"\s*\](?:\((\S{0,2000}?)\)|\[(\d{1,6})\])\s*")
_TOKEN = re.compile(
    r"\\[\\`*_{}\[\]()#+.!<>|~-]|!?\["
    r"|\]\((?P<url><[^<>\n]{0,2000}>|(?:[^()\s]|\([^()\s]{0,500}\)){0,2000})(?:\s+\"[^\"]{0,300}\")?\s?\)"
    r"|\]\[(?P<ref>\d{1,6})\]|\]"
)
_ESCAPED = re.compile(r"\\([_*\[\]#~`<>|])")
_BULLET = re.compile(r"(?:[*+•‣◦-]|\d{1,4}[.)])\s+(?=\S)")
_TAGS_ONLY = re.compile(r"(?:\s*</?[a-zA-Z][^<>]{0,400}>)+\s*")
_STAMP = re.compile(
    r"\W{0,4}(?:retrieved|exported|captured|date|published|fetched|saved|accessed|crawled|updated|day)\b[^:\n]{0,30}:\s*"
    r"[\"']?(\d{4}-\d{2}-\d{2})",
    re.I,
)
_LABELLED = re.compile(
    r"\W{0,4}(?:url|source|source url|page title|captured|retrieved|exported|title|web source|command|transport|generated from|source html|source sha256|extraction)\b"
    r"[^:]{0,30}:",
    re.I,
)


def read_plain(text: str) -> Page:
    """The lines of a text without markup, exactly as they are but for outer blanks."""
    lines: list[Line] = []
    blank = True
    for number, raw in enumerate(text.split("\n"), start=1):
        words = one_line(raw)
        if not words:
            blank = True
            continue
        indent = len(raw) - len(raw.lstrip())
        lines.append(Line(number, words, after_blank=blank, indent=indent))
        blank = False
    return Page(lines)


def is_marked(text: str) -> bool:
    """Whether the text is Markdown or a text browser's capture, not a plain copy."""
    starts = 0
    for raw in text.split("\n"):
        if "#" in raw[:4] and _HEADING.match(raw):
            return True
        starts += _looks_marked(raw)
        if starts >= 2:
            return True
    return len(_references(text.split("\n"))[0]) >= 2


def _looks_marked(raw: str) -> bool:
    """Whether the line starts with a link, lists an address, or is bold from end to end."""
    if raw[:2] == "**":
        return raw.rstrip()[-2:] == "**" and 4 < len(raw) <= _LONGEST_STRONG
    if raw[:4] in ("----", "===="):
        return not raw.strip("-= \t")
    return "[" in raw[:20] and bool(_LINK_START.match(raw) or _DEFINITION.fullmatch(raw))


def read_marked(text: str) -> Page:
    """The lines of a Markdown page or a text browser's capture, markup undone, links kept."""
    return _Reading(text).page()


def _references(raws: list[str]) -> tuple[dict[str, str], set[int]]:
    """The addresses by their mark, and the (zero-based) lines that list them."""
    found: dict[str, str] = {}
    used: set[int] = set()
    listing = False
    for index, raw in enumerate(raws):
        stripped = raw.strip()
        if not stripped:
            continue
        if _LIST_TITLE.fullmatch(raw):
            listing = True
            used.add(index)
            continue
        match = _DEFINITION.fullmatch(raw) if stripped[0] == "[" else None
        if match is None and listing and stripped[0].isdigit():
            match = _NUMBERED.fullmatch(raw)
        address = absolute(match[2]) if match else None
        if match and (address or ":" in match[2] or match[2][0] in "/#"):
            used.add(index)
            if address:
                found.setdefault(match[1], address)
        elif listing and match is None:
            listing = False
    return found, used


class _Reading:
    """One pass over a marked page."""

    def __init__(self, text: str) -> None:
        self.raws = text.split("\n")
        self.references, self.used = _references(self.raws)
        self.inline = "](" in text
        self.lines: list[Line] = []
        self.open: list[int] = []
        self.balances: dict[int, int | None] = {}
        self.stamp = ""
        self.blank = True

    def page(self) -> Page:
        index = self._skip_front()
        while index < len(self.raws):
            index = self._read(index)
        return Page(self.lines, marked=True, stamp=self.stamp)

    def _skip_front(self) -> int:
        """Past the YAML block that some savers put at the top, keeping the day it names."""
        top = self.raws[:_MOST_FRONT_LINES]
        for raw in top:
            if not self.stamp and (found := _STAMP.match(raw)):
                self.stamp = found[1]
        if top and top[0].strip() == "---":
            for index, raw in enumerate(top[1:], start=1):
                if raw.strip() == "---":
                    return index + 1
        return 0

    def _read(self, index: int) -> int:
        """Read the line at ``index`` (and those its link goes on over); where to go on."""
        raw = self.raws[index]
        stripped = raw.strip()
        if not stripped or stripped == "\\" or _TAGS_ONLY.fullmatch(raw):
            self.blank = True
            return index + 1
        if index in self.used or stripped.startswith(("```", "~~~")):
            self.blank = True
            return index + 1
        if index < _MOST_FRONT_LINES and not self.lines and _LABELLED.match(stripped):
            return index + 1
        if _OPENER.fullmatch(stripped):
            self.open = [*self.open[-_MOST_OPEN:], len(self.lines)]
            self.blank = True
            return index + 1
        if closing := _CLOSER.fullmatch(stripped):
            self._close(closing)
            return index + 1
        if self._underlines(stripped):
            return index + 1
        stripped, after = self._whole_label(index, stripped)
        self._add(index, raw, stripped)
        return after

    def _close(self, closing: re.Match[str]) -> None:
        """End a link whose label stood on lines of its own."""
        since = self.open.pop() if self.open else len(self.lines)
        url = self._target(closing[1], closing[2])
        if url and len(self.lines) - since <= MOST_LABEL_LINES:
            whole = len(self.lines) - since == 1
            for line in self.lines[since:]:
                line.links += (PageLink(line.text, url),)
                line.linked = line.linked or whole
        self.blank = True

    def _underlines(self, stripped: str) -> bool:
        """Whether this line underlines a heading (CommonMark §4.3), which it then becomes."""
        if self.blank or not self.lines or stripped.strip("=-") or len(set(stripped)) != 1:
            return False
        last = self.lines[-1]
        if len(stripped) < 4 or abs(len(stripped) - len(last.text)) > 2:
            return False
        last.heading = 1 if stripped[0] == "=" else 2
        self.blank = True
        return True

    def _whole_label(self, index: int, stripped: str) -> tuple[str, int]:
        """The line with those its link label goes on over, and the index after them."""
        start = stripped.lstrip("#>*+-0123456789. ")
        after = index + 1
        if not start.startswith(("[", "![")):
            return stripped, after
        balance = _balance(stripped)
        furthest = min(index + MOST_LABEL_LINES, len(self.raws))
        while balance > 0 and after < furthest:
            more = self._balance_at(after)
            if more is None:
                break
            balance += more
            after += 1
        if balance > 0 or after == index + 1:
            return stripped, index + 1
        pieces = [stripped, *(raw.strip() for raw in self.raws[index + 1 : after])]
        return " ".join(piece.removesuffix("\\").strip() for piece in pieces), after

    def _balance_at(self, index: int) -> int | None:
        """What a line adds to the open brackets; ``None`` if no label goes on over it."""
        if index not in self.balances:
            line = self.raws[index].strip()
            ends = not line or _HEADING.match(line)
            self.balances[index] = None if ends else _balance(line)
        return self.balances[index]

    def _add(self, index: int, raw: str, stripped: str) -> None:
        heading = 0
        if found := _HEADING.match(stripped + " "):
            heading = len(found[1])
            stripped = stripped[heading:].strip()
            bare = stripped.rstrip("#")
            stripped = bare.rstrip() if bare.endswith(" ") else stripped
        stripped = stripped.removeprefix("> ").removeprefix(">").lstrip() or stripped
        bullet = _BULLET.match(stripped) if not heading else None
        if bullet:
            stripped = stripped[bullet.end() :]
        stripped, strong = _unwrap(stripped)
        text, links, linked = self._unlink(stripped)
        text, inner = _unwrap(one_line(text))
        if not text and not links:
            self.blank = True
            return
        self.lines.append(
            Line(
                index + 1,
                text,
                heading=heading,
                links=tuple(links),
                after_blank=self.blank or bool(heading),
                indent=len(raw) - len(raw.lstrip()),
                bullet=bullet is not None,
                linked=linked,
                whole=strong or inner,
            )
        )
        self.blank = False

    def _target(self, url: str | None, mark: str | None) -> str | None:
        if mark is not None:
            return self.references.get(mark)
        return absolute(url) if url else None

    def _unlink(self, text: str) -> tuple[str, list[PageLink], bool]:
        """The text with link marks undone, its links, and whether the whole text was one link."""
        links: list[PageLink] = []
        if self.references and "[" in text and "][" not in text:
            text, links = self._unmark(text)
        if "](" not in text and "][" not in text:
            return (_ESCAPED.sub(r"\1", text) if self.inline else text), links, False
        out: list[str] = []
        opened: list[tuple[int, bool]] = []
        position, closed = 0, 0
        for token in _TOKEN.finditer(text):
            out.append(text[position : token.start()])
            position = token.end()
            mark = token[0]
            if mark in ("[", "!["):
                if len(opened) < _MOST_OPEN:
                    opened.append((len(out), mark == "!["))
                out.append(mark)
            elif mark == "]":
                if opened:
                    opened.pop()
                out.append(mark)
            elif mark[0] == "\\" or not opened:
                out.append(mark)
            else:
                whole = position == len(text) and not closed and opened[0] == (1, False)
                start, image = opened[0] if whole and not out[0] else opened.pop()
                if image:
                    del out[start:]
                    continue
                closed += 1
                out[start] = ""
                if url := self._target((token["url"] or "").strip("<>"), token["ref"]):
                    links.append(PageLink("".join(out[start:]).strip(), url))
        linked = closed == 1 and position == len(text) and text.startswith("[")
        out.append(text[position:])
        plain = "".join(out)
        return (_ESCAPED.sub(r"\1", plain) if self.inline else plain), links, linked

    def _unmark(self, text: str) -> tuple[str, list[PageLink]]:
        """Undo ``[32]label`` marks whose number is in the page's list of addresses."""
        known = [mark for mark in _MARK.finditer(text) if mark[1] in self.references]
        if not known:
            return text, []
        links = []
        for mark, following in zip(known, [*known[1:], None], strict=True):
            label = text[mark.end() : following.start() if following else len(text)]
            links.append(PageLink(label.strip(), self.references[mark[1]]))
        bare = _MARK.sub(lambda mark: "" if mark[1] in self.references else mark[0], text)
        return bare, links


def _balance(text: str) -> int:
    return text.count("[") - text.count("\\[") - text.count("]") + text.count("\\]")


def _unwrap(text: str) -> tuple[str, bool]:
    """The text without emphasis around all of it, and whether there was any (CommonMark §6.2)."""
    for mark in ("***", "**", "__"):
        inner = text[len(mark) : -len(mark)]
        if text.startswith(mark) and text.endswith(mark) and inner.strip() and mark not in inner:
            return inner.strip(), True
    return text, False
