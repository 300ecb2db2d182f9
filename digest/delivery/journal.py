"""Journal of the mails that a sender has in hand, which outlives the process.

The outbox commits the attempts of a whole chunk before the first body is written, because one
transaction per mail is some thirty times slower. After a kill the database alone could therefore
only say "one of these thousand". The journal says which: a few bytes per mail in a file mapped
into memory, written without a system call just before the body and just after the reply. What is in
doubt after SIGKILL is at most the one mail that each connection was writing.

A journal is locked while its sender lives, so a free lock proves that the sender is dead. Pages
survive the death of a process but not the loss of power: a journal from before the last boot proves
nothing about mails that it calls untouched, and its `AbandonedJournal` says so.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import mmap
import os
import secrets
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import TracebackType

from digest.delivery.retry import Reply, SmtpStage
from digest.errors import ConfigurationError, StoreBusyError
from digest.model import LeasedDelivery
from digest.private_files import make_private_folder

_MAGIC = b"DIGJRNL1"
_HEADER = struct.Struct("<8s64s64sI")
_HEADER_SIZE = 256
_SLOT = struct.Struct("<BBHQQI48s16s160s")
_SLOT_SIZE = 256
_CODE = struct.Struct("<BH")
_WORDS = struct.Struct("<16s160s")
_WORDS_AT = _SLOT.size - _WORDS.size
_STAGES = tuple(SmtpStage)
_NUMBERS = {stage: number for number, stage in enumerate(_STAGES)}
_SUFFIX = ".journal"
_UNFINISHED_SUFFIX = ".new"
_UNFINISHED_SECONDS = 3600.0
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class EntryProgress(IntEnum):
    """Progress of a mail: nothing written, writing begun, or answered."""

    FREE = 0
    UNTOUCHED = 1
    BEGUN = 2
    ANSWERED = 3


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Entry of one delivery in a journal. ``reply`` is set when it was answered."""

    delivery_id: int
    edition_id: int
    attempt: int
    lease_token: str
    progress: EntryProgress
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class AbandonedJournal:
    """Journal that a dead sender left behind. ``trusted`` is false if the machine went down since."""

    worker: str
    entries: tuple[JournalEntry, ...]
    trusted: bool


class Journal:
    """Journal of one living sender: `add` before an attempt is committed, `mark_begun` before the
    first byte of a body, `mark_answered` after the reply, `remove` once the outcome is stored.

    `mark_begun` and `mark_answered` may be called from any thread, for different deliveries.
    """

    def __init__(self, folder: Path, worker: str, *, capacity: int) -> None:
        """Make the file, with all its room: a full disk later would be a crash.

        Raises `ConfigurationError` where the folder cannot be used, `StoreBusyError` where its disk
        is full.
        """
        self.worker = worker
        self._path = folder / f"{secrets.token_hex(8)}{_SUFFIX}"
        size = _HEADER_SIZE + capacity * _SLOT_SIZE
        header = _HEADER.pack(_MAGIC, worker.encode()[:64], boot_id().encode()[:64], capacity)
        self._fd = _create(self._path, header.ljust(size, b"\0"))
        self._map = mmap.mmap(self._fd, size)
        self._free = list(range(capacity - 1, -1, -1))
        self._slots: dict[int, int] = {}

    @property
    def room(self) -> int:
        """Number of deliveries that can still be added."""
        return len(self._free)

    def add(self, lease: LeasedDelivery) -> None:
        """Enter a delivery of which nothing has been written."""
        slot = self._free.pop()
        self._slots[lease.id] = slot
        offset = _HEADER_SIZE + slot * _SLOT_SIZE
        _SLOT.pack_into(
            self._map, offset, EntryProgress.FREE, 0, 0, lease.id, lease.edition_id, lease.attempt,
            lease.lease_token.encode(), b"", b"",
        )  # fmt: skip
        # The first byte is what makes a slot valid, so it is written last.
        self._map[offset] = EntryProgress.UNTOUCHED

    def mark_begun(self, delivery_id: int) -> None:
        """Note that from now on the relay may have the mail."""
        self._map[_HEADER_SIZE + self._slots[delivery_id] * _SLOT_SIZE] = EntryProgress.BEGUN

    def mark_answered(self, delivery_id: int, reply: Reply) -> None:
        """Note that the relay answered, or fell silent before the whole mail had left."""
        offset = _HEADER_SIZE + self._slots[delivery_id] * _SLOT_SIZE
        status, text = reply.status or "", reply.text
        _CODE.pack_into(self._map, offset + 1, _NUMBERS[reply.stage], reply.code or 0)
        _WORDS.pack_into(self._map, offset + _WORDS_AT, status.encode(), text.encode())
        self._map[offset] = EntryProgress.ANSWERED

    def remove(self, delivery_id: int) -> None:
        """Remove a delivery whose outcome is in the store."""
        slot = self._slots.pop(delivery_id, None)
        if slot is not None:
            self._map[_HEADER_SIZE + slot * _SLOT_SIZE] = EntryProgress.FREE
            self._free.append(slot)

    def close(self) -> None:
        """Close the file; it stays for the next sender if anything is still in it."""
        if self._fd < 0:
            return
        self._map.close()
        if not self._slots:
            self._path.unlink(missing_ok=True)
        os.close(self._fd)
        self._fd = -1

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _create(path: Path, content: bytes) -> int:
    """Make a locked file that already takes all the room it will ever need."""
    try:
        make_private_folder(path.parent)
        # Made under another name: nobody must ever see it before it is locked.
        unfinished = path.with_suffix(_UNFINISHED_SUFFIX)
        fd = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise _no_room(path, error) from error
        raise ConfigurationError(
            f"no journal can be kept ({error.strerror})",
            where=str(path.parent),
            mend="Give the sender a local folder that it may write to",
        ) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        view = memoryview(content)
        while view:
            view = view[os.write(fd, view) :]
        unfinished.rename(path)
    except OSError as error:
        os.close(fd)
        unfinished.unlink(missing_ok=True)
        raise _no_room(path, error) from error
    return fd


def _no_room(path: Path, error: OSError) -> StoreBusyError:
    return StoreBusyError(f"no room for a journal ({error.strerror})", where=str(path.parent))


@contextlib.contextmanager
def abandoned_journals(folder: Path) -> Iterator[Sequence[AbandonedJournal]]:
    """Yield the journals of dead senders; they are deleted when the block ends without an error.

    The lock of each is held meanwhile, so two senders never recover the same journal. The outcome
    of every entry must be in the store before the block ends.
    """
    with contextlib.ExitStack() as stack:
        journals: list[AbandonedJournal] = []
        paths: list[Path] = []
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            fd = _lock(path)
            if fd is None:
                continue
            stack.callback(os.close, fd)
            paths.append(path)
            journal = _read(fd)
            if journal is not None:
                journals.append(journal)
        yield tuple(journals)
        for path in paths:
            path.unlink(missing_ok=True)
        _remove_unfinished(folder)


def _remove_unfinished(folder: Path) -> None:
    """Remove files of senders that died while they made their journal: nothing was sent yet."""
    for path in folder.glob(f"*{_UNFINISHED_SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _UNFINISHED_SECONDS:
                path.unlink()


def _lock(path: Path) -> int | None:
    """Open and lock a journal; ``None`` if its sender lives or somebody else is reading it."""
    try:
        fd = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    if os.fstat(fd).st_nlink == 0:
        os.close(fd)
        return None
    return fd


def _read(fd: int) -> AbandonedJournal | None:
    content = os.pread(fd, os.fstat(fd).st_size, 0)
    if len(content) < _HEADER_SIZE or not content.startswith(_MAGIC):
        return None
    _, worker, boot, capacity = _HEADER.unpack_from(content)
    entries = []
    for offset in range(_HEADER_SIZE, _HEADER_SIZE + capacity * _SLOT_SIZE, _SLOT_SIZE):
        if offset + _SLOT_SIZE <= len(content) and content[offset] != EntryProgress.FREE:
            entries.append(_entry(content, offset))
    known = boot_id()
    trusted = bool(known) and _text(boot) == known[:64]
    return AbandonedJournal(_text(worker), tuple(entries), trusted)


def _entry(content: bytes, offset: int) -> JournalEntry:
    progress, stage, code, delivery, edition, attempt, token, status, text = _SLOT.unpack_from(
        content, offset
    )
    reply = None
    if progress == EntryProgress.ANSWERED:
        reply = Reply(_STAGES[stage], code or None, _text(status) or None, _text(text))
    return JournalEntry(delivery, edition, attempt, _text(token), EntryProgress(progress), reply)


def _text(field: bytes) -> str:
    return field.rstrip(b"\0").decode("utf-8", "replace")


def boot_id() -> str:
    """Name this run of the machine; ``""`` where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
