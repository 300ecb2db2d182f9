"""A taste is named, shown, undone and erased by the same rules at every door."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from installation import ABOUTS, Installation, abstract

from digest.errors import InputError
from digest.model import Follow, FollowKind, VoteDirection
from digest.subscriptions import ActionResult, taste
from digest.subscriptions.taste import SeedOwner

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)
LAB = SeedOwner(seed_list="lab")
AUTHOR = FollowKind.AUTHOR


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Papers A to C are known, and there is one reader."""
    made = Installation(tmp_path, NOW)
    made.dump("ABC")
    made.run_day()
    made.subscribe("ada@example.org")
    return made


def reader(installation: Installation) -> SeedOwner:
    with installation.store.read() as unit:
        subscriber = unit.subscribers.by_email("ada@example.org")
    assert subscriber is not None
    return SeedOwner(subscriber.id)


def test_a_title_that_is_known_takes_the_papers_own_words(installation: Installation) -> None:
    report = taste.add_seeds(
        installation.store, ABOUTS["A"][0].upper(), reader(installation), today=TODAY
    )
    assert report.words == "1 added"
    view = taste.find_taste(installation.store, reader(installation).subscriber_id or 0)
    assert view is not None
    (kept,) = view.seeds
    assert kept.seed.paper_id is not None
    assert kept.seed.abstract == abstract("A")


def test_a_paper_that_comes_later_is_known_from_then_on(installation: Installation) -> None:
    titles = f"{ABOUTS['E'][0]}\n2606.01234\n"
    report = taste.add_seeds(installation.store, titles, LAB, today=TODAY)
    assert report.words == "2 added, 2 not known here yet"
    assert taste.resolve_seeds(installation.store) == 0
    installation.clock.now += timedelta(days=1)
    installation.dump("ABCE")
    installation.ingest()
    assert taste.resolve_seeds(installation.store) == 1
    with installation.store.read() as unit:
        known = [seed.abstract for seed in unit.seeds.of_lists()]
    assert known == [abstract("E"), ""]


def test_naming_a_paper_twice_adds_it_once(installation: Installation) -> None:
    owner = reader(installation)
    text = f"{ABOUTS['A'][0]}\n{ABOUTS['B'][0]}\n{ABOUTS['A'][0]}"
    assert taste.add_seeds(installation.store, text, owner, today=TODAY).added == 2
    again = taste.add_seeds(installation.store, text, owner, today=TODAY)
    assert (again.added, again.present) == (0, 3)


def test_lines_that_cannot_be_used_are_told_one_by_one(installation: Installation) -> None:
    report = taste.add_seeds(
        installation.store, f"BERT\n{ABOUTS['A'][0]}\n", reader(installation), today=TODAY
    )
    assert report.added == 1
    (line,) = report.refused
    assert line.startswith("line 1 (BERT): neither an id")


def test_there_is_room_for_so_many_seeds(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taste, "MAX_SEEDS", 2)
    text = "\n".join(f"2606.0123{n}" for n in range(4))
    report = taste.add_seeds(installation.store, text, reader(installation), today=TODAY)
    assert report.added == 2
    assert report.refused == ("no room for 2 more: 2 seeds at most",)


def test_what_was_taken_away_can_be_named_again(installation: Installation) -> None:
    owner = reader(installation)
    taste.add_seeds(installation.store, f"{ABOUTS['A'][0]}\n2606.01234", owner, today=TODAY)
    view = taste.find_taste(installation.store, owner.subscriber_id or 0)
    assert view is not None
    ids = [kept.id for kept in view.seeds]
    assert taste.remove_seeds(installation.store, ids, LAB) == ()
    gone = taste.remove_seeds(installation.store, ids, owner)
    assert len(gone) == 2
    text = taste.seeds_as_text(gone)
    assert taste.add_seeds(installation.store, text, owner, today=TODAY).added == 2


def test_the_last_word_on_a_paper_counts_and_can_be_taken_back(installation: Installation) -> None:
    number = reader(installation).subscriber_id or 0
    store = installation.store
    for direction, done in (
        (VoteDirection.LESS, ActionResult.DONE),
        (VoteDirection.MORE, ActionResult.DONE),
        (VoteDirection.MORE, ActionResult.ALREADY),
    ):
        assert taste.cast_vote(store, number, 1, direction, now=NOW) is done
    view = taste.find_taste(store, number)
    assert view is not None
    assert [(vote.paper_id, vote.direction) for vote in view.votes] == [(1, VoteDirection.MORE)]
    assert taste.cast_vote(store, number, 1, None, now=NOW) is ActionResult.DONE
    assert taste.cast_vote(store, number, 99, VoteDirection.MORE, now=NOW) is ActionResult.GONE
    assert taste.cast_vote(store, 99, 1, VoteDirection.MORE, now=NOW) is ActionResult.GONE


def test_a_followed_name_is_one_that_a_person_may_have(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = reader(installation).subscriber_id or 0
    store = installation.store
    monkeypatch.setattr(taste, "MAX_FOLLOWS", 1)
    for bad in ("", "…", "x" * 200):
        with pytest.raises(InputError, match="a name has letters"):
            taste.follow_name(store, number, Follow(AUTHOR, bad), now=NOW)
    followed = taste.follow_name(store, number, Follow(AUTHOR, "  Grace   Hopper"), now=NOW)
    assert followed is ActionResult.DONE
    with pytest.raises(InputError, match="1 names at most"):
        taste.follow_name(store, number, Follow(AUTHOR, "Ada Byron"), now=NOW)
    hopper = Follow(AUTHOR, "grace hopper")
    assert taste.unfollow_name(store, number, hopper) is ActionResult.DONE


def test_an_erased_taste_leaves_the_subscription_and_the_lists(installation: Installation) -> None:
    owner = reader(installation)
    number = owner.subscriber_id or 0
    store = installation.store
    taste.add_seeds(store, ABOUTS["A"][0], owner, today=TODAY)
    taste.add_seeds(store, ABOUTS["B"][0], LAB, today=TODAY)
    taste.cast_vote(store, number, 1, VoteDirection.MORE, now=NOW)
    taste.follow_name(store, number, Follow(AUTHOR, "Grace Hopper"), now=NOW)
    with store.read() as unit:
        own = taste.tastes_of(unit, [number], unit.seeds.of_lists())
    assert len(own[number].seeds) == 2
    assert taste.erase_taste(store, number) == 3
    view = taste.find_taste(store, number)
    assert view is not None
    assert (view.seeds, view.votes, view.follows, view.list_seeds) == ((), (), (), 1)
    with store.read() as unit:
        assert taste.tastes_of(unit, [number], unit.seeds.of_lists()) == {}
