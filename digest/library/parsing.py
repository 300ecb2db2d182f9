"""Read papers from bytes, text or a file, with the limits that hold for every source."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path
from typing import IO

from digest.errors import InputError, SourceError
from digest.library.values import ParsedPapers
from digest.model import Dump, Rejected

_LONGEST_NAME = 1_000
_MEND = "Give bytes, text, a pathlib.Path or an open file"


def parse(
    source: bytes | str | os.PathLike[str] | IO[bytes] | IO[str], *, today: date | None = None
) -> ParsedPapers:
    """Read the papers of a list: a page, a feed, a table, a bibliography, as ``digest parse`` does.

    A ``str`` is the text itself, and a path is a `pathlib.Path`. ``today`` completes dates without a year
    (default: the day it is). It is read in a process of its own, bounded in time and memory.

    :raises DigestError: if there is no paper in it, or it cannot be read.
    """
    today = today or date.today()  # noqa: DTZ011 - the day where the notebook is
    if isinstance(source, os.PathLike):
        reading = _read_path(Path(source), today)
    else:
        reading = _read_bytes(source, today)
    if isinstance(reading, Rejected):
        raise SourceError(reading.reason, where=reading.location)
    if not reading.records:
        why = f" ({reading.rejected[0].reason})" if reading.rejected else ""
        raise SourceError(
            f"lists no papers{why}", where=reading.location, mend="Is it the whole page?"
        )
    return ParsedPapers(
        reading.records, reading.rejected, reading.shortfall, reading.day, reading.kind
    )


def _read_path(path: Path, today: date) -> Dump | Rejected:
    from digest.sources.file import FileSource
    from digest.sources.source_limits import SourceLimits

    if path.is_dir():
        raise SourceError(
            "a folder, and one list is read at a time",
            where=str(path),
            mend="Call parse for each file in it",
        )
    return next(FileSource(path.expanduser(), SourceLimits()).read(today=today))


def _read_bytes(source: object, today: date) -> Dump | Rejected:
    from digest.sources.source_limits import SourceLimits
    from digest.sources.stream import StreamSource

    data = source.read() if hasattr(source, "read") else source
    if isinstance(data, str):
        _refuse_a_name(data)
        data = data.encode("utf-8", "replace")
    if not isinstance(data, bytes | bytearray | memoryview):
        raise InputError(f"cannot read papers from {type(data).__name__!r}", mend=_MEND)
    stream = StreamSource(io.BytesIO(data), SourceLimits(), name="the list")
    return next(stream.read(today=today))


def _refuse_a_name(text: str) -> None:
    """Refuse a text that names a file or an address, with the way to read what is there."""
    line = text.strip()
    if not line or len(line) > _LONGEST_NAME or len(line.splitlines()) > 1 or "\0" in line:
        return
    if os.path.exists(line):
        raise InputError(
            "is the name of a file, and a str is read as the text itself",
            where=line,
            mend="Give pathlib.Path(…) to read the file",
        )
    if line.startswith(("https://", "http://")) and " " not in line:
        raise InputError(
            "is an address, and the library asks no network",
            where=line,
            mend="Fetch it first and give its bytes",
        )
