"""The operator is told of people who wait for approval: of new ones, and once a day at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from digest.daily.approval_alert import alert_of_waiting
from digest.daily.pause_alert import PauseAlert
from digest.model import Preferences, SubscriberState
from digest.store import Store, open_store

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Alerts:
    """The mails to an operator, whose relay may refuse them."""

    works: bool = True
    told: list[str] = field(default_factory=list)

    def tell_waiting(self, reason: str, remedy: str, now: datetime) -> bool:
        assert "digest subscribers waiting" in remedy
        self.told.append(reason)
        return self.works

    def tell(self, store: Store, now: datetime) -> None:
        alert_of_waiting(store, cast("PauseAlert", self), now)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'digest.db'}")
    store.migrate()
    yield store
    store.close()


def begin_wait(store: Store, email: str, now: datetime) -> None:
    with store.begin() as unit:
        values: dict[str, Any] = {"preferences": Preferences(), "origin": "web"}
        subscriber = unit.subscribers.add(email, state=SubscriberState.PENDING, now=now, **values)
        unit.arrivals.begin_wait(subscriber.id, now)


def test_nobody_waits_and_nobody_is_told(store: Store) -> None:
    alerts = Alerts()
    alerts.tell(store, NOW)
    assert alerts.told == []
    alert_of_waiting(store, None, NOW)


def test_the_operator_is_told_of_new_people_once_a_day(store: Store) -> None:
    alerts = Alerts()
    begin_wait(store, "a@one.example", NOW)
    for hour in range(48):
        if hour == 3:
            begin_wait(store, "b@two.example", NOW + 3 * HOUR)
        alerts.tell(store, NOW + hour * HOUR)
    assert alerts.told == [
        "1 person has confirmed an address, and waits for your approval.",
        "2 people have confirmed an address, and wait for your approval.",
    ]


def test_what_the_relay_refused_is_told_at_the_next_look(store: Store) -> None:
    alerts = Alerts(works=False)
    begin_wait(store, "a@one.example", NOW)
    alerts.tell(store, NOW)
    alerts.works = True
    alerts.tell(store, NOW + HOUR)
    alerts.tell(store, NOW + 2 * HOUR)
    assert len(alerts.told) == 2
