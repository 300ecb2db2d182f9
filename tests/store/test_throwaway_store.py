"""A throwaway store holds what the database would, for everything that a preview asks of it."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from factories import edition_of, rendering
from installation import PARIS, SHIPPED_TOPICS

from digest.daily.ingest import IngestedDump, ingest_dump
from digest.daily.publish import PublishSettings, publish
from digest.daily.run_record import EditorialSettings
from digest.daily.store_ports import EditorialStore
from digest.errors import AlreadyIngestedError, AlreadyPublishedError
from digest.mail.list_identity import ListIdentity
from digest.mail.render import Renderer
from digest.model import Dump, EditionKind, Frequency, Job, Link, LinkKind, Novelty, Record
from digest.store import open_store
from digest.store.throwaway_store import ThrowawayStore

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY = date(2026, 11, 20)
SETTINGS = EditorialSettings(SHIPPED_TOPICS, PARIS)
PUBLISHING = PublishSettings(
    Renderer(), ListIdentity("Specimen", "specimen@example.org"), timedelta(days=1)
)
TEXT = (
    "rivers carry fine sand to the sea while dovetail joints hold graph networks that learn from "
    "images of sparse splatting with less memory and a robust bound \0 \ud800 on every sample"
)
WORDS = TEXT.split(" ")


def made_record(dice: random.Random, position: int) -> Record:
    """A record of few words, so that many are alike, with facts that come and go."""
    numbered = random.Random(dice.randrange(40))
    title = " ".join(numbered.choices(WORDS, k=6))
    abstract = " ".join(numbered.choices(WORDS, k=60))
    if dice.random() < 0.3:
        title += dice.choice((" again", " (v2)", "\0"))
    if dice.random() < 0.3:
        abstract = dice.choice(("", abstract[:150], abstract + " " + " ".join(WORDS)))
    return Record(
        title,
        abstract,
        position,
        external_id=dice.choice((None, f"2606.{numbered.randrange(10**4):05}")),
        url=dice.choice((None, "https://example.org/\udfff")),
        votes=dice.choice((None, 3, 10**40)),
        authors=dice.choice(((), ("A. Nobody",))),
        links=dice.choice(((), (Link(LinkKind.CODE, "https://example.org/code"),))),
    )


def made_dumps(seed: int) -> list[Dump]:
    dice = random.Random(seed)
    return [
        Dump(
            f"dump {number}",
            f"{dice.randrange(6)}",
            tuple(made_record(dice, position) for position in range(1, dice.randrange(2, 25))),
            day=TODAY - timedelta(days=dice.randrange(5)),
        )
        for number in range(5)
    ]


def walked(store: EditorialStore, seed: int) -> list[Any]:
    """Everything the store says while dumps are taken in and editions are made."""
    told: list[Any] = []
    for number, dump in enumerate(made_dumps(seed)):
        told.append(ingest_dump(store, SETTINGS, dump, NOW))
        with store.read() as unit:
            papers = unit.papers
            waiting = papers.pending()
            told += [papers.known_dumps(), papers.last_dump(), waiting, papers.pending_dumps()]
            told.append(papers.sightings([paper.id for paper, _, _ in waiting]))
            span = (TODAY - timedelta(days=2), TODAY + timedelta(days=1))
            told += [papers.topic_counts(*span), list(papers.titles(*span))]
            told.append(papers.first_day_votes(*span))
        if number % 2:
            day = TODAY + timedelta(days=number // 2)
            told.append(publish(store, SETTINGS, PUBLISHING, day=day, clock=lambda: NOW))
    with store.read() as unit:
        told.append(unit.editions.latest(EditionKind.DAILY))
        told.append(unit.editions.between(EditionKind.DAILY, TODAY, TODAY + timedelta(days=9)))
        told.append(unit.subscribers.any_wants(Frequency.WEEKDAYS))
        told.append(unit.runs.last(Job.PUBLISH))
    return told


@pytest.mark.parametrize("seed", [0, 1, 7, 9])
def test_it_says_the_same_as_the_database_all_along(seed: int) -> None:
    database = open_store("sqlite://")
    database.migrate()
    try:
        told = walked(ThrowawayStore(), seed)
        assert told == walked(database, seed)
        novelties = {
            change.novelty
            for each in told
            if isinstance(each, IngestedDump)
            for change in each.changes
        }
        assert novelties == set(Novelty)
    finally:
        database.close()


def test_a_dump_is_taken_in_once() -> None:
    with ThrowawayStore().begin() as unit:
        dump = Dump("here", "fingerprint", ())
        unit.papers.remember(dump, TODAY, (), (), NOW)
        with pytest.raises(AlreadyIngestedError):
            unit.papers.remember(dump, TODAY, (), (), NOW)


def test_an_edition_is_frozen_once() -> None:
    with ThrowawayStore().begin() as unit:
        unit.editions.freeze(edition_of(), rendering(), published_at=NOW, expires_at=NOW)
        with pytest.raises(AlreadyPublishedError):
            unit.editions.freeze(edition_of(), rendering(), published_at=NOW, expires_at=NOW)
