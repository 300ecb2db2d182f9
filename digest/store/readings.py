"""Keep the figures of each source's last readings: what is usual for it."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from digest.model import SourceReading
from digest.store.reading_tables import readings
from digest.store.storable_values import storable

MOST_KEPT = 200
"""Readings kept of a source: a week of a page that changes every hour."""


class Readings:
    """The figures of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def history(self, source: str) -> tuple[SourceReading, ...]:
        """The last readings of ``source`` that were taken in, oldest first."""
        rows = self._connection.execute(
            select(readings)
            .where(readings.c.source == storable(source))
            .order_by(readings.c.id.desc())
            .limit(MOST_KEPT)
        ).all()
        return tuple(
            SourceReading(
                row.source,
                row.day,
                row.read_at,
                row.papers,
                row.known,
                row.understood,
                _shares(row.fields),
            )
            for row in reversed(rows)
        )

    def record(self, reading: SourceReading) -> None:
        """Add a reading that was taken in, and let go of the oldest beyond `MOST_KEPT`."""
        self._connection.execute(
            readings.insert(),
            {
                "source": reading.source,
                "day": reading.day,
                "read_at": reading.read_at,
                "papers": reading.papers,
                "known": reading.known,
                "understood": reading.understood,
                "fields": " ".join(f"{name}={share:.2f}" for name, share in reading.fields),
            },
        )
        of_source = readings.c.source == storable(reading.source)
        oldest = (
            select(readings.c.id)
            .where(of_source)
            .order_by(readings.c.id.desc())
            .limit(1)
            .offset(MOST_KEPT - 1)
            .scalar_subquery()
        )
        self._connection.execute(delete(readings).where(of_source, readings.c.id < oldest))

    def forget(self, source: str) -> None:
        """Forget what is usual for ``source``: from now on something else is."""
        self._connection.execute(delete(readings).where(readings.c.source == storable(source)))


def _shares(text: str) -> tuple[tuple[str, float], ...]:
    """The shares of fields as a row spells them: ``abstract=1.00 votes=0.95``."""
    pairs = (pair.partition("=") for pair in text.split())
    return tuple((name, float(share)) for name, _, share in pairs)
