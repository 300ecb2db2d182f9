"""Choose the database of a list where no setting says it: it follows the folder whose ``.env`` is used.

A folder with a ``.env`` that sets anything of this program is a list of its own, and its database
is ``digest.sqlite3`` beside it. Without one, the user has one list, in the user's data folder; so
it was for every folder in earlier versions, and an installation from then goes on with that file:

- The first folder that uses it takes it over, and a note beside it (`CLAIM`) says which that is.
- Any other folder gets a database of its own. Only a folder whose ``.env`` is older than that note
  may have used the file before as well: there nothing is guessed, and its operator is asked.

What a machine remembers of its sending goes the same way, but stays in the user's state folder:
a copy of the one must not bring back the other (see `digest.restore_guard.sender_files`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from digest.errors import ConfigurationError
from digest.settings.env_file import DEFAULT_NAME, named_env_file
from digest.settings.file_permissions import describe_exposure

FILE = "digest.sqlite3"
CLAIM = "digest.sqlite3.folder"
_NAMES = re.compile(rb"^[ \t]*(?:export[ \t]+)?DIGEST_(?!REAL_DATA\b)\w+[ \t]*=", re.MULTILINE)
_ODD = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class DataPlace:
    """The database and state of the list in ``folder``. ``claimed_by`` has the user's own database."""

    folder: Path
    database: Path
    state: Path
    is_own: bool
    users: Path
    claimed_by: Path | None = None

    @property
    def url(self) -> str:
        """The database as ``DIGEST_DATABASE_URL`` would say it."""
        return f"sqlite:///{self.database}"


def find_data_place(folder: Path | None = None) -> DataPlace:
    """Find the database and state of the list in that folder, by default in the working folder.

    A file of settings that was named and is no ``.env`` is a list of its own: its database lies
    beside it, under its name. Nothing is made or changed.
    """
    named = named_env_file() if folder is None else None
    if named is not None and named.name != DEFAULT_NAME:
        return _place_of_file(named)
    folder = folder or (named.parent if named is not None else Path.cwd())
    users, states = _users_places()
    own = folder / FILE
    # Without a .env, whose owner vouches for the folder, only a file that nobody else could have
    # put there counts.
    has_own = own.is_file() and (_has_settings(folder) or describe_exposure(own) == ("", ""))
    claimed_by = _claimed_by(users)
    keeps = users.exists() and claimed_by in (None, folder)
    if has_own or (_has_settings(folder) and not keeps):
        return DataPlace(folder, own, states / "lists" / _name(folder), True, users, claimed_by)
    return DataPlace(folder, users, states, False, users, claimed_by)


def _place_of_file(file: Path) -> DataPlace:
    users, states = _users_places()
    database = file.with_name(f"{file.name}{Path(FILE).suffix}")
    return DataPlace(file.parent, database, states / "lists" / _name(file), True, users)


def _users_places() -> tuple[Path, Path]:
    """The database and the state folder that a user has without any file of settings."""
    return platformdirs.user_data_path("digest") / FILE, platformdirs.user_state_path("digest")


def claim_data_place(place: DataPlace) -> str:
    """Settle that this folder's list is there; a line for its operator where that is news, or ``""``.

    Raises `ConfigurationError` where it cannot be known whether the folder has used the user's
    database before.
    """
    if place.is_own:
        return _own_list(place)
    if not _has_settings(place.folder) or place.claimed_by is not None or not place.users.exists():
        return ""
    claim = place.users.with_name(CLAIM)
    try:
        descriptor = os.open(claim, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(os.fsencode(place.folder))
    except FileExistsError:
        raise ConfigurationError(
            f"the list in {place.users} was just taken over by another folder",
            where=str(place.folder),
            mend="Run it again: this folder gets a list of its own",
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"cannot be written ({error.strerror})",
            where=str(claim),
            mend="Set DIGEST_DATABASE_URL to a place this user may write",
        ) from error
    return (
        f"{place.folder} goes on with the list of earlier versions in {place.users}; other folders get "
        f"their own. If that is another folder's list, delete {claim} and set here "
        f"DIGEST_DATABASE_URL=sqlite:///{place.folder / FILE}"
    )


def describe_claim(place: DataPlace) -> str:
    """Tell what `claim_data_place` would settle, as a clause that begins with "; ", or ``""``.

    Raises `ConfigurationError` as that does.
    """
    if place.is_own:
        notice = _own_list(place)
        return f"; {notice}" if notice else ""
    if _has_settings(place.folder) and place.claimed_by is None and place.users.exists():
        return (
            "; kept from earlier versions, when every folder used it: the next command makes it the "
            f"list of {place.folder}. For another list set "
            f"DIGEST_DATABASE_URL=sqlite:///{place.folder / FILE}"
        )
    return ""


def _own_list(place: DataPlace) -> str:
    if place.database.exists() or place.claimed_by is None or not place.users.exists():
        return ""
    claimed_at = place.users.with_name(CLAIM).stat().st_mtime
    is_older = (place.folder / ".env").stat().st_mtime <= claimed_at
    if is_older or not place.claimed_by.is_dir():
        gone = "" if place.claimed_by.is_dir() else ", which is gone"
        raise ConfigurationError(
            f"it is not known whether its list is the one in {place.users}, now that of "
            f"{place.claimed_by}{gone}",
            where=str(place.folder),
            mend=f"Set here DIGEST_DATABASE_URL=sqlite:///{place.users} to go on with that, or "
            f"DIGEST_DATABASE_URL={place.url} for a list of its own",
        )
    return (
        f"{place.folder} begins a list of its own in {place.database}; the one in {place.users} is that "
        f"of {place.claimed_by}"
    )


def _claimed_by(users: Path) -> Path | None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return Path(os.fsdecode(users.with_name(CLAIM).read_bytes()))
    return None


def _has_settings(folder: Path) -> bool:
    """True if a ``.env`` there sets anything of this program; many other programs read one, too."""
    try:
        return _NAMES.search((folder / ".env").read_bytes()) is not None
    except OSError:
        return False  # who reads the settings tells what is wrong with it


def _name(folder: Path) -> str:
    """A name for the state of that folder, or file: readable, and no other's."""
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return f"{_ODD.sub('-', folder.name).strip('-')[:40] or 'list'}-{mark}"
