"""What this machine remembers of its own sending, so that a restored database shows.

A database put back from yesterday's copy cannot know that it is old. A file beside it can: it holds
the token of the last sender on this machine and how many outcomes that sender had recorded, and
the store must know at least as much. The file is written after each commit, so a crash leaves it
behind the store and never ahead of it, and no clock is compared with another.

There is one file for each sender, written by that sender alone and only ever added to: a line that
describes it, flushed to the disk before anything is sent, and then a number for each batch, which
costs one system call. The newline comes before the number, so a line that was cut short says less
than the truth. The next sender removes the file, once its own is on the disk.

Files lie in a folder named after the store, and name its place: a copy that is used elsewhere on
this machine, to try something out, does not put the original in doubt.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from digest.private_files import make_private_folder

log = logging.getLogger(__name__)

_SUFFIX = ".sender"


@dataclass(frozen=True, slots=True)
class SenderRecord:
    """That a sender ran here, from when, and how many outcomes it had recorded at least."""

    token: str
    place: str
    began_at: datetime
    recorded: int


def latest_unknown(
    statements: Iterable[SenderRecord], recorded: Mapping[str, int]
) -> SenderRecord | None:
    """The latest of them that a store with these counts does not know in full, if there is one."""
    unknown = [one for one in statements if recorded.get(one.token, -1) < one.recorded]
    return max(unknown, key=lambda one: one.began_at, default=None)


def explain_stale_database(statement: SenderRecord, recorded: int | None) -> str:
    """Why a store that knows of only so many outcomes (``None``: of no such sender) is too old."""
    what = "and is not known to it"
    if recorded is not None:
        what = f"and recorded {statement.recorded:,} outcomes, of which it knows {recorded:,}"
    return (
        "the database is older than this machine remembers: its last sender here began at "
        f"{statement.began_at:%Y-%m-%d %H:%M} UTC {what}. It was restored from a copy, or lost its "
        "last writes, and cannot tell who was served or unsubscribed since. Go on with the next "
        "edition: digest resume --skip-past; or send whatever waits in it: digest resume"
    )


class SenderFiles:
    """What this machine remembers of one store, named by its id and its place."""

    def __init__(self, folder: Path, store_id: str, place: str) -> None:
        self._folder = folder / store_id
        self._place = place

    def statements(self) -> tuple[SenderRecord, ...]:
        """What the store must know: of the senders at its place, or of all if there were none."""
        found = tuple(one for path in self._paths() if (one := _read(path)) is not None)
        return tuple(one for one in found if one.place == self._place) or found

    def record_sender(
        self, token: str, began_at: datetime, known: Sequence[SenderRecord] = ()
    ) -> SenderFile:
        """Remember a sender that is in the store and has sent nothing yet.

        ``known`` are statements that the store which knows this sender knows as well, so that
        they are not needed any more. A folder that cannot be written does not stop anybody from
        sending: it is logged, and what was remembered before stays.
        """
        head = {"sender": token, "began": began_at.isoformat(), "place": self._place}
        path = self._path(token)
        try:
            make_private_folder(self._folder)
            fd = _create(path, json.dumps(head).encode())
        except OSError as error:
            _complain(error, self._folder)
            return SenderFile(-1, self._folder)
        for one in known:
            if one.place == self._place:
                with contextlib.suppress(OSError):
                    _remove_of_dead(self._path(one.token), one)
        return SenderFile(fd, self._folder)

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{_SUFFIX}"))

    def _path(self, token: str) -> Path:
        return self._folder / f"{token}{_SUFFIX}"


class SenderFile:
    """The file of one living sender."""

    def __init__(self, fd: int, folder: Path) -> None:
        self._fd = fd
        self._folder = folder

    def note(self, recorded: int) -> None:
        """Remember that so many outcomes were committed; a full disk is logged once."""
        if self._fd < 0:
            return
        try:
            os.write(self._fd, b"\n%d" % recorded)
        except OSError as error:
            _complain(error, self._folder)
            self.close()

    def close(self) -> None:
        """The sender is done; its file stays."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _create(path: Path, head: bytes) -> int:
    """A locked file that survives a power cut as soon as it is there."""
    newborn = path.with_suffix(".new")
    fd = os.open(newborn, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.write(fd, head) < len(head):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(fd)
        newborn.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError:
        os.close(fd)
        newborn.unlink(missing_ok=True)
        raise
    return fd


def _remove_of_dead(path: Path, known: SenderRecord) -> None:
    """Remove a file that says no more than what is known, unless its sender lives."""
    fd = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _read(path) == known:
            path.unlink()
    finally:
        os.close(fd)


def _read(path: Path) -> SenderRecord | None:
    try:
        head, *numbers = path.read_bytes().split(b"\n")
        told = json.loads(head)
        return SenderRecord(
            str(told["sender"]),
            str(told["place"]),
            datetime.fromisoformat(told["began"]),
            max((int(number) for number in numbers if number.isdigit()), default=0),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _say_once(str(path), type(error).__name__)
        return None


@cache
def _say_once(path: str, trouble: str) -> None:
    """The file is looked at every minute, and stays as it is."""
    log.warning("%s says nothing of earlier sending (%s)", path, trouble)


def _complain(error: OSError, folder: Path) -> None:
    log.warning(
        "%s cannot be written (%s): should the database be restored from a copy, this machine may "
        "not notice",
        folder,
        error.strerror,
    )
