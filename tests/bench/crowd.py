"""Any number of readers, in seconds: copies of one whom the store itself has added."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Integer, func, insert, literal, select

from digest.model import (
    Edition,
    EditionKind,
    PlannedDelivery,
    Preferences,
    Rendering,
    SubscriberState,
)
from digest.store import Store, UnitOfWork
from digest.store.tables import subscribers

DAY = date(2026, 11, 20)
AT_ONCE = 10_000


def crowd(store: Store, count: int) -> int:
    """That many new readers, and an edition for them whose audience is not frozen yet; its id."""
    now = datetime.now(UTC)
    with store.begin() as unit:
        published = unit.editions.freeze(
            Edition(EditionKind.DAILY, DAY, (DAY, DAY), (), (), ()),
            Rendering(1, "Papers", "", {}),
            published_at=now,
            expires_at=now + timedelta(1),
        )
        first = unit.subscribers.add(
            "reader0@list.test",
            state=SubscriberState.ACTIVE,
            preferences=Preferences(),
            now=now,
            origin="bench",
        )
    for start in range(1, count, AT_ONCE):
        with store.begin() as unit:
            _copy(unit, first.id, start, min(start + AT_ONCE, count))
    return published.id


def _copy(unit: UnitOfWork, reader_id: int, start: int, end: int) -> None:
    numbers = select(literal(start, Integer).label("number")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < end - 1))
    address: ColumnElement[str] = func.concat("reader", numbers.c.number, "@list.test")
    if unit.connection.dialect.name == "sqlite":
        address = literal("reader").concat(numbers.c.number).concat("@list.test")
    same = [column for column in subscribers.c if column.name not in ("id", "email", "address")]
    copies = (
        select(address, address, *same)
        .select_from(numbers.join(subscribers, literal(True)))
        .where(subscribers.c.id == reader_id)
    )
    names = ["email", "address", *(column.name for column in same)]
    unit.connection.execute(insert(subscribers).from_select(names, copies))


def freeze(store: Store, edition_id: int) -> int:
    """Freeze all of them as the edition's audience, as a sender does; how many."""
    now = datetime.now(UTC)
    with store.begin() as unit:

        def everybody() -> Iterator[PlannedDelivery]:
            after = 0
            while readers := unit.subscribers.active(after=after, limit=1000):
                yield from (PlannedDelivery(subscriber.id, now) for subscriber in readers)
                after = readers[-1].id

        return unit.outbox.freeze_audience(edition_id, everybody(), now).planned
