"""Values with defaults, and the few steps that many tests begin with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from digest.model import (
    Assignment,
    Change,
    Dump,
    Edition,
    EditionKind,
    Entry,
    IdentityKeys,
    LeasedDelivery,
    LeaseRequest,
    Novelty,
    Outcome,
    PlannedDelivery,
    Preferences,
    PublishedEdition,
    Record,
    Rendering,
    Section,
    Subscriber,
    SubscriberState,
    Tally,
    Topic,
    Trend,
    TrendPart,
)
from digest.store import Store, UnitOfWork

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)
MINUTE = timedelta(minutes=1)
TTL = timedelta(minutes=10)
VISION = Assignment("vision", ("vision", "graphics"), 0.75, ("gaussian splatting",))


def keys_of(record: Record) -> IdentityKeys:
    """Keys as simple as can be: the title's, the abstract's, the external id's."""
    parts = [f"1t:{record.title.lower()}", f"1a:{record.abstract.lower()}"]
    if record.external_id is not None:
        parts.append(f"1x:{record.external_id}")
    return IdentityKeys(tuple(parts), f"1c:{record.title} {record.abstract}")


def record(name: str = "Gaussian Rivers", **other: Any) -> Record:
    other.setdefault("abstract", f"We present {name}, which works.")
    return Record(title=name, **other)


def change(what: Record | str, novelty: Novelty = Novelty.NEW, **other: Any) -> Change:
    one = record(what) if isinstance(what, str) else what
    return Change(one, keys_of(one), novelty, "as the test says", **other)


def dump(name: str = "one") -> Dump:
    return Dump(f"/dumps/{name}.txt", hashlib.sha256(name.encode()).hexdigest(), ())


def remember(
    unit: UnitOfWork, *changes: Change, name: str = "one", day: date = DAY, now: datetime = NOW
) -> tuple[int, ...]:
    """Remember a dump, with the same topics for whatever is not seen."""
    assignments = [None if one.novelty is Novelty.SEEN else VISION for one in changes]
    return unit.papers.remember(dump(name), day, changes, assignments, now)


def edition(
    ids: Sequence[int] = (), *, kind: EditionKind = EditionKind.DAILY, day: date = DAY, **other: Any
) -> Edition:
    trend = Trend(2.5, (TrendPart("votes", 2.5, "142 votes in its first day"),))
    entries = tuple(
        Entry(
            i,
            f"Paper {i}",
            f"Paper {i}",
            "Two sentences. Here.",
            "One.",
            "vision",
            ("vision",),
            trend,
        )
        for i in ids
    )
    sections = (Section(Topic("vision", "Vision"), tuple(ids), len(ids)),)
    return Edition(kind, day, (day, day), entries, tuple(ids[:1]), sections, **other)


def rendering(subject: str = "Two new papers") -> Rendering:
    return Rendering(1, subject, "…", {"cards": {"1": "<p>é</p>"}, "text": ["a", "b"]})


def publish(
    store: Store, ids: Sequence[int] = (), *, lasts: timedelta = timedelta(hours=20), **other: Any
) -> PublishedEdition:
    with store.begin() as unit:
        return unit.editions.freeze(
            edition(ids, **other), rendering(), published_at=NOW, expires_at=NOW + lasts
        )


def add_reader(unit: UnitOfWork, email: str, **other: Any) -> Subscriber:
    values: dict[str, Any] = {
        "state": SubscriberState.ACTIVE,
        "preferences": Preferences(),
        "now": NOW,
        "origin": "test",
        **other,
    }
    return unit.subscribers.add(email, **values)


def readers(store: Store, count: int) -> tuple[Subscriber, ...]:
    with store.begin() as unit:
        return tuple(add_reader(unit, f"reader{i}@example.org") for i in range(count))


def audience(store: Store, count: int, **other: Any) -> int:
    """An edition whose audience is ``count`` readers, all due; its id."""
    published = publish(store, **other)
    people = readers(store, count)
    with store.begin() as unit:
        planned = [PlannedDelivery(reader.id, NOW) for reader in people]
        unit.outbox.freeze_audience(published.id, planned, NOW)
    return published.id


def lease_request(
    edition_id: int, limit: int = 100, *, now: datetime = NOW, **other: Any
) -> LeaseRequest:
    """A request of worker ``a`` for the usual time, unless said otherwise."""
    options: dict[str, Any] = {"ttl": TTL, "worker": "a", **other}
    return LeaseRequest(edition_id, now=now, limit=limit, **options)


def lease(
    store: Store, edition_id: int, limit: int = 100, *, now: datetime = NOW, **other: Any
) -> tuple[LeasedDelivery, ...]:
    with store.begin() as unit:
        return unit.outbox.lease(lease_request(edition_id, limit, now=now, **other))


def begin(
    store: Store, leases: Sequence[LeasedDelivery], now: datetime = NOW
) -> tuple[LeasedDelivery, ...]:
    with store.begin() as unit:
        return unit.outbox.begin_sending(leases, now)


def recorded(store: Store, *outcomes: Outcome) -> None:
    with store.begin() as unit:
        unit.outbox.record(outcomes)


def tally(store: Store, edition_id: int) -> Tally:
    with store.read() as unit:
        found = unit.outbox.tally(edition_id)
    assert found.balanced
    return found
