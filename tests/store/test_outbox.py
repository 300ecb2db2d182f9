"""Every reader of a frozen audience is in exactly one state, whatever happens to the senders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import DAY, MINUTE, NOW, TTL
from sqlalchemy import text
from store.steps import (
    add_audience,
    add_subscriber,
    add_subscribers,
    balanced_tally,
    begin_sending,
    lease,
    publish_edition,
    record_outcomes,
)

from digest.model import (
    DeliveryState,
    EditionKind,
    LeasedDelivery,
    Outcome,
    PlannedDelivery,
    SubscriberState,
    Tally,
    UnknownPolicy,
)
from digest.store import Store

ACCEPTED = DeliveryState.ACCEPTED


def outcome(one: LeasedDelivery, state: DeliveryState = ACCEPTED, **other: object) -> Outcome:
    return Outcome(one.id, state, NOW, lease_token=one.lease_token, **other)  # type: ignore[arg-type]


def recover(
    store: Store, after: timedelta = TTL + MINUTE, policy: UnknownPolicy = UnknownPolicy.HOLD
) -> tuple[int, int]:
    with store.begin() as unit:
        return unit.outbox.recover(NOW + after, unknown_policy=policy)


def test_an_audience_is_counted_and_frozen_once(store: Store) -> None:
    published = publish_edition(store)
    people = add_subscribers(store, 4)
    planned = [PlannedDelivery(subscriber.id, NOW) for subscriber in people[:3]]
    planned[1] = PlannedDelivery(people[1].id, NOW, excluded="paused")
    with store.begin() as unit:
        before = unit.outbox.tally(published.id)
        frozen = unit.outbox.freeze_audience(published.id, [*planned, planned[0]], NOW)
        again = unit.outbox.freeze_audience(published.id, [PlannedDelivery(people[3].id, NOW)], NOW)
        assert unit.outbox.reasons(published.id) == {"paused": 1}
    assert before == Tally()
    assert frozen == again == Tally(planned_at_start=3, planned=2, excluded=1)
    assert frozen.balanced


def test_what_left_today_and_what_is_in_hand_is_counted_over_all_editions(store: Store) -> None:
    def spent(since: timedelta) -> int:
        with store.read() as unit:
            return unit.outbox.count_sent_or_held(NOW + since)

    edition_id = add_audience(store, 8)
    sending = begin_sending(store, lease(store, edition_id, 6))
    ends = (
        ACCEPTED, ACCEPTED, DeliveryState.UNKNOWN, DeliveryState.REJECTED, DeliveryState.DEFERRED
    )  # fmt: skip
    record_outcomes(store, *(outcome(*one) for one in zip(sending, ends, strict=False)))
    published = publish_edition(store, day=DAY + timedelta(days=1))
    with store.begin() as unit:
        unit.outbox.freeze_audience(published.id, [PlannedDelivery(1, NOW)], NOW)
    assert len(lease(store, published.id)) == 1
    assert spent(timedelta()) == 3 + 2
    assert spent(MINUTE) == 2
    with store.read() as unit:
        assert unit.outbox.count_rows(edition_id) == 8
        assert unit.outbox.count_rows(published.id) == 1


def test_an_unknown_edition_has_no_tally(store: Store) -> None:
    with store.read() as unit, pytest.raises(LookupError, match="no edition 5"):
        unit.outbox.tally(5)


def test_what_is_leased_is_leased_to_nobody_else(store: Store) -> None:
    edition_id = add_audience(store, 5)
    first = lease(store, edition_id, 3, worker="a")
    second = lease(store, edition_id, 3, worker="b")
    assert lease(store, edition_id) == ()
    assert len({one.id for one in first + second}) == 5
    assert {one.lease_token for one in first}.isdisjoint(one.lease_token for one in second)
    assert {one.attempt for one in first} == {1}
    assert balanced_tally(store, edition_id) == Tally(5, leased=5)


def test_readers_are_due_at_their_own_hour_earliest_first(store: Store) -> None:
    published = publish_edition(store)
    people = add_subscribers(store, 3)
    hours = [2, 0, 1]
    with store.begin() as unit:
        planned = [
            PlannedDelivery(subscriber.id, NOW + timedelta(hours=h))
            for subscriber, h in zip(people, hours, strict=True)
        ]
        unit.outbox.freeze_audience(published.id, planned, NOW)
        assert unit.outbox.next_due(NOW) == NOW
    assert [one.subscriber.id for one in lease(store, published.id)] == [people[1].id]
    with store.read() as unit:
        assert unit.outbox.next_due(NOW) == NOW + timedelta(hours=1)
    rest = lease(store, published.id, ignore_due=True)
    assert [one.subscriber.id for one in rest] == [people[2].id, people[0].id]
    with store.read() as unit:
        assert unit.outbox.next_due(NOW) is None


def test_an_attempt_is_counted_before_the_mail_and_its_outcome_after(store: Store) -> None:
    edition_id = add_audience(store, 3)
    sending = begin_sending(store, lease(store, edition_id))
    assert balanced_tally(store, edition_id) == Tally(3, sending=3)
    record_outcomes(
        store,
        outcome(sending[0], code=250, status="2.0.0", reply="queued"),
        outcome(sending[1], DeliveryState.REJECTED, code=550, status="5.1.1", reply="x" * 5_000),
        outcome(sending[2], DeliveryState.UNKNOWN),
    )
    assert balanced_tally(store, edition_id) == Tally(3, accepted=1, rejected=1, unknown=1)
    with store.read() as unit:
        rows = unit.connection.execute(
            text(
                "SELECT attempt, state, code, status, reply, worker FROM attempts ORDER BY delivery_id"
            )
        ).all()
    assert tuple(rows[0]) == (1, "accepted", 250, "2.0.0", "queued", "a")
    assert len(rows[1].reply) == 1_000
    assert rows[2].state == "unknown"


def test_a_deferred_delivery_waits_even_when_readers_hours_do_not_count(store: Store) -> None:
    edition_id = add_audience(store, 1)
    (sending,) = begin_sending(store, lease(store, edition_id))
    later = NOW + timedelta(minutes=5)
    record_outcomes(store, outcome(sending, DeliveryState.DEFERRED, next_at=later, code=451))
    assert lease(store, edition_id, ignore_due=True) == ()
    with store.read() as unit:
        assert unit.outbox.next_due(NOW) == later
    (again,) = lease(store, edition_id, now=later)
    assert again.attempt == 2
    (sending,) = begin_sending(store, [again], later)
    assert sending.attempt == 2
    record_outcomes(store, outcome(sending))
    with store.read() as unit:
        states = unit.connection.scalars(text("SELECT state FROM attempts ORDER BY attempt")).all()
    assert states == ["deferred", "accepted"]


def test_a_reader_who_left_in_the_meantime_gets_nothing(store: Store) -> None:
    edition_id = add_audience(store, 4)
    leases = lease(store, edition_id)
    left = [SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED, SubscriberState.PENDING]
    with store.begin() as unit:
        for one, state in zip(leases, left, strict=False):
            unit.subscribers.set_state(one.subscriber.id, state, "meanwhile", NOW)
    sending = begin_sending(store, leases)
    assert [one.id for one in sending] == [leases[3].id]
    assert balanced_tally(store, edition_id) == Tally(4, sending=1, excluded=3)
    with store.read() as unit:
        assert unit.outbox.reasons(edition_id) == {"unsubscribed": 1, "suppressed": 1, "pending": 1}


def test_a_reader_erased_while_sending_is_not_sent_again(store: Store) -> None:
    edition_id = add_audience(store, 1)
    (sending,) = begin_sending(store, lease(store, edition_id))
    with store.begin() as unit:
        unit.subscribers.erase(sending.subscriber.id)
    assert recover(store, policy=UnknownPolicy.RESEND) == (0, 1)
    assert balanced_tally(store, edition_id) == Tally(1, unknown=1)


def test_readers_are_as_they_are_at_the_last_moment(store: Store) -> None:
    edition_id = add_audience(store, 2)
    leases = lease(store, edition_id)
    with store.begin() as unit:
        unit.subscribers.set_state(leases[0].subscriber.id, SubscriberState.ACTIVE, "same", NOW)
        wishes = leases[1].subscriber.preferences
        unit.subscribers.set_preferences(leases[1].subscriber.id, type(wishes)(max_papers=1))
    sending = begin_sending(store, tuple(reversed(leases)))
    assert [one.id for one in sending] == [leases[1].id, leases[0].id]
    assert sending[0].subscriber.preferences.max_papers == 1


def test_nothing_of_an_expired_edition_starts(store: Store) -> None:
    edition_id = add_audience(store, 3, lasts=timedelta(hours=1))
    leases = lease(store, edition_id, 1)
    late = NOW + timedelta(hours=1, seconds=1)
    assert lease(store, edition_id, now=late) == ()
    assert begin_sending(store, leases, late) == ()
    with store.begin() as unit:
        assert unit.outbox.next_due(late) is None
        assert unit.outbox.expire(late - timedelta(seconds=1)) == 0
        assert unit.outbox.expire(late) == 2
        assert unit.outbox.expire(late) == 0
        assert unit.outbox.reasons(edition_id) == {"expired": 3}
    assert balanced_tally(store, edition_id) == Tally(3, excluded=3)


def test_only_expired_leases_are_recovered(store: Store) -> None:
    edition_id = add_audience(store, 4)
    leases = lease(store, edition_id)
    begin_sending(store, leases[:1])
    assert recover(store, TTL) == (0, 0)
    assert recover(store) == (3, 1)
    assert recover(store) == (0, 0)
    assert balanced_tally(store, edition_id) == Tally(4, planned=3, unknown=1)
    assert {one.attempt for one in lease(store, edition_id)} == {1}


def test_the_leases_of_a_dead_worker_are_recovered_at_once(store: Store) -> None:
    edition_id = add_audience(store, 4)
    dead = lease(store, edition_id, 2, worker="dead")
    begin_sending(store, dead[:1])
    lease(store, edition_id, 2, worker="alive")
    with store.begin() as unit:
        found = unit.outbox.recover(
            NOW, unknown_policy=UnknownPolicy.HOLD, workers=["dead", "unheard of"]
        )
    assert found == (1, 1)
    assert balanced_tally(store, edition_id) == Tally(4, planned=1, leased=2, unknown=1)


def test_beginning_to_send_renews_the_lease(store: Store) -> None:
    edition_id = add_audience(store, 1)
    begin_sending(store, lease(store, edition_id), NOW + TTL)
    assert recover(store, 2 * TTL) == (0, 0)
    assert recover(store, 2 * TTL + MINUTE) == (0, 1)


def test_unknown_deliveries_are_held_or_sent_once_more(store: Store) -> None:
    edition_id = add_audience(store, 1)
    begin_sending(store, lease(store, edition_id))
    assert recover(store, policy=UnknownPolicy.HOLD) == (0, 1)
    assert lease(store, edition_id, now=NOW + 2 * TTL) == ()
    assert recover(store, policy=UnknownPolicy.RESEND) == (0, 0)
    (again,) = lease(store, edition_id, now=NOW + 2 * TTL)
    assert again.attempt == 2
    begin_sending(store, [again], NOW + 2 * TTL)
    assert recover(store, 4 * TTL, policy=UnknownPolicy.RESEND) == (0, 1)
    assert balanced_tally(store, edition_id) == Tally(1, unknown=1)


def test_a_sender_given_up_for_dead_changes_nothing_when_it_wakes(store: Store) -> None:
    edition_id = add_audience(store, 2)
    stale = lease(store, edition_id)
    recover(store)
    fresh = lease(store, edition_id, now=NOW + 2 * TTL, worker="b")
    assert begin_sending(store, stale) == ()
    with store.begin() as unit:
        unit.outbox.release(stale)
    sending = begin_sending(store, fresh, NOW + 2 * TTL)
    record_outcomes(store, *(outcome(one) for one in stale))
    assert balanced_tally(store, edition_id) == Tally(2, sending=2)
    record_outcomes(store, *(outcome(one) for one in sending))
    assert balanced_tally(store, edition_id) == Tally(2, accepted=2)


def test_a_slow_sender_still_knows_better_than_unknown(store: Store) -> None:
    edition_id = add_audience(store, 1)
    (sending,) = begin_sending(store, lease(store, edition_id))
    recover(store)
    record_outcomes(store, Outcome(sending.id, ACCEPTED, NOW))
    assert balanced_tally(store, edition_id) == Tally(1, unknown=1)
    record_outcomes(store, outcome(sending))
    assert balanced_tally(store, edition_id) == Tally(1, accepted=1)
    with store.read() as unit:
        assert unit.connection.scalars(text("SELECT state FROM attempts")).all() == ["accepted"]


def test_recording_twice_changes_nothing(store: Store) -> None:
    edition_id = add_audience(store, 1)
    (sending,) = begin_sending(store, lease(store, edition_id))
    record_outcomes(store, outcome(sending), outcome(sending, DeliveryState.REJECTED))
    record_outcomes(store, outcome(sending, DeliveryState.DEFERRED))
    record_outcomes(store)
    assert balanced_tally(store, edition_id) == Tally(1, accepted=1)


def test_an_outcome_without_a_token_counts_for_whoever_is_sending(store: Store) -> None:
    edition_id = add_audience(store, 1)
    (sending,) = begin_sending(store, lease(store, edition_id))
    record_outcomes(store, Outcome(sending.id, ACCEPTED, NOW), Outcome(999, ACCEPTED, NOW))
    assert balanced_tally(store, edition_id) == Tally(1, accepted=1)


def test_a_delivery_may_end_as_excluded_for_a_reason(store: Store) -> None:
    edition_id = add_audience(store, 1)
    (sending,) = begin_sending(store, lease(store, edition_id))
    record_outcomes(
        store, outcome(sending, DeliveryState.EXCLUDED, reason="nothing for this reader")
    )
    with store.read() as unit:
        assert unit.outbox.reasons(edition_id) == {"nothing for this reader": 1}


@pytest.mark.parametrize("kind", ["sqlite memory"])
def test_no_attempt_ends_as_planned(store: Store) -> None:
    edition_id = add_audience(store, 1)
    (sending,) = begin_sending(store, lease(store, edition_id))
    with store.begin() as unit, pytest.raises(ValueError, match="does not end as planned"):
        unit.outbox.record([outcome(sending, DeliveryState.PLANNED)])


def test_what_is_released_is_due_at_once(store: Store) -> None:
    edition_id = add_audience(store, 3)
    leases = lease(store, edition_id)
    begin_sending(store, leases[:1])
    with store.begin() as unit:
        unit.outbox.release(leases[:2])
    assert balanced_tally(store, edition_id) == Tally(3, planned=2, leased=1)
    assert len(lease(store, edition_id)) == 2


def test_a_sender_that_lost_a_lease_and_took_it_again_begins_it_once(store: Store) -> None:
    edition_id = add_audience(store, 2)
    lost = lease(store, edition_id)
    recover(store)
    again = lease(store, edition_id, now=NOW + 2 * TTL)
    sending = begin_sending(store, (*lost, *again, *lost), NOW + 2 * TTL)
    assert [one.lease_token for one in sending] == [one.lease_token for one in again]
    assert balanced_tally(store, edition_id) == Tally(2, sending=2)


def test_what_was_taken_for_unknown_is_due_when_its_sender_says_it_was_not_begun(
    store: Store,
) -> None:
    edition_id = add_audience(store, 3)
    sending = begin_sending(store, lease(store, edition_id))
    recover(store)
    record_outcomes(store, outcome(sending[0]))
    assert balanced_tally(store, edition_id) == Tally(3, accepted=1, unknown=2)
    with store.begin() as unit:
        unit.outbox.release([sending[0], sending[1], replace(sending[2], lease_token="another")])
    assert balanced_tally(store, edition_id) == Tally(3, accepted=1, planned=1, unknown=1)
    with store.read() as unit:
        (told,) = unit.outbox.of_subscriber(sending[1].subscriber.id)
    assert (told.state, told.finished_at, told.words) == (DeliveryState.PLANNED, None, "")


def test_large_chunks_are_leased_sent_and_recorded_whole(store: Store) -> None:
    edition_id = add_audience(store, 1_100)
    leases = lease(store, edition_id, 1_100)
    sending = begin_sending(store, leases)
    record_outcomes(store, *(outcome(one) for one in sending))
    assert balanced_tally(store, edition_id) == Tally(1_100, accepted=1_100)


def test_editions_do_not_mix(store: Store) -> None:
    first = add_audience(store, 2)
    with store.begin() as unit:
        subscriber = add_subscriber(unit, "reader0@example.org")
    second = publish_edition(store, day=NOW.date() + timedelta(days=1)).id
    with store.begin() as unit:
        unit.outbox.freeze_audience(second, [PlannedDelivery(subscriber.id, NOW)], NOW)
    assert len(lease(store, second)) == 1
    assert balanced_tally(store, first) == Tally(2, planned=2)


def test_an_audience_may_be_read_from_the_same_transaction_as_it_is_written(store: Store) -> None:
    published = publish_edition(store)
    add_subscribers(store, 30)
    with store.begin() as unit:

        def everyone() -> Iterator[PlannedDelivery]:
            after = 0
            while page := unit.subscribers.active(after=after, limit=7):
                yield from (PlannedDelivery(subscriber.id, NOW) for subscriber in page)
                after = page[-1].id

        assert unit.outbox.freeze_audience(published.id, everyone(), NOW) == Tally(30, planned=30)


def test_deliveries_of_several_editions_are_read_page_by_page(store: Store) -> None:
    first = add_audience(store, 3)
    second = add_audience(store, 3, kind=EditionKind.WEEKLY)
    with store.read() as unit:
        places = [place for place, _ in unit.outbox.of_editions([first, second], None)]
        paged, after = [], (0, 0)
        while page := unit.outbox.of_editions([first, second], None, after, limit=2):
            paged += [place for place, _ in page]
            after = page[-1][0]
        none = unit.outbox.of_editions([first], DeliveryState.REJECTED)
    assert paged == places == sorted(places)
    assert len(places) == 6
    assert none == ()
