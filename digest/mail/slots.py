"""Frozen pieces of mail, and the slots in them that are filled for each reader.

A piece is rendered once per edition, as HTML and as text. What differs from reader to reader
(counts, addresses to unsubscribe, why a paper is shown) stands in it as a slot: a name between two
private-use characters, which no cleaned text can contain.
"""

from __future__ import annotations

import re

VERSION = 1
"""The format of ``Rendering.pieces``; raised when an older program could not read them."""

Piece = dict[str, str]
"""``{"html": …, "text": …}``, with slots."""

_SLOT = re.compile("\ue000([a-z_]+)\ue001")


def slot(name: str) -> str:
    """The mark that stands for the value ``name`` in a piece."""
    return f"\ue000{name}\ue001"


def segments(piece: str) -> tuple[tuple[str, bool], ...]:
    """A piece as its parts in order: text as it is (``False``) and names of slots (``True``)."""
    parts = _SLOT.split(piece)
    return tuple((part, bool(index % 2)) for index, part in enumerate(parts) if part or index % 2)
