"""Keep fetched pages on disk, to ask hosts only for what has changed (RFC 9110 §13).

A file for each address, named by its digest: addresses may hold secrets, so none is written down.
The folder is bounded; the pages used least recently go first.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import tempfile
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from digest.private_files import make_private_folder

_SUFFIX = ".response"
_PART = ".part"
_LONGEST_VALIDATOR = 1_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptResponse:
    """A page as it was fetched, with what its host knows its state by."""

    data: bytes
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class FetchCache:
    """The pages in ``folder``, of at most ``most_bytes`` together."""

    folder: Path
    most_bytes: int = 64 * 1024 * 1024

    def get(self, url: str) -> KeptResponse | None:
        """The page kept of an address; `None` if there is none, or it is damaged."""
        path = self._path(url)
        try:
            head, _, data = path.read_bytes().partition(b"\n")
            about = json.loads(head)
            if hashlib.sha256(data).hexdigest() != about["sha256"]:
                return None
            os.utime(path)
            return KeptResponse(data, str(about["etag"]), str(about["last_modified"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, url: str, page: KeptResponse) -> None:
        """Keep a page, if its host can be asked later whether it has changed.

        A folder that cannot be written to costs later fetches some time, and nothing else.
        """
        validators = page.etag + page.last_modified
        if not validators or len(validators) > _LONGEST_VALIDATOR:
            return
        if len(page.data) > self.most_bytes:
            return
        about = {
            "etag": page.etag,
            "last_modified": page.last_modified,
            "sha256": hashlib.sha256(page.data).hexdigest(),
        }
        try:
            make_private_folder(self.folder)
            self._write(self._path(url), json.dumps(about).encode() + b"\n" + page.data)
            self._make_room()
        except OSError as error:
            log.warning("fetched pages cannot be kept (%s)", error.strerror or error)

    def _path(self, url: str) -> Path:
        return self.folder / (hashlib.sha256(url.encode()).hexdigest() + _SUFFIX)

    def _write(self, path: Path, data: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=_PART)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise

    def _make_room(self) -> None:
        """Remove the pages used least recently, until the rest is within the bound."""
        pages = []
        # Also what a process that was killed left half-written.
        for path in chain(self.folder.glob(f"*{_SUFFIX}"), self.folder.glob(f"*{_PART}")):
            with contextlib.suppress(OSError):
                status = path.stat()
                pages.append((status.st_mtime, status.st_size, path))
        size = sum(each for _, each, _ in pages)
        for _, its_size, path in sorted(pages):
            if size <= self.most_bytes:
                break
            path.unlink(missing_ok=True)
            size -= its_size
