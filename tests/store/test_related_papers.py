"""Related papers are kept both ways, and named only once they are public."""

from __future__ import annotations

from datetime import timedelta

from factories import DAY, NOW, change
from store.steps import publish_edition, remember_dump

from digest.model import PreviewHold
from digest.store import Store


def test_each_of_a_pair_is_related_to_the_other_and_the_nearest_comes_first(store: Store) -> None:
    with store.begin() as unit:
        first, second, third = remember_dump(unit, change("A"), change("B"), change("C"))
    publish_edition(store, (first, second, third))
    with store.begin() as unit:
        assert not unit.related_papers.any_among([first, second])
        unit.related_papers.add([(first, second, 0.2), (first, third, 0.7)])
        unit.related_papers.add([(second, first, 0.9), (second, third, 0.1)])
    with store.read() as unit:
        assert [paper.id for paper in unit.related_papers.of(first, 5)] == [third, second]
        assert [paper.id for paper in unit.related_papers.of(first, 1)] == [third]
        assert [paper.id for paper in unit.related_papers.of(second, 5)] == [first, third]
        assert unit.related_papers.any_among([999, third])
        assert not unit.related_papers.any_among([])


def test_a_paper_of_a_held_edition_or_of_none_is_not_named_yet(store: Store) -> None:
    with store.begin() as unit:
        known, held, unread = remember_dump(unit, change("A"), change("B"), change("C"))
    publish_edition(store, (known,))
    later = publish_edition(store, (held,), day=DAY + timedelta(days=1))
    with store.begin() as unit:
        unit.holds.hold(later.id, PreviewHold(("a@example.org",), timedelta(hours=1)), NOW)
        unit.related_papers.add([(known, held, 0.5), (known, unread, 0.4)])
        assert unit.related_papers.of(known, 5) == ()
        assert [text[0] for text in unit.published_papers.latest_texts(9)] == [known]
