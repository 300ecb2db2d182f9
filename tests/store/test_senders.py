"""Who sent from a store, and which store it is."""

from __future__ import annotations

from datetime import timedelta

from factories import NOW
from store.steps import add_subscriber, publish_edition

from digest.model import DeliveryState, LeaseRequest, Outcome, PlannedDelivery, UnknownPolicy
from digest.store import Store, open_store


def test_a_store_has_a_name_as_soon_as_it_is_made() -> None:
    one, two = open_store("sqlite://"), open_store("sqlite://")
    names = []
    for made in (one, two):
        made.migrate()
        with made.read() as unit:
            names.append(unit.senders.store_id())
        with made.begin() as unit:
            assert unit.senders.ensure_store_id() == names[-1]
        made.close()
    assert None not in names
    assert names[0] != names[1]


def test_a_store_without_a_name_gets_one_that_lasts(store: Store) -> None:
    with store.begin() as unit:
        unit.runs.clear_flag("store-id")
        assert unit.senders.store_id() is None
        name = unit.senders.ensure_store_id()
    with store.read() as unit:
        assert unit.senders.store_id() == name


def test_a_sender_counts_what_it_records(store: Store) -> None:
    with store.begin() as unit:
        assert not unit.senders.any()
        unit.senders.add("one", "host:1", NOW)
        unit.senders.add("two", "host:2", NOW)
        assert unit.senders.any()
    with store.begin() as unit:
        assert unit.senders.add_recorded("one", 8) == 8
        assert unit.senders.add_recorded("one", 500) == 508
        assert unit.senders.add_recorded("nobody", 1) is None
    with store.read() as unit:
        assert unit.senders.recorded(("one", "two", "nobody")) == {"one": 508, "two": 0}
        assert unit.senders.recorded(()) == {}


def test_a_store_that_is_trusted_after_a_doubt_has_a_new_name(store: Store) -> None:
    with store.begin() as unit:
        name = unit.senders.ensure_store_id()
        assert unit.senders.restored_reason() is None
        unit.senders.mark_restored("older than the machine", NOW)
    with store.begin() as unit:
        assert unit.senders.restored_reason() == "older than the machine"
        unit.senders.trust_restored()
        assert unit.senders.restored_reason() is None
        assert unit.senders.store_id() not in (name, None)


def test_skipping_ends_whatever_could_be_sent_and_leaves_the_rest(store: Store) -> None:
    """Of six: two wait, one is leased, one is in a sender's hands, one is in doubt, one is done."""
    edition = publish_edition(store).id
    late = publish_edition(store, day=NOW.date() - timedelta(days=1), lasts=timedelta(hours=-1)).id
    minute = timedelta(minutes=1)
    with store.begin() as unit:
        ids = [add_subscriber(unit, f"reader{n}@example.org").id for n in range(6)]
        planned = [PlannedDelivery(one, NOW + n * minute) for n, one in enumerate(ids)]
        unit.outbox.freeze_audience(edition, planned, NOW)
        unit.outbox.freeze_audience(late, planned[:1], NOW)
    with store.begin() as unit:
        held = unit.outbox.lease(
            LeaseRequest(edition, NOW + 3 * minute, 4, timedelta(hours=1), "old")
        )
        unit.outbox.begin_sending(held[:3], NOW)
        unit.outbox.record(
            [
                Outcome(held[0].id, DeliveryState.ACCEPTED, NOW),
                Outcome(held[1].id, DeliveryState.UNKNOWN, NOW),
            ]
        )
    with store.begin() as unit:
        assert unit.outbox.skip("restored", NOW) == 3
    with store.begin() as unit:
        tally = unit.outbox.tally(edition)
        assert (tally.accepted, tally.unknown, tally.excluded) == (1, 2, 3)
        assert tally.balanced
        assert unit.outbox.reasons(edition) == {"restored": 3}
        assert unit.outbox.tally(late).planned == 1
        # Even where unknown mails are sent once more: these may have been, after the copy was made.
        unit.outbox.recover(NOW + timedelta(hours=2), unknown_policy=UnknownPolicy.RESEND)
        assert unit.outbox.tally(edition) == tally
