"""The top of a week and of a month: by the votes known now."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from lxml import html
from web.site_fixture import RunningSite, page_links, visible_text


def listed(site: RunningSite, papers: dict[str, int]) -> None:
    """A dump of invented papers with their votes, best placed first, and the day's edition."""
    stamp = site.clock().timestamp()
    path = site.dumps / f"{int(stamp)}.json"
    rows = [
        {
            "paper": {
                "id": f"2611.{sum(map(ord, name)):05d}",
                "title": f"{name}: a method named after {name.lower()}",
                "summary": (
                    f"We study {name.lower()} and nothing else. It is {len(name)} times as {name}."
                ),
                "upvotes": votes,
            }
        }
        for name, votes in papers.items()
    ]
    path.write_text(json.dumps(rows), encoding="utf-8")
    os.utime(path, (stamp, stamp))
    site.run_day()


@pytest.fixture
def voted_site(tmp_path: Path) -> RunningSite:
    """Two days: what stood last on the first day has the most votes by the second."""
    site = RunningSite(tmp_path)
    listed(site, {"Amber": 30, "Basalt": 20, "Cedar": 1})
    site.later(days=1)
    listed(site, {"Dune": 40, "Cedar": 90, "Basalt": 21})
    return site


def titles(site: RunningSite, path: str) -> list[str]:
    page = site.visitor.get(path)
    assert page.status_code == 200
    links = html.fromstring(page.text).xpath("//article//h2/a")
    return [link.text.partition(":")[0] for link in links]


@pytest.mark.parametrize("path", ["/top", "/top/2026-W47", "/top/2026-11"])
def test_the_latest_votes_decide_and_not_the_place_on_the_page(
    voted_site: RunningSite, path: str
) -> None:
    assert titles(voted_site, path) == ["Cedar", "Dune", "Amber", "Basalt"]
    words = visible_text(voted_site.visitor.get(path))
    assert "90 votes" in words
    assert "by their votes so far" in words
    voted_site.close()


def test_the_week_mail_is_led_by_the_top_of_the_week(voted_site: RunningSite) -> None:
    voted_site.subscribe("weekly@example.com", frequency="weekly")
    voted_site.clock.now = voted_site.clock.now.replace(day=23)
    listed(voted_site, {"Ember": 3})
    mail = voted_site.transport.mails[-1].content.decode("utf-8", "replace")
    assert "Top of the week" in mail
    week = voted_site.visitor.get("/editions/2026-W47")
    assert "Top of the week" in visible_text(week)
    assert "/top/2026-W47" in page_links(week.text)
    voted_site.close()


def test_a_week_without_anything_says_so(published_site: RunningSite) -> None:
    words = visible_text(published_site.visitor.get("/top/2026-W40"))
    assert "Nothing was published in week 40 of 2026." in words
    words = visible_text(published_site.visitor.get("/top/2026-01"))
    assert "Nothing was published in January 2026." in words


def test_before_the_first_edition_the_top_says_that_there_is_nothing(
    running_site: RunningSite,
) -> None:
    assert "Nothing was published in week 47 of 2026." in visible_text(
        running_site.visitor.get("/top")
    )


def test_without_votes_the_top_says_what_it_goes_by(published_site: RunningSite) -> None:
    words = visible_text(published_site.visitor.get("/top/2026-11"))
    assert "The 9 papers that were new in November 2026" in words
    assert "no votes are known" in words


def test_the_archive_leads_to_the_top_of_a_month_and_weeks_to_months(
    published_site: RunningSite,
) -> None:
    assert "/top/2026-11" in page_links(published_site.visitor.get("/editions").text)
    assert "/top/2026-11" in page_links(published_site.visitor.get("/top/2026-W47").text)
    assert "/top" in page_links(published_site.visitor.get("/").text)


@pytest.mark.parametrize(
    "name",
    ["2026-W60", "2026-13", "2026-00", "2026-1", "2026-12", "2026-W48", "x", "9999-12", "0000-01",
     "9999-W52", "2026-11-20", "٢٠٢٦-11"],
)  # fmt: skip
def test_a_span_that_is_none_or_still_to_come_is_not_found(
    published_site: RunningSite, name: str
) -> None:
    assert published_site.visitor.get(f"/top/{name}").status_code == 404
