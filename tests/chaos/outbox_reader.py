"""Reads a campaign's outbox from outside: a connection of its own and plain SQL, not the store."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as it stands in the database."""

    state: str
    attempt: int
    worker: str
    reason: str
    reply: str


@dataclass(frozen=True, slots=True)
class OutboxSnapshot:
    """The rows of an edition at one moment."""

    planned_at_start: int
    rows: dict[int, DeliveryRow]

    @property
    def tally(self) -> Counter[str]:
        """Count the deliveries in each state."""
        return Counter(row.state for row in self.rows.values())


class OutboxReader:
    """The database of a campaign, opened anew for each reading.

    While a sender lives that is a connection beside its own. Of a dead sender's SQLite file a copy
    is read, because a connection to the file itself would mend what the next sender has to mend.
    """

    def __init__(self, url: str, edition_id: int, scratch: Path) -> None:
        self._edition_id = edition_id
        self._url = url
        self._path = url.removeprefix("sqlite:///").partition("?")[0]
        self._scratch = scratch

    def read_rows(self, *, undisturbed: bool = False) -> OutboxSnapshot:
        """Read all rows in one transaction; ``undisturbed`` if no sender lives."""
        with self._connection(undisturbed) as query:
            (planned,) = query(
                f"SELECT planned_at_start FROM editions WHERE id = {self._edition_id}"
            )[0]
            rows = query(
                "SELECT id, state, attempt, coalesce(lease_worker, ''), coalesce(reason, ''), reply"
                f" FROM outbox WHERE edition_id = {self._edition_id}"
            )
        return OutboxSnapshot(
            planned, {delivery_id: DeliveryRow(*rest) for delivery_id, *rest in rows}
        )

    def addresses(self) -> dict[int, str]:
        """Map each delivery to its address."""
        with self._connection() as query:
            return dict(
                query(
                    "SELECT outbox.id, subscribers.email FROM outbox JOIN subscribers"
                    " ON subscribers.id = outbox.subscriber_id"
                    f" WHERE outbox.edition_id = {self._edition_id}"
                )
            )

    def damage(self) -> str:
        """Ask SQLite to check its file: its complaints, ``""`` for none."""
        if not self._is_file:
            return ""
        with self._connection() as query:
            found = [row[0] for row in query("PRAGMA integrity_check")]
        return "" if found == ["ok"] else "; ".join(found)

    @contextlib.contextmanager
    def _connection(self, copied: bool = False) -> Iterator[Callable[[str], Sequence[Any]]]:
        connection = self._sqlite(copied) if self._is_file else _postgresql(self._url)
        try:
            yield lambda query: connection.execute(query).fetchall()
        finally:
            connection.close()

    @property
    def _is_file(self) -> bool:
        return self._url.startswith("sqlite")

    def _sqlite(self, copied: bool) -> sqlite3.Connection:
        path = self._path
        if copied:
            path = str(self._scratch / "copy.db")
            for end in ("", "-wal"):
                Path(path + end).unlink(missing_ok=True)
                if Path(self._path + end).exists():
                    shutil.copyfile(self._path + end, path + end)
            Path(path + "-shm").unlink(missing_ok=True)
        connection = _opened(path)
        connection.execute("BEGIN")
        return connection


def _opened(path: str) -> sqlite3.Connection:
    """Open the file, waiting up to 30 s: a full disk keeps even readers out."""
    deadline = time.monotonic() + 30
    while True:
        connection = sqlite3.connect(
            f"file:{path}?mode=rw", uri=True, timeout=30, isolation_level=None
        )
        try:
            connection.execute("SELECT count(*) FROM editions").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return connection


def _postgresql(url: str) -> Any:
    import psycopg

    connection = psycopg.connect(url)
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return connection
