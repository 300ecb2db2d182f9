"""Rows of posts: each in one state, moved only under its lease, counted apart from readers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import NOW
from fixtures.stores import SHARED_STORES
from store.steps import add_audience, balanced_tally, publish_edition

from digest.model import DeliveryState, LeasedPost, Outcome, PlannedPost, PreviewHold, Tally
from digest.store import Store

S = DeliveryState
TTL = timedelta(minutes=5)
HOURS = timedelta(hours=12)
NAMES = ("slack", "lab")


def planned(store: Store, *names: str) -> int:
    edition_id = publish_edition(store).id
    with store.begin() as unit:
        assert unit.posts.plan(edition_id, [PlannedPost(name) for name in names or NAMES], NOW)
    return edition_id


def lease(store: Store, minutes: float = 0) -> tuple[LeasedPost, ...]:
    with store.begin() as unit:
        return unit.posts.lease(NOW + timedelta(minutes=minutes), NAMES, ttl=TTL)


def begun(store: Store, post: LeasedPost) -> bool:
    with store.begin() as unit:
        return unit.posts.begin(post)


def record(store: Store, post: LeasedPost, state: DeliveryState, minutes: float = 0) -> bool:
    at = NOW + timedelta(minutes=minutes)
    with store.begin() as unit:
        return unit.posts.record(post, Outcome(0, state, at, 200, reply="words"), None)


def tally(store: Store, edition_id: int) -> Tally:
    with store.read() as unit:
        found = unit.posts.tally(edition_id)
    assert found is not None
    assert found.balanced
    return found


def recover(store: Store, minutes: float, *repeatable: str) -> tuple[int, int]:
    with store.begin() as unit:
        return unit.posts.recover(NOW + timedelta(minutes=minutes), repeatable, within=HOURS)


def test_targets_are_fixed_once(store: Store) -> None:
    edition_id = planned(store)
    with store.begin() as unit:
        assert not unit.posts.plan(edition_id, [PlannedPost("other")], NOW)
    assert tally(store, edition_id) == Tally(planned_at_start=2, planned=2)


def test_an_edition_without_targets_has_no_sum(store: Store) -> None:
    edition_id = publish_edition(store).id
    with store.read() as unit:
        assert unit.posts.tally(edition_id) is None
        assert unit.posts.of_edition(edition_id) == ()


def test_a_target_that_asked_for_nothing_in_it_is_counted_and_left_out(store: Store) -> None:
    edition_id = publish_edition(store).id
    with store.begin() as unit:
        unit.posts.plan(edition_id, [PlannedPost("slack", "nothing they asked for")], NOW)
    assert tally(store, edition_id) == Tally(planned_at_start=1, excluded=1)
    assert lease(store) == ()


def test_a_post_is_leased_to_one_sender_and_ends_in_one_state(store: Store) -> None:
    edition_id = planned(store)
    first, second = lease(store)
    assert (first.target, first.attempt) == ("slack", 1)
    assert lease(store) == ()
    assert begun(store, first)
    assert not begun(store, first)
    assert record(store, first, S.ACCEPTED)
    assert not record(store, first, S.REJECTED)
    with store.begin() as unit:
        unit.posts.release(second)
    assert tally(store, edition_id) == Tally(planned_at_start=2, accepted=1, planned=1)
    (again,) = lease(store)
    assert (again.target, again.attempt) == ("lab", 1)


def test_readers_are_counted_without_posts(store: Store) -> None:
    edition_id = add_audience(store, 3)
    with store.begin() as unit:
        unit.posts.plan(edition_id, [PlannedPost(name) for name in NAMES], NOW)
    assert balanced_tally(store, edition_id) == Tally(planned_at_start=3, planned=3)
    with store.read() as unit:
        assert unit.outbox.count_rows(edition_id) == 3


def test_what_a_dead_sender_had_not_begun_is_planned_again(store: Store) -> None:
    edition_id = planned(store)
    lease(store)
    assert recover(store, 4) == (0, 0)
    assert recover(store, 6) == (2, 0)
    assert tally(store, edition_id).planned == 2


def test_what_a_dead_sender_had_begun_is_in_doubt_and_repeated_only_where_that_is_harmless(
    store: Store,
) -> None:
    edition_id = planned(store)
    for post in lease(store):
        assert begun(store, post)
    assert recover(store, 6, "lab") == (0, 2)
    assert tally(store, edition_id) == Tally(planned_at_start=2, unknown=1, deferred=1)
    (again,) = lease(store, 7)
    assert (again.target, again.attempt) == ("lab", 2)
    assert again.in_doubt_since == NOW + TTL
    assert begun(store, again)
    assert recover(store, 14 * 60, "lab") == (0, 1)
    assert tally(store, edition_id).unknown == 2


def test_a_sender_taken_for_dead_may_still_tell_what_became_of_a_post(store: Store) -> None:
    edition_id = planned(store, "slack")
    (post,) = lease(store)
    assert begun(store, post)
    recover(store, 6)
    assert record(store, post, S.ACCEPTED, 7)
    assert tally(store, edition_id).accepted == 1


def test_an_unknown_post_is_sent_once_more_by_policy_and_not_a_third_time(store: Store) -> None:
    edition_id = planned(store, "slack")
    for _ in range(2):
        (post,) = lease(store)
        assert begun(store, post)
        record(store, post, S.UNKNOWN)
        with store.begin() as unit:
            unit.posts.resend(NOW)
    assert tally(store, edition_id).unknown == 1


def test_nothing_of_a_held_or_stopped_edition_is_posted(store: Store) -> None:
    edition_id = planned(store)
    (post, _) = lease(store)
    with store.begin() as unit:
        unit.holds.hold(edition_id, PreviewHold(("a@example.org",), timedelta(hours=1)), NOW)
    assert not begun(store, post)
    recover(store, 6)
    assert lease(store, 6) == ()
    with store.begin() as unit:
        assert not unit.posts.work_waits(NOW + timedelta(minutes=7), NAMES, resend=False)
        unit.holds.release([edition_id], NOW)
    assert len(lease(store, 6)) == 2


def test_an_edition_that_was_posted_cannot_be_discarded(store: Store) -> None:
    edition_id = planned(store)
    with store.begin() as unit:
        assert not unit.discarding.may_have_left([edition_id])
    (post, _) = lease(store)
    begun(store, post)
    record(store, post, S.ACCEPTED)
    with store.begin() as unit:
        assert unit.discarding.may_have_left([edition_id])


def test_a_discarded_edition_takes_its_posts_along(store: Store) -> None:
    edition_id = planned(store)
    with store.begin() as unit:
        unit.discarding.discard(edition_id)
        assert unit.posts.of_edition(edition_id) == ()
        assert unit.posts.tally(edition_id) is None


def test_what_waits_of_a_stale_edition_is_left_out_and_what_was_in_doubt_stays_so(
    store: Store,
) -> None:
    edition_id = planned(store)
    for post in lease(store):
        begun(store, post)
    recover(store, 6, *NAMES)
    (one, other) = lease(store, 6)
    with store.begin() as unit:
        unit.posts.release(one)
        unit.posts.release(other)
        unit.posts.expire(NOW + timedelta(days=30))
    assert tally(store, edition_id).unknown == 2
    edition_id = publish_edition(store, day=NOW.date() + timedelta(days=1)).id
    with store.begin() as unit:
        unit.posts.plan(edition_id, [PlannedPost("slack")], NOW)
        assert unit.posts.expire(NOW + timedelta(days=30)) == 1
    assert tally(store, edition_id).excluded == 1


def test_after_a_restored_copy_nothing_of_the_past_is_posted(store: Store) -> None:
    edition_id = planned(store)
    (post, _) = lease(store)
    begun(store, post)
    with store.begin() as unit:
        unit.posts.skip("restored", NOW)
        unit.posts.resend(NOW)
    assert tally(store, edition_id) == Tally(planned_at_start=2, unknown=1, excluded=1)


def test_a_person_may_have_a_refused_post_sent_again(store: Store) -> None:
    edition_id = planned(store)
    for post in lease(store):
        begun(store, post)
        record(store, post, S.REJECTED if post.target == "slack" else S.ACCEPTED)
    with store.begin() as unit:
        assert unit.posts.plan_again([edition_id], "slack", NOW) == 1
        assert unit.posts.plan_again([edition_id], "lab", NOW) == 0
    (again,) = lease(store)
    assert (again.target, again.attempt) == ("slack", 2)


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_two_senders_never_hold_the_same_post(store: Store) -> None:
    planned(store)
    with store.begin() as unit:
        first = unit.posts.lease(NOW, ("slack",), ttl=TTL)
    with store.begin() as unit:
        second = unit.posts.lease(NOW, NAMES, ttl=TTL)
    assert [post.target for post in (*first, *second)] == ["slack", "lab"]
