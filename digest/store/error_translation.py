"""Translate the database's errors into the program's own.

The judgement is by code, never by wording: SQLite's result codes (sqlite.org/rescode.html) and
PostgreSQL's SQLSTATE classes (its manual, appendix A).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from digest.errors import ConfigurationError, DigestError, StoreBusyError

MIGRATE = "Run `digest migrate`"

SQLITE_FAULTS: dict[int, tuple[type[DigestError], str, str]] = {
    sqlite3.SQLITE_BUSY: (
        StoreBusyError,
        "another program is writing and did not finish in time",
        "Try again",
    ),
    sqlite3.SQLITE_LOCKED: (StoreBusyError, "another program has locked it", "Try again"),
    sqlite3.SQLITE_FULL: (StoreBusyError, "no space left on the disk", "Free some, then try again"),
    sqlite3.SQLITE_IOERR: (
        StoreBusyError,
        "the disk cannot be read or written now",
        "Look at its space and health, then try again",
    ),
    sqlite3.SQLITE_INTERRUPT: (StoreBusyError, "the question took too long", "Ask for less"),
    sqlite3.SQLITE_NOMEM: (StoreBusyError, "out of memory", "Try again"),
    sqlite3.SQLITE_CANTOPEN: (
        ConfigurationError,
        "the file cannot be opened",
        "Its folder must exist and be writable for this user",
    ),
    sqlite3.SQLITE_READONLY: (
        ConfigurationError,
        "the file or its folder may not be written",
        "Give this user the right to write both",
    ),
    sqlite3.SQLITE_PERM: (ConfigurationError, "this user may not open the file", "Give the right"),
    sqlite3.SQLITE_NOTADB: (
        ConfigurationError,
        "the file is not an SQLite database",
        "Point DIGEST_DATABASE_URL elsewhere",
    ),
    sqlite3.SQLITE_CORRUPT: (
        ConfigurationError,
        "the file is damaged",
        "Restore a backup",
    ),
}

POSTGRES_FAULTS: tuple[tuple[str, type[DigestError], str, str], ...] = (
    ("53100", StoreBusyError, "no space left on the server's disk", "Free some, then try again"),
    ("53", StoreBusyError, "the server is out of resources", "Try again later"),
    ("40", StoreBusyError, "another program changed the same rows", "Try again"),
    ("55P03", StoreBusyError, "another program holds the lock", "Try again"),
    ("57", StoreBusyError, "the server stopped the work or is shutting down", "Try again"),
    ("08", StoreBusyError, "the server cannot be reached", "Try again"),
    ("58", StoreBusyError, "the server's disk cannot be read or written now", "Try again"),
    ("25006", StoreBusyError, "the server takes no writes now", "Try again"),
    ("25P03", StoreBusyError, "the server ended an idle transaction", "Try again"),
    ("28", ConfigurationError, "the server refused the login", "Check user and password"),
    ("3D000", ConfigurationError, "there is no such database", "Create it (`createdb`)"),
    ("42501", ConfigurationError, "this user lacks the right", "Make it the owner of its tables"),
    ("3F000", ConfigurationError, "there is no such schema", "Check the URL and the search path"),
    ("42P01", ConfigurationError, "it is not set up", MIGRATE),
)


def translate_errors(engine: Engine, place: str) -> None:
    """Let every error of ``engine`` arise as one of the program's, at the statement itself.

    ``place`` is how a person knows the database; it must not hold a password. An error that only a
    mistake in this program can cause becomes ``RuntimeError``, which is reported as a bug.
    """

    def translate(context: ExceptionContext) -> Exception | None:
        return _verdict(context.original_exception, context.sqlalchemy_exception, place)

    event.listen(engine, "handle_error", translate)


@contextmanager
def connecting(place: str) -> Iterator[None]:
    """Run the body; ``StoreBusyError`` when no connection becomes free in time."""
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreBusyError(
            "too many connections at once", where=place, mend="Try again"
        ) from error


def _verdict(
    original: BaseException, wrapped: SQLAlchemyError | None, place: str
) -> Exception | None:
    if not isinstance(wrapped, DBAPIError):
        return original if isinstance(original, Exception) else None
    if isinstance(wrapped, IntegrityError):
        return StoreBusyError(
            "another program stored the same first", where=place, mend="Try again"
        )
    fault = _sqlite_fault(original) or _postgres_fault(original)
    if fault is None:
        return RuntimeError(f"{place}: {type(original).__name__}: {original}")
    kind, what, mend = fault
    return kind(what, where=place, mend=mend)


def _sqlite_fault(error: BaseException) -> tuple[type[DigestError], str, str] | None:
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code & 0xFF == sqlite3.SQLITE_ERROR and str(error).startswith("no such table"):
        return ConfigurationError, "it is not set up", MIGRATE
    return SQLITE_FAULTS.get(code & 0xFF)


def _postgres_fault(error: BaseException) -> tuple[type[DigestError], str, str] | None:
    if isinstance(error, sqlite3.Error):
        return None
    state = getattr(error, "sqlstate", None)
    if state is None:
        # libpq gives no SQLSTATE when there is no server to give one, nor for some refused logins.
        if "authentication failed" in str(error):
            return ConfigurationError, "the server refused the login", "Check user and password"
        if "database" in str(error) and "does not exist" in str(error):
            return ConfigurationError, "there is no such database", "Create it (`createdb`)"
        if type(error).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError"):
            return StoreBusyError, "the server cannot be reached", "Is it running? Try again"
        return None
    for prefix, kind, what, mend in POSTGRES_FAULTS:
        if state.startswith(prefix):
            return kind, what, mend
    return None
