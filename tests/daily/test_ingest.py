"""A dump is taken in once, whoever else writes, and nobody waits while it is compared."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from installation import PARIS, SHIPPED_TOPICS
from store.steps import add_subscriber

from digest import subscriptions
from digest.daily import ingest as ingesting
from digest.daily.ingest import IngestedDump, ingest_dump
from digest.daily.run_record import EditorialSettings
from digest.editorial import diff
from digest.model import AnnounceType, Dump, Novelty, Record
from digest.store import Store, open_store

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY = date(2026, 11, 20)
SETTINGS = EditorialSettings(SHIPPED_TOPICS, PARIS)
RIVERS = Record("Rivers", "We measure how rivers carry sand to the sea.", 1)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """One database, as two programs have it; the second does not wait for the first."""
    address = f"sqlite:///{tmp_path / 'papers.db'}"
    first, second = open_store(address), open_store(f"{address}?timeout=0.2")
    first.migrate()
    yield first, second
    first.close()
    second.close()


def take_in(store: Store, name: str, *records: Record) -> IngestedDump:
    return ingest_dump(store, SETTINGS, Dump(name, name, records, day=TODAY), NOW)


def meanwhile(monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], Any]) -> list[int]:
    """Let each step happen while a dump is compared, one in each comparison; their count."""
    decide, waiting, count = diff.decide_changes, list(steps), [0]

    def interrupted(*args: Any) -> Any:
        count[0] += 1
        changes = decide(*args)
        if waiting:
            waiting.pop(0)()
        return changes

    monkeypatch.setattr(diff, "decide_changes", interrupted)
    return count


def test_a_reader_leaves_while_a_dump_is_compared(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stores
    with first.begin() as unit:
        reader = add_subscriber(unit, "leaves@example.org")

    def leave() -> None:
        standing = subscriptions.unsubscribe(second, reader.id, reason="clicked", now=NOW)
        assert standing is subscriptions.ActionResult.DONE

    count = meanwhile(monkeypatch, leave)
    assert take_in(first, "a", RIVERS).changes[0].novelty is Novelty.NEW
    assert count == [1]


def test_what_another_program_takes_in_meanwhile_is_not_new_again(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stores
    count = meanwhile(monkeypatch, lambda: take_in(second, "b", RIVERS))
    assert take_in(first, "a", RIVERS).changes[0].novelty is Novelty.SEEN
    assert count[0] == 3
    with first.read() as unit:
        assert unit.papers.count() == 1


def test_the_same_dump_taken_in_meanwhile_is_repeated(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stores
    meanwhile(monkeypatch, lambda: take_in(second, "a", RIVERS))
    assert take_in(first, "a", RIVERS).repeated
    with first.read() as unit:
        assert unit.papers.count() == 1


def test_who_is_overtaken_again_and_again_lets_the_others_wait_once(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stores
    others = [
        lambda number=number: ingest_dump(
            second,
            SETTINGS,
            Dump(str(number), str(number), (Record(f"Hills {number}"),), day=TODAY),
            NOW,
        )
        for number in range(ingesting.COMPARISONS)
    ]
    # Each of those compares, too, and takes no step then.
    steps = [step for other in others for step in (other, lambda: None)]
    meanwhile(monkeypatch, *steps)
    assert take_in(first, "a", RIVERS).changes[0].novelty is Novelty.NEW
    with first.read() as unit:
        assert unit.papers.count() == 1 + ingesting.COMPARISONS


def test_dumps_that_overlap_make_each_paper_once_however_many_take_them_in(
    stores: tuple[Store, Store],
) -> None:
    first, _ = stores

    def run(start: int) -> None:
        take_in(first, str(start), *(Record(f"Paper {n}") for n in range(start, start + 20)))

    threads = [threading.Thread(target=run, args=(start,)) for start in (0, 5, 10, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with first.read() as unit:
        assert unit.papers.count() == 35
        assert unit.papers.pending_dumps()[0] == 80


def test_a_dump_that_takes_too_long_to_compare_is_taken_in_and_told_of(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = stores
    take_in(first, "a", RIVERS)
    monkeypatch.setattr(ingesting, "SECONDS_FOR_A_DUMP", -1.0)
    taken = take_in(first, "b", RIVERS, Record("Rivers, Reworded", RIVERS.abstract, 2))
    assert [change.novelty for change in taken.changes] == [Novelty.SEEN, Novelty.NEW]
    (told,) = taken.rejected
    assert "1 paper that may be known" in told.reason


def test_papers_of_one_title_and_shuffled_words_cost_no_more_than_their_number(
    stores: tuple[Store, Store],
) -> None:
    dice, words = random.Random(5), [f"word{number}" for number in range(700)]
    dumps = [
        [Record("One Title", " ".join(dice.sample(words, len(words))), n) for n in range(60)]
        for _ in range(2)
    ]
    begun = time.process_time()
    for name, records in zip("ab", dumps, strict=True):
        assert len(take_in(stores[0], name, *records).changes) == 60
    assert time.process_time() - begun < 120


def test_ids_claimed_in_advance_hide_nobodys_papers(stores: tuple[Store, Store]) -> None:
    first, _ = stores
    claims = [
        Record(f"Claim {n // 40}", "Nothing to see.", n + 1, external_id=f"2611.{n:05}")
        for n in range(200)
    ]
    take_in(first, "claims", *claims)
    topics = ["sand", "bees", "tides", "glass", "moss"]
    papers = [
        Record(
            f"{topic.title()} and {number} Ways to Count It",
            f"Counting {topic} is hard. We count it in {number} ways and compare what comes out.",
            number + 1,
            external_id=f"2611.{number * 9:05}",
        )
        for number, topic in enumerate(topics * 4)
    ]
    taken = take_in(first, "papers", *papers)
    assert {change.novelty for change in taken.changes} == {Novelty.NEW}
    assert any("another paper is known by its id 2611." in each.reason for each in taken.rejected)
    again = take_in(first, "papers again", *papers)
    assert {change.novelty for change in again.changes} == {Novelty.SEEN}


def test_an_id_of_a_month_to_come_is_not_believed(stores: tuple[Store, Store]) -> None:
    taken = take_in(stores[0], "a", Record("Soon", "We were here first.", 1, "2612.00001"))
    assert taken.changes[0].record.external_id is None
    assert "month that has not begun, taken without it" in taken.rejected[0].reason


def test_a_replacement_of_a_known_paper_is_a_revision_and_of_an_unknown_one_nothing(
    stores: tuple[Store, Store],
) -> None:
    store, _ = stores
    known = replace(RIVERS, external_id="2611.00001", announced=AnnounceType.NEW)
    take_in(store, "monday", known)
    changed = replace(
        known,
        abstract="Floods move nearly all of the sand; two mistakes of the first version are mended.",
        announced=AnnounceType.REPLACE,
    )
    unknown = Record("Lakes", "Nobody listed this before.", 2, announced=AnnounceType.REPLACE)
    same = take_in(store, "tuesday", replace(known, announced=AnnounceType.REPLACE))
    later = take_in(store, "wednesday", changed, unknown)
    assert [change.novelty for change in same.changes] == [Novelty.SEEN]
    assert [change.novelty for change in later.changes] == [Novelty.REVISED]


def test_the_previous_batch_again_brings_nothing(stores: tuple[Store, Store]) -> None:
    store, _ = stores
    batch = [
        Record(f"Lanterns, Part {n}", f"We light {n} lanterns in the attic.", n, f"2611.{n:05}")
        for n in range(1, 6)
    ]
    take_in(store, "monday", *batch)
    assert not take_in(store, "monday again", *batch).repeated
    again = take_in(store, "monday with another date", *batch[::-1])
    assert {change.novelty for change in again.changes} == {Novelty.SEEN}
