"""Frozen pieces of mail, and the slots in them that are filled for each reader.

A piece is rendered once per edition, as HTML and as text. What differs from reader to reader
(counts, addresses to unsubscribe, why a paper is shown) stands in it as a slot: a name between two
private-use characters, which no cleaned text can contain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail, or a body, as far as readers share it: octets with gaps for what is each one's own.

    The octets are not joined, because most of them stand in many drafts: one alone weighs a few
    kB, not the 40 kB of the mail. ``gaps`` are places in ``parts`` with a name for each.
    """

    parts: tuple[bytes, ...]
    gaps: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, parts: Iterable[bytes | str]) -> Draft:
        """The draft of these parts in order: octets, and names of gaps."""
        parts = tuple(parts)
        return cls(
            tuple(b"" if isinstance(part, str) else part for part in parts),
            tuple((place, name) for place, name in enumerate(parts) if isinstance(name, str)),
        )

    def filled(self, own: Mapping[str, bytes]) -> bytes:
        """All of it, with what is this reader's own in the gaps."""
        parts = list(self.parts)
        for place, name in self.gaps:
            parts[place] = own[name]
        return b"".join(parts)
