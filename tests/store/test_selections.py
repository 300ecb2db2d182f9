"""What a mail shows by taste is kept whole until its edition may no longer be sent."""

from __future__ import annotations

from datetime import timedelta

from factories import NOW
from store.steps import add_subscriber, publish_edition

from digest.model import SectionChoice, Selection
from digest.store import Store
from digest.store.selections import pack_selection

OWN = Selection(
    (3, 1), (SectionChoice("vision", (2,), 4),), (5,), 1, 9, {3: "like “Rivers”"}, personal=True
)


def test_a_selection_comes_back_as_it_was_and_is_shared(store: Store) -> None:
    edition = publish_edition(store)
    with store.begin() as unit:
        readers = [add_subscriber(unit, f"reader{n}@example.org") for n in range(3)]
        number = unit.selections.keep(edition.id, pack_selection(OWN))
        unit.selections.assign(edition.id, [(reader.id, number) for reader in readers[:2]])
    with store.read() as unit:
        assert unit.selections.get(number) == OWN
        assert unit.selections.assigned(edition.id) == dict.fromkeys(
            (readers[0].id, readers[1].id), number
        )
        assert unit.selections.of_subscriber(edition.id, readers[1].id) == OWN
        assert unit.selections.of_subscriber(edition.id, readers[2].id) is None


def test_selections_go_with_their_readers_and_when_their_edition_is_stale(store: Store) -> None:
    edition = publish_edition(store, lasts=timedelta(hours=1))
    with store.begin() as unit:
        reader = add_subscriber(unit, "ada@example.org")
        number = unit.selections.keep(edition.id, pack_selection(OWN))
        unit.selections.assign(edition.id, [(reader.id, number)])
        assert unit.selections.forget_unused() == 0
        unit.subscribers.erase(reader.id)
        assert unit.selections.forget_unused() == 1
        unit.selections.keep(edition.id, pack_selection(OWN))
        assert unit.selections.forget_expired(NOW) == 0
        assert unit.selections.forget_expired(NOW + timedelta(hours=1)) == 1
        assert unit.selections.get(number) is None
