"""Match the brackets of a marked text in one pass, and say which characters are a link's label.

A link's label may go on over several lines, hold images, lists and brackets of its own, or be
named elsewhere (CommonMark 0.31 §6.3, §4.7), so brackets are matched over the whole text.
"""

from __future__ import annotations

import re

from digest.sources.links import absolute

_LONGEST_LABEL = 20_000
_MOST_OPEN = 60
REFERENCE = re.compile(
    r"^[ ]{0,8}\[([^\[\]\n]{1,400}(?:\n[^\[\]\n]{1,400}){0,2})\]:?[ \t\n]{1,4}<?([^\s<>]{1,2000})>?(?:[ \t]+[\"'(][^\n]{0,300})?[ \t]*$",
    re.M,
)
_NUMBERED = re.compile(r"\s{0,12}(\d{1,6})[.:]\s+(\S{1,2000})\s*")
_LIST_TITLE = re.compile(
    r"\s{0,12}#{0,6}\s{0,4}(?:references|links|visible links|hidden links|footnotes):?\s{0,12}",
    re.I,
)
_LONGEST_LIST_TITLE = 48
_LISTED_ADDRESS = re.compile(r"\s{0,8}\[(\d{1,6})\]:?\s+<?(\S{1,2000}?)>?\s*$")
_URL = r"\(\s?(?P<url><[^<>]{0,2000}>|[^()<>]{0,2000}(?:\([^()]{0,300}\)[^()]{0,500}){0,3})\)"
_TOKEN = re.compile(
    rf"(?=[\\!\[\]<])(?:\\[\[\]\\]|!?\[|\](?:{_URL}|\[(?P<ref>[^\[\]]{{0,300}})\])?"
    r"|<a\s(?P<anchor>[^<>]{0,2000})>|(?P<closed></a\s{0,3}>)|<(?P<auto>https?://[^<>\s]{1,2000})>"
    r"|</?(?P<tag>(?:br|hr|p|div|span|h[1-6]|ul|ol|li|img|b|i|em|strong|u|sup|sub|small|details"
    r"|summary|table|thead|tbody|tr|td|th|center|picture|source|section|article|time|font|blockquote)"
    r")\b(?P<attributes>[^<>]{0,2000})>)",
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
_APART = re.compile(r"/login\?|#comm|%23comm")
"""Where a button leads: its label is no part of the words beside it."""


class Scan:
    """One pass over a marked text: which tokens go, and which links cover which characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.references: dict[str, str] = {}
        self.reference_starts: set[int] = set()
        """Where the lines begin that say what a label stands for."""
        for match in REFERENCE.finditer(text):
            if url := reference_url(match[2]):
                self.references[_folded(match[1])] = url
                self.reference_starts.add(match.start())
        self.references |= numbered_references(text.split("\n"))
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
        for token in _TOKEN.finditer(self.text):
            mark, start, end = token[0], token.start(), token.end()
            if mark[0] == "\\":
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
            elif token["tag"]:
                self._tag(token)
            else:
                self._anchor(token, anchors)
        if opened:
            self._cut_inside(*opened[-1][:2])

    def _anchor(self, token: re.Match[str], anchors: list[tuple[int, str]]) -> None:
        """Note where an HTML link begins, or make one of it where it ends."""
        start, end = token.start(), token.end()
        self.drop[start] = end
        if token["anchor"] is not None:
            href = _HREF.search(token["anchor"])
            anchors.append((end, href[1] if href else ""))
            del anchors[:-_MOST_OPEN]
        elif anchors:
            begun, address = anchors.pop()
            if url := absolute(address):
                self.links.append((begun, start, url, False))

    def _tag(self, token: re.Match[str]) -> None:
        """Leave out an HTML tag that means a heading, a block, or nothing for the words."""
        start, end, tag = token.start(), token.end(), token["tag"].lower()
        opening = token[0][1] != "/"
        if tag[0] == "h" and tag[1].isdigit():
            self.drop[start] = end
            self.put[start] = f"\n{'#' * int(tag[1])} " if opening else "\n"
        elif tag in _BLOCK_TAGS:
            self.drop[start], self.put[start] = end, "\n"
        elif token["attributes"] or not opening or f"</{tag}>" in self.text[end : end + 2000]:
            self.drop[start] = end

    def _cut_inside(self, start: int, end: int) -> None:
        """Leave out the bracket of a label that the file was cut in."""
        if _starts_line(self.text, start) and "\n\n" not in self.text[end:].strip():
            self.drop[start] = end

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


def soft_breaks(text: str, scan: Scan) -> set[int]:
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


def numbered_references(raws: list[str]) -> dict[str, str]:
    """The addresses that a text browser lists at the end under ``References``."""
    references: dict[str, str] = {}
    listing = False
    for raw in raws:
        stripped = raw.strip()
        if not stripped:
            continue
        if _titles_a_list(raw):
            listing = True
        elif listing and (match := _NUMBERED.fullmatch(raw)):
            if address := absolute(match[2]):
                references.setdefault(match[1], address)
        elif stripped[0] == "[" and (match := _LISTED_ADDRESS.match(raw)):
            if address := reference_url(match[2]):
                references.setdefault(match[1], address)
        else:
            listing = False
    return references


def listed_lines(text: str) -> set[int]:
    """The numbers of the lines that list addresses under ``References``."""
    used: set[int] = set()
    listing: list[int] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        if _titles_a_list(raw):
            listing = [number]
        elif listing and (match := _NUMBERED.fullmatch(raw)) and ":" in match[2]:
            used.update(listing)
            used.add(number)
        else:
            listing = []
    return used


def _titles_a_list(raw: str) -> bool:
    """Tell whether a line stands above a list of addresses."""
    return len(raw) <= _LONGEST_LIST_TITLE and _LIST_TITLE.fullmatch(raw) is not None


def _folded(label: str) -> str:
    return _SPACES.sub(" ", label.strip().casefold())


def reference_url(address: str) -> str | None:
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
