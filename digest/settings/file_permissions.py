"""Find who else on this machine could change or read a file that the program trusts.

The rules are those of ssh for its own files (``StrictModes``) and of git for a repository: what
steers the program belongs to its user or to root, and nobody else can write to it. Access lists
beyond the mode bits are not looked at.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from digest.errors import ConfigurationError

_HAS_OWNERS = hasattr(os, "geteuid")


def require_private(path: Path) -> None:
    """Raise `ConfigurationError` if somebody else owns that file or can change it.

    A file that is not there, or on a system without owners, is nobody's trouble.
    """
    problem, mend = describe_exposure(path)
    if problem:
        raise ConfigurationError(problem, where=str(path), mend=mend)


def describe_exposure(path: Path) -> tuple[str, str]:
    """Describe how somebody else could change that file or folder, and what mends it.

    ``("", "")`` where nobody else can.
    """
    if not _HAS_OWNERS:
        return "", ""
    try:
        # Of a symbolic link, both: who owns the link decides where it leads.
        target, link = path.stat(), path.lstat()
    except OSError:
        return "", ""  # whoever reads it tells what is wrong
    for status in (link, target):
        if status.st_uid not in _trusted_owners():
            return (
                f"it belongs to {_user(status.st_uid)}, not to {_user(os.geteuid())} or root",
                f"If you trust it, run: chown {_user(os.geteuid())} {path}",
            )
    # The sticky bit of a folder keeps others from taking files away, not from adding their own.
    if target.st_mode & stat.S_IWOTH:
        return "every user of this machine can change it", f"Run: chmod go-w {path}"
    if target.st_mode & stat.S_IWGRP and not _is_private_group(target.st_gid, target.st_uid):
        return "other users of this machine can change it (its group)", f"Run: chmod g-w {path}"
    return "", ""


def is_exposed(path: Path) -> bool:
    """True if every user of this machine may read that file."""
    try:
        return _HAS_OWNERS and bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def _trusted_owners() -> set[int]:
    user_id = os.geteuid()
    owners = {0, user_id}
    # With sudo, the person who asked for it owns what lies in their folder (as git has it).
    caller = os.environ.get("SUDO_UID", "")
    if user_id == 0 and caller.isascii() and caller.isdigit() and len(caller) < 11:
        owners.add(int(caller))
    return owners


def _is_private_group(group: int, owner: int) -> bool:
    """True if that group is root's, or has its owner as the only member (user private groups)."""
    import grp
    import pwd

    if group == 0:
        return True
    try:
        user, members = pwd.getpwuid(owner), grp.getgrgid(group)
    except KeyError:
        return False
    same = user.pw_gid == group and user.pw_name == members.gr_name
    return same and set(members.gr_mem) <= {user.pw_name}


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
