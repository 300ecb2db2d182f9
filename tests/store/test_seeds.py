"""Seeds are kept once each, for a subscriber or for a list, and gain their paper's words."""

from __future__ import annotations

from factories import DAY, change
from store.steps import add_subscriber, remember_dump

from digest.model import NewSeed
from digest.store import Store


def seed(name: str = "rivers", **other: object) -> NewSeed:
    return NewSeed(f"title:{name}", name.title(), **other)  # type: ignore[arg-type]


def test_a_seed_of_one_identity_is_kept_once_for_each_whose_it_is(store: Store) -> None:
    with store.begin() as unit:
        ada = add_subscriber(unit, "ada@example.org")
        ben = add_subscriber(unit, "ben@example.org")
        assert unit.seeds.add([seed(), seed("lakes"), seed()], DAY, subscriber_id=ada.id) == 2
        assert unit.seeds.add([seed()], DAY, subscriber_id=ada.id) == 0
        assert unit.seeds.add([seed()], DAY, subscriber_id=ben.id) == 1
        assert unit.seeds.add([seed()], DAY, subscriber_id=None, seed_list="lab") == 1
    with store.read() as unit:
        assert [kept.seed.title for kept in unit.seeds.of(subscriber_id=ada.id)] == [
            "Rivers",
            "Lakes",
        ]
        assert unit.seeds.lists() == {"lab": 1}
        assert [own.seed_list for own in unit.seeds.of_lists()] == ["lab"]
        assert {
            who: len(own) for who, own in unit.seeds.of_subscribers([ada.id, ben.id]).items()
        } == {
            ada.id: 2,
            ben.id: 1,
        }


def test_nobody_takes_away_the_seed_of_another(store: Store) -> None:
    with store.begin() as unit:
        ada = add_subscriber(unit, "ada@example.org")
        ben = add_subscriber(unit, "ben@example.org")
        unit.seeds.add([seed()], DAY, subscriber_id=ada.id)
        (kept,) = unit.seeds.of(subscriber_id=ada.id)
        assert unit.seeds.remove([kept.id], subscriber_id=ben.id) == ()
        assert unit.seeds.remove([kept.id], subscriber_id=None) == ()
        assert unit.seeds.remove([kept.id], subscriber_id=ada.id) == (kept,)
        assert unit.seeds.count(subscriber_id=ada.id) == 0


def test_a_seed_whose_paper_is_known_has_the_papers_words(store: Store) -> None:
    with store.begin() as unit:
        (paper_id,) = remember_dump(unit, change("Gaussian Rivers"))
        unit.seeds.add([seed(external_id="2606.01234")], DAY, subscriber_id=None, seed_list="lab")
        (unknown,) = unit.seeds.unknown()
        assert unknown.external_id == "2606.01234"
        unit.seeds.resolve({unknown.id: paper_id})
        assert unit.seeds.unknown() == ()
        (known,) = unit.seeds.of_lists()
    assert (known.paper_id, known.title) == (paper_id, "Gaussian Rivers")
    assert known.abstract == "We present Gaussian Rivers, which works."


def test_the_seeds_of_an_erased_subscriber_are_gone_and_those_of_a_list_stay(store: Store) -> None:
    with store.begin() as unit:
        ada = add_subscriber(unit, "ada@example.org")
        unit.seeds.add([seed()], DAY, subscriber_id=ada.id)
        unit.seeds.add([seed()], DAY, subscriber_id=None, seed_list="lab")
        unit.subscribers.erase(ada.id)
        assert unit.seeds.of(subscriber_id=ada.id) == ()
        assert len(unit.seeds.unknown()) == 1
        assert unit.seeds.clear(subscriber_id=None, seed_list="lab") == 1
