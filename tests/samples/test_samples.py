"""The sample dumps are read whole in every layout, and tell the story that a newcomer sees."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from digest import samples
from digest.editorial.diff import decide_changes
from digest.editorial.identity_keys import identity_keys
from digest.editorial.topics import load_topics
from digest.model import Change, Dump, Novelty, Paper, Record
from digest.sources import open_source

TODAY = date(2026, 11, 20)
CAPTURES = ("links-and-votes.md", "terminal-capture.txt", "bare-urls.txt", "saved-page.html")
REVISED = {
    "Slow Brush: Diffusion Models That Paint in the Order Painters Do",
    "Sleep in Pieces: Staging Fragmented EEG from Shift Workers",
}


def read(path: Path) -> Dump:
    readings = list(open_source(str(path)).read(today=TODAY))
    assert len(readings) == 1
    assert isinstance(readings[0], Dump), readings[0]
    return readings[0]


def words(dump: Dump) -> list[tuple[str, str]]:
    return [(record.title, record.abstract) for record in dump.records]


def remembered(records: tuple[Record, ...], day: date) -> list[Paper]:
    return [
        Paper(number, record.title, record.abstract, identity_keys(record), day, day)
        for number, record in enumerate(records, start=1)
    ]


@pytest.fixture(scope="module")
def days() -> tuple[Dump, Dump]:
    first, second = samples.paths()
    return read(first), read(second)


@pytest.fixture(scope="module")
def second_day(days: tuple[Dump, Dump]) -> tuple[Change, ...]:
    """What was decided of the second day's papers by someone who remembers the first."""
    known = remembered(days[0].records, TODAY)
    made = [identity_keys(record) for record in days[1].records]
    alike = [[paper for paper in known if set(paper.keys.lookup) & set(k.lookup)] for k in made]
    return decide_changes(days[1].records, made, alike)


def test_every_paper_of_both_days_is_read_and_nothing_else(days: tuple[Dump, Dump]) -> None:
    assert [len(day.records) for day in days] == [18, 37]
    assert [day.rejected for day in days] == [(), ()]
    assert len({record.title for day in days for record in day.records}) == 47


def test_the_first_day_shows_its_date_and_keeps_the_whole_page(days: tuple[Dump, Dump]) -> None:
    assert days[0].day == date(2026, 3, 3)
    lines = samples.paths()[0].read_text(encoding="utf-8").split("\n\n")
    papers = [text for title, abstract in words(days[0]) for text in (title, abstract)]
    assert [line.strip() for line in lines[6:]] == papers


def test_subscribe_is_undone_before_the_first_title_and_kept_where_a_title_begins_with_it(
    days: tuple[Dump, Dump],
) -> None:
    titles = [record.title for record in days[1].records]
    assert titles[0].startswith("Billing by the Thought")
    assert any(title.startswith("Subscribe or Skim") for title in titles)


def test_a_blank_line_after_each_abstract_changes_nothing(days: tuple[Dump, Dump]) -> None:
    spaced = read(samples.FOLDER / "day-2-spaced.txt")
    assert words(spaced) == words(days[1])
    assert spaced.rejected == ()


@pytest.mark.parametrize("name", CAPTURES)
def test_five_papers_of_the_first_day_read_the_same_in_any_other_capture(
    name: str, days: tuple[Dump, Dump]
) -> None:
    capture = read(samples.FOLDER / "other" / name)
    assert capture.rejected == ()
    assert capture.day == days[0].day
    assert len(capture.records) == 5
    assert set(words(capture)) <= set(words(days[0]))


@pytest.mark.parametrize("name", ["links-and-votes.md", "terminal-capture.txt", "saved-page.html"])
def test_votes_and_dates_of_a_capture_are_kept(name: str) -> None:
    records = read(samples.FOLDER / "other" / name).records
    assert [record.votes for record in records] == [412, 96, 58, 0, 7]
    assert [record.author_count for record in records] == [4, 7, 12, 3, 1]
    assert records[3].published == date(2025, 11, 18)


@pytest.mark.parametrize("name", ["links-and-votes.md", "bare-urls.txt", "saved-page.html"])
def test_ids_in_the_links_of_a_capture_are_kept(name: str) -> None:
    records = read(samples.FOLDER / "other" / name).records
    ids = [record.external_id for record in records]
    assert ids == ["2603.90112", "2603.90087", "2602.90741", "2511.90230", "2603.90004"]


def test_of_the_second_day_six_papers_are_seen_two_revised_and_the_rest_new(
    second_day: tuple[Change, ...],
) -> None:
    counts = Counter(change.novelty for change in second_day)
    assert counts == {Novelty.NEW: 29, Novelty.SEEN: 6, Novelty.REVISED: 2}
    revised = {c.record.title for c in second_day if c.novelty is Novelty.REVISED}
    assert revised == REVISED


def test_two_field_guides_of_nearly_one_title_stay_two_papers(
    second_day: tuple[Change, ...],
) -> None:
    guides = {c.record.title: c.novelty for c in second_day if "Field Guide" in c.record.title}
    assert guides == {
        "A Field Guide to Loss Spikes": Novelty.SEEN,
        "A Field Guide to Loss Plateaus": Novelty.NEW,
    }


def test_the_papers_are_over_nearly_all_topics(days: tuple[Dump, Dump]) -> None:
    topics = load_topics()
    papers = {record.title: record for day in days for record in day.records}.values()
    met = {topics.assign(paper.title, paper.abstract).topic for paper in papers}
    assert len(met) >= 18


def test_the_samples_hold_what_a_page_can_hold(days: tuple[Dump, Dump]) -> None:
    text = "\n".join("\n".join(pair) for day in days for pair in words(day))
    for piece in ("&", "<", "$", "texttt{", "360^circ", "\\%", "``", "سلام", "Erdős", "https://"):
        assert piece in text
    titles = [record.title for record in days[1].records]
    assert min(map(len, titles)) < 10
    assert max(map(len, titles)) > 200
