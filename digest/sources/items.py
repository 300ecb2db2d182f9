"""What each line of a page is: a text, facts about a paper, a bare address, or the page's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from digest.sources.chrome import is_chrome, is_promotion
from digest.sources.facts import Facts, read_facts
from digest.sources.lines import Line, Page, PageLink
from digest.sources.links import absolute, is_page, paper_id

_ADDRESS = re.compile(
    r"(?:(?:link|url|pdf|paper|source|abs|read|see|arxiv|hf|page|details)\s*[:：]\s*|→\s*|↗\s*)?[<(]?"
    r"((?:https?://|www\.|arxiv\.org/|hf\.co/|huggingface\.co/|doi\.org/)[^\s<>]{3,1900})[>)]?",
    re.IGNORECASE,
)
_SUBMITTED = re.compile(r"submitted by:?(?:\s+\S.{0,40})?", re.IGNORECASE)
_STATED = re.compile(
    r"(?:\d{1,4}[.)]\s+)?(?P<label>paper title|title|abstract|summary|tl;?dr)\s*[:：]\s*(?P<text>\S.*)?",
    re.IGNORECASE | re.DOTALL,
)
_FACT_LENGTH = 200


class Kind(Enum):
    """What a line is on its page."""

    TEXT = "text"
    FACTS = "facts"
    ADDRESS = "address"
    CHROME = "chrome"


@dataclass(slots=True)
class Item:
    """A line, or several joined, that is one thing. ``certain`` says a title is known for one."""

    kind: Kind
    text: str
    number: int
    heading: int = 0
    links: tuple[PageLink, ...] = ()
    facts: Facts | None = None
    after_blank: bool = False
    indent: int = 0
    linked: bool = False
    promotion: bool = False
    bullet: bool = False
    stated: str = ""

    @property
    def page_id(self) -> str | None:
        """The id of the paper to whose page a link of this item leads."""
        for link in self.links:
            if is_page(link.url):
                return paper_id(link.url)
        return None


def read_items(page: Page, today: date) -> list[Item]:
    """Say of every line what it is. A bare address joins the item before it, if there is one."""
    items: list[Item] = []
    expecting_name = False
    for line in page.lines:
        item = _item(line, page.marked, today)
        short = item.kind is Kind.TEXT and len(item.text) <= 40 and not item.heading
        if expecting_name and short and not item.page_id:
            item.kind = Kind.CHROME
        if item.kind is not Kind.FACTS:
            expecting_name = _SUBMITTED.fullmatch(line.text) is not None
            if expecting_name:
                item.kind = Kind.CHROME
                expecting_name = len(line.text) <= len("submitted by:")
        items.append(item)
    return items


def _item(line: Line, marked: bool, today: date) -> Item:
    item = Item(
        Kind.TEXT,
        line.text,
        line.number,
        line.heading,
        line.links,
        after_blank=line.after_blank,
        indent=line.indent,
        linked=line.linked,
        bullet=line.bullet,
    )
    if line.whole and not item.heading and len(line.text) <= 400:
        item.heading = 7
    if len(line.text) <= _FACT_LENGTH or line.text[:7].lower() in ("authors", "author:"):
        _recognise(item, line, today)
    elif len(line.text) <= 2000 and (found := _ADDRESS.fullmatch(line.text)):
        _address(item, found[1])
    if item.kind is Kind.TEXT:
        _read_label(item)
    return item


def _recognise(item: Item, line: Line, today: date) -> None:
    text = line.text
    if item.heading and item.page_id:
        return
    if not text:
        item.kind = Kind.FACTS
        item.facts = Facts()
    elif found := _ADDRESS.fullmatch(text):
        _address(item, found[1])
    elif (facts := read_facts(text.lstrip("*•◦- ") or text, today)) and (
        not item.heading or facts.published
    ):
        item.kind = Kind.FACTS
        item.facts = facts
    elif is_chrome(text) or text.startswith("[LINK:"):
        item.kind = Kind.CHROME
        item.promotion = is_promotion(text)


def _address(item: Item, address: str) -> None:
    url = absolute(address.rstrip(").,;"))
    if url:
        item.kind = Kind.ADDRESS
        item.links = (PageLink("", url),)


def _read_label(item: Item) -> None:
    """Note that the text says itself what it is (``Title: …``, ``Abstract: …``)."""
    if found := _STATED.match(item.text[:40]):
        item.stated = "title" if "title" in found["label"].lower() else "abstract"


def without_label(item: Item) -> str:
    """The text after its own ``Title:`` or ``Abstract:``."""
    found = _STATED.match(item.text)
    return (found["text"] or "") if found else item.text
