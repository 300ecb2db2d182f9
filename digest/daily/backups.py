"""Back the database up while it is in use, and restore it so that nothing is sent twice.

::

    back_up    one moment of the database ─▶ a checked SQLite file ─▶ encrypted, if a recipient is given
    restore    that file ─▶ a new database of either kind, paused until a person says `digest resume`

A backup is an SQLite database, whatever the list runs on. Encryption is that of age
(age-encryption.org/v1), so that its files can be opened without this program.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from digest.errors import ConfigurationError, InputError
from digest.store import Store, open_store
from digest.store.transfer import Progress, TransferReport

MADE_AT = "backup-made-at"
"""The flag in a backup that says when it was made."""

_SQLITE = b"SQLite format 3\0"
_NAME = re.compile(r"digest-[0-9]{8}-[0-9]{6}\.sqlite3(?:\.age)?")
_AGE = b"age-encryption.org/v1\n"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was written: where, its size in bytes, and whether it is encrypted."""

    path: Path
    size: int
    encrypted: bool

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {"file": str(self.path), "bytes": self.size, "encrypted": self.encrypted}


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """A backup that was restored: what was copied, when it was made, and why sending is paused."""

    transfer: TransferReport
    made_at: str
    paused: str


def back_up(
    store: Store,
    path: Path,
    *,
    now: datetime,
    recipient: str = "",
    progress: Progress = lambda *_: None,
) -> BackupReport:
    """Write a backup into ``path``, which must not be there; readable by its owner only.

    ``recipient``: the age public key to encrypt it to. The file appears under its name when it is
    whole and on the disk. Raises `digest.errors.ConfigurationError` where it cannot be written.
    """
    encrypt = _encryption(recipient) if recipient else None
    try:
        if path.exists():
            raise FileExistsError("there is one already")
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
            plain, sealed = Path(folder, "plain"), Path(folder, "sealed")
            store.snapshot(plain, progress)
            _note_moment(plain, now)
            if encrypt is not None:
                sealed.touch(mode=0o600)
                encrypt(plain, sealed)
            whole = sealed if encrypt is not None else plain
            whole.chmod(0o600)
            _keep(whole, path)
    except OSError as error:
        raise ConfigurationError(
            f"the backup cannot be written ({error.strerror or error})",
            where=str(path),
            mend="Name a new file in a folder that this user may write",
        ) from error
    return BackupReport(path, path.stat().st_size, encrypt is not None)


def restore(
    path: Path,
    store: Store,
    *,
    now: datetime,
    identity: Path | None = None,
    progress: Progress = lambda *_: None,
) -> RestoreReport:
    """Copy a backup into ``store``, a new database, and pause its sending.

    Mail may have been sent after the backup was made, which it cannot know: so a person decides,
    with `digest resume`. ``identity``: the file with the age secret key of an encrypted backup.
    Raises `digest.errors.InputError` for a file that is no backup or was cut short, and
    `digest.errors.ConfigurationError` where ``store`` has rows of its own.
    """
    with _opened(path, identity) as backup:
        backup.migrate()
        with backup.begin() as unit:
            made_at = unit.runs.flag(MADE_AT) or ""
            when = f" of {made_at}" if made_at else ""
            paused = (
                f"restored from the backup{when}: what was sent after it is not known here. "
                "digest resume --skip-past goes on with the next edition and mails nothing that may "
                "have been mailed"
            )
            unit.senders.mark_restored(paused, now)
            unit.runs.resume()
            unit.runs.pause(paused, now)
            unit.runs.clear_flag(MADE_AT)
        transfer = backup.copy_to(store, now, progress, idle=False)
    return RestoreReport(transfer, made_at, paused)


def name_of_backup(now: datetime, *, encrypted: bool) -> str:
    """Name a backup by its moment in UTC, so that names sort by age."""
    return f"digest-{now:%Y%m%d-%H%M%S}.sqlite3{'.age' if encrypted else ''}"


def delete_older(folder: Path, keep: int) -> tuple[Path, ...]:
    """Delete the backups in ``folder`` but for the ``keep`` newest; only files named like ours."""
    backups = sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    for path in (older := tuple(backups[:-keep])):
        path.unlink(missing_ok=True)
    return older


def _note_moment(path: Path, now: datetime) -> None:
    backup = open_store(f"sqlite:///{path}")
    try:
        with backup.begin() as unit:
            unit.runs.set_flag(MADE_AT, f"{now:%Y-%m-%d %H:%M} UTC", now)
        backup.clear_log()
    finally:
        backup.close()


def _keep(whole: Path, path: Path) -> None:
    """Bring a finished file to its place; after a power cut it is there whole, or not at all."""
    with whole.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(whole, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _opened(path: Path, identity: Path | None) -> Iterator[Store]:
    """A backup as a store: a copy of it, decrypted where it is encrypted, which is then deleted."""
    with tempfile.TemporaryDirectory(prefix="digest-restore-") as folder:
        plain = Path(folder, "plain")
        try:
            with path.open("rb") as file:
                beginning = file.read(len(_AGE))
            if beginning == _AGE:
                _decrypt(path, plain, identity)
                beginning = plain.read_bytes()[: len(_AGE)]
            else:
                shutil.copyfile(path, plain)
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror})", where=str(path)) from error
        if not beginning.startswith(_SQLITE):
            raise InputError("is no backup", where=str(path), mend="See: digest backup --help")
        backup = open_store(f"sqlite:///{plain}")
        try:
            if not backup.is_sound() or backup.is_empty():
                raise InputError(
                    "is damaged, or no backup of a list", where=str(path), mend="Take another one"
                )
            yield backup
        finally:
            backup.close()


def _age() -> Any:
    if find_spec("pyrage") is None:
        raise ConfigurationError(
            "an encrypted backup needs pyrage", mend="Install it with: pip install 'pyrage>=1.2'"
        )
    import pyrage

    return pyrage


def _encryption(recipient: str) -> Callable[[Path, Path], None]:
    """The encryption for that public key. Raises `ConfigurationError` for what is none."""
    age = _age()
    try:
        key = age.x25519.Recipient.from_str(recipient)
    except age.RecipientError:
        raise ConfigurationError(
            "this is no age public key",
            where="DIGEST_BACKUP_RECIPIENT",
            mend="Make a pair with age-keygen -o backup.key, and give the line that begins with age1",
        ) from None
    return lambda plain, sealed: age.encrypt_file(str(plain), str(sealed), [key])


def _decrypt(path: Path, plain: Path, identity: Path | None) -> None:
    age = _age()
    if identity is None:
        raise InputError(
            "is encrypted",
            where=str(path),
            mend="Give the file with its secret key: --identity FILE",
        )
    lines = identity.read_text(encoding="utf-8", errors="replace").splitlines()
    secret = next((line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
    plain.touch(mode=0o600)
    try:
        age.decrypt_file(str(path), str(plain), [age.x25519.Identity.from_str(secret)])
    except age.IdentityError:
        raise InputError(
            "has no age secret key",
            where=str(identity),
            mend="It is the file that age-keygen wrote",
        ) from None
    except age.DecryptError as error:
        raise InputError(f"cannot be decrypted with that key ({error})", where=str(path)) from None
