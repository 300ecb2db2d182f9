"""Copy all rows of one database into another, empty one, and compare every row of the copy.

The two may be of different kinds: values pass through the columns' own types, which give back what
was kept, on every database. What is derived from papers (the search's index) is made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select, text

from digest.errors import ConfigurationError, InputError, StoreBusyError
from digest.model import DeliveryState
from digest.store.search_index import index_all
from digest.store.search_tables import search_words
from digest.store.tables import editions, flags, metadata, outbox, papers, subscribers

AT_ONCE = 2_000
"""Rows read and written at a time."""

Progress = Callable[[str, int], None]
"""Called with a table's name and how many of its rows were copied by now."""


@dataclass(frozen=True, slots=True)
class TransferReport:
    """The rows of each table. ``copied``: false where the other database had exactly these already."""

    rows: Mapping[str, int] = field(default_factory=dict)
    copied: bool = True

    @property
    def total(self) -> int:
        """The rows of all tables."""
        return sum(self.rows.values())


def copy_rows(source: Connection, target: Connection, progress: Progress) -> TransferReport:
    """Copy every row, in one transaction of each; the caller commits that of ``target``.

    A target that has the same rows already is left alone. Raises `digest.errors.ConfigurationError`
    where it has others, and `digest.errors.InputError` where a copied row reads otherwise than its
    original.
    """
    if not _is_new(target):
        return _unchanged(source, target)
    target.execute(flags.delete())
    rows = {}
    for table in _tables():
        original = _Fingerprint()
        for batch in _batches(source, table):
            original.add(batch)
            target.execute(table.insert(), batch)
            progress(table.name, original.rows)
        if _fingerprint(target, table) != original:
            raise InputError(
                f"the copy of table {table.name} reads otherwise than the original",
                mend="Nothing was copied. Run digest --debug check, and report this",
            )
        rows[table.name] = original.rows
        _continue_numbers(source, target, table)
    index_all(target)
    return TransferReport(rows)


def require_idle(connection: Connection, now: datetime) -> None:
    """Raise `digest.errors.StoreBusyError` while a mail is being sent from this database."""
    in_hand = outbox.c.state.in_((DeliveryState.LEASED, DeliveryState.SENDING))
    query = select(func.count()).where(in_hand, outbox.c.lease_until > now)
    if sending := connection.scalar(query):
        raise StoreBusyError(
            f"{sending:,} mails are being sent from it",
            mend="Stop the daemon and every worker first, and try again",
        )


def _tables() -> Iterable[Table]:
    """Every table whose rows are kept, in an order in which each only refers to earlier ones."""
    return (table for table in metadata.sorted_tables if table is not search_words)


def _is_new(target: Connection) -> bool:
    kept = (papers, subscribers, editions)
    return all(target.execute(select(table).limit(1)).first() is None for table in kept)


def _unchanged(source: Connection, target: Connection) -> TransferReport:
    rows = {}
    for table in _tables():
        original = _fingerprint(source, table)
        if _fingerprint(target, table) != original:
            raise ConfigurationError(
                "it has rows of its own already",
                mend="Set DIGEST_DATABASE_URL, or --to, to a new, empty database",
            )
        rows[table.name] = original.rows
    return TransferReport(rows, copied=False)


@dataclass(slots=True)
class _Fingerprint:
    """The count of a table's rows, and a sum over all of them that does not depend on their order."""

    rows: int = 0
    sum: int = 0

    def add(self, batch: Iterable[Mapping[str, Any]]) -> None:
        for row in batch:
            written = repr(tuple(row.values())).encode("utf-8", "surrogatepass")
            self.rows += 1
            self.sum += int.from_bytes(hashlib.blake2b(written, digest_size=16).digest())
            self.sum %= 1 << 128


def _fingerprint(connection: Connection, table: Table) -> _Fingerprint:
    fingerprint = _Fingerprint()
    for batch in _batches(connection, table):
        fingerprint.add(batch)
    return fingerprint


def _batches(connection: Connection, table: Table) -> Iterable[list[dict[str, Any]]]:
    # Options of the statement: those of a connection would stay, and its inserts be streamed, too.
    query = (
        select(table).order_by(*table.primary_key.columns).execution_options(stream_results=True)
    )
    with connection.execute(query) as rows:
        for batch in rows.mappings().partitions(AT_ONCE):
            yield [dict(row) for row in batch]


def _continue_numbers(source: Connection, target: Connection, table: Table) -> None:
    """Let the next number be the one that it would have been: a number is never used twice."""
    column = table.autoincrement_column
    last = _last_number(source, table) if column is not None else None
    if column is None or last is None:
        return
    if target.dialect.name == "postgresql":
        target.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"),
            {"table": table.name, "column": column.name, "last": last},
        )
    elif table.dialect_options["sqlite"]["autoincrement"]:
        named = {"table": table.name, "last": last}
        target.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), named)
        target.execute(text("INSERT INTO sqlite_sequence VALUES (:table, :last)"), named)


def _last_number(source: Connection, table: Table) -> int | None:
    """The last number that was given to a row; ``None`` if none was, or nothing keeps count."""
    column = table.autoincrement_column
    assert column is not None
    if source.dialect.name == "postgresql":
        query = text(
            "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:table, :column) AS regclass))"
        )
        last = source.scalar(query, {"table": table.name, "column": column.name})
    elif table.dialect_options["sqlite"]["autoincrement"]:
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
        last = source.scalar(query, {"table": table.name})
    else:
        last = source.scalar(select(func.max(column)))
    return None if last is None else int(last)
