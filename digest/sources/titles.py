"""Find the titles of a page: by its headings, else by its links, else by the shape of its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from digest.sources.facts import Facts
from digest.sources.items import Item, Kind, without_label
from digest.sources.layout import Text, abstract_cost, label, title_cost

_LONGEST_LINKED_TITLE = 400
_ORGANIZATION_LENGTH = 60
_BLOCKS_PER_HEADING = 4


def keep_title_headings(items: Sequence[Item]) -> bool:
    """Whether this page's titles are headings; all other headings become the page's own lines.

    Titles are the headings of one level (the one with most links to papers, then the most
    frequent, then the deepest) and any heading that leads to a paper's page.
    """
    headings = [item for item in items if item.kind is Kind.TEXT and item.heading]
    if not headings:
        return False
    counts = Counter(item.heading for item in headings)
    linked = Counter(item.heading for item in headings if item.page_id)
    level = max(counts, key=lambda each: (linked[each], counts[each], each))
    titles = [item for item in headings if item.heading == level or item.page_id]
    trusted = bool(linked) or _few_blocks(items, titles)
    for item in headings:
        if not trusted or (item.heading != level and not item.page_id):
            item.kind = Kind.CHROME
            if item.heading == 7:
                item.kind = Kind.TEXT
            item.heading = 0
    return trusted


def _few_blocks(items: Sequence[Item], titles: Sequence[Item]) -> bool:
    """Whether the texts below the headings are few enough to be their abstracts."""
    blocks = [
        item
        for before, item in pairwise([None, *items])
        if item is not None
        and item.kind is Kind.TEXT
        and not item.heading
        and (item.after_blank or before is None or before.kind is not Kind.TEXT or before.heading)
    ]
    below = [item for item in blocks if item.number > titles[0].number]
    plain = [
        item
        for before, item in pairwise(items)
        if item.kind is Kind.TEXT and before.kind is Kind.TEXT and not item.heading
    ]
    if len(titles) == 1 and len(below) > 1:
        first, second = below[0].text, below[1].text
        return title_cost(first) >= abstract_cost(first) or title_cost(second) < 1.0
    if len(titles) == 1 and len(plain) >= 4 and len(below) <= 1:
        lengths = sorted(len(item.text) for item in plain)
        return lengths[-1] <= 200
    return len(below) <= _BLOCKS_PER_HEADING * (len(titles) + 1)


def is_title(items: Sequence[Item], *, titled: bool) -> list[bool]:
    """For each item whether it is a paper's title. Items must be joined already."""
    if titled:
        return [item.kind is Kind.TEXT and bool(item.heading) for item in items]
    _strip_stated(items)
    _name_organizations(items)
    indices = [index for index, item in enumerate(items) if item.kind is Kind.TEXT]
    texts = [Text(items[index].text) for index in indices]
    _see_endings(items, indices, texts)
    _force(items, indices, texts)
    marks = [False] * len(items)
    for index, title in zip(indices, label(texts), strict=True):
        marks[index] = title
    return marks


def _strip_stated(items: Sequence[Item]) -> None:
    """Take the page's word where it says ``Title:`` and ``Abstract:`` itself."""
    counts = Counter(item.stated for item in items if item.kind is Kind.TEXT)
    both = counts["title"] and counts["abstract"]
    for item in items:
        if item.stated and (both or (counts["abstract"] > 1 and item.stated == "abstract")):
            text = without_label(item)
            item.text = text
            if not text:
                item.kind = Kind.CHROME
        else:
            item.stated = ""


def _name_organizations(items: Sequence[Item]) -> None:
    """Recognise a short text between an abstract and its date as who made the paper."""
    since_facts = 0
    last_id: str | None = None
    for index, item in enumerate(items):
        if item.kind is Kind.FACTS:
            since_facts = 0
        if item.kind is not Kind.TEXT:
            continue
        since_facts += 1
        before_id, last_id = last_id, item.page_id
        short = len(item.text) <= _ORGANIZATION_LENGTH and not item.text.endswith(".")
        if (
            since_facts > 2
            and short
            and item.page_id in (None, before_id)
            and _facts_follow(items, index)
        ):
            item.kind = Kind.FACTS
            item.facts = Facts(organization=item.text)


def _facts_follow(items: Sequence[Item], index: int) -> bool:
    for item in items[index + 1 : index + 4]:
        if item.kind is Kind.FACTS and item.facts is not None and item.facts.strong:
            return True
        if item.kind is Kind.TEXT:
            return False
    return False


def _see_endings(items: Sequence[Item], indices: Sequence[int], texts: Sequence[Text]) -> None:
    for (before, after), text in zip(pairwise(indices), texts[1:], strict=True):
        text.ended = any(
            item.facts is not None and item.facts.strong for item in items[before + 1 : after]
        )


def _force(items: Sequence[Item], indices: Sequence[int], texts: Sequence[Text]) -> None:
    """Settle what the links of the page settle, before the shapes decide the rest."""
    for index, text in zip(indices, texts, strict=True):
        if items[index].stated:
            text.title = items[index].stated == "title"
    ids = [items[index].page_id for index in indices]
    firsts: list[int] = []
    last: str | None = None
    for place, paper in enumerate(ids):
        if paper is not None and paper == last:
            if texts[place].title is None:
                texts[place].title = False
        elif paper is not None:
            firsts.append(place)
            last = paper
    if not firsts or any(text.title for text in texts):
        return
    if _titles_carry(texts, firsts, ids):
        for place in firsts:
            if len(texts[place].text) <= _LONGEST_LINKED_TITLE:
                texts[place].title = True
        return
    for place in firsts:
        text = texts[place]
        if abstract_cost(text.text) <= title_cost(text.text) + 2.0 or _short_after_title(
            texts, place
        ):
            text.title = False
        if place + 1 < len(texts):
            texts[place + 1].title = True


def _short_after_title(texts: Sequence[Text], place: int) -> bool:
    """Whether a short linked text is still the abstract of the title before it."""
    return place > 0 and texts[place - 1].title is not False


def _titles_carry(texts: Sequence[Text], firsts: Sequence[int], ids: Sequence[str | None]) -> bool:
    """Whether the links stand on (or right after) titles rather than abstracts."""
    carrying = set(firsts)
    as_titles = as_abstracts = 0.0
    for place, text in enumerate(texts):
        difference = title_cost(text.text) - abstract_cost(text.text)
        if place in carrying:
            as_titles += difference
        elif ids[place] is None and place > firsts[0]:
            as_titles -= difference
    as_abstracts = -as_titles
    return as_titles <= as_abstracts
