"""Health of each source: when it was last read in full, what it gave, and why it fails."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, Row, delete, select

from digest.model import SourceHealth
from digest.store.dialect import insert_or_replace
from digest.store.source_tables import source_health
from digest.store.storable_values import storable

_COLUMNS = ("tried_at", "read_at", "read_day", "items", "new", "failures", "failing_since", "error")


class SourceHealths:
    """The health of sources, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, source: str) -> SourceHealth | None:
        """The health of a source; `None` if it was never asked."""
        row = self._connection.execute(
            select(source_health).where(source_health.c.source == storable(source))
        ).one_or_none()
        return _health(row) if row is not None else None

    def all(self) -> tuple[SourceHealth, ...]:
        """Every source that was ever asked, by name."""
        rows = self._connection.execute(select(source_health).order_by(source_health.c.source))
        return tuple(map(_health, rows))

    def note_read(self, source: str, day: date, now: datetime, *, items: int, new: int) -> None:
        """Note that a source was read in full, up to and with ``day``."""
        self._put(
            SourceHealth(
                source=source, tried_at=now, read_at=now, read_day=day, items=items, new=new
            )
        )

    def note_failure(self, source: str, error: str, now: datetime) -> None:
        """Note that a source could not be read, or not in full, and why, in one line."""
        known = self.get(source) or SourceHealth(source=source, tried_at=now)
        self._put(
            SourceHealth(
                source=source,
                tried_at=now,
                read_at=known.read_at,
                read_day=known.read_day,
                items=known.items,
                new=known.new,
                failures=known.failures + 1,
                failing_since=known.failing_since or now,
                error=error,
            )
        )

    def forget_others(self, sources: tuple[str, ...]) -> None:
        """Forget the sources that are not among these: nobody reads them any more."""
        kept = [storable(source) for source in sources]
        self._connection.execute(delete(source_health).where(source_health.c.source.not_in(kept)))

    def _put(self, health: SourceHealth) -> None:
        row = {name: getattr(health, name) for name in _COLUMNS}
        statement = insert_or_replace(self._connection, source_health, _COLUMNS)
        self._connection.execute(statement, [{"source": storable(health.source), **row}])


def _health(row: Row[tuple[object, ...]]) -> SourceHealth:
    values = row._mapping
    return SourceHealth(**{name: values[name] for name in ("source", *_COLUMNS)})
