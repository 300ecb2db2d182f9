"""Undo the marks of one line: of a heading, a list, a table, emphasis; keep what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.sources.lines import Line, PageLink, one_line
from digest.sources.text.cleaning import unescape
from digest.sources.text.unmarked import HEADING

_NUMBER_MARK = re.compile(r"\[(\d{1,6})\](?=\S|$)")
_LIST_MARK = re.compile(r"(?:[*+•‣◦▪·○■●-]|(\d{1,4})\\?[.)])(?:\s+(?=\S)|$)")
_ESCAPED = re.compile(r"\\([_*\[\]#~`<>|+-])")
_OTHER_ESCAPE = re.compile(r"\\([\"'$@^!(){}&.+=:;,/-])")
_HARD_BREAK = re.compile(r"\s{0,4}\\{1,2}(?:\s{1,8}|$)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^\n]{1,400}?)(?<=\S)\1")
_ESCAPES_SEEN = 200_000
_MOST_LIST_MARKS = 3


@dataclass(frozen=True, slots=True)
class PageMarks:
    """Marks as a page writes them.

    ``inline`` says that links stand in its text, so that a backslash before a mark is no word;
    ``escapes`` are other marks that a converter put a backslash before.
    """

    inline: bool
    escapes: frozenset[str]

    def words(self, text: str) -> str:
        """The text without backslashes, emphasis and character references."""
        if "\\" in text:
            if self.inline:
                text = _HARD_BREAK.sub(" ", text)
                text = _ESCAPED.sub(r"\1", text)
            if self.escapes:
                text = _OTHER_ESCAPE.sub(
                    lambda mark: mark[1] if mark[1] in self.escapes else mark[0], text
                )
        if "**" in text or "__" in text:
            text = _STRONG.sub(r"\2", text)
        return one_line(unescape(text))


def marks_of(text: str, plain: str) -> PageMarks:
    """Learn how a page writes its marks: the ``text`` with them, and ``plain`` without its links'."""
    return PageMarks("](" in text or "][" in text, _converter_escapes(plain))


def _converter_escapes(text: str) -> frozenset[str]:
    """The marks before which a converter put a backslash: those that never stand without one."""
    if "\\" not in text:
        return frozenset()
    escaped = set(_OTHER_ESCAPE.findall(text[:_ESCAPES_SEEN]))
    return frozenset(
        mark
        for mark in escaped
        if text.count("\\" + mark) * 5 >= 4 * text.count(mark) and text.count("\\" + mark) >= 2
    )


def underlined_level(stripped: str) -> int:
    """The level of heading that a line of nothing but ``====`` or ``----`` underlines, else 0."""
    if len(stripped) < 4:
        return 0
    return 1 if not stripped.strip("=") else 2 if not stripped.strip("-") else 0


def read_line(
    number: int,
    raw: str,
    links: tuple[PageLink, ...],
    marks: PageMarks,
    *,
    linked: bool,
    after_blank: bool,
) -> Line | None:
    """The line without its marks, ``None`` if nothing is left; its fields as in :class:`Line`."""
    heading, text = _heading(raw.strip())
    whole = text
    bullet, ordinal, text = (False, 0, text) if heading else _list_marks(text)
    if len(text) > 4 and text[0] == text[-1] == "|" and text.count("|") > 2:
        cells = [marks.words(cell.strip()) for cell in text[1:-1].split("|")]
        row = "\t".join(cells)
        return Line(number, row, links=links, after_blank=after_blank) if any(cells) else None
    bold = _STRONG.match(text)
    text, strong, slanted = _emphasis(text)
    text = marks.words(text)
    if not text and whole[:1] in "-–—" and bullet:
        text, bullet = "-", False
    if not text and not links:
        return None
    return Line(
        number,
        text,
        heading=heading,
        links=links,
        after_blank=after_blank or bool(heading),
        indent=len(raw) - len(raw.lstrip()),
        bullet=bullet or ordinal > 0,
        linked=linked,
        whole=strong,
        ordinal=ordinal,
        slanted=slanted,
        marked=one_line(marks.words(whole)) if bullet or ordinal else "",
        bold=marks.words(bold[2]) if bold and not strong else "",
    )


def _heading(text: str) -> tuple[int, str]:
    """The level of a heading (0 for none), and the text without its marks (CommonMark §4.2)."""
    heading = HEADING.match(text + " ")
    if not heading:
        return 0, text
    level = len(heading[1])
    text = text[level:].strip()
    bare = text.rstrip("#")
    return level, bare.rstrip() if bare.endswith(" ") else text


def _list_marks(text: str) -> tuple[bool, int, str]:
    """Tell whether a bullet stands first, the number that does (0 for none), and the text after both."""
    bullet, ordinal = False, 0
    for _ in range(_MOST_LIST_MARKS):
        mark = _LIST_MARK.match(text)
        if not mark or (mark[1] and (bullet or ordinal)):
            break
        bullet, ordinal = bullet or not mark[1], int(mark[1] or 0)
        text = text[mark.end() :]
    return bullet, ordinal, text


def _emphasis(text: str) -> tuple[str, bool, bool]:
    """The text without emphasis around all of it; whether that was strong, and whether slanted."""
    text, strong = _unwrap(text)
    if len(text) > 2 and text[0] == text[-1] and text[0] in "*_":
        inner = text[1:-1]
        if inner[0] != " " and text[0] not in inner:
            text, more = _unwrap(inner.strip())
            return text, strong or more, True
    return text, strong, False


def _unwrap(text: str) -> tuple[str, bool]:
    """The text without strong emphasis around all of it, and whether there was any (CommonMark §6.2)."""
    for mark in ("***", "**", "__"):
        inner = text[len(mark) : -len(mark)]
        if text.startswith(mark) and text.endswith(mark) and inner.strip() and mark not in inner:
            return inner.strip(), True
    return text, False


def undo_numbers(line: Line, references: dict[str, str]) -> None:
    """Undo ``[32]label`` marks whose number is in the page's list of addresses."""
    known = [mark for mark in _NUMBER_MARK.finditer(line.text) if mark[1] in references]
    if not known:
        return
    links = []
    for mark, following in zip(known, [*known[1:], None], strict=True):
        label = line.text[mark.end() : following.start() if following else len(line.text)]
        links.append(PageLink(label.strip(), references[mark[1]]))
    line.linked = line.linked or (len(known) == 1 and known[0].start() == 0)
    line.text = one_line(
        _NUMBER_MARK.sub(lambda mark: "" if mark[1] in references else mark[0], line.text)
    )
    line.links += tuple(links)
