"""Build the few statements that the two databases spell differently."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Table,
    any_,
    cast,
    column,
    func,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

T = TypeVar("T")

CHUNK = 1_000
"""Values in one ``IN (…)``: far below both limits (SQLite 32,766, PostgreSQL 65,535)."""


def insert_new(connection: Connection, table: Table) -> Insert:
    """``INSERT`` that leaves a row alone whose key is already there."""
    statement: Insert = _insert(connection, table).on_conflict_do_nothing()
    return statement


def insert_one_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert ``row`` unless one with its key is there; true if it was inserted."""
    statement = insert_new(connection, table).execution_options(preserve_rowcount=True)
    return connection.execute(statement, [dict(row)]).rowcount == 1


def insert_or_replace(connection: Connection, table: Table, changed: Sequence[str]) -> Insert:
    """``INSERT`` that overwrites the columns ``changed`` of a row whose key is already there."""
    statement = _insert(connection, table)
    updating: Insert = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: statement.excluded[name] for name in changed},
    )
    return updating


def insert_or_add(connection: Connection, table: Table, counts: Sequence[str]) -> Insert:
    """``INSERT`` that adds to the ``counts`` of a row whose key is already there."""
    statement = _insert(connection, table)
    adding: Insert = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: table.c[name] + statement.excluded[name] for name in counts},
    )
    return adding


def insert_or_replace_where(
    connection: Connection,
    table: Table,
    keys: Sequence[Column[Any]],
    changed: Sequence[str],
    condition: ColumnElement[bool],
) -> Insert:
    """``INSERT`` that overwrites ``changed`` of a row with these ``keys`` where ``condition`` holds.

    The row count says whether anything was written; two that race do not both write.
    """
    statement = _insert(connection, table)
    updating: Insert = statement.on_conflict_do_update(
        index_elements=list(keys),
        set_={name: statement.excluded[name] for name in changed},
        where=condition,
    )
    return updating.execution_options(preserve_rowcount=True)


def _insert(connection: Connection, table: Table) -> Any:
    """``INSERT`` in the words of the database, which both spell ``ON CONFLICT`` alike."""
    if connection.dialect.name == "postgresql":
        # Loaded here: it takes as long as a fifth of SQLAlchemy, and SQLite does without.
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)


def among(
    connection: Connection, number: ColumnElement[int], numbers: Collection[int]
) -> ColumnElement[bool]:
    """True where ``number`` is one of ``numbers``, which travel as one value, however many they are.

    The statement is compiled once, and a thousand numbers cost no thousand parameters.
    """
    if connection.dialect.name == "postgresql":
        return number == any_(cast(list(numbers), ARRAY(BigInteger)))
    listed = func.json_each(json.dumps(list(numbers))).table_valued(column("value", BigInteger))
    return number.in_(select(listed.c.value))


def listed(
    connection: Connection, rows: Sequence[Sequence[Any]], **columns: TypeEngine[Any]
) -> FromClause:
    """``rows`` as a table with these columns, sent as one value of JSON.

    Of a value only what JSON has counts: a moment is written as its column keeps it.
    """
    if connection.dialect.name == "postgresql":
        objects = [dict(zip(columns, row, strict=True)) for row in rows]
        names = [column(name, kind) for name, kind in columns.items()]
        records = func.json_to_recordset(cast(objects, JSON))
        return records.table_valued(*names, name="listed").render_derived(with_types=True)
    each = func.json_each(json.dumps(rows)).table_valued("value")
    parts = [
        func.json_extract(each.c.value, f"$[{place}]", type_=kind).label(name)
        for place, (name, kind) in enumerate(columns.items())
    ]
    return select(*parts).subquery("listed")


def mail_domain(connection: Connection, email: ColumnElement[str]) -> ColumnElement[str]:
    """The domain of an address, as SQL."""
    if connection.dialect.name == "postgresql":
        return func.split_part(email, "@", 2)
    return func.substr(email, func.instr(email, "@") + 1)


def wait_for(connection: Connection, lock: int, *, shared: bool = False) -> None:
    """Hold the advisory ``lock`` until the transaction ends. SQLite has one writer anyway.

    Those that hold it ``shared`` do not wait for each other.
    """
    if connection.dialect.name == "postgresql":
        name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        connection.execute(text(f"SELECT {name}(:lock)"), {"lock": lock})


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """``values`` in slices of at most ``size``."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def many(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Execute ``statement`` once per row, in one round; nothing when there are no rows."""
    if rows:
        connection.execute(statement, rows)
