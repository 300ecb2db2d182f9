"""Read every dump of a folder that is not known yet, oldest first."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from digest.errors import SourceError
from digest.model import Dump, Rejected
from digest.sources.file import read_file
from digest.sources.reading import Limits, fingerprint, read_dump

SUFFIXES = frozenset({"", ".txt", ".md", ".markdown", ".html", ".htm", ".text"})
"""The endings under which pages are saved; other files beside them are none of our business."""

_UNFINISHED = (".part", ".tmp", ".crdownload", "~", ".swp")


@dataclass(frozen=True, slots=True)
class FolderSource:
    """The dumps in one folder (not in folders below it)."""

    path: Path
    limits: Limits

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Yield what cannot be used, then the dumps not in ``known``: oldest day first.

        The day is the one a dump shows, else the day it was written; the same day goes by the
        time of writing, then by name. Only one dump is held in memory at a time.

        :raises SourceError: if the folder cannot be listed or holds no dump.
        """
        paths = self._paths()
        waiting: list[tuple[date, datetime, str, str]] = []
        seen: set[str] = set()
        for path in paths:
            content = read_file(path, self.limits)
            if isinstance(content, Rejected):
                yield content
                continue
            mark = fingerprint(content.data)
            if mark in known or mark in seen:
                continue
            seen.add(mark)
            dump = read_dump(
                content.data, location=str(path), today=today, modified=content.modified
            )
            if isinstance(dump, Rejected):
                yield dump
                continue
            # The machine's own zone is where the files of this folder are written.
            day = dump.day or content.modified.astimezone().date()
            waiting.append((day, content.modified, path.name, str(path)))
        for _, _, _, location in sorted(waiting):
            content = read_file(Path(location), self.limits)
            if isinstance(content, Rejected):
                yield content
                continue
            yield read_dump(content.data, location=location, today=today, modified=content.modified)

    def _paths(self) -> list[Path]:
        where = str(self.path)
        try:
            with os.scandir(self.path) as entries:
                paths = sorted(Path(entry.path) for entry in entries if _may_be_dump(entry))
        except OSError as error:
            raise SourceError(
                f"this folder cannot be listed ({error.strerror})",
                where=where,
                mend="Check that it is there and that this user may read it",
            ) from None
        if not paths:
            raise SourceError(
                "no dumps in this folder",
                where=where,
                mend="Save a papers page into it as .txt, .md or .html",
            )
        return paths


def _may_be_dump(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    if name.startswith(".") or name.lower().endswith(_UNFINISHED):
        return False
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in SUFFIXES:
        return False
    # A folder that is named like a dump is a mistake worth a line; any other is just a folder.
    return suffix != "" or (entry.is_file() and "readme" not in name.lower())
