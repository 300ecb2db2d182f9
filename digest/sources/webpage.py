"""Read a web page saved to disk into lines: headings, paragraphs and links, nothing else.

Only what a reader sees counts, so a page may be laid out as it likes as long as its papers are
headings (or links) with text below them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from digest.sources import bounds
from digest.sources.lines import Line, Page, PageLink, one_line
from digest.sources.links import HOME, absolute

_START = 20_000
_ROOT = re.compile(
    r"\s*(?:<\?xml[^<>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*){0,5}<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_TAG = re.compile(
    r"</?(?:article|section|div|h[1-6]|p|a|span|ul|ol|li|main|time)\b[^<>]{0,2000}>", re.I
)
_FEWEST_TAGS = 6
_MARKDOWN = re.compile(r"^#{1,6} \S|\]\(|^\[[^\]\n]{1,100}\]:|\]\[", re.M)
_SILENT_TAGS = """
head script style noscript template svg nav footer iframe object video audio canvas select option
math textarea
"""
_SILENT = frozenset(_SILENT_TAGS.split())
_INLINE_TAGS = """
a abbr b bdi bdo cite code em font i img input kbd label mark q s samp small span strong sub sup
time u var wbr button picture source
"""
_INLINE = frozenset(_INLINE_TAGS.split())
_APART = frozenset({"a", "time", "button"})
_SEAM = "\x00"
_GLUED = re.compile(r"(?<=\w)\x00+(?=\w)")
_MOST_LINES = bounds.MOST_LINES + 1
_MOST_HEAD_ELEMENTS = 500
_DATE_IN_ADDRESS = re.compile(r"/papers/date/(\d{4}-\d{2}-\d{2})")


def is_web_page(text: str) -> bool:
    """Tell whether the text is HTML, by its first tags."""
    start = text[:_START]
    if "<" not in start:
        return False
    if _ROOT.match(start) is not None:
        return True
    tags = len(_TAG.findall(start))
    return tags >= _FEWEST_TAGS and tags > 3 * len(_MARKDOWN.findall(start))


def read_web_page(text: str) -> Page:
    """The visible lines of an HTML page; every line is a whole paragraph."""
    root = document(text)
    if root is None:
        return Page([], marked=True, web=True)
    address = _own_address(root)
    base = absolute(address) or HOME
    reading = _Reading(base)
    for _ in reading.walk(root):
        if len(reading.lines) > _MOST_LINES:
            break
    dated = _DATE_IN_ADDRESS.search(address)
    notes = (bounds.too_long(reading.longest),) if reading.longest > bounds.LONGEST_LINE else ()
    stamp = dated[1] if dated else ""
    return Page(reading.lines, marked=True, stamp=stamp, web=True, notes=notes)


def document(text: str) -> Any:
    """The parsed document (an lxml element), or ``None`` if there is nothing in it.

    :raises MemoryError: if it takes more memory than there is.
    """
    from lxml import etree

    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        root = None
    if any(error.type == etree.ErrorTypes.ERR_NO_MEMORY for error in parser.error_log):
        raise MemoryError
    return root


def _own_address(root: Any) -> str:
    """The address that the page says it has; ``""`` if it does not say so near its top."""
    for element in islice(root.iter("link", "meta", "base"), _MOST_HEAD_ELEMENTS):
        says = element.get("rel") == "canonical" or element.get("property") == "og:url"
        address = element.get("href") or element.get("content") or ""
        if (says or element.tag == "base") and address.startswith("http"):
            return str(address)
    return ""


def _words(pieces: list[str]) -> str:
    """The pieces as one text: blanks folded, and one put where only the layout kept words apart."""
    text = _GLUED.sub(" ", "".join(pieces)[: bounds.LONGEST_LINE]).replace(_SEAM, "")
    return " ".join(text.split())


class _Reading:
    """The lines gathered so far, and the one that is being put together."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.lines: list[Line] = []
        self.words: list[str] = []
        self.links: list[PageLink] = []
        self.heading = 0
        self.bullet = False
        self.number = 1
        self.longest = 0

    def walk(self, root: Any) -> Iterator[None]:
        """Go through the document without recursion; yields at each element, to be stopped."""
        from lxml import etree

        skipping: Any = None
        link_starts: list[tuple[Any, int]] = []
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                yield
                if skipping is None and tag in _SILENT:
                    skipping = element
                if skipping is not None:
                    continue
                self._open(element, tag)
                if tag == "a":
                    link_starts.append((element, len(self.words)))
                if element.text:
                    self.words.append(element.text)
                continue
            if skipping is None:
                if tag == "a" and link_starts:
                    self._end_link(element, link_starts.pop()[1])
                if tag in _APART:
                    self.words.append(_SEAM)
                if tag not in _INLINE:
                    self._flush()
                    if tag[:1] == "h" and tag[1:].isdigit():
                        self.heading = 0
            elif skipping is element:
                skipping = None
            if skipping is None and element.tail:
                self.words.append(element.tail)
        self._flush()

    def _open(self, element: Any, tag: str) -> None:
        if tag in _APART:
            self.words.append(_SEAM)
        if tag in _INLINE:
            if (
                tag == "time"
                and (stamp := element.get("datetime"))
                and not (element.text or "").strip()
            ):
                self.words.append(stamp[:10])
            return
        self._flush()
        self.number = element.sourceline or self.number
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.heading = int(tag[1])
        self.bullet = tag == "li"

    def _end_link(self, element: Any, start: int) -> None:
        address = element.get("href") or ""
        if len(self.links) >= bounds.MOST_LINKS:
            return
        if address.startswith("#") or address.lower().startswith(
            ("javascript:", "mailto:", "data:")
        ):
            return
        try:
            url = absolute(urljoin(self.base, address)) if address else None
        except ValueError:
            url = None
        if url:
            self.links.append(PageLink(_words(self.words[start:]), url))

    def _flush(self) -> None:
        self.longest = max(self.longest, sum(map(len, self.words)))
        text = one_line(_words(self.words))
        links = tuple(self.links)
        self.words.clear()
        self.links.clear()
        if not text and not links:
            return
        self.lines.append(
            Line(
                self.number,
                text,
                heading=self.heading,
                links=links,
                after_blank=True,
                bullet=self.bullet,
                linked=len(links) == 1 and links[0].label == text,
            )
        )
        self.bullet = False
