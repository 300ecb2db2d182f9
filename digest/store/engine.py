"""Connections: how each database is opened, and how its transactions begin."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool, StaticPool

from digest.errors import ConfigurationError, StoreBusyError
from digest.private_files import make_private_folder
from digest.store.error_translation import translate_errors

BUSY_TIMEOUT = 30.0
"""Seconds to wait for another writer; ``?timeout=`` in the URL of an SQLite file overrides it."""

PAGE_CACHE_KIB = 8_192
"""SQLite's page cache per connection. More gains nothing measurable at a million papers, nor when
sending to a million readers; the system's own cache stands behind it.
"""

EXAMPLE = (
    "Expected for example sqlite:////var/lib/digest/digest.db or postgresql://user@host/digest"
)

_READABLE = partial(str, encoding="utf-8", errors="replace")

LOG_PATIENCE = 5.0
"""Seconds to wait for those who read from SQLite's log when it is to be emptied."""

READING = "digest_reading"
"""The execution option that begins a transaction which cannot write, and waits for no writer."""


@dataclass(frozen=True, slots=True)
class Database:
    """An opened address: the engine, what a person calls the place, and the file if it is one."""

    engine: Engine
    place: str
    path: Path | None = None
    in_memory: bool = False

    def create(self) -> None:
        """Make the SQLite file (readable by its owner only) and its folders, if they are missing.

        Raises `ConfigurationError` when that is not allowed.
        """
        if self.path is None or self.path.exists():
            return
        try:
            make_private_folder(self.path.parent, close=False)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise ConfigurationError(
                f"the database file cannot be made ({error.strerror})",
                where=str(self.path),
                mend="Set DIGEST_DATABASE_URL to a place this user may write",
            ) from error

    def clear_log(self) -> bool:
        """Empty SQLite's write-ahead log, in which pages lie as they were before a row was erased.

        False while somebody reads an older snapshot for longer than `LOG_PATIENCE`: then try again
        later. Other databases, and one in memory, keep no such file: true.
        """
        if self.path is None or not self.path.exists():
            return True
        try:
            with closing(sqlite3.connect(self.path, timeout=LOG_PATIENCE)) as connection:
                busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.DatabaseError:
            return False
        return not busy

    def vacuum_into(self, path: Path) -> None:
        """Write an SQLite file's content as it is now into another, and check that one.

        Raises `StoreBusyError` where the disk is full or the copy is not sound.
        """
        try:
            with closing(sqlite3.connect(str(self.path), timeout=BUSY_TIMEOUT)) as connection:
                connection.execute("VACUUM INTO ?", (str(path),))
        except sqlite3.DatabaseError as error:
            raise StoreBusyError(f"it cannot be copied ({error})", where=self.place) from error
        if not _is_sound(path):
            raise StoreBusyError("its copy is damaged", where=self.place, mend="Check the disk")

    def is_sound(self) -> bool:
        """False if an SQLite file is damaged, or none; other databases check themselves."""
        return self.path is None or _is_sound(self.path)

    def compact(self) -> bool:
        """Write an SQLite file anew, without what older programs deleted and did not overwrite.

        Needs as much room again on the disk. False where it cannot be done now.
        """
        if self.path is None or not self.path.exists():
            return True
        try:
            with closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT)) as connection:
                connection.isolation_level = None
                connection.execute("VACUUM")
        except sqlite3.DatabaseError:
            return False
        return self.clear_log()


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            found: list[tuple[str]] = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError:
        return False
    return found == [("ok",)]


def open_database(address: str) -> Database:
    """The database at ``address``. Nothing is connected or created yet.

    Raises `ConfigurationError` for an address that is not one, or whose driver is missing.
    """
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise ConfigurationError(
            "the database address is not a URL", where="DIGEST_DATABASE_URL", mend=EXAMPLE
        ) from error
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return _sqlite(url)
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return _postgresql(url.set(drivername="postgresql+psycopg"))
    raise ConfigurationError(
        f"no such kind of database: {url.drivername}", where="DIGEST_DATABASE_URL", mend=EXAMPLE
    )


def _sqlite(url: URL) -> Database:
    timeout = _seconds(url)
    in_memory = url.database in (None, "", ":memory:")
    if in_memory:
        place, path = "database in memory", None
        target = ":memory:"
    else:
        path = Path(str(url.database)).expanduser().absolute()
        place = f"database {path}"
        # mode=rw: a file is made by `create`, with its rights, and never by merely looking.
        target = f"file:{quote(str(path))}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            target, uri=not in_memory, timeout=timeout, check_same_thread=False
        )
        # A text that is no UTF-8 would otherwise fail every row that is read beside it.
        connection.text_factory = _READABLE
        return connection

    engine = create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=StaticPool if in_memory else QueuePool
    )
    translate_errors(engine, place)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, place, path, in_memory)


def _seconds(url: URL) -> float:
    unknown = set(url.query) - {"timeout"}
    try:
        if unknown:
            raise ValueError(", ".join(sorted(unknown)))
        return float(str(url.query.get("timeout", BUSY_TIMEOUT)))
    except ValueError as error:
        raise ConfigurationError(
            f"an option in the database address is wrong ({error})",
            where="DIGEST_DATABASE_URL",
            mend="For SQLite only ?timeout=SECONDS is known",
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Hand transactions to SQLAlchemy and set what SQLite forgets between connections.

    The recipe is that of SQLAlchemy's manual, "Enabling Non-Legacy SQLite Transactional Modes".
    ``synchronous=FULL``: an attempt that was committed must survive a power cut, for its mail may
    have left; commits are per chunk, so this costs little.
    """
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        # What is deleted is overwritten: an erased address must not lie in a free page.
        "secure_delete=ON",
        f"cache_size=-{PAGE_CACHE_KIB}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(READING)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(bool(reading))}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _postgresql(url: URL) -> Database:
    if find_spec("psycopg") is None:
        raise ConfigurationError(
            "PostgreSQL needs the psycopg driver",
            where="DIGEST_DATABASE_URL",
            mend="Install it with: pip install 'psycopg[binary]'",
        )
    engine = create_engine(
        url.update_query_dict({"connect_timeout": url.query.get("connect_timeout", "10")}),
        pool_pre_ping=True,
    )
    place = (
        f"database {url.database or ''} on {url.host or url.query.get('host') or 'this machine'}"
    )
    translate_errors(engine, place)
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    return Database(engine, place)


def _prepare_postgresql(connection: object, _record: object) -> None:
    """Wait for a lock only so long, and speak UTC."""
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"SET lock_timeout = '{BUSY_TIMEOUT:.0f}s'")
        cursor.execute("SET timezone = 'UTC'")
    connection.commit()  # type: ignore[attr-defined]


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(READING):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
