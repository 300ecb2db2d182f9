"""Read one file of a disk without trusting it: no pipes, no giants, nothing half-written."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from digest.errors import SourceError
from digest.model import Dump, Rejected
from digest.sources.isolation import read_apart
from digest.sources.source_limits import (
    SourceLimits,
    too_big,
)

_CHUNK = 1 << 20
_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}", re.IGNORECASE)
_LINK_ERRORS = frozenset({errno.ELOOP, getattr(errno, "EMLINK", errno.ELOOP)})
"""How systems say that a path with O_NOFOLLOW ends in a symbolic link (FreeBSD: EMLINK)."""


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file and when it was last written to (UTC)."""

    data: bytes
    modified: datetime


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder whose files are read. ``handle`` keeps to this very folder, where systems can."""

    handle: int | None


def read_file(path: Path, limits: SourceLimits, folder: Folder | None = None) -> Content | Rejected:
    """The whole content of a regular file, or the one line that says why not.

    ``folder`` is the one that the file was found in. Anyone may have put a symbolic link there, so
    none is followed; without it the path is the operator's own word, links and all.
    """
    location = str(path)
    try:
        return _read(path, limits, folder)
    except FileNotFoundError:
        what = "a link to a file that is not there" if path.is_symlink() else "no such file"
        return Rejected(f"{what}: check the path", location)
    except PermissionError:
        return Rejected("may not be read: give this user permission to read it", location)
    except OSError as error:
        if folder is not None and error.errno in _LINK_ERRORS:
            return _link(location)
        reason = f"cannot be read ({error.strerror or error}): check the file and its disk"
        return Rejected(reason, location)
    except ValueError:
        return Rejected(
            "not a path that a file can have: check it", location.replace("\x00", "\\0")
        )


def _link(location: str) -> Rejected:
    return Rejected(
        "a symbolic link, not followed: copy the page itself into the folder, or give its own path",
        location,
    )


def _read(path: Path, limits: SourceLimits, folder: Folder | None) -> Content | Rejected:
    name = path if folder is None or folder.handle is None else path.name
    below = None if folder is None else folder.handle
    first = os.stat(name, dir_fd=below, follow_symlinks=folder is None)
    if stat.S_ISLNK(first.st_mode):
        return _link(str(path))
    if not stat.S_ISREG(first.st_mode):  # a device may act on being opened alone
        return _not_regular(path, first)
    # A pipe without a writer would keep a plain open() waiting for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if folder is not None:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(name, flags, dir_fd=below)
    with os.fdopen(handle, "rb", buffering=0) as file:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            return _not_regular(path, before)
        for _ in range(max(limits.settle_tries, 1)):
            if before.st_size > limits.max_bytes:
                return too_big(str(path), limits, before.st_size)
            _wait_until_settled(before, limits)
            file.seek(0)
            data = _read_all(file.fileno(), limits.max_bytes + 1)
            after = os.fstat(handle)
            same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
            if same and len(data) == after.st_size:
                return Content(data, datetime.fromtimestamp(after.st_mtime, UTC))
            before = after
    return Rejected("still being written: read it again when it is complete", str(path))


def _not_regular(path: Path, status: os.stat_result) -> Rejected:
    if stat.S_ISDIR(status.st_mode):
        return Rejected("a folder, not a file: give its path to read it as a folder", str(path))
    return Rejected("not a regular file: use - to read from a stream", str(path))


def _wait_until_settled(status: os.stat_result, limits: SourceLimits) -> None:
    age = time.time() - status.st_mtime
    if 0 <= age < limits.settle:
        time.sleep(limits.settle - age)


def _read_all(handle: int, most: int) -> bytes:
    pieces: list[bytes] = []
    left = most
    while left > 0 and (piece := os.read(handle, min(_CHUNK, left))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


_SERVICES = {
    "arxiv": "arxiv:cs.LG",
    "biorxiv": "biorxiv:neuroscience",
    "hf": "hf:daily",
    "huggingface": "hf:daily",
    "medrxiv": "medrxiv:epidemiology",
    "oai": "oai:https://…",
}


def _likely(path: Path) -> str:
    """Advice about a path that is not there: an address without its scheme, or several sources."""
    text = str(path)
    host = text.partition("/")[0]
    words = text.split()
    if len(words) > 1 and any(os.path.exists(word) or ":" in word for word in words):
        return "If these are several sources, separate them by commas"
    service = text.partition(":")[0].lower()
    if service in _SERVICES:
        return f"If it is the service, write it as {_SERVICES[service]}"
    if _HOST.fullmatch(host) and "/" in text:
        return f"If it is an address, write https://{text}"
    return "Check the path"


@dataclass(frozen=True, slots=True)
class FileSource:
    """One dump in one file; read every time it is asked for."""

    path: Path
    limits: SourceLimits

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Yield the dump, or why there is none.

        :raises SourceError: if there is no such file.
        """
        content = read_file(self.path, self.limits)
        if isinstance(content, Rejected):
            if not os.path.exists(self.path):
                raise SourceError(
                    content.reason.split(":")[0], where=content.location, mend=_likely(self.path)
                )
            yield content
            return
        yield read_apart(
            content.data,
            location=str(self.path),
            today=today,
            modified=content.modified,
            limits=self.limits,
        )
