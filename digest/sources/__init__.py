"""The door in: where papers come from, and how what is there becomes :class:`Dump` values.

::

    location ─▶ open_source ─▶ Source.read() ─▶ Dump (records in page order) | Rejected (one line)

A location is a file, a folder, ``-`` for standard input, or an ``https://`` address.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO, Protocol

from digest.errors import DigestError, SourceError
from digest.model import Dump, Rejected
from digest.sources.limits import SourceLimits

__all__ = ["Source", "SourceLimits", "open_source", "prepare", "readings"]


_USUAL = SourceLimits()


class Source(Protocol):
    """Something that has dumps to read."""

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Yield dumps, oldest first, and a line for each input that cannot be used.

        ``today`` resolves dates without a year. A folder leaves out the dumps whose fingerprint
        is in ``known``; a single file, stream or page is always read.

        :raises SourceError: if the location itself cannot be used.
        :raises TemporaryError: if a host cannot be reached now.
        """
        ...


def open_source(
    location: str, *, limits: SourceLimits = _USUAL, stdin: BinaryIO | None = None
) -> Source:
    """The source at ``location``. Nothing is read yet.

    :raises SourceError: if there is nothing at the location, or it is of a kind never read.
    """
    if location == "-":
        from digest.sources.stream import StreamSource

        return StreamSource(stdin if stdin is not None else sys.stdin.buffer, limits)
    if "://" in location:
        from digest.sources.web import WebSource, check_address

        check_address(location)
        return WebSource(location, limits)
    if not location.strip() or "\x00" in location:
        raise SourceError(
            "not a location", where=repr(location), mend="Give a file, a folder, - or https://…"
        )
    from digest.sources.file import FileSource
    from digest.sources.folder import FolderSource

    path = Path(location).expanduser()
    return FolderSource(path, limits) if os.path.isdir(path) else FileSource(path, limits)


def prepare(limits: SourceLimits = _USUAL) -> None:
    """Say that sources will be read soon: what takes time for that begins now, in the background."""
    from digest.sources import isolation

    isolation.prepare(limits)


def readings(
    locations: Iterable[str],
    *,
    today: date,
    known: Container[str] = frozenset(),
    limits: SourceLimits = _USUAL,
) -> Iterator[Dump | Rejected | DigestError]:
    """What `Source.read` yields, for one location after the other.

    A location that cannot be used yields its error instead, and the next one is read.
    """
    for location in locations:
        try:
            yield from open_source(location, limits=limits).read(today=today, known=known)
        except DigestError as error:
            yield error
