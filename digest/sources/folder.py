"""Read every dump of a folder that is not known yet, oldest first.

The folder is the operator's word, links and all; what lies in it may be anybody's, so a symbolic
link there is not followed but told of.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from digest.errors import SourceError
from digest.model import Dump, Rejected
from digest.sources.file import Content, Folder, read_file
from digest.sources.isolation import read_apart
from digest.sources.source_limits import (
    SourceLimits,
    fingerprint,
)

SUFFIXES = frozenset(
    {"", ".txt", ".md", ".markdown", ".html", ".htm", ".text", ".json", ".jsonl", ".csv", ".tsv"}
    | {".bib", ".ris", ".xml", ".atom", ".rss", ".mhtml", ".mht", ".eml"}
    | {".pdf", ".docx", ".odt", ".webarchive"}
)
"""The endings under which pages are saved, those in the last line in vain: each such file is named
with what to do instead. Other files beside them are none of our business."""

_UNFINISHED = (".part", ".tmp", ".crdownload", "~", ".swp")


@dataclass(frozen=True, slots=True)
class FolderSource:
    """The dumps in one folder (not in folders below it)."""

    path: Path
    limits: SourceLimits

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Yield what cannot be used, then the dumps not in ``known``: oldest day first.

        The day is the one a dump shows, else the day it was written; the same day goes by the
        time of writing, then by name. Only one dump is held in memory at a time.

        :raises SourceError: if the folder cannot be listed or holds no dump.
        """
        with self._opened() as folder:
            yield from self._dumps(folder, today, known)

    def _dumps(
        self, folder: Folder, today: date, known: Container[str]
    ) -> Iterator[Dump | Rejected]:
        waiting: list[tuple[date, datetime, str]] = []
        seen: set[str] = set()
        for name in self._names(folder):
            content = read_file(self.path / name, self.limits, folder)
            if isinstance(content, Rejected):
                yield content
                continue
            mark = fingerprint(content.data)
            if mark in known or mark in seen:
                continue
            seen.add(mark)
            dump = self._dump(name, content, today)
            if isinstance(dump, Rejected):
                yield dump
                continue
            # The machine's own zone is where the files of this folder are written.
            day = dump.day or content.modified.astimezone().date()
            waiting.append((day, content.modified, name))
        for _, _, name in sorted(waiting):
            content = read_file(self.path / name, self.limits, folder)
            yield content if isinstance(content, Rejected) else self._dump(name, content, today)

    def _dump(self, name: str, content: Content, today: date) -> Dump | Rejected:
        return read_apart(
            content.data,
            location=str(self.path / name),
            today=today,
            modified=content.modified,
            limits=self.limits,
        )

    @contextmanager
    def _opened(self) -> Iterator[Folder]:
        """Hold on to this folder, so that nobody puts another in its place meanwhile.

        :raises SourceError: if it cannot be opened.
        """
        if os.open not in os.supports_dir_fd or os.scandir not in os.supports_fd:
            yield Folder(None)
            return
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise self._unlisted(error) from None
        try:
            yield Folder(handle)
        finally:
            os.close(handle)

    def _names(self, folder: Folder) -> list[str]:
        try:
            with os.scandir(self.path if folder.handle is None else folder.handle) as entries:
                names = sorted(entry.name for entry in entries if _may_be_dump(entry))
        except OSError as error:
            raise self._unlisted(error) from None
        if not names:
            raise SourceError(
                "no dumps in this folder",
                where=str(self.path),
                mend="Save a papers page into it as .txt, .md or .html",
            )
        return names

    def _unlisted(self, error: OSError) -> SourceError:
        return SourceError(
            f"this folder cannot be listed ({error.strerror})",
            where=str(self.path),
            mend="Check that it is there and that this user may read it",
        )


def _may_be_dump(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    if name.startswith(".") or name.lower().endswith(_UNFINISHED):
        return False
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in SUFFIXES:
        return False
    # A folder that is named like a dump is a mistake worth a line; any other is just a folder.
    return suffix != "" or (entry.is_file() and "readme" not in name.lower())
