"""Editions of real days: reasons that hold, picks that differ, and nothing about a place."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from mail.sample_editions import LIST

from digest.daily.ingest import ingest_dump
from digest.daily.publish import PublishSettings, publish
from digest.daily.run_record import EditorialSettings
from digest.editorial.topics import load_topics
from digest.latex import readable
from digest.model import Dump, Edition, EditionKind, Rendering
from digest.sources import open_source
from digest.store.throwaway_store import ThrowawayStore

OF_A_PLACE = re.compile(
    r"\bpage\b|\bplace\b|\btoday\b|yesterday|days? ago|on top|running", re.IGNORECASE
)
OF_AN_AGE = re.compile(r"votes? in ")


def _same(moment: datetime) -> datetime:
    return moment


class NoRenderer:
    def render(self, edition: Edition, list_identity: object) -> Rendering:
        return Rendering(0, "", "", {})


def editions(days: list[tuple[date, Path]]) -> Iterator[Edition]:
    """The daily editions of a list that reads one file a day."""
    store, settings = ThrowawayStore(), EditorialSettings(load_topics(), ZoneInfo("UTC"))
    publishing = PublishSettings(NoRenderer(), LIST, timedelta(days=2))
    for day, path in days:
        now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        for dump in open_source(str(path)).read(today=day):
            if isinstance(dump, Dump):
                ingest_dump(store, settings, replace(dump, day=day), now)
        report = publish(store, settings, publishing, day=day, clock=partial(_same, now))
        yield from (e.edition for e in report.editions if e.edition.kind is EditionKind.DAILY)


def lists(real_data: Path) -> list[list[tuple[date, Path]]]:
    """The dumps, the days of June, and a day of arXiv."""
    first = date(2026, 6, 1)
    dumps = sorted((real_data / "dumps").glob("*.txt"))
    june = sorted((real_data / "hf").glob("2026-06-*.json"))
    (arxiv,) = (real_data / "arxiv").glob("atom_2026*")
    return [
        [(first + timedelta(days=n), path) for n, path in enumerate(dumps)],
        [(date.fromisoformat(path.stem), path) for path in june],
        [(date(2026, 5, 14), arxiv)],
    ]


@cache
def real_editions(real_data: Path) -> list[list[Edition]]:
    return [list(editions(days)) for days in lists(real_data)]


@pytest.mark.real
@pytest.mark.slow
def test_no_reason_speaks_of_a_place_or_guesses_the_age_of_votes(
    real_data: Path,
) -> None:
    entries = [e for days in real_editions(real_data) for edition in days for e in edition.entries]
    assert sum(bool(entry.why) for entry in entries) > len(entries) / 4
    for entry in entries:
        for words in (entry.why, *(part.words for part in entry.trend.parts)):
            assert not OF_A_PLACE.search(words.replace(entry.title, "")), words
            assert not OF_AN_AGE.search(words), words
        assert not any(part.name == "faded" or part.value < 0 for part in entry.trend.parts)


@pytest.mark.real
@pytest.mark.slow
def test_figures_of_a_reason_are_those_of_the_paper_and_of_the_lists_past(
    real_data: Path,
) -> None:
    past: list[int] = []
    told = 0
    for edition in real_editions(real_data)[1]:
        own = sorted(
            e.votes
            for e in edition.entries
            if e.votes is not None and e.paper_id not in edition.updated
        )
        base = past if len(past) >= 30 else own
        for entry in edition.entries:
            found = re.match(r"([\d,]+) votes?(?:, [^(]*)? \((\D*)(\d*)", entry.why)
            if found:
                told += 1
                assert int(found[1].replace(",", "")) == entry.votes
                usual = int(found[3] or 0)
                assert found[3] or "get none" in found[2]
                assert usual == statistics.median_low(base)
                assert entry.votes >= 2 * usual
        past += own
    assert told > 50
    for days in real_editions(real_data):
        for entry in (entry for edition in days for entry in edition.entries):
            parts = {part.name: part.words for part in entry.trend.parts}
            quoted = parts.get("claim", "").partition("“")[2].rstrip("”")
            assert quoted in readable(entry.abstract)
            for number in re.findall(r"\d[\d,]*", parts.get("kind", "")):
                assert number in entry.abstract


@pytest.mark.real
@pytest.mark.slow
def test_picks_have_reasons_also_on_a_day_without_votes(real_data: Path) -> None:
    picks = [
        edition.entry(id)
        for days in real_editions(real_data)
        for edition in days
        for id in edition.picks
    ]
    assert sum(bool(pick.why) for pick in picks) >= 0.95 * len(picks)
    for edition in (edition for days in real_editions(real_data) for edition in days):
        assert len({edition.entry(id).topic for id in edition.picks}) >= min(3, len(edition.picks))
