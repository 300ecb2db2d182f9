"""Join the lines that belong together: wrapped titles, abstracts over several lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from digest.sources.bounds import with_links
from digest.sources.items import Item, Kind

_WIDEST = 200
"""Nobody wraps text wider than this; a longer line is a whole paragraph."""
_TITLE_LENGTH = 250
_BEFORE_ADDRESS = frozenset(
    {"at", "at:", "available", "here:", "see", "see:", "from", "page:", "website:", "code:"}
)


@dataclass(frozen=True, slots=True)
class _Habits:
    """How this page breaks its texts into lines.

    ``width`` is the column at which it was wrapped, if it was. ``block_is_item`` says that blank
    lines stand around every title and abstract; ``all_in_block`` that nothing else separates.
    """

    width: int | None
    block_is_item: bool
    all_in_block: bool
    headings_apart: bool


def join(items: list[Item], *, titled: bool, marked: bool) -> list[Item]:
    """The items with the parts of one paragraph joined by one blank.

    ``titled`` says that the titles are headings, so everything else in a block is one text;
    ``marked`` that the page has markup, where a line break means nothing (unless lines are so
    long that each is a text of its own).
    """
    width = _wrap_width(items)
    longest = max((len(item.text) for item in items if item.kind is Kind.TEXT), default=0)
    habits = _Habits(
        width,
        block_is_item=width is None and _blocks_are_items(items),
        all_in_block=titled or (marked and longest <= _WIDEST),
        headings_apart=titled and _headings_stand_apart(items),
    )
    joined: list[Item] = []
    parts: list[str] = []
    paragraphs: list[list[str]] = []
    for index, item in enumerate(items):
        last = joined[-1] if joined else None
        if last is not None and (
            _goes_on(last, parts, item, habits)
            or (habits.headings_apart and last.heading and _wrapped_heading(items, index))
        ):
            parts.append(item.text)
            if item.kind is Kind.TEXT:
                last.links = with_links(last.links, item.links)
            continue
        joined.append(item)
        parts = [item.text]
        paragraphs.append(parts)
    if width is not None and not habits.all_in_block:
        joined, paragraphs = _split_pairs(joined, paragraphs)
    for item, pieces in zip(joined, paragraphs, strict=True):
        if len(pieces) > 1:
            item.text = " ".join(pieces)
    return joined


def _split_pairs(
    items: list[Item], paragraphs: list[list[str]]
) -> tuple[list[Item], list[list[str]]]:
    """Part a title that fills its last line from the abstract right below it.

    Only on a page whose blocks are otherwise a title and an abstract each. A title is mostly
    words with capitals, the first line of a sentence is not.
    """
    texts = [item for item in items if item.kind is Kind.TEXT]
    firsts = sum(item.after_blank for item in texts)
    if firsts == 0 or len(texts) < 1.5 * firsts:
        return items, paragraphs
    parted: list[Item] = []
    pieces: list[list[str]] = []
    for place, (item, lines) in enumerate(zip(items, paragraphs, strict=True)):
        after = items[place + 1] if place + 1 < len(items) else None
        alone = after is None or after.after_blank or after.kind is not Kind.TEXT
        at = _sentence_start(lines) if item.after_blank and alone else None
        parted.append(item)
        if at is None:
            pieces.append(lines)
            continue
        pieces += [lines[:at], lines[at:]]
        parted.append(replace(item, text=lines[at], number=item.number + at, after_blank=False))
    return parted, pieces


def _sentence_start(lines: list[str]) -> int | None:
    """The first of these lines after a title's that begins a sentence in running text."""
    for place, line in enumerate(lines[1:4], start=1):
        words = [word for word in line.split() if word[0].isalpha()]
        capitals = sum(word[0].isupper() for word in words)
        if line[0].isupper() and len(words) >= 4 and capitals * 2 <= len(words):
            return place
    return None


def _headings_stand_apart(items: Sequence[Item]) -> bool:
    """Whether this page puts a blank line after its headings."""
    following = [second.after_blank for first, second in pairwise(items) if first.heading]
    return sum(following) * 2 >= len(following) > 0


def _wrapped_heading(items: Sequence[Item], index: int) -> bool:
    """Whether the text at ``index`` is glued below a heading and the abstract comes after it."""
    item = items[index]
    after = items[index + 1] if index + 1 < len(items) else None
    return (
        item.kind is Kind.TEXT
        and not item.heading
        and not item.after_blank
        and not item.linked
        and len(item.text) <= _WIDEST
        and after is not None
        and after.after_blank
        and after.kind is Kind.TEXT
        and not after.heading
    )


def _goes_on(last: Item, parts: list[str], item: Item, habits: _Habits) -> bool:
    """Whether ``item`` continues the paragraph that ``last`` began."""
    if last.kind is not Kind.TEXT or last.linked or item.after_blank:
        return False
    if item.kind is Kind.ADDRESS:
        return not last.heading and _leads_to_address(parts[-1], item, habits.width)
    if item.kind is Kind.CHROME or (item.kind is Kind.FACTS and habits.width is not None):
        return not item.links and _ends_wrapped(parts[-1], item.text, last, habits)
    if item.kind is not Kind.TEXT or item.heading or item.bullet or item.stated or item.linked:
        return False
    if item.indent >= 2 and item.indent > last.indent:
        return True
    if last.heading:
        return False
    if habits.all_in_block:
        return True
    if habits.width is not None:
        return _is_full(parts[-1], item.text, habits.width)
    if habits.block_is_item:
        whole_title = len(parts) == 1 and len(last.text) <= _TITLE_LENGTH
        return not (whole_title and len(item.text) >= max(_TITLE_LENGTH, 2 * len(last.text)))
    return False


def _ends_wrapped(text: str, following: str, last: Item, habits: _Habits) -> bool:
    """Whether a line that reads like a button or a number ("models", "2024") is the last word of a wrapped text."""
    if habits.width is not None:
        return _is_full(text, following, habits.width)
    return habits.all_in_block and not last.heading and following[0].islower()


def _leads_to_address(text: str, item: Item, width: int | None) -> bool:
    """Whether an address that wrapping put on a line of its own belongs to the text before it."""
    if width is not None and item.page_id is None and _is_full(text, item.text, width):
        return True
    return text.rsplit(None, 1)[-1].lower() in _BEFORE_ADDRESS


def _is_full(text: str, following: str, width: int) -> bool:
    """Whether the next word would not have fitted, so that the break is the wrapper's."""
    word = following.split(" ", 1)[0]
    return len(text) + 1 + len(word) > width


def _wrap_width(items: Sequence[Item]) -> int | None:
    """The column at which this page was wrapped; ``None`` if its lines are whole."""
    texts = [item for item in items if item.kind is Kind.TEXT and not item.heading]
    lengths = sorted(len(item.text) for item in texts if " " in item.text)
    if len(lengths) < 4:
        return None
    width = lengths[-1] if len(lengths) < 50 else lengths[int(0.98 * (len(lengths) - 1))]
    if not 30 <= width <= _WIDEST:
        return None
    pairs = full = 0
    for first, second in pairwise(texts):
        if second.number == first.number + 1 and not second.after_blank:
            pairs += 1
            full += _is_full(first.text, second.text, width)
    # The widest line is always full, so one proves nothing; a title before each abstract is not.
    return width if full >= 2 and full * 3 >= pairs else None


def _blocks_are_items(items: Sequence[Item]) -> bool:
    """Whether blank lines stand around every title and abstract, so that a block is one text."""
    sizes: list[int] = []
    fresh = True
    for item in items:
        if item.kind is not Kind.TEXT:
            fresh = True
            continue
        if fresh or item.after_blank:
            sizes.append(0)
        sizes[-1] += 1
        fresh = False
    return len(sizes) >= 4 and sum(size == 1 for size in sizes) * 2 >= len(sizes)
