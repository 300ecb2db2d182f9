"""The few steps that many tests of the store begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from factories import DAY, NOW, VISION, dump, edition_of, lease_request, rendering

from digest.model import (
    Change,
    LeasedDelivery,
    Novelty,
    Outcome,
    PlannedDelivery,
    Preferences,
    PublishedEdition,
    Subscriber,
    SubscriberState,
    Tally,
)
from digest.store import Store, UnitOfWork


def remember_dump(
    unit: UnitOfWork, *changes: Change, name: str = "one", day: date = DAY, now: datetime = NOW
) -> tuple[int, ...]:
    """Remember a dump, with the same topics for whatever is not seen."""
    assignments = [None if one.novelty is Novelty.SEEN else VISION for one in changes]
    return unit.papers.remember(dump(name), day, changes, assignments, now)


def publish_edition(
    store: Store, ids: Sequence[int] = (), *, lasts: timedelta = timedelta(hours=20), **other: Any
) -> PublishedEdition:
    with store.begin() as unit:
        return freeze_edition(unit, ids, lasts=lasts, **other)


def freeze_edition(
    unit: UnitOfWork, ids: Sequence[int], *, lasts: timedelta = timedelta(hours=20), **other: Any
) -> PublishedEdition:
    return unit.editions.freeze(
        edition_of(ids, **other), rendering(), published_at=NOW, expires_at=NOW + lasts
    )


def add_subscriber(unit: UnitOfWork, email: str, **other: Any) -> Subscriber:
    values: dict[str, Any] = {
        "state": SubscriberState.ACTIVE,
        "preferences": Preferences(),
        "now": NOW,
        "origin": "test",
        **other,
    }
    return unit.subscribers.add(email, **values)


def add_subscribers(store: Store, count: int) -> tuple[Subscriber, ...]:
    with store.begin() as unit:
        return tuple(add_subscriber(unit, f"reader{i}@example.org") for i in range(count))


def add_audience(store: Store, count: int, **other: Any) -> int:
    """An edition whose audience is ``count`` readers, all due; its id."""
    published = publish_edition(store, **other)
    people = add_subscribers(store, count)
    with store.begin() as unit:
        planned = [PlannedDelivery(subscriber.id, NOW) for subscriber in people]
        unit.outbox.freeze_audience(published.id, planned, NOW)
    return published.id


def lease(
    store: Store, edition_id: int, limit: int = 100, *, now: datetime = NOW, **other: Any
) -> tuple[LeasedDelivery, ...]:
    with store.begin() as unit:
        return unit.outbox.lease(lease_request(edition_id, limit, now=now, **other))


def begin_sending(
    store: Store, leases: Sequence[LeasedDelivery], now: datetime = NOW
) -> tuple[LeasedDelivery, ...]:
    with store.begin() as unit:
        return unit.outbox.begin_sending(leases, now)


def record_outcomes(store: Store, *outcomes: Outcome) -> None:
    with store.begin() as unit:
        unit.outbox.record(outcomes)


def balanced_tally(store: Store, edition_id: int) -> Tally:
    with store.read() as unit:
        found = unit.outbox.tally(edition_id)
    assert found.balanced
    return found
