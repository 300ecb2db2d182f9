"""A dump is told apart: new, revised or seen, each paper once, whatever the order."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from editorial.memories import Memory, Notebook, Shelf
from editorial.test_identity import BEES, TIDES, TITLE
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial import diff, identity_keys
from digest.editorial.paper_limits import Budget
from digest.editorial.revision import Wording, compare_wording
from digest.model import Change, Novelty, Record
from digest.store import open_store

NEW, REVISED, SEEN = Novelty.NEW, Novelty.REVISED, Novelty.SEEN

FULL = Record(TITLE, TIDES)
CUT = Record(TITLE, TIDES[:300] + "…")
BARE = Record(TITLE)
SUMMARY = Record(TITLE, "TideWeaver forecasts harbour floods two days ahead from buoy records.")
CHANGED = Record(
    TITLE,
    TIDES.replace("eleven harbours", "fourteen harbours").replace("41 of 44", "52 of 56")
    + " A longer trial follows next winter.",
)
RESPELT = Record(TITLE.upper(), TIDES.replace("TideWeaver", "$\\texttt{TideWeaver}$"))
RENAMED = Record("Warning Harbours Two Days Ahead", TIDES)
OTHER = Record("What Hives Tell", BEES)
LOOMS = (
    "Museum looms are too fragile to run, so nobody knows how fast they wove. We rebuild three of "
    "them in simulation from photographs and from the wear of their wood. Friction is fitted to "
    "letters in which mills complained of broken thread. The fastest loom made nine picks a minute "
    "more than its maker claimed. Curators can try other yarns in a browser, and we describe what "
    "remains uncertain: humidity, the temper of weavers, and the price of spare shuttles."
)


def after(*dumps: Sequence[Record]) -> tuple[Change, ...]:
    """The changes of the last of ``dumps``, ingested in order into an empty memory."""
    memory = Notebook()
    for dump in dumps[:-1]:
        memory.ingest(dump)
    return memory.ingest(dumps[-1])[0]


def novelties(changes: Sequence[Change]) -> list[Novelty]:
    return [change.novelty for change in changes]


def test_everything_is_new_to_an_empty_memory() -> None:
    changes = after([FULL, OTHER])
    assert novelties(changes) == [NEW, NEW]
    assert [change.paper_id for change in changes] == [None, None]
    assert changes[0].reason == "nothing like it is known"


def test_the_same_dump_again_is_all_seen() -> None:
    changes = after([FULL, OTHER], [FULL, OTHER])
    assert novelties(changes) == [SEEN, SEEN]
    assert [change.paper_id for change in changes] == [1, 2]
    assert changes[0].reason == "same title, same text; text unchanged"
    assert changes[0].matched == TITLE


@pytest.mark.parametrize(
    "spelt",
    [
        replace(FULL, title=TITLE.upper()),
        replace(FULL, abstract=TIDES.replace(", ", " , ").replace("-", " – ")),
        replace(FULL, abstract=TIDES.replace("TideWeaver", r"\textbf{TideWeaver}")),
        replace(FULL, abstract=TIDES.replace("buoy", "buoi", 1)),
        replace(FULL, abstract=TIDES + " https://example.org/tides"),
        replace(FULL, title=TITLE.replace("Warnings", "Warning")),
    ],
)
def test_other_spelling_and_a_mended_typo_are_no_news(spelt: Record) -> None:
    assert novelties(after([FULL], [spelt])) == [SEEN]
    assert novelties(after([spelt], [FULL])) == [SEEN]


@pytest.mark.parametrize(
    "changed",
    [
        CHANGED,
        RENAMED,
        replace(FULL, abstract=TIDES.replace("41 of 44", "40 of 44")),
        replace(FULL, abstract=TIDES + " A longer trial with all harbours follows next winter."),
    ],
)
def test_other_words_are_a_revision(changed: Record) -> None:
    for first, second in itertools.permutations([FULL, changed]):
        (change,) = after([first], [second])
        assert change.novelty is REVISED
        assert change.paper_id == 1
        assert not change.fuller


@pytest.mark.parametrize("shorter", [CUT, BARE, SUMMARY])
def test_a_shorter_form_of_a_known_text_is_seen_and_the_full_one_kept(shorter: Record) -> None:
    (change,) = after([FULL], [shorter])
    assert change.novelty is SEEN
    assert not change.fuller


@pytest.mark.parametrize("shorter", [CUT, BARE, SUMMARY])
def test_the_full_text_of_a_paper_known_by_a_shorter_form_is_seen_but_kept(
    shorter: Record,
) -> None:
    (change,) = after([shorter], [FULL])
    assert change.novelty is SEEN
    assert change.fuller
    assert novelties(after([shorter], [FULL], [CUT, BARE, SUMMARY])) == [SEEN] * 3


def test_two_sources_with_two_versions_revise_a_paper_once() -> None:
    memory = Notebook()
    memory.ingest([FULL])
    days = [memory.ingest([record])[0][0].novelty for record in (CHANGED, FULL, CHANGED, FULL)]
    assert days == [REVISED, SEEN, SEEN, SEEN]


def test_a_paper_listed_twice_in_a_dump_counts_once() -> None:
    changes = after([FULL, OTHER, replace(CUT, position=3)])
    assert novelties(changes) == [NEW, NEW, SEEN]
    assert changes[2].same_as == 0
    assert changes[2].paper_id is None
    assert changes[2].reason.startswith("repeated in this dump: same title")


def test_a_known_paper_listed_twice_is_revised_once() -> None:
    changes = after([FULL], [CHANGED, replace(CHANGED, position=2)])
    assert novelties(changes) == [REVISED, SEEN]
    assert [change.paper_id for change in changes] == [1, 1]


def test_a_second_listing_with_more_of_the_text_is_kept() -> None:
    changes = after([BARE, CUT, FULL])
    assert novelties(changes) == [NEW, SEEN, SEEN]
    assert [change.fuller for change in changes] == [False, True, True]
    assert [change.same_as for change in changes] == [None, 0, 0]


def test_a_listing_that_only_meets_what_this_dump_added_to_a_known_paper_is_found() -> None:
    changes = after([BARE], [FULL, RENAMED])
    assert [change.paper_id for change in changes] == [1, 1]


def test_a_resemblance_yields_to_the_paper_itself_on_the_same_page() -> None:
    sequel = Record(
        "How to Foresee a Flood",
        "Harbour floods are hard to foresee. We present TideWeaver, a forecaster that predicts the "
        "water level from pressure maps and from buoy records. A small recurrent core and a "
        "calibration step give the chance of a flood for the next two days. TideWeaver halves the "
        "error of harmonic analysis; on fourteen further harbours it misses few floods. We discuss "
        "what a false alarm costs a small town.",
    )
    assert novelties(after([FULL], [sequel])) == [REVISED]
    assert novelties(after([FULL], [sequel, FULL])) == [NEW, SEEN]
    assert novelties(after([FULL, sequel])) == [NEW, NEW]
    longer = replace(sequel, title="Foreseeing", abstract=sequel.abstract + " We add a map.")
    assert sorted(novelties(after([FULL], [sequel, longer]))) == [REVISED, SEEN]


def test_a_paper_like_a_known_one_says_that_it_was_compared() -> None:
    (change,) = after([FULL], [Record(TITLE, BEES)])
    assert change.novelty is NEW
    assert change.reason == "differs from the one like it"
    (change,) = after([FULL, Record(TITLE, BEES)], [replace(FULL, title="TideWeaver: Sequel")][:1])
    assert change.novelty is REVISED


def test_the_order_of_dumps_changes_neither_the_papers_nor_their_text() -> None:
    elsewhere = Record(TITLE, LOOMS)
    dumps = [[CUT, OTHER], [SUMMARY], [FULL, elsewhere], [RESPELT, OTHER]]
    outcomes = set()
    for order in itertools.permutations(dumps):
        memory = Notebook()
        for dump in order:
            memory.ingest(dump)
        outcomes.add(frozenset((paper.title, paper.abstract) for paper in memory.papers.values()))
    assert outcomes == {
        frozenset((record.title, record.abstract) for record in (full, elsewhere, OTHER))
        for full in (FULL, RESPELT)
    }


def memories() -> list[Memory]:
    store = open_store("sqlite://")
    store.migrate()
    return [Notebook(), Shelf(store)]


@pytest.mark.parametrize("memory", memories(), ids=["notebook", "store"])
def test_a_week_of_dumps_is_judged_alike_by_every_memory(memory: Memory) -> None:
    days = [[SUMMARY, OTHER], [FULL], [CHANGED, BARE], [OTHER, FULL, RENAMED]]
    judged = [novelties(memory.ingest(day)[0]) for day in days]
    assert judged == [[NEW, NEW], [SEEN], [REVISED, SEEN], [SEEN, SEEN, REVISED]]


@pytest.mark.parametrize(
    ("text", "remembered", "how"),
    [
        (TIDES, TIDES, Wording.SAME),
        ("", "", Wording.SAME),
        (TIDES[:-30], TIDES, Wording.SHORTER),
        (TIDES, TIDES[:200], Wording.FULLER),
        (BEES, TIDES, Wording.CHANGED),
        (TIDES, BEES, Wording.CHANGED),
        (TIDES.replace("half a day", "a day"), TIDES, Wording.SAME),
        (TIDES.replace("a day", "3 days"), TIDES, Wording.CHANGED),
    ],
)
def test_a_text_beside_the_remembered_one(text: str, remembered: str, how: Wording) -> None:
    assert compare_wording((TITLE, text), (TITLE, remembered)) is how


RECORDS = st.builds(
    Record,
    title=st.sampled_from([TITLE, "A", "", "\\", "???"]) | st.text(max_size=30),
    abstract=st.sampled_from([TIDES, BEES, "", TIDES[:99]]) | st.text(max_size=90),
    external_id=st.none()
    | st.sampled_from(["2606.01234v1", "2606.01234", "2606.09999", "x:1", ""]),
)


@given(dumps=st.lists(st.lists(RECORDS, max_size=6), max_size=4))
@settings(max_examples=120, deadline=None)
def test_any_dumps_are_judged_and_nothing_is_new_twice(dumps: list[list[Record]]) -> None:
    memory = Notebook()
    for dump in dumps:
        changes, _ = memory.ingest(dump)
        again = memory.ingest(dump)[0]
        assert len(changes) == len(dump)
        assert all(change.novelty is not NEW for change in again)
        for index, change in enumerate(changes):
            assert (change.paper_id is None) == (
                change.novelty is NEW or change.same_as is not None
            )
            assert change.same_as is None or change.same_as < index


def test_a_dump_of_thousands_of_like_listings_does_not_cost_its_square() -> None:
    listings = [Record(f"Tides of the coast in year {1000 + year}") for year in range(3_000)]
    started = time.perf_counter()
    changes = after(listings)
    assert {change.novelty for change in changes} == {NEW}
    assert time.perf_counter() - started < 20


def test_a_dump_against_too_few_candidates_is_still_judged() -> None:
    keys = [identity_keys.identity_keys(FULL), identity_keys.identity_keys(OTHER)]
    assert novelties(diff.decide_changes([FULL, OTHER], keys, [(), ()])) == [NEW, NEW]


def test_a_paper_is_known_by_few_ids_however_many_sites_a_page_lists_it_under() -> None:
    records = [replace(FULL, external_id=f"site{number}:1") for number in range(40)]
    keys = [identity_keys.identity_keys(record) for record in records]
    changes = diff.decide_changes(records, keys, [()] * len(records))
    ids = {key for change in changes for key in change.keys.lookup if key.startswith("1i")}
    assert len(ids) == identity_keys.MOST_IDS
    assert novelties(changes) == [NEW] + [SEEN] * 39


def test_another_paper_under_an_id_that_is_known_is_new_and_says_so() -> None:
    records = [replace(FULL, external_id="2506.00001"), replace(OTHER, external_id="2506.00001")]
    keys = [identity_keys.identity_keys(record) for record in records]
    first, second = diff.decide_changes(records, keys, [(), ()])
    assert (first.novelty, first.disputed_id) == (NEW, None)
    assert (second.novelty, second.disputed_id) == (NEW, "2506.00001")


def test_when_time_is_up_a_known_text_is_still_recognised_and_others_count_as_new() -> None:
    none_left = Budget(lambda: 1.0, seconds=0.5)
    records = [FULL, FULL, replace(FULL, title=f"{FULL.title}, Reworded")]
    keys = [identity_keys.identity_keys(record) for record in records]
    changes = diff.decide_changes(records, keys, [()] * 3, none_left)
    assert novelties(changes) == [NEW, SEEN, NEW]
    assert [change.exactly for change in changes] == [True, False, True]
