"""A mail by taste shows the reader's order, says why, and leaves out nothing that was wanted."""

from __future__ import annotations

from dataclasses import replace

from factories import DAY, candidate

from digest.editorial.arrangement import EditionFrame, EditionLimits
from digest.editorial.edition import compose_edition
from digest.editorial.personal_selection import select_by_taste
from digest.model import Edition, Novelty, PersonalPlace, Preferences, Selection

from factories import TOPICS  # isort: skip

CAPS = EditionLimits(papers=6, picks=3, updated=1)
EVERYTHING = Preferences()


def edition(count: int = 10, revised: int = 0) -> Edition:
    """Papers 1 to ``count``, of two topics in turn, and some that were revised."""
    new = [candidate(n, ("vision", "audio")[n % 2], score=100 - n) for n in range(1, count + 1)]
    old = [candidate(100 + n, novelty=Novelty.REVISED) for n in range(revised)]
    return compose_edition([*new, *old], EditionFrame(TOPICS, DAY, caps=CAPS))


def order_of(*ids: int, **explored: int) -> list[PersonalPlace]:
    return [
        PersonalPlace(n, f"reason {n}" if n % 3 else "", explored=n == explored.get("explored"))
        for n in ids
    ]


def chosen(of: Edition, order: list[PersonalPlace], wish: Preferences = EVERYTHING) -> Selection:
    selection = select_by_taste(of, wish, order, caps=CAPS)
    assert selection is not None
    return selection


def test_the_first_of_the_order_are_the_picks_and_each_says_why() -> None:
    selection = chosen(edition(), order_of(10, 9, 8, 7, 6, 5, 4, 3, 2, 1))
    assert selection.picks == (10, 9, 8)
    assert selection.why[10] == "reason 10"
    assert 9 not in selection.why
    assert not selection.personal


def test_sections_follow_their_best_paper_and_every_paper_is_named() -> None:
    selection = chosen(edition(), order_of(10, 9, 8, 7, 6, 5, 4, 3, 2, 1))
    assert [(s.topic, s.papers, s.titles) for s in selection.sections] == [
        ("audio", (7, 5), (3, 1)),
        ("vision", (6,), (4, 2)),
    ]
    assert selection.total == 10


def test_the_first_paper_that_explores_is_a_pick() -> None:
    selection = chosen(edition(), order_of(10, 9, 8, 7, 1, 6, 5, 4, 3, 2, explored=1))
    assert selection.picks == (10, 9, 8, 1)


def test_preferences_leave_out_and_the_order_decides_the_rest() -> None:
    wish = Preferences(topics=("audio",), max_papers=2)
    selection = chosen(edition(), order_of(10, 9, 8, 7, 6, 5, 4, 3, 2, 1), wish)
    assert set(selection.picks) <= {9, 7}
    assert selection.why[7] == "reason 7"
    assert selection.why[9] == "you follow Audio"
    assert selection.personal
    assert selection.limited
    shown = {*selection.picks, *(id for s in selection.sections for id in (*s.papers, *s.titles))}
    assert shown == {9, 7, 5, 3, 1}


def test_updated_papers_come_in_the_readers_order() -> None:
    of = edition(4, revised=3)
    selection = chosen(of, order_of(102, 4, 3, 2, 1, 100, 101))
    assert selection.updated == (102,)
    assert selection.updated_titles == (100, 101)


def test_who_wants_nothing_of_it_gets_nothing() -> None:
    wish = replace(EVERYTHING, topics=("3d",))
    assert select_by_taste(edition(), wish, order_of(1, 2), caps=CAPS) is None
