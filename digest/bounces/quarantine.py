"""Messages that a person must look at, kept as files: those that nothing could be made of.

Anyone can write to the bounce address, so the folder is bounded in number and size, and part of it
is kept free for what bears a valid token, which only came about because we sent a mail. A person
takes messages away; else they go when they are old, or name somebody who is to be forgotten. Who
is to be forgotten stands in a file of its own until every message was searched for them.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import time
from binascii import a2b_base64, a2b_qp
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from digest.bounces.reports import LARGEST
from digest.errors import TemporaryError
from digest.private_files import make_private_folder
from digest.redaction import mentions

MOST_FILES = 1_000
MOST_OCTETS = 50 * 1024 * 1024
FOR_STRANGERS = 0.8
"""The share of both that messages without a valid token may take."""

SECONDS_FOR_A_SEARCH = 2.0
"""Time in which a request searches the folder for who is to be forgotten; a message of the largest
size takes about 0.1 s."""

log = logging.getLogger(__name__)

_NAME = re.compile(r"\d{8}T\d{6}Z-([a-z-]{1,20})-([0-9a-f]{16})\.eml")


class QuarantineReason(StrEnum):
    """The reason that a message is kept; part of its file's name."""

    UNREADABLE = "unreadable"
    NO_TOKEN = "no-token"  # noqa: S105
    SOMEONE_ELSE = "about-someone-else"
    ABOUT_US = "about-us"
    ASKS_TO_LEAVE = "asks-to-leave"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class QuarantineCount:
    """The contents of the folder: numbers of files, of octets, and of files for each reason."""

    files: int = 0
    octets: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)


class ForgetResult(NamedTuple):
    """The numbers of messages deleted, and of those still to be searched by another run."""

    deleted: int
    unsearched: int = 0


class Quarantine:
    """The folder. Any number of processes may keep messages in it."""

    def __init__(
        self, folder: Path, *, most_files: int = MOST_FILES, most_octets: int = MOST_OCTETS
    ) -> None:
        self.folder = folder
        self._most_files = most_files
        self._most_octets = most_octets

    def keep(
        self, raw: bytes, why: QuarantineReason, now: datetime, *, vouched: bool, once: str = ""
    ) -> Path | None:
        """The file in which the first `LARGEST` octets of that message are; ``None`` if it is full.

        A message that is there already is not kept again, nor is a second one with the same
        ``once``. ``vouched``: it bears a valid token. Raises `TemporaryError` where the folder
        cannot be written.
        """
        raw = raw[:LARGEST]
        digest = hashlib.sha256(once.encode() or raw).hexdigest()[:16]
        share = 1.0 if vouched else FOR_STRANGERS
        try:
            files = dict(self._files())
            for name in files:
                if name.endswith(f"-{digest}.eml"):
                    return self.folder / name
            octets = sum(files.values()) + len(raw)
            if len(files) >= self._most_files * share or octets > self._most_octets * share:
                return None
            return self._write(raw, f"{now:%Y%m%dT%H%M%SZ}-{why}-{digest}.eml")
        except OSError as error:
            raise TemporaryError(
                f"a message for a person cannot be kept ({error.strerror})",
                where=str(self.folder),
                mend="Make room on its disk, and give this user the right to write there",
            ) from error

    def holds(self, path: Path, raw: bytes) -> bool:
        """True if that file, which `keep` gave, has that message, not another of the same kind."""
        with self._failures("read"):
            return path.read_bytes() == raw[:LARGEST]

    def forget(self, address: str, *, seconds: float = SECONDS_FOR_A_SEARCH) -> ForgetResult:
        """Delete the messages that name that address, encoded or not.

        What cannot be searched in ``seconds`` is searched by `finish_forgetting`; the address stays
        in a file of the folder until then. Raises `TemporaryError` where that cannot be written.
        """
        if not self.waiting().files:
            return ForgetResult(0)
        with self._failures("deleted"):
            note = self._write(address.encode(), _note_name(address))
        return self._search([note], time.monotonic() + seconds)

    def finish_forgetting(self) -> ForgetResult:
        """Search for everybody who is still to be forgotten, for as long as it takes."""
        with self._failures("deleted"):
            notes = self._notes()
        return self._search(notes, float("inf")) if notes else ForgetResult(0)

    def _search(self, notes: Sequence[Path], until: float) -> ForgetResult:
        """Delete the messages that name who stands in ``notes``, and the notes after the last."""
        addresses = [note.read_text(encoding="utf-8") for note in notes]
        unsearched = 0

        def is_named(path: Path) -> bool:
            nonlocal unsearched
            if time.monotonic() >= until:
                unsearched += 1
                return False
            return _names(path.read_bytes(), addresses)

        deleted = self._delete(is_named)
        if unsearched:
            log.warning(
                "%d messages in the quarantine are still to be searched for somebody who was"
                " erased: the job prune does it",
                unsearched,
            )
        else:
            with self._failures("deleted"):
                for note in notes:
                    note.unlink(missing_ok=True)
        return ForgetResult(deleted, unsearched)

    def _notes(self) -> list[Path]:
        try:
            names = sorted(os.listdir(self.folder))
        except FileNotFoundError:
            return []
        return [self.folder / name for name in names if _NOTE.fullmatch(name)]

    def forget_older(self, before: datetime) -> int:
        """Delete the messages kept since before that moment; how many."""
        oldest = f"{before.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        return self._delete(lambda path: path.name < oldest)

    def _delete(self, wanted: Callable[[Path], bool]) -> int:
        deleted = 0
        with self._failures("deleted"):
            for name in list(dict(self._files())):
                path = self.folder / name
                try:
                    if wanted(path):
                        path.unlink()
                        deleted += 1
                except FileNotFoundError:
                    continue
        return deleted

    @contextmanager
    def _failures(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TemporaryError(
                f"messages for a person cannot be {what} ({error.strerror})",
                where=str(self.folder),
                mend="Give this user the right to write there",
            ) from error

    def waiting(self) -> QuarantineCount:
        """Count what lies there: nothing, where the folder cannot be read."""
        try:
            files = dict(self._files())
        except OSError:
            return QuarantineCount()
        reasons = Counter(_reason(name) for name in files)
        return QuarantineCount(len(files), sum(files.values()), dict(sorted(reasons.items())))

    def _files(self) -> Iterator[tuple[str, int]]:
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if _NAME.fullmatch(entry.name):
                        yield entry.name, entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            return

    def _write(self, raw: bytes, name: str) -> Path:
        """All of it or nothing, also when the power goes: what is kept is then deleted
        elsewhere.
        """
        make_private_folder(self.folder)
        path = self.folder / name
        newborn = self.folder / f".{secrets.token_hex(8)}.new"
        fd = os.open(newborn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            view = memoryview(raw)
            while view:
                view = view[os.write(fd, view) :]
            os.fsync(fd)
        except OSError:
            newborn.unlink(missing_ok=True)
            raise
        finally:
            os.close(fd)
        newborn.rename(path)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return path


def _names(raw: bytes, addresses: Sequence[str]) -> bool:
    """True if a message names one of those addresses: as it stands there, or encoded for the way.

    Anybody may have written it, so no parser of mail is let loose on it: whatever could be
    quoted-printable or base64 is read as such, wherever it stands, in time that grows as its
    length.
    """
    texts = [raw, _FOLD.sub(b"", raw), a2b_qp(raw), a2b_qp(raw, header=True)]
    runs = [_NOT_BASE64.sub(b"", run) for run in _BASE64.findall(raw)]
    # What stands before a run may have joined it, so it may begin at any of four places.
    for start in range(4):
        ends = (start + (len(run) - start) // 4 * 4 for run in runs)
        decoded = (a2b_base64(run[start:end]) for run, end in zip(runs, ends, strict=True))
        texts.append(b"\0".join(decoded))
    return any(mentions(text.decode("utf-8", "replace"), addresses) for text in texts)


_NOTE = re.compile(r"\.forget-[0-9a-f]{16}")


def _note_name(address: str) -> str:
    return f".forget-{hashlib.sha256(address.encode()).hexdigest()[:16]}"


_FOLD = re.compile(rb"\r?\n[ \t]?")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\r\n]{8,}")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def _reason(name: str) -> str:
    match = _NAME.fullmatch(name)
    return match.group(1) if match else ""
