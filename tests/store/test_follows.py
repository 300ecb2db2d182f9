"""A followed name is kept once, however it is written."""

from __future__ import annotations

from factories import NOW
from store.steps import add_subscriber

from digest.model import Follow, FollowKind
from digest.store import Store


def test_a_name_is_followed_once_and_until_it_is_taken_away(store: Store) -> None:
    hopper = Follow(FollowKind.AUTHOR, "Grace M. Hopper")
    again = Follow(FollowKind.AUTHOR, "grace m  hopper")
    place = Follow(FollowKind.INSTITUTION, "Grace M. Hopper")
    with store.begin() as unit:
        ada = add_subscriber(unit, "ada@example.org")
        assert unit.follows.add(ada.id, hopper, NOW)
        assert not unit.follows.add(ada.id, again, NOW)
        assert unit.follows.add(ada.id, place, NOW)
        assert unit.follows.count(ada.id) == 2
        assert set(unit.follows.of_subscribers([ada.id])[ada.id]) == {hopper, place}
        assert unit.follows.remove(ada.id, again)
        assert not unit.follows.remove(ada.id, hopper)
        unit.subscribers.erase(ada.id)
        assert unit.follows.count(ada.id) == 0
