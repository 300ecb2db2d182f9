"""Write files that only the operator may read: they hold addresses, and links that act for a reader."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path

from digest.private_files import make_private_folder


def write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner only can read, from the first byte on.

    What stood there is replaced at once, a symbolic link too, and never written through; only a
    device or a pipe (``/dev/stdout``) is. Raises `digest.errors.ConfigurationError` where the
    place cannot be written to.
    """
    from digest.errors import ConfigurationError

    try:
        if _is_stream(path):
            path.write_bytes(content)
            return
        beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
            os.replace(beside, path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
    except OSError as error:
        raise ConfigurationError(
            f"cannot be written ({error.strerror})",
            where=str(path),
            mend="Free some space"
            if error.errno == errno.ENOSPC
            else "Name a place that you may write to",
        ) from None


def make_private(folder: Path) -> None:
    """Make a folder that is missing, and those above it, for their owner only.

    Raises `digest.errors.ConfigurationError` where that is not possible.
    """
    from digest.errors import ConfigurationError

    try:
        make_private_folder(folder, close=False)
        folder.mkdir(exist_ok=True)  # refuses what is there and is no folder
    except OSError as error:
        raise ConfigurationError(
            f"cannot be written to ({error.strerror})",
            where=str(folder),
            mend="Name a folder that you may write to",
        ) from None


def _is_stream(path: Path) -> bool:
    """True for no file of its own: ``/dev/stdout`` may lead to a file, and must not be replaced.

    ``/dev/shm`` holds ordinary files, which others must not read either.
    """
    parts = path.absolute().parts
    if parts[1:2] in (("dev",), ("proc",)) and parts[1:3] != ("dev", "shm"):
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
