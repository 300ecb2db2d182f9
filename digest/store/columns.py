"""Column types that keep what comes out equal to what went in, on every database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine

from digest.store.storable_values import storable

Id = BigInteger().with_variant(Integer, "sqlite")
"""A key. SQLite numbers rows by itself only in a column declared exactly ``INTEGER``."""


class _TextMoment(sqlite.DATETIME):
    """SQLite's column for moments: ``2026-11-20 08:00:00.000000``, made and read by `UtcDateTime`.

    Written by `datetime` itself, which is several times faster than by SQLAlchemy's formatting,
    and a million deliveries have several moments each.
    """

    def bind_processor(self, dialect: Dialect) -> None:
        return None

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        return None


_TEXT_MOMENT: TypeEngine[Any] = _TextMoment()  # type: ignore[no-untyped-call]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept and given back in UTC. A naive one is refused (``ValueError``)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return _TEXT_MOMENT if dialect.name == "sqlite" else self.impl_instance

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        value = value if value.tzinfo is UTC else value.astimezone(UTC)
        if dialect.name == "sqlite":
            return value.isoformat(" ", "microseconds")[:26]
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value
        assert isinstance(moment, datetime)
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def spelled(moment: datetime, dialect: Dialect) -> str:
    """``moment`` as JSON spells it for a `UtcDateTime` column."""
    value = UtcDateTime().process_bind_param(moment, dialect)
    return value if isinstance(value, str) else value.isoformat()


class StorableText(TypeDecorator[str]):
    """Text from outside. What a database cannot hold (NUL, lone surrogates) becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)
