"""List what may mark the titles of a page: headings, links, bold lines, list marks, votes …"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from digest.sources.text.kinds import Piece

_LONGEST_LINKED_TITLE = 400
_LONGEST_TITLE = 300
_FEWEST = 2
"""Titles that a mark must stand at to be one; a single heading or link may be."""

Anchors = tuple[str, set[int] | None]
"""What marks a title, and the indices (among the texts) that it marks: ``None`` for its shape alone."""

_MARKS: tuple[tuple[str, Callable[[Piece], bool]], ...] = (
    ("bold", lambda text: text.line.whole),
    ("number", lambda text: text.line.ordinal > 0 and not text.part),
    ("bullet", lambda text: text.line.bullet and not text.line.ordinal),
    ("linked", lambda text: text.line.linked and len(text.text) <= _LONGEST_TITLE),
)
_SIDES: tuple[tuple[str, Callable[[Piece], bool]], ...] = (
    ("row <", lambda text: "<" in text.peeled and len(text.text) <= _LONGEST_TITLE),
    ("row >", lambda text: ">" in text.peeled and len(text.text) <= _LONGEST_TITLE),
    ("label", lambda text: text.stated == "title"),
)


def candidate_anchors(texts: Sequence[Piece], opened: set[int]) -> list[Anchors]:
    """Find what may mark a title here; ``opened`` are the texts that stand right after votes."""
    marks = [
        *_chosen(texts, _MARKS),
        ("votes", opened),
        *_chosen(texts, _SIDES),
        ("block", _block_starts(texts)),
    ]
    return [
        ("shape", None),
        *_headings(texts),
        *_links(texts),
        *((name, chosen) for name, chosen in marks if len(chosen) >= _FEWEST),
    ]


def _chosen(
    texts: Sequence[Piece], marks: Sequence[tuple[str, Callable[[Piece], bool]]]
) -> list[tuple[str, set[int]]]:
    return [(name, {index for index, text in enumerate(texts) if has(text)}) for name, has in marks]


def _headings(texts: Sequence[Piece]) -> list[Anchors]:
    """The headings of each level, and those that lead to a paper's page."""
    levels = Counter(text.line.heading for text in texts if text.line.heading)
    frames: list[Anchors] = [
        (
            f"heading {level}",
            {index for index, text in enumerate(texts) if text.line.heading == level and text.text},
        )
        for level in levels
    ]
    linked = {index for index, text in enumerate(texts) if text.line.heading and text.page_id}
    return [*frames, ("linked heading", linked)] if linked else frames


def _links(texts: Sequence[Piece]) -> list[Anchors]:
    """The first link to each paper's page, and the texts right before those."""
    first = first_of_each_id(texts)
    if not first:
        return []
    before = {index - 1 for index in first if index}
    if len(before) >= _FEWEST and not before & first:
        return [("link", first), ("link after", before)]
    return [("link", first)]


def first_of_each_id(texts: Sequence[Piece]) -> set[int]:
    """The first text of each run that leads to one paper's page."""
    firsts: set[int] = set()
    seen: str | None = None
    for index, text in enumerate(texts):
        paper = text.page_id
        if paper is not None and paper != seen:
            seen = paper
            if len(text.text) <= _LONGEST_LINKED_TITLE:
                firsts.add(index)
    return firsts


def _block_starts(texts: Sequence[Piece]) -> set[int]:
    """The first lines of blocks that have more than one."""
    return {
        index
        for index, text in enumerate(texts[:-1])
        if text.after_blank and not texts[index + 1].after_blank
    }
