"""A complaint and a wish at the same moment: programs that report a mail also unsubscribe from it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from digest import subscriptions
from digest.model import Preferences, SubscriberState, SuppressionCause
from digest.store import Store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADDRESS = "reader@example.net"
PATIENCE = 60.0

Wish = Callable[[Store, int], object]

WISHES: dict[str, tuple[SubscriberState, Wish]] = {
    "leaves by a link": (
        SubscriberState.ACTIVE,
        lambda store, number: subscriptions.unsubscribe(store, number, reason="left", now=NOW),
    ),
    "is let go by hand": (
        SubscriberState.ACTIVE,
        lambda store, number: subscriptions.unsubscribe_by_email(
            store, ADDRESS, reason="left", now=NOW
        ),
    ),
    "confirms": (
        SubscriberState.PENDING,
        lambda store, number: subscriptions.confirm(store, number, network="", now=NOW),
    ),
    "is vouched for": (
        SubscriberState.PENDING,
        lambda store, number: subscriptions.add_subscriber(
            store, subscriptions.NewSubscriber(ADDRESS, Preferences(), confirmed=True), now=NOW
        ),
    ),
}


@pytest.mark.parametrize("wish", WISHES)
def test_who_complained_stays_barred_whatever_they_do_meanwhile(store: Store, wish: str) -> None:
    state, act = WISHES[wish]
    with store.begin() as unit:
        subscriber = unit.subscribers.add(
            ADDRESS, state=state, preferences=Preferences(), now=NOW, origin="test"
        )
    acting = threading.Thread(target=act, args=(store, subscriber.id))
    with store.begin() as unit:
        unit.subscribers.set_state(
            subscriber.id, SubscriberState.SUPPRESSED, SuppressionCause.COMPLAINED, NOW
        )
        acting.start()
        # Long enough for it to look at the reader, if it does not wait for us.
        acting.join(0.3)
    acting.join(PATIENCE)
    assert not acting.is_alive()
    with store.read() as unit:
        found = unit.subscribers.by_id(subscriber.id)
        assert found is not None
        assert (found.state, found.state_reason) == (
            SubscriberState.SUPPRESSED,
            SuppressionCause.COMPLAINED,
        )
        assert unit.subscribers.suppressed(ADDRESS) == SuppressionCause.COMPLAINED
