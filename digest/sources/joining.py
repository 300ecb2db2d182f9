"""Join the lines that belong together: wrapped titles, abstracts over several lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from digest.sources.items import Item, Kind

_WIDEST = 200
"""Nobody wraps text wider than this; a longer line is a whole paragraph."""
_TITLE_LENGTH = 250


def join(items: list[Item], *, titled: bool) -> list[Item]:
    """The items with the parts of one paragraph joined by one blank.

    ``titled`` says that the titles are headings, so everything else in a block is one text.
    """
    width = _wrap_width(items)
    block_is_item = not titled and width is None and _blocks_are_items(items)
    apart = titled and _headings_stand_apart(items)
    joined: list[Item] = []
    parts: list[str] = []
    for index, item in enumerate(items):
        last = joined[-1] if joined else None
        if apart and last is not None and last.heading and _wrapped_heading(items, index):
            item.heading = 0
            parts.append(item.text)
            continue
        if last is not None and _goes_on(last, parts, item, titled, width, block_is_item):
            parts.append(item.text)
            last.links += item.links
            continue
        _finish(joined, parts)
        joined.append(item)
        parts = [item.text]
    _finish(joined, parts)
    return joined


def _headings_stand_apart(items: Sequence[Item]) -> bool:
    """Whether this page puts a blank line after its headings."""
    following = [second.after_blank for first, second in pairwise(items) if first.heading]
    return sum(following) * 2 > len(following)


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


def _finish(joined: list[Item], parts: list[str]) -> None:
    if joined and len(parts) > 1:
        joined[-1].text = " ".join(parts)


def _goes_on(
    last: Item, parts: list[str], item: Item, titled: bool, width: int | None, block_is_item: bool
) -> bool:
    """Whether ``item`` continues the paragraph that ``last`` began."""
    if last.kind is not Kind.TEXT or item.kind is not Kind.TEXT or item.after_blank:
        return False
    if item.heading or item.bullet or item.stated or item.linked:
        return False
    if last.heading:
        # A saved heading that was wrapped goes on indented (arXiv wraps titles so).
        return item.indent >= 2 and item.indent > last.indent
    if last.linked:
        return False
    if item.indent >= 2 and item.indent > last.indent:
        return True
    if titled:
        return True
    if width is not None:
        return _is_full(parts[-1], item.text, width)
    if block_is_item:
        whole_title = len(parts) == 1 and len(last.text) <= _TITLE_LENGTH
        return not (whole_title and len(item.text) >= max(_TITLE_LENGTH, 2 * len(last.text)))
    return False


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
    return width if pairs >= 3 and full * 2 >= pairs else None


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
