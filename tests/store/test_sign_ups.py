"""Sign-ups and letters keep their promises on every database, also when several ask at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from factories import NOW
from fixtures.stores import SHARED_STORES
from store.steps import add_subscriber

from digest.model import (
    DeliveryState,
    Outcome,
    Preferences,
    ServiceMailKind,
    SignUp,
    SubscriberState,
)
from digest.store import Store, open_store

DAY = timedelta(days=1)


def asked(mailbox: str = "m", *, network: str = "n", **other: object) -> SignUp:
    values: dict[str, object] = {
        "mailbox": mailbox, "email": f"{mailbox}@example.org", "preferences": Preferences(),
        "network": network, "wording": "1", "due_at": NOW, **other,
    }  # fmt: skip
    return SignUp(**values)  # type: ignore[arg-type]


def test_a_mailbox_is_kept_once_a_day(store: Store) -> None:
    with store.begin() as unit:
        assert unit.sign_ups.add(asked(), NOW, not_since=NOW - DAY)
        assert not unit.sign_ups.add(asked(), NOW + DAY / 2, not_since=NOW - DAY / 2)
        assert unit.sign_ups.add(asked(), NOW + DAY, not_since=NOW)


def test_what_is_due_is_told_until_it_is_settled_and_then_its_address_is_gone(store: Store) -> None:
    later = asked("late", due_at=NOW + DAY)
    with store.begin() as unit:
        for one in (asked("a"), later):
            unit.sign_ups.add(one, NOW, not_since=NOW - DAY)
        assert unit.sign_ups.due(NOW, 10) == (asked("a"),)
        assert unit.sign_ups.next_due() == NOW
        unit.sign_ups.mark_processed("a")
        assert unit.sign_ups.due(NOW, 10) == ()
        assert unit.sign_ups.due(NOW + DAY, 10) == (later,)
        assert unit.sign_ups.next_due() == NOW + DAY
        assert unit.sign_ups.forget(NOW + timedelta(seconds=1)) == 1


def test_the_load_counts_the_last_hour_and_whoever_waits(store: Store) -> None:
    with store.begin() as unit:
        for name, network in (("a", "n"), ("b", "n"), ("c", "other")):
            unit.sign_ups.add(asked(name, network=network), NOW, not_since=NOW - DAY)
        unit.sign_ups.mark_processed("a")
        assert unit.sign_ups.count_recent(NOW - DAY) == 3
        assert unit.sign_ups.count_recent(NOW) == 2
        assert unit.sign_ups.count_recent_by_network(["n", "none"], NOW - DAY) == {
            "n": 2,
            "none": 0,
        }
        assert unit.sign_ups.count_recent_by_network(["n"], NOW) == {"n": 1}


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_of_many_who_ask_at_once_for_one_mailbox_one_is_kept(store: Store, address: str) -> None:
    kept: list[bool] = []

    def ask() -> None:
        own = open_store(address)
        with own.begin() as unit:
            kept.append(unit.sign_ups.add(asked(), NOW, not_since=NOW - DAY))
        own.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == [False] * 7 + [True]


def test_a_letter_of_a_kind_is_planned_once_a_day_and_leased_once(store: Store) -> None:
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "a@example.org", state=SubscriberState.PENDING)
        plan = {"now": NOW, "not_since": NOW - DAY, "expires_at": NOW + DAY}
        assert unit.service_mails.plan(subscriber.id, ServiceMailKind.CONFIRM, **plan)
        assert not unit.service_mails.plan(subscriber.id, ServiceMailKind.CONFIRM, **plan)
        assert unit.service_mails.plan(subscriber.id, ServiceMailKind.WELCOME, **plan)
        held = unit.service_mails.lease(NOW, limit=1, ttl=DAY)
        assert [letter.kind for letter in held] == ["confirm"]
        assert held[0].subscriber == subscriber
        assert [one.kind for one in unit.service_mails.lease(NOW, limit=5, ttl=DAY)] == ["welcome"]
        assert unit.service_mails.lease(NOW, limit=5, ttl=DAY) == ()
        assert unit.service_mails.waiting() == 2
        assert unit.service_mails.begin_sending(held[0])
        assert not unit.service_mails.begin_sending(held[0])
        unit.service_mails.release(held[0])
        unit.service_mails.record(
            held[0], Outcome(held[0].id, DeliveryState.ACCEPTED, NOW, code=250)
        )
        assert unit.service_mails.counts() == {DeliveryState.ACCEPTED: 1, DeliveryState.LEASED: 1}
        assert unit.service_mails.recover(NOW + 2 * DAY) == (1, 0)
        assert unit.service_mails.expire(NOW + 2 * DAY) == 1
        assert unit.service_mails.waiting() == 0


def test_erasing_a_reader_takes_their_letters(store: Store) -> None:
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "a@example.org")
        unit.service_mails.plan(
            subscriber.id,
            ServiceMailKind.GOODBYE,
            now=NOW,
            not_since=NOW - DAY,
            expires_at=NOW + DAY,
        )
        unit.subscribers.erase(subscriber.id)
        assert unit.service_mails.counts() == {}


def test_who_never_confirmed_is_forgotten_unless_they_asked_again(store: Store) -> None:
    with store.begin() as unit:
        for name in ("old", "again", "active", "operator"):
            add_subscriber(
                unit,
                f"{name}@example.org",
                state=SubscriberState.ACTIVE if name == "active" else SubscriberState.PENDING,
                origin="operator" if name == "operator" else "web",
            )
        again = unit.subscribers.by_email("again@example.org")
        assert again is not None
        later = NOW + 5 * DAY
        unit.service_mails.plan(
            again.id, ServiceMailKind.CONFIRM, now=later, not_since=NOW, expires_at=later + DAY
        )
        assert unit.subscribers.forget_unconfirmed("web", NOW + DAY) == 1
        assert unit.subscribers.by_email("old@example.org") is None


def test_what_a_wrong_clock_put_years_ahead_counts_as_asked_now(store: Store) -> None:
    ahead = NOW + 4_000 * DAY
    with store.begin() as unit:
        unit.sign_ups.add(asked("far", due_at=ahead), ahead, not_since=ahead - DAY)
        unit.sign_ups.add(asked("settled", due_at=ahead), ahead, not_since=ahead - DAY)
        unit.sign_ups.mark_processed("settled")
        unit.sign_ups.add(asked("slow", due_at=NOW + DAY), NOW, not_since=NOW - DAY)
        assert unit.sign_ups.due(NOW, 10) == ()
        assert unit.sign_ups.redate_future(NOW, DAY / 24) == 2
        assert [one.mailbox for one in unit.sign_ups.due(NOW, 10)] == ["far"]
        assert unit.sign_ups.redate_future(NOW, DAY / 24) == 0
        assert unit.sign_ups.add(asked("settled"), NOW + DAY, not_since=NOW)


def test_a_sign_up_with_damaged_preferences_goes_on_without_them(store: Store) -> None:
    with store.begin() as unit:
        unit.sign_ups.add(asked("a"), NOW, not_since=NOW - DAY)
        unit.connection.exec_driver_sql("UPDATE sign_ups SET preferences = '{'")
        assert unit.sign_ups.due(NOW, 10) == (asked("a"),)
