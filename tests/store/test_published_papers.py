"""What anybody may see: papers that were new in a daily edition that may leave."""

from __future__ import annotations

from datetime import timedelta

from factories import DAY, NOW, change
from store.steps import publish_edition, remember_dump

from digest.model import EditionKind, PreviewHold
from digest.store import Store


def test_papers_of_the_newest_edition_come_first_and_the_best_of_each(store: Store) -> None:
    with store.begin() as unit:
        ids = remember_dump(unit, *map(change, "ABCD"))
    earlier = publish_edition(store, ids[:2])
    publish_edition(store, ids[2:], day=DAY + timedelta(days=1))
    publish_edition(store, ids[:2], day=DAY + timedelta(days=2), kind=EditionKind.WEEKLY)
    with store.read() as unit:
        newest = unit.published_papers.newest(9)
        assert [one.day for one in newest] == [DAY + timedelta(days=1)] * 2 + [DAY] * 2
        assert [one.place for one in newest] == [1, 2, 1, 2]
        assert newest[0].topics == ("vision", "graphics")
        assert newest[0].published_at == NOW
        of_one = unit.published_papers.newest(9, edition_id=earlier.id)
        assert {one.paper.id for one in of_one} == set(ids[:2])
        assert unit.published_papers.newest(9, topic="audio") == ()
        assert len(unit.published_papers.newest(3, topic="graphics")) == 3
        assert unit.published_papers.count(earlier.id) == 2
        assert unit.published_papers.topic_counts(DAY, DAY + timedelta(days=1)) == {
            DAY: {"vision": 2}
        }
        page = unit.published_papers.by_topic("graphics", limit=2, before=ids[3])
        assert [paper.id for paper in page] == [ids[2], ids[1]]


def test_what_is_pending_held_or_withdrawn_is_not_public(store: Store) -> None:
    with store.begin() as unit:
        kept, withdrawn, held, _ = remember_dump(unit, *map(change, "ABCD"))
    first = publish_edition(store, (kept, withdrawn))
    later = publish_edition(store, (held,), day=DAY + timedelta(days=1))
    with store.begin() as unit:
        unit.holds.hold(later.id, PreviewHold(("a@example.org",), timedelta(hours=1)), NOW)
        rest = first.edition.without(withdrawn)
        unit.editions.replace_content(first.id, rest, first.rendering, NOW)
    with store.read() as unit:
        assert [one.paper.id for one in unit.published_papers.newest(9)] == [kept]
        assert [paper.id for paper in unit.published_papers.by_topic("vision", limit=9)] == [kept]
        assert unit.published_papers.count(first.id) == 1
        assert list(unit.published_papers.topic_counts(DAY, DAY + timedelta(days=9))) == [DAY]
