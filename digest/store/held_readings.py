"""Keep readings that are held, whole, so that they can be let out without their source.

A row without content is decided (let out, confirmed or too old): it stays so that the same file is
not held again, the last `MOST_KNOWN` of each source.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)

from digest.errors import ConfigurationError
from digest.model import Dump, HeldReading, HoldReason, SourceReading
from digest.store import codec
from digest.store.columns import UtcDateTime
from digest.store.dialect import insert_new, insert_one_new
from digest.store.reading_tables import held_readings
from digest.store.storable_values import storable

MOST_HELD = 20
"""Readings of one source that are held at a time."""
MOST_KNOWN = 500
MOST_BYTES = 8_000_000
"""Bytes, compressed, of a held reading: some 15,000 papers."""
_CLAIM = timedelta(minutes=10)
"""Time that somebody who sends an alert has for it, before another may."""

log = logging.getLogger(__name__)

_HELD = held_readings.c.content.is_not(None)
_COLUMNS = [column for column in held_readings.columns if column.name != "content"]


class HeldReadings:
    """The held readings of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(
        self, reading: SourceReading, dump: Dump, reason: HoldReason, words: str
    ) -> HeldReading:
        """Keep ``dump`` aside.

        A reading that brings no title beyond one of the same source that is held already, as a page
        that is looked at every hour does, is not kept again; one that brings more takes its place.
        """
        titles = {record.title for record in dump.records}
        columns = _columns(reading, dump, reason, words)
        decided = {**columns, "content": None, "held_at": reading.read_at}
        for other in self.held(reading.source):
            held = self._titles(other.id)
            if titles <= held and other.passed_at is None:
                self._connection.execute(insert_new(self._connection, held_readings), decided)
                return other
            if held <= titles:
                return self._renew(other, columns)
        row = {**columns, "held_at": reading.read_at}
        if not insert_one_new(self._connection, held_readings, row):
            query = update(held_readings).where(_same(columns)).values(**row, **_UNDECIDED)
            self._connection.execute(query)
        self._make_room(reading.source)
        return self._one(_same(columns))

    def held(self, source: str | None = None) -> tuple[HeldReading, ...]:
        """Readings that are held (of ``source``), oldest first, also with a good one after them."""
        query = select(*_COLUMNS).where(_HELD).order_by(held_readings.c.id)
        if source is not None:
            query = query.where(held_readings.c.source == storable(source))
        return tuple(map(_held_reading, self._connection.execute(query)))

    def with_bytes(self, fingerprint: str) -> HeldReading | None:
        """Find a hold of these very bytes, of whatever source, that no good reading came after."""
        same = and_(
            _HELD,
            held_readings.c.fingerprint == fingerprint,
            held_readings.c.passed_at.is_(None),
        )
        query = select(*_COLUMNS).where(same).order_by(held_readings.c.id).limit(1)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _held_reading(row)

    def dump(self, held_id: int) -> Dump:
        """Contents of a held reading. Raises `ConfigurationError` if it is damaged in the store."""
        content = self._connection.scalar(
            select(held_readings.c.content).where(held_readings.c.id == held_id)
        )
        if content is None:
            raise LookupError(f"no held reading {held_id}")
        return codec.inflate(Dump, content, where=f"held reading {held_id}")

    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of what is held, or was: a folder need not read those again."""
        return frozenset(self._connection.scalars(select(held_readings.c.fingerprint)))

    def mark_passed(self, held_id: int, unconfirmed: int, now: datetime) -> None:
        """Note that a good reading came after it, in which ``unconfirmed`` of its papers were not.

        Where none is missing, nothing is left to decide.
        """
        if not unconfirmed:
            self.decide(held_id)
            return
        self._connection.execute(
            update(held_readings)
            .where(held_readings.c.id == held_id, _HELD)
            .values(
                passed_at=func.coalesce(held_readings.c.passed_at, literal(now, UtcDateTime)),
                unconfirmed=unconfirmed,
            )
        )

    def decide(self, held_id: int) -> None:
        """Let go of what a held reading has, now that it was decided about."""
        same = held_readings.c.id == held_id
        self._connection.execute(update(held_readings).where(same).values(content=None))
        source = self._connection.scalar(select(held_readings.c.source).where(same))
        if source is not None:
            self._forget_decided(source)

    def forget(self, before: datetime) -> tuple[HeldReading, ...]:
        """Let go of what has been held since before then; what that was."""
        too_old = and_(_HELD, held_readings.c.held_at < before)
        old = tuple(
            map(
                _held_reading,
                self._connection.execute(
                    select(*_COLUMNS).where(too_old).order_by(held_readings.c.id)
                ),
            )
        )
        for reading in old:
            self.decide(reading.id)
        return old

    def claim_alerts(self, now: datetime, every: timedelta) -> tuple[HeldReading, ...]:
        """The holds to tell the operator of now, by who calls this alone for a few minutes.

        None of a source of which they were told less than ``every`` ago: that waits.
        """
        recent = select(held_readings.c.source).where(held_readings.c.alerted_at > now - every)
        claim = held_readings.c.alert_claimed_at
        due = and_(
            _HELD,
            held_readings.c.alerted_at.is_(None),
            or_(claim.is_(None), claim < now - _CLAIM),
            held_readings.c.source.not_in(recent),
        )
        rows = self._connection.execute(
            select(*_COLUMNS).where(due).order_by(held_readings.c.id).with_for_update()
        ).all()
        self._update_those(rows, alert_claimed_at=now)
        return tuple(map(_held_reading, rows))

    def end_alerts(self, held: Sequence[HeldReading], told_at: datetime | None) -> None:
        """Note that the operator was told of those; with ``None`` that it did not work out."""
        self._update_those(held, alerted_at=told_at, alert_claimed_at=None)

    def _update_those(self, rows: Sequence[HeldReading | Row[Any]], **values: object) -> None:
        ids = [row.id for row in rows]
        if ids:
            self._connection.execute(
                update(held_readings).where(held_readings.c.id.in_(ids)).values(**values)
            )

    def _titles(self, held_id: int) -> set[str]:
        """The titles of a held reading: none of a damaged one, which a sound one then replaces."""
        try:
            return {record.title for record in self.dump(held_id).records}
        except ConfigurationError as error:
            log.error("%s", error)
            return set()

    def _one(self, condition: ColumnElement[bool]) -> HeldReading:
        return _held_reading(self._connection.execute(select(*_COLUMNS).where(condition)).one())

    def _renew(self, other: HeldReading, columns: dict[str, object]) -> HeldReading:
        """Let a hold have what was read now; what it had stays known by its fingerprint."""
        same = held_readings.c.id == other.id
        before = self._connection.execute(select(held_readings).where(same)).mappings().one()
        if before["fingerprint"] != columns["fingerprint"]:
            self._connection.execute(delete(held_readings).where(_same(columns)))
        values = columns
        if other.passed_at is not None:
            values = {**columns, **_UNDECIDED, "held_at": columns["read_at"]}
        self._connection.execute(update(held_readings).where(same).values(**values))
        decided = {**before, "content": None}
        del decided["id"]
        self._connection.execute(insert_new(self._connection, held_readings), decided)
        return self._one(same)

    def _make_room(self, source: str) -> None:
        """Put the oldest together while there are too many, so that none of them is lost."""
        held = self.held(source)
        for later in held[1 : 1 + max(len(held) - MOST_HELD, 0)]:
            self._merge(held[0], later)

    def _merge(self, first: HeldReading, later: HeldReading) -> None:
        same = held_readings.c.id == first.id
        try:
            records = {record.title: record for record in self.dump(first.id).records}
            dump = self.dump(later.id)
        except ConfigurationError as error:
            log.error("%s: deleted, because %d later ones are held", error, MOST_HELD)
            self.decide(first.id)
            return
        records |= {record.title: record for record in dump.records}
        numbered = (replace(record, position=at) for at, record in enumerate(records.values(), 1))
        content, kept = _packed(replace(dump, records=tuple(numbered)))
        if kept < len(records):
            log.warning("of %s only %d held papers are kept", first.location, kept)
        waits = first.passed_at is None or later.passed_at is None
        values = {"content": content, "papers": kept, **({"passed_at": None} if waits else {})}
        self._connection.execute(update(held_readings).where(same).values(**values))
        self.decide(later.id)

    def _forget_decided(self, source: str) -> None:
        decided = and_(
            held_readings.c.source == storable(source), held_readings.c.content.is_(None)
        )
        oldest = select(held_readings.c.id).where(decided).order_by(held_readings.c.id.desc())
        limit = oldest.limit(1).offset(MOST_KNOWN - 1).scalar_subquery()
        self._connection.execute(delete(held_readings).where(decided, held_readings.c.id < limit))


_UNDECIDED = {
    "passed_at": None,
    "unconfirmed": None,
    "alert_claimed_at": None,
    "alerted_at": None,
}


def _same(columns: dict[str, object]) -> ColumnElement[bool]:
    return and_(
        held_readings.c.source == columns["source"],
        held_readings.c.fingerprint == columns["fingerprint"],
    )


def _columns(
    reading: SourceReading, dump: Dump, reason: HoldReason, words: str
) -> dict[str, object]:
    content, kept = _packed(dump)
    if kept < len(dump.records):
        words = f"{words}; only its first {kept:,} are kept"
    return {
        "source": storable(reading.source),
        "fingerprint": dump.fingerprint,
        "location": dump.location,
        "day": reading.day,
        "read_at": reading.read_at,
        "papers": reading.papers,
        "known": reading.known,
        "understood": reading.understood,
        "reason": reason,
        "words": words,
        "content": content,
    }


def _packed(dump: Dump) -> tuple[bytes, int]:
    """The reading, compressed, and how many of its records found room."""
    kept = len(dump.records)
    while True:
        content = codec.deflate(replace(dump, records=dump.records[:kept], rejected=()))
        if len(content) <= MOST_BYTES or not kept:
            return content, kept
        kept //= 2


def _held_reading(row: Row[Any]) -> HeldReading:
    return HeldReading(
        id=row.id,
        reading=SourceReading(
            row.source, row.day, row.read_at, row.papers, row.known, row.understood
        ),
        location=row.location,
        reason=row.reason,
        words=row.words,
        held_at=row.held_at,
        passed_at=row.passed_at,
        unconfirmed=row.unconfirmed,
    )
