"""Real dumps, in any order, give the same papers; each is new once."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from editorial.memories import Notebook, Shelf

from digest.model import Novelty, Record
from digest.sources.dump import parse
from digest.store import open_store

pytestmark = [pytest.mark.real, pytest.mark.slow]

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def dumps(real_data: Path) -> list[tuple[Record, ...]]:
    """The records of the page dumps, in the order of their names."""
    paths = sorted((real_data / "dumps").glob("*.txt"))
    return [parse(path.read_text("utf-8"), location=path.name, today=TODAY)[0] for path in paths]


@pytest.fixture(scope="module")
def days(real_data: Path) -> list[tuple[list[str], tuple[Record, ...]]]:
    """Each June day as a dump of titles and abstracts alone, and the ids that were left out."""
    found = []
    for path in sorted((real_data / "hf").glob("2026-06-*.json")):
        papers = [item["paper"] for item in json.loads(path.read_text("utf-8"))]
        lines = []
        for paper in papers:
            lines += [" ".join(paper["title"].split()), " ".join(paper["summary"].split()), ""]
        head = "Get trending papers in your email inbox!\n\nSubscribe"
        records = parse(head + "\n".join(lines), location=path.name, today=TODAY)[0]
        found.append(([paper["id"] for paper in papers], records))
    return found


def new_papers(memory: Notebook | Shelf, dumps: Sequence[Sequence[Record]]) -> list[int]:
    return [
        sum(change.novelty is Novelty.NEW for change in memory.ingest(dump)[0]) for dump in dumps
    ]


def test_five_dumps_in_order_bring_these_many_new_papers_and_none_again(
    dumps: list[tuple[Record, ...]],
) -> None:
    store = open_store("sqlite://")
    store.migrate()
    shelf = Shelf(store)
    assert new_papers(shelf, dumps) == [88, 240, 183, 163, 39]
    again = [shelf.ingest(dump)[0] for dump in dumps]
    assert {change.novelty for change in itertools.chain(*again)} == {Novelty.SEEN}


def test_the_dumps_in_reverse_order_give_the_same_papers(dumps: list[tuple[Record, ...]]) -> None:
    forth, back = Notebook(), Notebook()
    new_papers(forth, dumps)
    new_papers(back, dumps[::-1])
    assert len(forth.papers) == len(back.papers) == 713
    assert {paper.title for paper in forth.papers.values()} == {
        paper.title for paper in back.papers.values()
    }


def test_the_two_surveys_and_the_two_diffusion_papers_stay_apart(
    dumps: list[tuple[Record, ...]],
) -> None:
    records = {record.title: record for record in itertools.chain(*dumps)}
    surveys = [title for title in records if "Survey of Deep Active" in title]
    rivals = [title for title in records if title.startswith("Diffusion Models Beat GANs")]
    assert len(surveys) == len(rivals) == 2
    for pair in (surveys, rivals):
        for first, second in itertools.permutations(pair):
            assert new_papers(Notebook(), [[records[first]], [records[second]]]) == [1, 1]


def test_june_days_in_any_order_give_the_same_papers(
    days: list[tuple[list[str], tuple[Record, ...]]],
) -> None:
    assert all(len(ids) == len(records) for ids, records in days)
    every = {one for ids, _ in days for one in ids}
    for seed in range(5):
        order = list(days)
        if seed:
            random.Random(seed).shuffle(order)
        memory = Notebook()
        papers: dict[str, int] = {}
        for ids, records in order:
            changes, numbers = memory.ingest(records)
            for external, change, number in zip(ids, changes, numbers, strict=True):
                assert papers.setdefault(external, number) == number
                assert change.novelty is not Novelty.REVISED
        assert len(memory.papers) == len(every) == len(set(papers.values()))


def test_days_that_list_papers_again_bring_them_once(
    days: list[tuple[list[str], tuple[Record, ...]]],
) -> None:
    memory = Notebook()
    windows = [days[start : start + 3] for start in range(len(days) - 2)]
    read = [list(itertools.chain(*(records for _, records in window))) for window in windows]
    assert sum(new_papers(memory, read)) == len({one for ids, _ in days for one in ids})
