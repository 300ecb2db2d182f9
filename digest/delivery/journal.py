"""A sender's own memory of the mails in its hands, which outlives the process.

The outbox commits the attempts of a whole chunk before the first body is written, because one
transaction per mail is some thirty times slower. After a kill the database alone could therefore
only say "one of these thousand". The journal says which: a few bytes per mail in a file mapped
into memory, written without a system call just before the body and just after the reply. What is in
doubt after SIGKILL is at most the one mail that each connection was writing.

A journal is locked while its sender lives, so a free lock proves that the sender is dead. Pages
survive the death of a process but not the loss of power: a journal from before the last boot proves
nothing about mails that it calls untouched, and its reader is told so.
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
from digest.private_files import make_private_folder

_MAGIC = b"DIGJRNL1"
_HEADER = struct.Struct("<8s64s64sI")
_HEADER_SIZE = 256
_SLOT = struct.Struct("<BBHQQI48s16s160s")
_SLOT_SIZE = 256
_CODE = struct.Struct("<BH")
_WORDS = struct.Struct("<16s160s")
_WORDS_AT = _SLOT.size - _WORDS.size
_PLACES = tuple(SmtpStage)
_NUMBERS = {place: number for number, place in enumerate(_PLACES)}
_SUFFIX = ".journal"
_NEWBORN = ".new"
_STILLBORN = 3600.0
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class EntryProgress(IntEnum):
    """How far a mail came: nothing written, writing begun, or answered."""

    FREE = 0
    UNTOUCHED = 1
    BEGUN = 2
    ANSWERED = 3


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What a journal remembers of one delivery. ``reply`` is set when it was answered."""

    delivery_id: int
    edition_id: int
    attempt: int
    lease_token: str
    progress: EntryProgress
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class AbandonedJournal:
    """What a dead sender left behind. ``trusted`` is false if the machine went down since."""

    worker: str
    memories: tuple[JournalEntry, ...]
    trusted: bool


class Journal:
    """The journal of one living sender: `enter` before an attempt is committed, `begin` before the
    first byte of a body, `answer` after the reply, `leave` once the outcome is in the store.

    `begin` and `answer` may be called from any thread, for different deliveries.
    """

    def __init__(self, folder: Path, worker: str, *, capacity: int) -> None:
        """Raises `ConfigurationError` where the folder cannot be used, `StoreBusyError` where its
        disk is full: the room is taken now, because a full disk later would be a crash.
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
        """How many more deliveries can be entered."""
        return len(self._free)

    def enter(self, delivery_id: int, edition_id: int, attempt: int, lease_token: str) -> None:
        """Remember a delivery of which nothing has been written."""
        slot = self._free.pop()
        self._slots[delivery_id] = slot
        offset = _HEADER_SIZE + slot * _SLOT_SIZE
        _SLOT.pack_into(
            self._map, offset, EntryProgress.FREE, 0, 0, delivery_id, edition_id, attempt,
            lease_token.encode(), b"", b"",
        )  # fmt: skip
        # The first byte is what makes a slot valid, so it is written last.
        self._map[offset] = EntryProgress.UNTOUCHED

    def begin(self, delivery_id: int) -> None:
        """From now on the relay may have the mail."""
        self._map[_HEADER_SIZE + self._slots[delivery_id] * _SLOT_SIZE] = EntryProgress.BEGUN

    def answer(self, delivery_id: int, reply: Reply) -> None:
        """The relay answered, or fell silent before the whole mail had left."""
        offset = _HEADER_SIZE + self._slots[delivery_id] * _SLOT_SIZE
        status, text = reply.status or "", reply.text
        _CODE.pack_into(self._map, offset + 1, _NUMBERS[reply.place], reply.code or 0)
        _WORDS.pack_into(self._map, offset + _WORDS_AT, status.encode(), text.encode())
        self._map[offset] = EntryProgress.ANSWERED

    def leave(self, delivery_id: int) -> None:
        """Forget a delivery: the store knows its outcome."""
        slot = self._slots.pop(delivery_id, None)
        if slot is not None:
            self._map[_HEADER_SIZE + slot * _SLOT_SIZE] = EntryProgress.FREE
            self._free.append(slot)

    def close(self) -> None:
        """Let go of the file; it stays for the next sender if anything is still in it."""
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
    """A locked file that already takes all the room it will ever need."""
    try:
        make_private_folder(path.parent)
        # Born under another name: a reader must never see it before it is locked.
        newborn = path.with_suffix(_NEWBORN)
        fd = os.open(newborn, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
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
        newborn.rename(path)
    except OSError as error:
        os.close(fd)
        newborn.unlink(missing_ok=True)
        raise _no_room(path, error) from error
    return fd


def _no_room(path: Path, error: OSError) -> StoreBusyError:
    return StoreBusyError(f"no room for a journal ({error.strerror})", where=str(path.parent))


@contextlib.contextmanager
def abandoned_journals(folder: Path) -> Iterator[Sequence[AbandonedJournal]]:
    """What dead senders left in the folder; deleted when the block ends without an error.

    The lock of each is held meanwhile, so two senders never execute the same testament. The outcome
    of every memory must be in the store before the block ends.
    """
    with contextlib.ExitStack() as stack:
        found: list[AbandonedJournal] = []
        executed: list[Path] = []
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            fd = _lock(path)
            if fd is None:
                continue
            stack.callback(os.close, fd)
            executed.append(path)
            testament = _read(fd)
            if testament is not None:
                found.append(testament)
        yield tuple(found)
        for path in executed:
            path.unlink(missing_ok=True)
        _sweep(folder)


def _sweep(folder: Path) -> None:
    """Remove what a sender left that died while its journal was made; nobody had read in it."""
    for path in folder.glob(f"*{_NEWBORN}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _STILLBORN:
                path.unlink()


def _lock(path: Path) -> int | None:
    """The file, if its owner is dead and nobody else is reading it."""
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
    memories = []
    for offset in range(_HEADER_SIZE, _HEADER_SIZE + capacity * _SLOT_SIZE, _SLOT_SIZE):
        if offset + _SLOT_SIZE <= len(content) and content[offset] != EntryProgress.FREE:
            memories.append(_memory(content, offset))
    known = boot_id()
    trusted = bool(known) and _text(boot) == known[:64]
    return AbandonedJournal(_text(worker), tuple(memories), trusted)


def _memory(content: bytes, offset: int) -> JournalEntry:
    progress, place, code, number, edition, attempt, token, status, text = _SLOT.unpack_from(
        content, offset
    )
    reply = None
    if progress == EntryProgress.ANSWERED:
        reply = Reply(_PLACES[place], code or None, _text(status) or None, _text(text))
    return JournalEntry(number, edition, attempt, _text(token), EntryProgress(progress), reply)


def _text(field: bytes) -> str:
    return field.rstrip(b"\0").decode("utf-8", "replace")


def boot_id() -> str:
    """What names this run of the machine; ``""`` where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
