"""The door in: where papers come from, and how what is there becomes :class:`Dump` values.

::

    location ─▶ open_source ─▶ Source.read() ─▶ Dump (records in page order) | Rejected (one line)

A location is a file, a folder, ``-`` for standard input, an ``https://`` address, or a service by its
scheme (``hf:daily``).
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from digest.errors import DigestError, SourceError
from digest.model import Dump, Rejected
from digest.sources import registry
from digest.sources.source_limits import SourceLimits

if TYPE_CHECKING:
    from digest.sources.tools import SourceTools

log = logging.getLogger(__name__)

__all__ = [
    "LocationReader",
    "Source",
    "SourceLimits",
    "is_remote",
    "open_source",
    "prepare",
    "source_name",
]


_USUAL = SourceLimits()
_LONGEST_NAME = 400


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
    location: str,
    *,
    limits: SourceLimits = _USUAL,
    stdin: BinaryIO | None = None,
    tools: SourceTools | None = None,
) -> Source:
    """The source at ``location``. Nothing is read yet. ``tools`` go before ``limits``, ``stdin``.

    :raises SourceError: if there is nothing at the location, or it is of a kind never read.
    """
    limits = tools.limits if tools is not None else limits
    if location == "-":
        from digest.sources.stream import StreamSource

        stdin = tools.stdin if tools is not None else stdin
        return StreamSource(stdin if stdin is not None else sys.stdin.buffer, limits)
    if "://" in location.partition("?")[0] and not registry.scheme_of(location):
        from digest.sources.fetching.web_address import check_address
        from digest.sources.web import WebSource

        check_address(location)
        return WebSource(location, (tools or _tools(limits)).fetcher)
    if (scheme := registry.scheme_of(location)) and not os.path.lexists(location):
        return _service(scheme, location, tools or _tools(limits, stdin))
    if not location.strip() or "\x00" in location:
        raise SourceError(
            "not a location",
            where=repr(location),
            mend="Give a file, a folder, -, https://… or hf:daily",
        )
    from digest.sources.file import FileSource
    from digest.sources.folder import FolderSource

    path = Path(location).expanduser()
    return FolderSource(path, limits) if os.path.isdir(path) else FileSource(path, limits)


def _tools(limits: SourceLimits, stdin: BinaryIO | None = None) -> SourceTools:
    from digest.sources.fetching.fetcher import Fetcher
    from digest.sources.tools import SourceTools

    return SourceTools(Fetcher(limits), stdin)


def _service(scheme: str, location: str, tools: SourceTools) -> Source:
    """The source that whoever brings the scheme opens."""
    opener = registry.find(scheme)
    if opener is None:
        known = registry.schemes()
        import difflib

        near = difflib.get_close_matches(scheme, known, n=1)
        raise SourceError(
            "there is no such file, and nothing brings sources of that name",
            where=location,
            mend=f"Did you mean {near[0]}:…?" if near else f"Known are {', '.join(known)}",
        )
    source: Source = opener(location, tools)
    return source


def source_name(location: str) -> str:
    """The name under which it is remembered what is usual at a location.

    A path is one wherever the program is started from. What may be secret in an address is not in
    it, but tells two addresses apart.
    """
    scheme = registry.scheme_of(location)
    if location == "-" or "\x00" in location or (scheme and not os.path.lexists(location)):
        return location if len(location) <= _LONGEST_NAME else f"{scheme}:{_mark(location)}"
    if "://" not in location:
        name = os.path.abspath(os.path.expanduser(location))
        return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…{_mark(name)}"
    from digest.sources.fetching.web_address import shown

    name = shown(location)
    if name == location and len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME]} ({_mark(location)})"


def _mark(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def is_remote(location: str) -> bool:
    """Tell whether a location is another machine's: an address, or a service by its scheme."""
    return "://" in location or bool(registry.scheme_of(location))


def prepare(limits: SourceLimits = _USUAL) -> None:
    """Say that sources will be read soon: what takes time for that begins now, in the background."""
    from digest.sources import isolation

    isolation.prepare(limits)


class LocationReader:
    """The dumps of the locations in order; iterate over it once.

    While it is read, ``rejected`` grows by the pieces of input that could not be used, ``refused``
    by those of them that were a whole file or page, and ``failed`` by the errors of whole
    locations. None keeps the next location from being read. ``on_rejected`` and ``on_failed`` are
    called with each at once. ``source`` is the name of the location that is being read;
    ``troubles`` has each by its name, with why it was not read in full, `None` if it was.
    """

    def __init__(
        self,
        locations: Iterable[str],
        *,
        today: date,
        known: Container[str] = frozenset(),
        limits: SourceLimits | None = None,
        tools: SourceTools | None = None,
        on_rejected: Callable[[Sequence[Rejected]], None] = lambda _: None,
        on_failed: Callable[[DigestError], None] = lambda _: None,
    ) -> None:
        """Read nothing yet. ``today`` and ``known`` are those of `Source.read`."""
        self._locations = locations
        self._today = today
        self._known = known
        self._limits = limits or _USUAL
        self._tools = tools
        self._on_rejected = on_rejected
        self._on_failed = on_failed
        self.rejected: list[Rejected] = []
        self.refused: list[Rejected] = []
        self.failed: list[DigestError] = []
        self.source = ""
        self.troubles: dict[str, str | None] = {}
        self._is_remote = False

    def __iter__(self) -> Iterator[Dump]:
        for reading in self._readings():
            if isinstance(reading, DigestError):
                self.troubles[self.source] = str(reading)
                self.failed.append(reading)
                self._on_failed(reading)
                continue
            if isinstance(reading, Dump) and not reading.records and not reading.rejected:
                reading = Rejected("lists no papers", reading.location)
            if isinstance(reading, Rejected):
                self._note_refused(reading)
                self.refused.append(reading)
                self._reject((reading,))
                continue
            self._reject(reading.rejected)
            yield reading

    def _note_refused(self, piece: Rejected) -> None:
        # A bad file in a folder is no trouble of the folder; a bad page of a service is all it has.
        if self._is_remote:
            self.troubles[self.source] = piece.reason

    def _reject(self, rejected: Sequence[Rejected]) -> None:
        self.rejected.extend(rejected)
        self._on_rejected(rejected)

    def _readings(self) -> Iterator[Dump | Rejected | DigestError]:
        for location in self._locations:
            self.source = source_name(location)
            self.troubles.setdefault(self.source, None)
            self._is_remote = is_remote(location)
            try:
                source = open_source(location, limits=self._limits, tools=self._tools)
                yield from source.read(today=self._today, known=self._known)
            except DigestError as error:
                yield error
            except Exception as error:  # a fault in one source keeps no other from being read
                log.exception("a source cannot be read for a fault in its program")
                yield SourceError(
                    f"a fault in the program that reads it ({type(error).__name__}: {error})",
                    where=location,
                    mend="Report it to whoever wrote that program; the others are read",
                )
