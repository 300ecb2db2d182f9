"""Undo Markdown and the link marks of text browsers, over the whole text at once.

A link's label may go on over several lines, hold images, lists and brackets of its own, or be
named elsewhere (CommonMark 0.31 §6.3, §4.7), so brackets are matched in one pass over the text and
not line by line. What a mark said is kept on the lines it stood on.
"""

from __future__ import annotations

import re

from digest.sources.lines import Line, PageLink, one_line
from digest.sources.links import absolute
from digest.sources.text.cleaning import unescape
from digest.sources.text.joining import join_plain

_LONGEST_LABEL = 20_000
_MOST_OPEN = 60
_LONGEST_STRONG = 400

_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+\S")
_LINK_START = re.compile(
    r"\s{0,8}(?:(?:[*+•-]|\d{1,4}[.)])\s+){0,2}(?:\*\*)?!?\[[^\[\]\n]{0,400}\](?:\(|\[)"
)
_REFERENCE = re.compile(
    r"^[ ]{0,8}\[([^\[\]\n]{1,400}(?:\n[^\[\]\n]{1,400}){0,2})\]:?[ \t\n]{1,4}<?([^\s<>]{1,2000})>?(?:[ \t]+[\"'(][^\n]{0,300})?[ \t]*$",
    re.M,
)
_NUMBERED = re.compile(r"\s{0,12}(\d{1,6})[.:]\s+(\S{1,2000})\s*")
_LIST_TITLE = re.compile(
    r"\s{0,12}#{0,6}\s{0,4}(?:references|links|visible links|hidden links|footnotes):?\s{0,12}",
    re.I,
)
_NUMBER_MARK = re.compile(r"\[(\d{1,6})\](?=\S|$)")
_URL = r"\(\s?(?P<url><[^<>]{0,2000}>|[^()<>]{0,2000}(?:\([^()]{0,300}\)[^()]{0,500}){0,3})\)"
_TOKEN = re.compile(
    rf"\\[\[\]\\]|!?\[|\](?:{_URL}|\[(?P<ref>[^\[\]]{{0,300}})\])?"
    r"|<a\s(?P<anchor>[^<>]{0,2000})>|(?P<closed></a\s{0,3}>)|<(?P<auto>https?://[^<>\s]{1,2000})>"
    r"|</?(?P<tag>(?:br|hr|p|div|span|h[1-6]|ul|ol|li|img|b|i|em|strong|u|sup|sub|small|details"
    r"|summary|table|thead|tbody|tr|td|th|center|picture|source|section|article|time|font|blockquote)"
    r")\b(?P<attributes>[^<>]{0,2000})>|\n",
    re.I,
)
_BLOCK_NAMES = """
br hr p div ul ol li details summary table thead tbody tr td th center section article blockquote
"""
_BLOCK_TAGS = frozenset(_BLOCK_NAMES.split())
_HREF = re.compile(r"href\s{0,3}=\s{0,3}[\"']?([^\"'\s>]{1,2000})", re.I)
_TITLE_PART = re.compile(r"\s[\"'(].*$", re.S)
_SPACES = re.compile(r"\s+")
_LISTED = re.compile(r"[*+•-](?:\s|$)")
_WHOLE_ABSTRACT = 400
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
_APART = re.compile(r"/login\?|#comm|%23comm")
"""Where a button leads: its label is no part of the words beside it."""


def is_marked(text: str) -> bool:
    """Whether the text is Markdown or a text browser's capture, not a plain copy."""
    starts = 0
    for raw in text.split("\n"):
        if "#" in raw[:4] and _HEADING.match(raw):
            return True
        starts += _looks_marked(raw)
        if starts >= 2:
            return True
    return len(_numbered_references(text.split("\n"))) >= 2


def _looks_marked(raw: str) -> bool:
    if raw[:2] == "**":
        return raw.rstrip()[-2:] == "**" and 4 < len(raw) <= _LONGEST_STRONG
    if raw[:4] in ("----", "===="):
        return not raw.strip("-= \t")
    if raw[:3] == "<a " or raw[:2] == "<h":
        return True
    return "[" in raw[:20] and bool(_LINK_START.match(raw) or _REFERENCE.match(raw))


class _Scan:
    """One pass over a marked text: which tokens go, and which links cover which characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.references = {
            _folded(found[1]): url
            for found in _REFERENCE.finditer(text)
            if (url := _reference_url(found[2]))
        }
        self.references |= _numbered_references(text.split("\n"))
        self.drop: dict[int, int] = {}
        """Where to leave characters out: start → end."""
        self.put: dict[int, str] = {}
        """What to write instead of what is left out."""
        self.links: list[tuple[int, int, str, bool]] = []
        """(start, end, address, image) of each link's label."""
        self.labels: list[tuple[int, int]] = []
        self._match()

    def _match(self) -> None:
        opened: list[tuple[int, int, bool]] = []
        anchors: list[tuple[int, str]] = []
        text = self.text
        for token in _TOKEN.finditer(text):
            mark, start, end = token[0], token.start(), token.end()
            if mark == "\n" or mark[0] == "\\":
                continue
            if mark in ("[", "!["):
                opened.append((start, end, mark == "!["))
                if len(opened) > _MOST_OPEN:
                    del opened[0]
            elif mark[0] == "]":
                self._close(token, opened)
            elif token["auto"]:
                self.drop[start], self.put[start] = start + 1, ""
                self.drop[end - 1] = end
            elif token["anchor"] is not None:
                found = _HREF.search(token["anchor"])
                anchors.append((end, found[1] if found else ""))
                self.drop[start] = end
                del anchors[:-_MOST_OPEN]
            elif token["closed"]:
                self.drop[start] = end
                if anchors:
                    begun, address = anchors.pop()
                    if url := absolute(address):
                        self.links.append((begun, start, url, False))
            elif token["tag"]:
                tag = token["tag"].lower()
                opening = mark[1] != "/"
                if tag[0] == "h" and tag[1].isdigit():
                    self.drop[start], self.put[start] = (
                        end,
                        f"\n{'#' * int(tag[1])} " if opening else "\n",
                    )
                elif tag in _BLOCK_TAGS:
                    self.drop[start], self.put[start] = end, "\n"
                elif token["attributes"] or not opening or f"</{tag}>" in text[end : end + 2000]:
                    self.drop[start] = end
        if (
            opened
            and _starts_line(text, opened[-1][0])
            and "\n\n" not in text[opened[-1][1] :].strip()
        ):
            # The file was cut inside this label.
            self.drop[opened[-1][0]] = opened[-1][1]

    def _close(self, token: re.Match[str], opened: list[tuple[int, int, bool]]) -> None:
        start, end = token.start(), token.end()
        url, ref = token["url"], token["ref"]
        if url is None and ref is None:
            if opened:
                begun, inner, image = opened.pop()
                label = self.text[inner:start]
                address = self.references.get(_folded(label)) if len(label) <= 400 else None
                if image or (address and not label.isdigit()):
                    self._link(begun, inner, start, end, address, image)
            return
        if url is not None and not _like_address(url):
            if opened:
                opened.pop()
            return
        opener = self._opener(start, end, opened)
        if opener is None:
            if url is not None and len(url) > 8:
                self.drop[start] = end
            return
        at, inner, image = opener
        if ref is not None:
            name = _folded(ref) if ref.strip() else _folded(self.text[inner:start])
            address = self.references.get(name)
            if (
                address is None
                and not ref.strip().isdigit()
                and not image
                and not (not ref and self.text[inner:start].strip())
            ):
                return
        else:
            address = _address(url or "")
        self._link(at, inner, start, end, address, image)

    def _opener(
        self, start: int, end: int, opened: list[tuple[int, int, bool]]
    ) -> tuple[int, int, bool] | None:
        """The bracket that the closer at ``start`` belongs to, past brackets that never close."""
        if not opened or start - opened[-1][0] > _LONGEST_LABEL:
            return None
        text = self.text
        if opened[-1][2]:
            return opened.pop()
        place = len(opened) - 1
        if _starts_line(text, start):
            alone = next((i for i in range(place, -1, -1) if _ends_line(text, opened[i][1])), None)
            place = place if alone is None else alone
        elif _ends_line(text, end):
            for i in range(place, -1, -1):
                if "\n\n" in text[opened[i][0] : start] or start - opened[i][0] > 6000:
                    break
                if _starts_line(text, opened[i][0]) and not opened[i][2]:
                    place = i
                    break
        chosen = opened[place]
        del opened[place:]
        return chosen

    def _link(
        self, at: int, inner: int, start: int, end: int, address: str | None, image: bool
    ) -> None:
        if image:
            self.drop[at] = end
            return
        self.drop[at] = inner
        self.drop[start] = end
        self.labels.append((inner, start))
        if address and _APART.search(address) and not _starts_line(self.text, at):
            self.put[at] = "\n"
        if address:
            self.links.append((inner, start, address, False))


def read_marked(text: str) -> tuple[list[Line], str]:
    """The lines of a marked text with its marks undone, and the day its saver noted (``""``)."""
    scan = _Scan(text)
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
    breaks = _soft_breaks(text, scan)
    return _lines(plain, owners, scan, breaks, text)


def _soft_breaks(text: str, scan: _Scan) -> set[int]:
    """The line breaks inside link labels that are nothing but wrapping."""
    soft: set[int] = set()
    for start, end in scan.labels:
        label = text[start:end]
        if "\n" not in label:
            continue
        lines = [line.strip() for line in label.split("\n")]
        if any(not line for line in lines[1:-1]) or any(_LISTED.match(line) for line in lines):
            continue
        if not lines[0] and not lines[-1] and len(label) > _WHOLE_ABSTRACT:
            continue
        at = label.find("\n")
        while at >= 0:
            soft.add(start + at)
            at = label.find("\n", at + 1)
    return soft


def _lines(
    plain: str, owners: list[tuple[int, int]], scan: _Scan, soft: set[int], text: str
) -> tuple[list[Line], str]:
    spans = sorted(scan.links)
    references = {found.start() for found in _REFERENCE.finditer(text) if _reference_url(found[2])}
    listed = _listed_lines(text)
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
        if starts[number_at] in references and stripped[:1] == "[":
            blank = True
            continue
        covering = [each for each in active if each[0] <= last_source]
        links = tuple(
            PageLink(one_line(_SPACES.sub(" ", text[a:b]))[:200] if b - a < 400 else "", url)
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


def _numbered_references(raws: list[str]) -> dict[str, str]:
    """The addresses that a text browser lists at the end under ``References``."""
    found: dict[str, str] = {}
    listing = False
    for raw in raws:
        stripped = raw.strip()
        if not stripped:
            continue
        if _LIST_TITLE.fullmatch(raw):
            listing = True
        elif listing and (match := _NUMBERED.fullmatch(raw)):
            if address := absolute(match[2]):
                found.setdefault(match[1], address)
        elif stripped[0] == "[" and (
            match := re.match(r"\s{0,8}\[(\d{1,6})\]:?\s+<?(\S{1,2000}?)>?\s*$", raw)
        ):
            if address := _reference_url(match[2]):
                found.setdefault(match[1], address)
        else:
            listing = False
    return found


def _listed_lines(text: str) -> set[int]:
    """The numbers of the lines that list addresses under ``References``."""
    used: set[int] = set()
    listing: list[int] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        if _LIST_TITLE.fullmatch(raw):
            listing = [number]
        elif listing and (match := _NUMBERED.fullmatch(raw)) and ":" in match[2]:
            used.update(listing)
            used.add(number)
        else:
            listing = []
    return used


def _folded(label: str) -> str:
    return _SPACES.sub(" ", label.strip().casefold())


def _reference_url(address: str) -> str | None:
    return absolute(address) if ":" in address or address[:1] in "/#w" else None


def _like_address(url: str) -> bool:
    bare = url.strip().strip("<>").strip()
    return (
        not bare
        or bare[0] in "/#.?"
        or bare.lower().startswith(("http", "www.", "mailto:", "data:", "javascript:", "ftp:"))
        or ("/" in bare and " " not in bare)
    )


def _address(url: str) -> str | None:
    bare = _TITLE_PART.sub("", url.strip()) if not url.strip().startswith("<") else url.strip()
    return absolute(_SPACES.sub("", bare.strip("<>")))


def _starts_line(text: str, position: int) -> bool:
    begun = text.rfind("\n", max(position - 40, 0), position) + 1
    if not begun and position > 40:
        return False
    return not text[begun:position].strip(" \t#>*+-•0123456789.)\\")


def _ends_line(text: str, position: int) -> bool:
    return not text[position : position + 1].strip() and not text[position : position + 12].split(
        "\n", 1
    )[0].strip(" \t\\")


def read_plain(text: str) -> list[Line]:
    """The lines of a text without markup, as they are but for list marks and outer blanks."""
    raws = text.split("\n")
    bullets = sum(raw.lstrip()[:2] in ("* ", "- ", "• ", "+ ", "‣ ") for raw in raws)
    ordinals = sum(
        raw.lstrip()[:1].isdigit() and _BULLET.match(raw.lstrip()) is not None for raw in raws
    )
    lines: list[Line] = []
    blank = True
    for number, raw in enumerate(raws, start=1):
        words = _plain_words(raw)
        if not words or words.startswith(("```", "~~~")):
            blank = True
            continue
        line = Line(
            number,
            words,
            after_blank=blank,
            indent=len(raw) - len(raw.lstrip()),
            columns=len(raw.rstrip()),
        )
        mark = _BULLET.match(words) if bullets > 1 or ordinals > 1 else None
        if mark and (words[mark.end() :] or not mark[1]) and (ordinals if mark[1] else bullets) > 1:
            line.bullet, line.ordinal = True, int(mark[1] or 0)
            line.marked, line.text = words, words[mark.end() :] or ("-" if words[0] in "-–" else "")
            if not line.text:
                blank = True
                continue
        lines.append(line)
        blank = False
    return lines


def _plain_words(raw: str) -> str:
    raw = unescape(raw).strip()
    if "\t" in raw:
        return "\t".join(one_line(cell) for cell in raw.split("\t"))
    words = one_line(raw)
    if len(words) > 4 and words[0] == words[-1] == "|" and words.count("|") > 2:
        return "\t".join(cell.strip() for cell in words.strip("|").split("|"))
    return words


def saver_day(notes: str) -> str:
    """The day that a saver's notes name, as they write it; ``""`` for none."""
    for line in notes.split("\n"):
        if found := _STAMP.match(line):
            return found[1]
    return ""
