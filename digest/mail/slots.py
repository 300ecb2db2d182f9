"""Frozen fragments of mail, and the slots in them that are filled for each reader.

A fragment is rendered once per edition, as HTML and as text. What differs from reader to reader
(counts, addresses to unsubscribe, why a paper is shown) stands in it as a slot: a name between two
private-use characters, which no cleaned text can contain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

VERSION = 1
"""The format of ``Rendering.pieces``; raised when an older program could not read them."""

Fragment = dict[str, str]
"""``{"html": …, "text": …}``, with slots."""

_SLOT = re.compile("\ue000([a-z_]+)\ue001")


def slot(name: str) -> str:
    """The mark that stands for the value ``name`` in a fragment."""
    return f"\ue000{name}\ue001"


def split_slots(fragment: str) -> tuple[tuple[str, bool], ...]:
    """A fragment as its parts in order: text as it is (``False``) and names of slots (``True``)."""
    parts = _SLOT.split(fragment)
    return tuple((part, bool(index % 2)) for index, part in enumerate(parts) if part or index % 2)


class MailDraft:
    """A mail as far as readers share it: octets, with gaps for what is each reader's own.

    The octets are not joined, because most of them stand in many drafts: one alone weighs a few
    kB, not the 40 kB of the mail.
    """

    __slots__ = ("_gaps", "_parts")

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._gaps: list[tuple[int, str]] = []

    def add(self, octets: bytes) -> None:
        """Append octets that are the same for all subscribers of this draft."""
        self._parts.append(octets)

    def add_all(self, parts: Iterable[bytes]) -> None:
        """Append several such octets, one after another."""
        self._parts.extend(parts)

    def gap(self, name: str) -> None:
        """Append a gap for the subscriber's own value of that name."""
        self._gaps.append((len(self._parts), name))
        self._parts.append(b"")

    def filled(self, own: Mapping[str, bytes]) -> bytes:
        """All of it, with what is this reader's own in the gaps."""
        parts = self._parts.copy()
        for place, name in self._gaps:
            parts[place] = own[name]
        return b"".join(parts)
