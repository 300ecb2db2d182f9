"""Files in which this machine records its own senders, so that a restored database shows.

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
    """Record of a sender that ran here: from when on, and how many outcomes it recorded at least."""

    token: str
    place: str
    began_at: datetime
    recorded: int


def latest_unknown(
    records: Iterable[SenderRecord], recorded: Mapping[str, int]
) -> SenderRecord | None:
    """Find the latest record that a store with these counts does not know in full, if any."""
    unknown = [record for record in records if recorded.get(record.token, -1) < record.recorded]
    return max(unknown, key=lambda record: record.began_at, default=None)


def explain_stale_database(sender: SenderRecord, recorded: int | None) -> str:
    """Explain why a store that knows only so many outcomes of a sender is too old.

    ``recorded`` is ``None`` where it does not know the sender at all.
    """
    what = "and is not known to it"
    if recorded is not None:
        what = f"and recorded {sender.recorded:,} outcomes, of which it knows {recorded:,}"
    return (
        "the database is older than this machine remembers: its last sender here began at "
        f"{sender.began_at:%Y-%m-%d %H:%M} UTC {what}. It was restored from a copy, or lost its "
        "last writes, and cannot tell who was served or unsubscribed since. Go on with the next "
        "edition: digest resume --skip-past; or send whatever waits in it: digest resume"
    )


class SenderFiles:
    """Records on this machine of one store, named by its id and its place."""

    def __init__(self, folder: Path, store_id: str, place: str) -> None:
        self._folder = folder / store_id
        self._place = place

    def records(self) -> tuple[SenderRecord, ...]:
        """Read what the store must know: of the senders at its place, or of all if there were none."""
        records = tuple(record for path in self._paths() if (record := _read(path)) is not None)
        return tuple(record for record in records if record.place == self._place) or records

    def record_sender(
        self, token: str, began_at: datetime, known: Sequence[SenderRecord] = ()
    ) -> SenderFile:
        """Make the file of a sender that is in the store and has sent nothing yet.

        ``known`` are records that the store which knows this sender knows as well, so that
        they are not needed any more. A folder that cannot be written does not stop anybody from
        sending: it is logged, and earlier files stay.
        """
        head = {"sender": token, "began": began_at.isoformat(), "place": self._place}
        path = self._path(token)
        try:
            make_private_folder(self._folder)
            fd = _create(path, json.dumps(head).encode())
        except OSError as error:
            _warn_unwritable(error, self._folder)
            return SenderFile(-1, self._folder)
        for record in known:
            if record.place == self._place:
                with contextlib.suppress(OSError):
                    _remove_unless_alive(self._path(record.token), record)
        return SenderFile(fd, self._folder)

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{_SUFFIX}"))

    def _path(self, token: str) -> Path:
        return self._folder / f"{token}{_SUFFIX}"


class SenderFile:
    """File of one living sender."""

    def __init__(self, fd: int, folder: Path) -> None:
        self._fd = fd
        self._folder = folder

    def write_count(self, recorded: int) -> None:
        """Write that so many outcomes were committed; a full disk is logged once."""
        if self._fd < 0:
            return
        try:
            os.write(self._fd, b"\n%d" % recorded)
        except OSError as error:
            _warn_unwritable(error, self._folder)
            self.close()

    def close(self) -> None:
        """Close the file, which stays."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _create(path: Path, head: bytes) -> int:
    """Make a locked file that survives a power cut as soon as it is there."""
    unfinished = path.with_suffix(".new")
    fd = os.open(unfinished, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.write(fd, head) < len(head):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(fd)
        unfinished.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError:
        os.close(fd)
        unfinished.unlink(missing_ok=True)
        raise
    return fd


def _remove_unless_alive(path: Path, known: SenderRecord) -> None:
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
        fields = json.loads(head)
        return SenderRecord(
            str(fields["sender"]),
            str(fields["place"]),
            datetime.fromisoformat(fields["began"]),
            max((int(number) for number in numbers if number.isdigit()), default=0),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _warn_once(str(path), type(error).__name__)
        return None


@cache
def _warn_once(path: str, error_name: str) -> None:
    """The file is looked at every minute, and stays as it is."""
    log.warning("%s says nothing of earlier sending (%s)", path, error_name)


def _warn_unwritable(error: OSError, folder: Path) -> None:
    log.warning(
        "%s cannot be written (%s): should the database be restored from a copy, this machine may "
        "not notice",
        folder,
        error.strerror,
    )
