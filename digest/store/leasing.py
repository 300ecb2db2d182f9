"""Deliveries in one sender's hands: leased, begun, and given back."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, or_, select, update

from digest.model import DeliveryState, LeasedDelivery, Subscriber, SubscriberState
from digest.store import recovery
from digest.store.dialect import among
from digest.store.subscriber_rows import (
    MAILED_COLUMNS,
    subscriber_from_row,
)
from digest.store.tables import editions, in_states, outbox, subscribers


def lease(
    connection: Connection,
    edition_id: int,
    *,
    now: datetime,
    limit: int,
    ttl: timedelta,
    worker: str,
    ignore_due: bool,
) -> tuple[LeasedDelivery, ...]:
    """See ``Outbox.lease``."""
    due = _due(edition_id, now, limit, ignore_due)
    token = secrets.token_hex(16)
    leased = _leased(edition_id, connection.execute(due).all(), token)
    # A reader may have been erased while the mail was in hand, which then was given back; or the
    # record has been damaged since.
    while gone := {one.id: why for one in leased if (why := _unserved(one.subscriber))}:
        recovery.exclude(connection, gone, now)
        leased = _leased(edition_id, connection.execute(due).all(), token)
    connection.execute(
        update(outbox)
        .where(among(connection, outbox.c.id, [one.id for one in leased]))
        .values(state=DeliveryState.LEASED, **_held_until(token, worker, now, ttl))
    )
    return leased


def lease_and_begin(
    connection: Connection,
    edition_id: int,
    enter: Callable[[Sequence[LeasedDelivery]], object],
    *,
    now: datetime,
    limit: int,
    ttl: timedelta,
    worker: str,
    ignore_due: bool,
) -> tuple[tuple[LeasedDelivery, ...], int]:
    """See ``Outbox.lease_and_begin``."""
    rows = connection.execute(_due(edition_id, now, limit, ignore_due)).all()
    token = secrets.token_hex(16)
    leased = _leased(edition_id, rows, token)
    refused = {one.id: why for one in leased if (why := _why_not(one.subscriber))}
    recovery.exclude(connection, refused, now)
    begun = tuple(one for one in leased if one.id not in refused) if refused else leased
    enter(begun)
    connection.execute(
        update(outbox)
        .where(among(connection, outbox.c.id, [one.id for one in begun]))
        .values(
            state=DeliveryState.SENDING,
            attempt=outbox.c.attempt + 1,
            sending_since=now,
            **_held_until(token, worker, now, ttl),
        )
    )
    return begun, len(refused)


def begin_sending(
    connection: Connection, leases: Sequence[LeasedDelivery], now: datetime
) -> tuple[LeasedDelivery, ...]:
    """See ``Outbox.begin_sending``."""
    rows = held(connection, leases, DeliveryState.LEASED)
    refused = {row["delivery_id"]: reason for row in rows if (reason := _refusal(row, now))}
    renewed: dict[datetime, list[int]] = defaultdict(list)
    for row in rows:
        if row["delivery_id"] not in refused:
            until = now + (row["lease_until"] - row["leased_at"])
            renewed[until].append(row["delivery_id"])
    for until, ids in renewed.items():
        connection.execute(
            update(outbox)
            .where(among(connection, outbox.c.id, ids))
            .values(
                state=DeliveryState.SENDING,
                attempt=outbox.c.attempt + 1,
                sending_since=now,
                leased_at=now,
                lease_until=until,
            )
        )
    recovery.exclude(connection, refused, now)
    # By token, for a sender may have lost a delivery and taken it again: it holds both leases.
    ready = {
        (row["delivery_id"], row["lease_token"]): row
        for row in rows
        if row["delivery_id"] not in refused
    }
    return tuple(
        _begun(one, found)
        for one in leases
        if (found := ready.get((one.id, one.lease_token))) is not None
    )


def held(
    connection: Connection, leases: Collection[LeasedDelivery], *states: DeliveryState
) -> list[RowMapping]:
    """The rows of ``leases`` that are in ``states`` and still under their tokens, locked."""
    ids, tokens = {one.id for one in leases}, {(one.id, one.lease_token) for one in leases}
    rows = connection.execute(
        _HELD.where(among(connection, outbox.c.id, sorted(ids)), in_states(*states))
        .order_by(outbox.c.id)
        .with_for_update(of=outbox)
    ).mappings()
    return [row for row in rows if (row["delivery_id"], row["lease_token"]) in tokens]


_HELD = (
    select(
        outbox.c.id.label("delivery_id"),
        outbox.c.attempt,
        outbox.c.lease_token,
        outbox.c.leased_at,
        outbox.c.lease_until,
        editions.c.expires_at,
        *MAILED_COLUMNS,
    )
    .join_from(outbox, editions, editions.c.id == outbox.c.edition_id)
    .outerjoin(subscribers, subscribers.c.id == outbox.c.subscriber_id)
)


def _due(edition_id: int, now: datetime, limit: int, ignore_due: bool) -> Select[Any]:
    """The deliveries to take next: number, attempts so far, and the reader's columns; locked."""
    due = outbox.c.next_at <= now
    if ignore_due:
        due = or_(due, in_states(DeliveryState.PLANNED))
    return (
        select(outbox.c.id, outbox.c.attempt, *MAILED_COLUMNS)
        .join_from(outbox, editions, editions.c.id == outbox.c.edition_id)
        .outerjoin(subscribers, subscribers.c.id == outbox.c.subscriber_id)
        .where(
            in_states(DeliveryState.PLANNED, DeliveryState.DEFERRED),
            outbox.c.edition_id == edition_id,
            due,
            editions.c.expires_at >= now,
        )
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(limit)
        .with_for_update(of=outbox, skip_locked=True)
    )


def _held_until(token: str, worker: str, now: datetime, ttl: timedelta) -> dict[str, Any]:
    return {
        "lease_token": token,
        "lease_worker": worker,
        "leased_at": now,
        "lease_until": now + ttl,
    }


def _leased(
    edition_id: int, rows: Sequence[Sequence[Any]], token: str
) -> tuple[LeasedDelivery, ...]:
    return tuple(
        LeasedDelivery(delivery_id, edition_id, _reader(*reader), attempts + 1, token)
        for delivery_id, attempts, *reader in rows
    )


_ERASED = Subscriber(0, "", SubscriberState.UNSUBSCRIBED)


def _reader(id: int | None, email: Any, state: Any, preferences: Any) -> Subscriber:
    return _ERASED if id is None else subscriber_from_row(id, email, state, preferences)


def _begun(one: LeasedDelivery, row: RowMapping) -> LeasedDelivery:
    return LeasedDelivery(
        one.id, one.edition_id, _reader_now(row), row["attempt"] + 1, one.lease_token
    )


def _reader_now(row: RowMapping) -> Subscriber:
    return _reader(*(row[column.name] for column in MAILED_COLUMNS))


def _refusal(row: RowMapping, now: datetime) -> str:
    """Why this delivery must not be sent at ``now`` after all; ``""`` if it may."""
    return "expired" if row["expires_at"] < now else _why_not(_reader_now(row))


def _why_not(reader: Subscriber) -> str:
    """Why a reader must get no mail; ``""`` if they may."""
    if reader.state is SubscriberState.ACTIVE:
        return reader.set_aside
    return _unserved(reader) or str(reader.state)


def _unserved(reader: Subscriber) -> str:
    """Why no reader is there to serve: erased, or with a record that cannot be used; or ``""``."""
    return "erased" if reader is _ERASED else reader.set_aside
