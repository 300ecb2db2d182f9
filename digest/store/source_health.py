"""Health of each source: when it was last read in full, what it gave, and why it fails."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Row, delete, or_, select, update

from digest.model import SourceHealth
from digest.store.dialect import insert_or_replace
from digest.store.source_tables import source_health
from digest.store.storable_values import storable

_COLUMNS = ("tried_at", "read_at", "read_day", "items", "new", "failures", "failing_since", "error")
_CLAIM = timedelta(minutes=10)
"""Time that somebody who sends an alert has for it, before another may."""


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

    def forget_others(self, sources: Collection[str], before: datetime) -> int:
        """Forget the sources that are not among these and were not asked since then; how many."""
        kept = [storable(source) for source in sources]
        forgotten = self._connection.execute(
            delete(source_health)
            .where(source_health.c.source.not_in(kept), source_health.c.tried_at < before)
            .execution_options(preserve_rowcount=True)
        )
        return forgotten.rowcount

    def claim_alerts(
        self, sources: Collection[str], now: datetime, every: timedelta
    ) -> tuple[str, ...]:
        """Those of these sources that the operator is to be told of now, by who calls this alone.

        None of which they were told less than ``every`` ago, or another is telling them now.
        """
        claim, told = source_health.c.alert_claimed_at, source_health.c.alerted_at
        due = (
            source_health.c.source.in_([storable(source) for source in sources]),
            or_(told.is_(None), told <= now - every),
            or_(claim.is_(None), claim < now - _CLAIM),
        )
        query = select(source_health.c.source).where(*due).order_by(source_health.c.source)
        claimed = tuple(self._connection.scalars(query.with_for_update()))
        self._update_those(claimed, alert_claimed_at=now)
        return claimed

    def end_alerts(self, sources: Collection[str], told_at: datetime | None) -> None:
        """Note that the operator was told of those; with `None` that it did not work out."""
        told = {} if told_at is None else {"alerted_at": told_at}
        self._update_those(sources, alert_claimed_at=None, **told)

    def _update_those(self, sources: Collection[str], **values: datetime | None) -> None:
        names = [storable(source) for source in sources]
        self._connection.execute(
            update(source_health).where(source_health.c.source.in_(names)).values(**values)
        )

    def _put(self, health: SourceHealth) -> None:
        row = {name: getattr(health, name) for name in _COLUMNS}
        statement = insert_or_replace(self._connection, source_health, _COLUMNS)
        self._connection.execute(statement, [{"source": storable(health.source), **row}])


def _health(row: Row[tuple[object, ...]]) -> SourceHealth:
    values = row._mapping
    return SourceHealth(**{name: values[name] for name in ("source", *_COLUMNS)})
