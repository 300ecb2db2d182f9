"""The pages of topics: counts of what was published lately, drawn as they are."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from web.site_fixture import RunningSite, visible_text

from digest.web.topics import WEEKS, share_line

MONDAY = date(2026, 11, 16)


def counts(page: str) -> dict[str, str]:
    """The number beside each topic's name."""
    return dict(
        re.findall(r'<li><a href="/topics/([\w-]+)">.*?<span class="figure">([\d,]+)</span>', page)
    )


def test_topics_count_what_was_published_in_the_four_weeks_before_today(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    now = published_site.visitor.get("/topics")
    assert "9 new papers in the last four weeks (24 October – 20 November 2026)" in visible_text(
        now
    )
    assert sum(map(int, counts(now.text).values())) == 9
    published_site.later(days=27)
    assert sum(map(int, counts(published_site.visitor.get("/topics").text).values())) == 4
    published_site.later(days=1)
    later = published_site.visitor.get("/topics")
    assert set(counts(later.text).values()) == {"0"}
    assert "No new papers in the last four weeks." in visible_text(later)


def test_the_lists_zone_says_which_day_today_is(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    assert published_site.site.zone == ZoneInfo("Europe/Paris")
    published_site.clock.now = datetime(2026, 12, 17, 22, 59, tzinfo=UTC)
    assert "4 new papers" in visible_text(published_site.visitor.get("/topics"))
    published_site.clock.now = datetime(2026, 12, 17, 23, 1, tzinfo=UTC)
    assert "No new papers" in visible_text(published_site.visitor.get("/topics"))


def test_the_numbers_are_those_of_the_editions(published_site: RunningSite) -> None:
    by_topic: dict[str, int] = {}
    with published_site.store.read() as unit:
        for summary in unit.editions.list(9):
            edition = unit.editions.content(summary.id)
            assert edition is not None
            for section in edition.sections:
                by_topic[section.topic.id] = by_topic.get(section.topic.id, 0) + len(section.papers)
    shown = counts(published_site.visitor.get("/topics").text)
    assert {topic: int(count) for topic, count in shown.items() if count != "0"} == by_topic


def test_a_topic_without_papers_has_no_bar(published_site: RunningSite) -> None:
    page = published_site.visitor.get("/topics").text
    rows = re.findall(r"<li>.*?</li>", page)
    empty = [row for row in rows if '<span class="figure">0<' in row]
    assert empty
    assert all("<rect" not in row for row in empty)
    assert page.count("<rect") == len(counts(page)) - len(empty)


def test_a_line_shows_the_share_of_whole_weeks_and_says_it_in_words() -> None:
    weeks = {
        MONDAY - timedelta(weeks=3): {"audio": 1, "vision": 3},
        MONDAY - timedelta(weeks=2): {},
        MONDAY - timedelta(weeks=1): {"audio": 2, "vision": 2},
        MONDAY: {"vision": 7},
    }
    line = share_line("audio", weeks)
    assert line is not None
    assert line["words"] == (
        "50.0% of all new papers in the last whole week; between 25.0% and 50.0% in 2 weeks"
    )
    first, last = line["points"].split()
    assert (line["x"], line["y"]) == tuple(last.split(",")) == ("98", "2")
    assert first == "2,12"
    flat = share_line("nothing", weeks)
    assert flat is not None
    assert all(point.endswith(",22") for point in flat["points"].split())
    assert share_line("audio", dict(list(weeks.items())[2:])) is None


def test_every_point_lies_on_the_drawing() -> None:
    weeks = {
        MONDAY - timedelta(weeks=WEEKS - 1 - n): {"audio": n % 5, "vision": 5} for n in range(WEEKS)
    }
    line = share_line("audio", weeks)
    assert line is not None
    points = [tuple(map(float, point.split(","))) for point in line["points"].split()]
    assert len(points) == WEEKS - 1
    assert all(2 <= x <= 98 and 2 <= y <= 22 for x, y in points)


def test_the_list_of_topics_draws_a_line_for_each(running_site: RunningSite) -> None:
    for day, papers in ((5, "AI"), (12, "BC"), (19, "DF")):
        running_site.clock.now = running_site.clock.now.replace(day=day)
        running_site.publish(papers)
    page = running_site.visitor.get("/topics").text
    assert page.count("<polyline") == len(counts(page))
    assert 'role="img" aria-label="0.0% of all new papers in the last whole week; between' in page
