"""Deliveries in one sender's hands: leased, begun, and given back."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, literal, or_, select, update

from digest.model import DeliveryState, LeasedDelivery, LeaseRequest, Subscriber, SubscriberState
from digest.store import recovery
from digest.store.blocked import blocked_editions, is_blocked
from digest.store.dialect import among
from digest.store.subscriber_rows import MAILED_COLUMNS, subscriber_from_row
from digest.store.tables import editions, in_states, outbox, subscribers


def lease(connection: Connection, request: LeaseRequest) -> tuple[LeasedDelivery, ...]:
    """Take due deliveries, as `Outbox.lease` says."""
    due = _due(request)
    token = secrets.token_hex(16)
    leased = _leased(request.edition_id, connection.execute(due).all(), token)
    # A subscriber may have been erased while the mail was in hand, which then was given back; or the
    # record has been damaged since.
    while gone := {
        delivery.id: why
        for delivery in leased
        if (why := _reason_not_to_lease(delivery.subscriber))
    }:
        recovery.exclude(connection, gone, request.now)
        leased = _leased(request.edition_id, connection.execute(due).all(), token)
    connection.execute(
        update(outbox)
        .where(among(connection, outbox.c.id, [delivery.id for delivery in leased]))
        .values(state=DeliveryState.LEASED, **_lease_columns(request, token))
    )
    return leased


def lease_and_begin(
    connection: Connection,
    request: LeaseRequest,
    enter: Callable[[Sequence[LeasedDelivery]], object],
) -> tuple[tuple[LeasedDelivery, ...], int]:
    """Take due deliveries and count an attempt, as `Outbox.lease_and_begin` says."""
    rows = connection.execute(_due(request)).all()
    token = secrets.token_hex(16)
    leased = _leased(request.edition_id, rows, token)
    excluded = {
        delivery.id: why for delivery in leased if (why := _reason_not_to_send(delivery.subscriber))
    }
    recovery.exclude(connection, excluded, request.now)
    begun = (
        tuple(delivery for delivery in leased if delivery.id not in excluded)
        if excluded
        else leased
    )
    enter(begun)
    connection.execute(
        update(outbox)
        .where(among(connection, outbox.c.id, [delivery.id for delivery in begun]))
        .values(
            state=DeliveryState.SENDING,
            attempt=outbox.c.attempt + 1,
            sending_since=request.now,
            **_lease_columns(request, token),
        )
    )
    return begun, len(excluded)


def begin_sending(
    connection: Connection, leases: Sequence[LeasedDelivery], now: datetime
) -> tuple[LeasedDelivery, ...]:
    """Count an attempt for each lease, as `Outbox.begin_sending` says."""
    stopped = blocked_editions(connection, {lease.edition_id for lease in leases})
    leases = [lease for lease in leases if lease.edition_id not in stopped]
    rows = held(connection, leases, DeliveryState.LEASED)
    excluded = {
        row["delivery_id"]: reason for row in rows if (reason := _exclusion_reason(row, now))
    }
    renewed: dict[datetime, list[int]] = defaultdict(list)
    for row in rows:
        if row["delivery_id"] not in excluded:
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
    recovery.exclude(connection, excluded, now)
    # By token, for a sender may have lost a delivery and taken it again: it holds both leases.
    ready = {
        (row["delivery_id"], row["lease_token"]): row
        for row in rows
        if row["delivery_id"] not in excluded
    }
    return tuple(
        _begun(delivery, row_now)
        for delivery in leases
        if (row_now := ready.get((delivery.id, delivery.lease_token))) is not None
    )


def held(
    connection: Connection, leases: Collection[LeasedDelivery], *states: DeliveryState
) -> list[RowMapping]:
    """Lock the rows of ``leases`` that are in ``states`` and still under their tokens."""
    ids, tokens = (
        {delivery.id for delivery in leases},
        {(delivery.id, delivery.lease_token) for delivery in leases},
    )
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


def _due(request: LeaseRequest) -> Select[Any]:
    """Query of the deliveries to take: id, attempts so far, the subscriber's columns; locked."""
    due = outbox.c.next_at <= request.now
    if request.ignore_due:
        due = or_(due, in_states(DeliveryState.PLANNED))
    return (
        select(outbox.c.id, outbox.c.attempt, *MAILED_COLUMNS)
        .join_from(outbox, editions, editions.c.id == outbox.c.edition_id)
        .outerjoin(subscribers, subscribers.c.id == outbox.c.subscriber_id)
        .where(
            in_states(DeliveryState.PLANNED, DeliveryState.DEFERRED),
            outbox.c.edition_id == request.edition_id,
            due,
            editions.c.expires_at >= request.now,
            ~is_blocked(literal(request.edition_id)),
        )
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(request.limit)
        .with_for_update(of=outbox, skip_locked=True)
    )


def _lease_columns(request: LeaseRequest, token: str) -> dict[str, Any]:
    return {
        "lease_token": token,
        "lease_worker": request.worker,
        "leased_at": request.now,
        "lease_until": request.now + request.ttl,
    }


def _leased(
    edition_id: int, rows: Sequence[Sequence[Any]], token: str
) -> tuple[LeasedDelivery, ...]:
    return tuple(
        LeasedDelivery(delivery_id, edition_id, _subscriber(columns), attempts + 1, token)
        for delivery_id, attempts, *columns in rows
    )


_ERASED = Subscriber(0, "", SubscriberState.UNSUBSCRIBED)


def _subscriber(columns: Sequence[Any]) -> Subscriber:
    return _ERASED if columns[0] is None else subscriber_from_row(columns)


def _begun(delivery: LeasedDelivery, row: RowMapping) -> LeasedDelivery:
    return LeasedDelivery(
        delivery.id,
        delivery.edition_id,
        _subscriber_now(row),
        row["attempt"] + 1,
        delivery.lease_token,
    )


def _subscriber_now(row: RowMapping) -> Subscriber:
    return _subscriber([row[column.name] for column in MAILED_COLUMNS])


def _exclusion_reason(row: RowMapping, now: datetime) -> str:
    """Reason that this delivery must not be sent at ``now`` after all; ``""`` if it may."""
    return "expired" if row["expires_at"] < now else _reason_not_to_send(_subscriber_now(row))


def _reason_not_to_send(subscriber: Subscriber) -> str:
    """Reason that a subscriber must get no mail; ``""`` if they may."""
    if subscriber.state is SubscriberState.ACTIVE:
        return subscriber.set_aside
    return _reason_not_to_lease(subscriber) or str(subscriber.state)


def _reason_not_to_lease(subscriber: Subscriber) -> str:
    """Reason that a mail is not even leased: the subscriber is erased, or the record unusable."""
    return "erased" if subscriber is _ERASED else subscriber.set_aside
