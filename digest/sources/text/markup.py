"""Undo Markdown and the link marks of text browsers, keeping on each line what its marks said."""

from __future__ import annotations

import re

from digest.sources.lines import Line, PageLink, one_line
from digest.sources.text.brackets import (
    REFERENCE,
    Scan,
    listed_lines,
    numbered_references,
    reference_url,
    soft_breaks,
)
from digest.sources.text.cleaning import unescape
from digest.sources.text.joining import join_plain

_LONGEST_STRONG = 400
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+\S")
_LINK_START = re.compile(
    r"\s{0,8}(?:(?:[*+•-]|\d{1,4}[.)])\s+){0,2}(?:\*\*)?!?\[[^\[\]\n]{0,400}\](?:\(|\[)"
)
_NUMBER_MARK = re.compile(r"\[(\d{1,6})\](?=\S|$)")
_BULLET = re.compile(r"(?:[*+•‣◦▪·○■●-]|(\d{1,4})\\?[.)])(?:\s+(?=\S)|$)")
_ESCAPED = re.compile(r"\\([_*\[\]#~`<>|+-])")
_OTHER_ESCAPE = re.compile(r"\\([\"'$@^!(){}&.+=:;,/-])")
_HARD_BREAK = re.compile(r"\s{0,4}\\{1,2}(?:\s{1,8}|$)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^\n]{1,400}?)(?<=\S)\1")
_STAMP = re.compile(
    r"\W{0,4}(?:retrieved|exported|captured|date|published time|published|fetched|saved|accessed|crawled|updated|day)\b[^:\n]{0,30}:\s*"
    r"[\"']?(?:\w{3}, )?(\d{4}-\d{2}-\d{2}|\d{1,2} \w{3} \d{4})",
    re.I,
)
_SAVER = re.compile(
    r"\W{0,4}(?:url|source|source url|url source|page title|captured|retrieved|exported|title|web source|command|transport|generated from|source html|source sha256|extraction|published time|markdown content|statuscode|completeness|extracted text|warning)\b[^:]{0,30}(?::|$)",
    re.I,
)
_MOST_FRONT_LINES = 60


def is_marked(text: str) -> bool:
    """Whether the text is Markdown or a text browser's capture, not a plain copy."""
    starts = links = 0
    lines = text.split("\n")
    for raw in lines:
        if "#" in raw[:4] and _HEADING.match(raw):
            return True
        starts += _looks_marked(raw)
        links += len(raw) <= _LONGEST_STRONG and ("](http" in raw or "](/" in raw)
        if starts >= 2:
            return True
    if links >= 3 and links * 5 >= sum(not raw.isspace() for raw in lines if raw):
        return True
    return len(numbered_references(lines)) >= 2


def _looks_marked(raw: str) -> bool:
    if raw[:2] == "**":
        return raw.rstrip()[-2:] == "**" and 4 < len(raw) <= _LONGEST_STRONG
    if raw[:4] in ("----", "===="):
        return not raw.strip("-= \t")
    if raw[:3] == "<a " or raw[:2] == "<h":
        return True
    return "[" in raw[:20] and bool(_LINK_START.match(raw) or REFERENCE.match(raw))


def read_marked(text: str) -> tuple[list[Line], str]:
    """The lines of a marked text with its marks undone, and the day its saver noted (``""``)."""
    scan = Scan(text)
    out: list[str] = []
    owners: list[tuple[int, int]] = []
    """(position in the output, shift to the source)."""
    position = length = 0
    edges = sorted(scan.drop)
    for edge in edges:
        if edge < position:
            continue
        out.append(text[position:edge])
        owners.append((length, position))
        length += edge - position
        if instead := scan.put.get(edge, ""):
            out.append(instead)
            owners.append((length, edge))
            length += len(instead)
        position = scan.drop[edge]
    out.append(text[position:])
    owners.append((length, position))
    plain = "".join(out)
    breaks = soft_breaks(text, scan)
    return _lines(plain, owners, scan, breaks, text)


def _lines(
    plain: str, owners: list[tuple[int, int]], scan: Scan, soft: set[int], text: str
) -> tuple[list[Line], str]:
    spans = sorted(scan.links)
    references = {found.start() for found in REFERENCE.finditer(text) if reference_url(found[2])}
    listed = listed_lines(text)
    starts = [0]
    for found in re.finditer("\n", text):
        starts.append(found.end())
    escapes = _converter_escapes(plain)
    inline = "](" in text or "][" in text
    lines: list[Line] = []
    stamp, fenced, blank = "", False, True
    owner = 0
    span = 0
    active: list[tuple[int, int, str, bool]] = []
    number_at = 0
    begin = 0
    size = len(plain)
    while begin <= size:
        # A logical line: up to the next break that is not inside a wrapped label.
        stop = begin
        pieces: list[tuple[str, int]] = []
        while True:
            brk = plain.find("\n", stop)
            brk = size if brk < 0 else brk
            while owner + 1 < len(owners) and owners[owner + 1][0] <= stop:
                owner += 1
            pieces.append((plain[stop:brk], owners[owner][1] + stop - owners[owner][0]))
            at = owner
            while at + 1 < len(owners) and owners[at + 1][0] <= brk:
                at += 1
            source = owners[at][1] + brk - owners[at][0]
            if brk >= size or source not in soft or len(pieces) > 60:
                break
            stop = brk + 1
        first_source, last_source = pieces[0][1], source
        raw = pieces[0][0] if len(pieces) == 1 else _joined([piece for piece, _ in pieces])
        begin = brk + 1
        while number_at + 1 < len(starts) and starts[number_at + 1] <= first_source:
            number_at += 1
        number = number_at + 1
        if number <= _MOST_FRONT_LINES and not stamp and (noted := _STAMP.match(raw)):
            stamp = noted[1]
        while span < len(spans) and spans[span][0] <= last_source:
            active.append(spans[span])
            span += 1
        if active:
            active = [each for each in active if each[1] >= first_source]
        if number in listed:
            blank = True
            continue
        stripped = raw.strip()
        if not stripped and not active:
            blank = True
            continue
        if number <= _MOST_FRONT_LINES and not lines and _SAVER.match(stripped):
            continue
        if stripped.startswith(("```", "~~~")):
            fenced, blank = not fenced, True
            continue
        if starts[number_at] in references:
            blank = True
            continue
        covering = [each for each in active if each[0] <= last_source]
        links = tuple(
            PageLink(one_line(" ".join(text[a:b].split()))[:200] if b - a < 400 else "", url)
            for a, b, url, _ in covering
        )
        cover = _cover(raw, covering, first_source, last_source)
        linked = cover > 0
        line = _line(number, raw, links, linked, blank, inline, escapes)
        if line is None:
            blank = True
            continue
        if isinstance(line, int):
            if lines and not blank and abs(len(stripped) - len(lines[-1].text)) <= 2:
                lines[-1].heading = line
            blank = True
            continue
        line.span = cover
        last = pieces[-1][0].rstrip()
        line.columns = len(last) if len(pieces) == 1 and not links else 0
        if scan.references and "[" in line.text:
            _unmark(line, scan.references)
        lines.append(line)
        blank = False
    return lines, stamp


def _joined(pieces: list[str]) -> str:
    """The lines of one label as one; a heading's mark may stand before each of them."""
    words = [piece.strip().rstrip("\\").strip() for piece in pieces]
    if _HEADING.match(words[0]):
        words[1:] = [
            word.lstrip("#").strip() if _HEADING.match(word) else word for word in words[1:]
        ]
    return join_plain([word for word in words if word])


def _cover(raw: str, covering: list[tuple[int, int, str, bool]], first: int, last: int) -> int:
    """Where the label begins that (nearly) the whole of a line belongs to; 0 for none."""
    words = len(raw.strip().lstrip("#*+-•>0123456789.) "))
    for start, end, _, _ in covering:
        if words and min(end, last) - max(start, first) >= 0.9 * words:
            return start
    return 0


def _line(
    number: int,
    raw: str,
    links: tuple[PageLink, ...],
    linked: bool,
    blank: bool,
    inline: bool,
    escapes: frozenset[str],
) -> Line | int | None:
    """The line; the level of the heading that this line underlines; ``None`` for nothing."""
    stripped = raw.strip()
    heading = 0
    if found := _HEADING.match(stripped + " "):
        heading = len(found[1])
        stripped = stripped[heading:].strip()
        bare = stripped.rstrip("#")
        stripped = bare.rstrip() if bare.endswith(" ") else stripped
    elif len(stripped) >= 4 and not stripped.strip("=") and not links:
        return 1
    elif len(stripped) >= 4 and not stripped.strip("-") and not links:
        return 2
    indent = len(raw) - len(raw.lstrip())
    bullet, ordinal, whole = False, 0, stripped
    for _ in range(3):
        mark = _BULLET.match(stripped) if not heading else None
        if not mark or (mark[1] and (bullet or ordinal)):
            break
        bullet, ordinal = bullet or not mark[1], int(mark[1] or 0)
        stripped = stripped[mark.end() :]
    if len(stripped) > 4 and stripped[0] == stripped[-1] == "|" and stripped.count("|") > 2:
        cells = [_words(cell.strip(), inline, escapes) for cell in stripped[1:-1].split("|")]
        row = "\t".join(cells)
        return Line(number, row, links=links, after_blank=blank) if any(cells) else None
    stripped, strong = _unwrap(stripped)
    slanted = False
    if len(stripped) > 2 and stripped[0] == stripped[-1] and stripped[0] in "*_":
        inner = stripped[1:-1]
        if inner[0] != " " and stripped[0] not in inner:
            stripped, slanted = inner.strip(), True
            stripped, more = _unwrap(stripped)
            strong = strong or more
    stripped = _words(stripped, inline, escapes)
    if not stripped and whole[:1] in "-–—" and bullet:
        stripped, bullet = "-", False
    if not stripped and not links:
        return None
    return Line(
        number,
        stripped,
        heading=heading,
        links=links,
        after_blank=blank or bool(heading),
        indent=indent,
        bullet=bullet or ordinal > 0,
        linked=linked,
        whole=strong,
        ordinal=ordinal,
        slanted=slanted,
        marked=one_line(_words(whole, inline, escapes)) if bullet or ordinal else "",
    )


def _words(text: str, inline: bool, escapes: frozenset[str]) -> str:
    if "\\" in text:
        if inline:
            text = _HARD_BREAK.sub(" ", text)
            text = _ESCAPED.sub(r"\1", text)
        if escapes:
            text = _OTHER_ESCAPE.sub(lambda mark: mark[1] if mark[1] in escapes else mark[0], text)
    if "**" in text or "__" in text:
        text = _STRONG.sub(r"\2", text)
    return one_line(unescape(text))


def _converter_escapes(text: str) -> frozenset[str]:
    """The marks before which a converter put a backslash: those that never stand without one."""
    if "\\" not in text:
        return frozenset()
    escaped = set(_OTHER_ESCAPE.findall(text[:200_000]))
    return frozenset(
        mark
        for mark in escaped
        if text.count("\\" + mark) * 5 >= 4 * text.count(mark) and text.count("\\" + mark) >= 2
    )


def _unwrap(text: str) -> tuple[str, bool]:
    """The text without emphasis around all of it, and whether there was any (CommonMark §6.2)."""
    for mark in ("***", "**", "__"):
        inner = text[len(mark) : -len(mark)]
        if text.startswith(mark) and text.endswith(mark) and inner.strip() and mark not in inner:
            return inner.strip(), True
    return text, False


def _unmark(line: Line, references: dict[str, str]) -> None:
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


def saver_day(notes: str) -> str:
    """The day that a saver's notes name, as they write it; ``""`` for none."""
    for line in notes.split("\n"):
        if found := _STAMP.match(line):
            return found[1]
    return ""
