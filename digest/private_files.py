"""Make folders that only their owner can read or change."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_PRIVATE = 0o700
_OTHERS_CAN_WRITE = stat.S_IWGRP | stat.S_IWOTH


def make_private_folder(folder: Path, *, close: bool = True) -> None:
    """Make a folder and each missing one above it, all mode 0700 whatever the umask.

    `pathlib.Path.mkdir` leaves the mode of parents to the umask. With ``close`` a folder that is there already
    and is ours is closed to others where they could write to it.

    Raises `OSError`, with ``EPERM`` for a folder that belongs to somebody else than us or root.
    """
    missing = []
    level = folder
    while not level.exists():
        missing.append(level)
        level = level.parent
    for level in reversed(missing):
        level.mkdir(mode=_PRIVATE, exist_ok=True)
    if not close or not hasattr(os, "geteuid"):
        return
    status = folder.stat()
    if status.st_uid not in (os.geteuid(), 0):
        raise PermissionError(errno.EPERM, "it belongs to another user", str(folder))
    if status.st_mode & _OTHERS_CAN_WRITE and status.st_uid == os.geteuid():
        folder.chmod(_PRIVATE)
