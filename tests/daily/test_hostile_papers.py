"""One paper's text, whatever it is, costs no other paper its place in the mail."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from editorial.hostile_texts import KINDS, scrambled
from installation import PARIS, RENDERER, SHIPPED_TOPICS

from digest.daily.ingest import ingest_dump
from digest.daily.publish import PublishSettings, publish
from digest.daily.run_record import EditorialSettings
from digest.editorial import edition, identity_keys, summary
from digest.errors import InputError
from digest.mail.list_identity import ListIdentity
from digest.model import Dump, Edition, Job, Record, Rendering
from digest.store import Store, open_store

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY = date(2026, 11, 20)
DESK = EditorialSettings(SHIPPED_TOPICS, PARIS)
LETTERHEAD = ListIdentity("Daily Papers", "papers@list.example", "https://list.example")
GOOD = [
    Record(
        f"Number {number}: Regret Bounds for Bandits of the {number}th Kind",
        f"We propose method {number} for bandits. It improves regret by {number} percent.",
        number,
    )
    for number in range(1, 13)
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'papers.db'}")
    store.migrate()
    yield store
    store.close()


def take_in(store: Store, records: list[Record]) -> list[str]:
    dump = Dump("a dump", str(len(records)), tuple(records), day=TODAY)
    return [piece.reason for piece in ingest_dump(store, DESK, dump, NOW).rejected]


def publish_settings(renderer: Any = RENDERER) -> PublishSettings:
    return PublishSettings(renderer, LETTERHEAD, timedelta(days=2))


def titles(edition: Edition) -> set[str]:
    return {entry.title for entry in edition.entries}


def status(store: Store) -> str:
    with store.read() as unit:
        run = unit.runs.last(Job.PUBLISH)
    assert run is not None
    return run.summary


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_text_costs_no_other_paper_its_place(store: Store, kind: str) -> None:
    hostile = [
        Record(KINDS[kind], "We show an abstract of the usual kind.", 13),
        Record("An Honest Title Above It", KINDS[kind], 14),
    ]
    began = time.thread_time()
    take_in(store, [*GOOD[:3], *hostile])
    report = publish(store, DESK, publish_settings(), day=TODAY, clock=lambda: NOW)
    assert time.thread_time() - began < 10
    assert {record.title for record in GOOD[:3]} <= titles(report.editions[0].edition)
    assert not report.plain


def test_all_good_papers_come_out_among_random_hostile_ones(store: Store) -> None:
    dice = random.Random(10)
    hostile = [
        Record(scrambled(dice, 20) + str(n), scrambled(dice, 200), 100 + n) for n in range(60)
    ]
    mixed = [*GOOD, *hostile]
    dice.shuffle(mixed)
    began = time.thread_time()
    take_in(store, mixed)
    report = publish(store, DESK, publish_settings(), day=TODAY, clock=lambda: NOW)
    assert time.thread_time() - began < 30
    assert {record.title for record in GOOD} <= titles(report.editions[0].edition)


def test_a_paper_that_cannot_be_prepared_goes_out_plainly_and_is_told_of(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = Record(
        "A Title That Stays", "poison, and a sentence. We show it.", 13, url="https://a.example/p"
    )
    take_in(store, [*GOOD, bad])
    honest = summary.summarise

    def summarise(abstract: str, *given: Any, **more: Any) -> Any:
        if abstract.startswith("poison"):
            raise RecursionError("too deep")
        return honest(abstract, *given, **more)

    monkeypatch.setattr(edition, "summarise", summarise)
    report = publish(store, DESK, publish_settings(), day=TODAY, clock=lambda: NOW)
    entries = {entry.title: entry for entry in report.editions[0].edition.entries}
    assert {record.title for record in GOOD} < set(entries)
    plain = entries["A Title That Stays"]
    assert (plain.summary, plain.brief, plain.abstract, plain.url) == ("", "", "", bad.url)
    assert all(entries[record.title].summary for record in GOOD)
    [line] = report.plain
    assert f"paper {plain.paper_id} could not be prepared (a defect: RecursionError)" in line
    assert f"1 paper with title and link only (id {plain.paper_id}: a defect" in status(store)
    assert f"paper {plain.paper_id} goes out with its title and link only" in caplog.text


def test_a_paper_that_takes_too_long_goes_out_plainly(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(store, GOOD)
    clock = iter(range(0, 1_000_000, 1))
    slow = edition.compose_edition

    def compose(*given: Any, **more: Any) -> Edition:
        return slow(*given, **more, spent=lambda: float(next(clock)))

    monkeypatch.setattr("digest.daily.publish.compose_edition", compose)
    report = publish(store, DESK, publish_settings(), day=TODAY, clock=lambda: NOW)
    assert titles(report.editions[0].edition) == {record.title for record in GOOD}
    assert len(report.plain) == len(GOOD)
    assert "12 papers with title and link only" in status(store)
    assert "took more than 2 s" in status(store)


class Choking:
    """A renderer that one paper's words are too much for."""

    def render(self, edition: Edition, letterhead: ListIdentity) -> Rendering:
        if any("method 7" in entry.summary for entry in edition.entries):
            raise ValueError("too much")
        return RENDERER.render(edition, letterhead)


def test_a_paper_that_cannot_be_rendered_goes_out_plainly(store: Store) -> None:
    take_in(store, GOOD)
    report = publish(store, DESK, publish_settings(Choking()), day=TODAY, clock=lambda: NOW)
    published = report.editions[0]
    assert titles(published.edition) == {record.title for record in GOOD}
    assert [entry.title for entry in published.edition.entries if not entry.summary] == [
        GOOD[6].title
    ]
    assert len(report.plain) == 1


def test_a_record_that_cannot_be_compared_is_left_aside_and_told_of(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = identity_keys.identity_keys

    def keys(record: Record) -> Any:
        if record.position == 5:
            raise ValueError("no keys")
        return honest(record)

    monkeypatch.setattr(identity_keys, "identity_keys", keys)
    told = take_in(store, GOOD)
    assert told == ["paper 5 of the list: cannot be compared: ValueError"]
    report = publish(store, DESK, publish_settings(), day=TODAY, clock=lambda: NOW)
    assert len(report.editions[0].edition.entries) == len(GOOD) - 1


def test_what_is_too_long_is_cut_and_told_of(store: Store) -> None:
    told = take_in(store, [Record("T" * 2_000, "We show a thing. " * 3_000, 1)])
    assert told == [
        "paper 1 of the list: its title has 2,000 characters, of which 1,000 are kept",
        "paper 1 of the list: its abstract has 51,000 characters, of which 5,000 are kept",
    ]
    with store.read() as unit:
        [(paper, *_)] = unit.papers.pending()
    assert paper.title.endswith("T …")
    assert len(paper.title) <= 1_000
    assert paper.abstract.endswith("We show a thing. …")
    assert len(paper.abstract) <= 5_000


def test_a_fault_that_no_paper_has_is_raised(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(store, GOOD)

    class Broken:
        def render(self, edition: Edition, letterhead: ListIdentity) -> Rendering:
            raise InputError("the template is wrong")

    with pytest.raises(InputError):
        publish(store, DESK, publish_settings(Broken()), day=TODAY, clock=lambda: NOW)
