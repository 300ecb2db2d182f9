"""Readers are one per address, and how they came to their state is kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from factories import MINUTE, NOW
from sqlalchemy import text
from store.steps import (
    add_audience,
    add_subscriber,
    add_subscribers,
    balanced_tally,
    begin_sending,
    lease,
    record_outcomes,
)

from digest.errors import SubscriberError
from digest.model import (
    DeliveryState,
    Frequency,
    MailFormat,
    Outcome,
    Preferences,
    Subscriber,
    SubscriberState,
    UnknownPolicy,
)
from digest.store import Store

WISHES = Preferences(
    topics=("vision",),
    exclude_topics=("audio",),
    keywords=("gaussian splatting", "ŵ"),
    exclude_keywords=("survey",),
    frequency=Frequency.WEEKDAYS,
    hour=7,
    timezone="Asia/Kolkata",
    max_papers=5,
    paused_until=date(2026, 12, 24),
    format=MailFormat.TEXT,
)


def by_id(store: Store, subscriber_id: int) -> Subscriber:
    with store.read() as unit:
        found = unit.subscribers.by_id(subscriber_id)
    assert found is not None
    return found


def test_a_reader_comes_back_as_added(store: Store) -> None:
    with store.begin() as unit:
        added = add_subscriber(unit, " Ada@Example.org ", preferences=WISHES)
    assert added == Subscriber(
        added.id, "Ada@Example.org", SubscriberState.ACTIVE, WISHES, NOW, NOW
    )
    assert by_id(store, added.id) == added


def test_one_reader_per_address_however_it_is_written(store: Store) -> None:
    with store.begin() as unit:
        first = add_subscriber(unit, "Ada@Bücher.example", state=SubscriberState.PENDING)
        for spelling in (
            "ada@bücher.example",
            "ADA@XN--BCHER-KVA.EXAMPLE",
            "ada@bu\u0308cher.example.",
        ):
            assert add_subscriber(unit, spelling, preferences=WISHES) == first
            assert unit.subscribers.by_email(spelling) == first
        assert add_subscriber(unit, "ada@xn--9.example").id != first.id
        assert unit.subscribers.by_email("eve@example.org") is None
        assert sum(unit.subscribers.counts().values()) == 2


@pytest.mark.parametrize("kind", ["sqlite memory"])
@pytest.mark.parametrize(
    "text", ["", "ada", "@example.org", "ada@", "a b@example.org", "a\nb@x.org", "a\0b@x.org"]
)
def test_what_is_no_address_is_refused(store: Store, text: str) -> None:
    with store.begin() as unit, pytest.raises(SubscriberError, match="not a mail address"):
        add_subscriber(unit, text)


def test_states_move_with_reason_and_time_and_leave_a_history(store: Store) -> None:
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "ada@example.org", state=SubscriberState.PENDING)
        later = NOW + timedelta(days=1)
        unit.subscribers.set_state(subscriber.id, SubscriberState.ACTIVE, "confirmed", later)
        unit.subscribers.set_state(subscriber.id, SubscriberState.ACTIVE, "confirmed again", NOW)
        unit.subscribers.set_consent(subscriber.id, network="abc", wording="2")
        unit.subscribers.note(subscriber.id, "confirmation sent", NOW)
        unit.subscribers.set_state(999, SubscriberState.ACTIVE, "nobody", NOW)
        history = unit.subscribers.history(subscriber.id)
        assert unit.subscribers.last_event_at(subscriber.id, "active") == later
        assert unit.subscribers.last_event_at(subscriber.id, "goodbye") is None
    assert subscriber.confirmed_at is None
    found = by_id(store, subscriber.id)
    assert (found.state, found.state_reason) == (SubscriberState.ACTIVE, "confirmed")
    assert found.confirmed_at == later
    assert [(one.kind, dict(one.detail)) for one in history] == [
        ("added", {"origin": "test", "state": "pending"}),
        ("active", {"reason": "confirmed"}),
        ("confirmation sent", {}),
    ]


def test_preferences_are_replaced(store: Store) -> None:
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "ada@example.org")
        unit.subscribers.set_preferences(subscriber.id, WISHES)
    assert by_id(store, subscriber.id).preferences == WISHES


@pytest.mark.parametrize("kind", ["sqlite file"])
@pytest.mark.parametrize(
    "stored",
    ["", "{", "[]", '{"format":2,"value":{}}', '{"format":1,"value":[]}',
     '{"format":1,"value":{"colour":"red"}}', '{"format":1,"value":{"hour":"7"}}',
     '{"format":1,"value":{"hour":true}}', '{"format":1,"value":{"format":"fax"}}',
     '{"format":1,"value":{"topics":"vision"}}', '{"format":1,"value":{"paused_until":5}}'],
)  # fmt: skip
def test_preferences_that_cannot_be_read_set_that_reader_alone_aside(
    store: Store, stored: str
) -> None:
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "ada@example.org")
        unit.connection.execute(text("UPDATE subscribers SET preferences = :t"), {"t": stored})
        add_subscriber(unit, "bob@example.org")
        ada, bob = unit.subscribers.list()
    assert str(ada.unusable).startswith("preferences: the stored preferences cannot be read")
    assert (ada.id, ada.email, ada.preferences) == (subscriber.id, "ada@example.org", Preferences())
    assert not bob.unusable


def test_preferences_of_an_older_program_get_the_defaults(store: Store) -> None:
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "ada@example.org")
        older = '{"format":1,"value":{"topics":["vision"]}}'
        unit.connection.execute(text("UPDATE subscribers SET preferences = :t"), {"t": older})
    assert by_id(store, subscriber.id).preferences == Preferences(topics=("vision",))


def test_readers_are_listed_in_pages_and_by_state(store: Store) -> None:
    people = add_subscribers(store, 5)
    with store.begin() as unit:
        unit.subscribers.set_state(people[1].id, SubscriberState.UNSUBSCRIBED, "", NOW)
        page = unit.subscribers.list(limit=2)
        rest = unit.subscribers.list(after=page[-1].id)
        active = unit.subscribers.active(after=people[0].id, limit=2)
        counts = unit.subscribers.counts()
    assert [one.id for one in page + rest] == [one.id for one in people]
    assert [one.id for one in active] == [people[2].id, people[3].id]
    assert counts == {"pending": 0, "active": 4, "unsubscribed": 1, "suppressed": 0}


def test_a_suppressed_address_stays_suppressed_after_it_was_erased(store: Store) -> None:
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "ada@example.org")
        unit.subscribers.set_state(subscriber.id, SubscriberState.SUPPRESSED, "bounced", NOW)
        unit.subscribers.erase(subscriber.id)
        assert unit.subscribers.by_id(subscriber.id) is None
        assert unit.subscribers.history(subscriber.id) == ()
        again = add_subscriber(unit, "ADA@example.org")
    assert again.id > subscriber.id
    assert (again.state, again.state_reason) == (SubscriberState.SUPPRESSED, "bounced")


def test_a_suppression_can_be_lifted(store: Store) -> None:
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "ada@example.org")
        unit.subscribers.suppress("ada@EXAMPLE.org", "complained", NOW)
        unit.subscribers.suppress("stranger@example.org", "complained", NOW)
        assert unit.subscribers.suppressed("stranger@example.org") == "complained"
        assert unit.subscribers.suppressed("ada@example.org") == "complained"
        unit.subscribers.set_state(subscriber.id, SubscriberState.ACTIVE, "by hand", NOW)
        assert unit.subscribers.suppressed("ada@example.org") is None
        assert add_subscriber(unit, "stranger@example.org").state is SubscriberState.SUPPRESSED


def test_erasing_leaves_every_edition_adding_up(store: Store) -> None:
    edition_id = add_audience(store, 3)
    sent, held, planned = (row.subscriber.id for row in lease(store, edition_id, 3))
    with store.begin() as unit:
        unit.outbox.recover(NOW + timedelta(hours=1), unknown_policy=UnknownPolicy.HOLD)
    first, _ = lease(store, edition_id, 2)
    (sending,) = begin_sending(store, [first])
    refused = Outcome(sending.id, DeliveryState.REJECTED, NOW, 550, "5.1.1", "<ada@x> is nobody")
    record_outcomes(store, refused)
    with store.begin() as unit:
        for subscriber_id in (sent, held, planned):
            unit.subscribers.erase(subscriber_id)
        replies = unit.connection.scalars(
            text("SELECT reply FROM outbox UNION SELECT reply FROM attempts")
        ).all()
        assert unit.outbox.reasons(edition_id) == {"erased": 2, "rejected: 550 5.1.1": 1}
    found = balanced_tally(store, edition_id)
    assert (found.rejected, found.excluded) == (1, 2)
    assert replies == [""]
    assert lease(store, edition_id) == ()


def test_points_are_kept_until_the_reader_becomes_active_again(store: Store) -> None:
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "ada@example.org")
        assert unit.subscribers.bounce_points(subscriber.id) == (0.0, None)
        unit.subscribers.set_bounce_points(subscriber.id, 2.0, NOW)
    with store.read() as unit:
        assert unit.subscribers.bounce_points(subscriber.id) == (2.0, NOW)
        assert unit.subscribers.bounce_points(subscriber.id + 1) == (0.0, None)
    with store.begin() as unit:
        unit.subscribers.set_state(subscriber.id, SubscriberState.SUPPRESSED, "bounced: 5.1.1", NOW)
        unit.subscribers.set_state(subscriber.id, SubscriberState.ACTIVE, "confirmed", NOW)
        assert unit.subscribers.bounce_points(subscriber.id) == (0.0, None)


def test_a_delivery_names_its_reader_and_when_it_was_tried(store: Store) -> None:
    edition_id = add_audience(store, 2)
    [first, second] = lease(store, edition_id)
    begin_sending(store, [first], NOW + MINUTE)
    with store.begin() as unit:
        assert unit.subscribers.of_delivery(first.id) == (
            unit.subscribers.by_id(first.subscriber.id),
            NOW + MINUTE,
        )
        assert unit.subscribers.of_delivery(second.id) == (
            unit.subscribers.by_id(second.subscriber.id),
            None,
        )
        assert unit.subscribers.email_of_delivery(first.id) == first.subscriber.email
        unit.subscribers.erase(second.subscriber.id)
        assert unit.subscribers.of_delivery(second.id) is None
        assert unit.subscribers.of_delivery(999) is None
        assert unit.subscribers.email_of_delivery(second.id) is None


def test_a_complaint_takes_the_place_of_a_bounce_and_nothing_else_does(store: Store) -> None:
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "ada@example.org")
        for reason in ("bounced: 5.1.1", "bounced: 5.2.1", "complained", "bounced: 5.1.1"):
            unit.subscribers.set_state(
                subscriber.id, SubscriberState.SUPPRESSED, reason, NOW, detail={"delivery": "7"}
            )
        found = unit.subscribers.by_id(subscriber.id)
        assert found is not None
        assert found.state_reason == "complained"
        assert unit.subscribers.suppressed("ada@example.org") == "complained"
        suppressed = [
            one for one in unit.subscribers.history(subscriber.id) if one.kind == "suppressed"
        ]
    assert [one.detail for one in suppressed] == [
        {"reason": "bounced: 5.1.1", "delivery": "7"},
        {"reason": "complained", "delivery": "7"},
    ]


def test_planning_reads_no_columns_that_it_does_not_need(store: Store) -> None:
    (subscriber,) = add_subscribers(store, 1)
    with store.read() as unit:
        (planned,) = unit.subscribers.active()
    assert (planned.id, planned.email, planned.state) == (
        subscriber.id,
        subscriber.email,
        subscriber.state,
    )
    assert planned.preferences == subscriber.preferences
    assert planned.created_at is None
