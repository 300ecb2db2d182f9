"""Hugging Face's daily papers are asked for day by day, and missed days are caught up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from sources.fetching.hurried import hurried

from digest.errors import SourceError
from digest.model import Dump, LinkKind, Rejected
from digest.sources import SourceLimits, open_source
from digest.sources.tools import SourceTools

TODAY = date(2026, 11, 20)


def row(number: int, **more: Any) -> dict[str, Any]:
    """An entry of the API, of a paper that nobody wrote."""
    paper = {
        "id": f"2611.{number:05}",
        "title": f"Lanterns in the\n  Attic, Part {number}",
        "summary": f"We light {number} lanterns in an attic and count the moths that come.",
        "authors": [{"name": "Ada Invented", "hidden": False}, {"name": "Ben Made-Up"}],
        "publishedAt": "2026-11-19T00:00:00.000Z",
        "upvotes": number,
        **more,
    }
    return {"paper": paper, "title": paper["title"], "numComments": 2}


class Api:
    """The API with the papers of each day; notes what it was asked."""

    def __init__(self, days: Mapping[str, list[dict[str, Any]]]) -> None:
        self.days = days
        self.asked: list[dict[str, str]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/daily_papers"
        words = {name: value for name, (value,) in parse_qs(request.url.query.decode()).items()}
        self.asked.append(words)
        rows = self.days.get(words.get("date", "latest"), [])
        first = int(words["p"]) * int(words["limit"])
        page = json.dumps(rows[first : first + int(words["limit"])]).encode()
        return httpx.Response(200, content=iter([page]))

    def read(self, location: str, last_read: date | None = None) -> list[Dump | Rejected]:
        fetcher = hurried(
            SourceLimits(),
            transport=httpx.MockTransport(self.answer),
            resolve=lambda host, port: ["93.184.216.34"],
        )
        tools = SourceTools(fetcher, last_read=lambda location: last_read)
        return list(open_source(location, tools=tools).read(today=TODAY))


def test_the_first_reading_takes_the_latest_list_with_all_that_it_tells() -> None:
    about = {
        "githubRepo": "https://github.com/invented/lanterns",
        "githubStars": 12,
        "projectPage": "https://lanterns.invented.io",
        "ai_summary": "Lanterns attract moths.",
        "mediaUrls": ["https://cdn.invented.io/moths.mp4"],
        "organization": {"name": "atticlab", "fullname": "The Attic Lab"},
    }
    (dump,) = Api({"latest": [row(1, **about)]}).read("hf:daily")
    assert isinstance(dump, Dump)
    (record,) = dump.records
    assert record.title == "Lanterns in the Attic, Part 1"
    assert (record.external_id, record.votes, record.comments) == ("2611.00001", 1, 2)
    assert record.authors == ("Ada Invented", "Ben Made-Up")
    assert record.organization == "The Attic Lab"
    assert {link.kind: link.url for link in record.links} == {
        LinkKind.CODE: "https://github.com/invented/lanterns",
        LinkKind.PROJECT: "https://lanterns.invented.io",
    }
    assert record.details.stars == 12
    assert record.details.source_summary == "Lanterns attract moths."
    assert record.details.media == ("https://cdn.invented.io/moths.mp4",)


def test_days_that_were_missed_are_asked_for_oldest_first() -> None:
    api = Api({"2026-11-17": [row(1)], "2026-11-18": [row(2)], "2026-11-20": [row(3)]})
    dumps = api.read("hf:daily", last_read=date(2026, 11, 17))
    assert [asked["date"] for asked in api.asked] == [
        "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20",
    ]  # fmt: skip
    assert [dump.day for dump in dumps if isinstance(dump, Dump)] == [
        date(2026, 11, 17), date(2026, 11, 18), date(2026, 11, 20),
    ]  # fmt: skip


def test_not_more_than_two_weeks_are_caught_up() -> None:
    api = Api({})
    (suspicion,) = api.read("hf:daily", last_read=date(2025, 1, 1))
    assert isinstance(suspicion, Rejected)
    assert "lists nothing of Thursday or later" in suspicion.reason
    assert [asked["date"] for asked in api.asked][::14] == ["2026-11-06", "2026-11-20"]


def test_a_long_list_is_read_page_by_page_and_counted_through() -> None:
    api = Api({"2026-11-12": [row(number) for number in range(1, 231)]})
    (dump,) = api.read("hf:daily?date=2026-11-12")
    assert isinstance(dump, Dump)
    assert [record.position for record in dump.records] == list(range(1, 231))
    assert [asked["p"] for asked in api.asked] == ["0", "1", "2"]
    assert dump.day == date(2026, 11, 12)


@pytest.mark.parametrize("words", ["week=2026-W47", "month=2026-11", "sort=trending"])
def test_other_lists_are_asked_for_in_the_words_of_the_api(words: str) -> None:
    api = Api({"latest": [row(1)]})
    (dump,) = api.read(f"hf:daily?{words}", last_read=date(2026, 11, 1))
    assert isinstance(dump, Dump)
    name, value = words.split("=")
    assert api.asked[0][name] == value


def test_an_empty_list_that_was_asked_for_is_said_to_be_empty() -> None:
    (rejected,) = Api({}).read("hf:daily?date=2026-11-15")
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "lists no papers"


@pytest.mark.parametrize(
    "location",
    [
        "hf:weekly", "hf:", "hf:daily?date=yesterday", "hf:daily?date=2026-02-30",
        "hf:daily?day=2026-11-20", "hf:daily?date=2026-11-20&date=2026-11-19", "hf:daily?week=47",
    ],
)  # fmt: skip
def test_what_the_api_has_not_is_said_before_anything_is_asked(location: str) -> None:
    api = Api({})
    with pytest.raises(SourceError) as caught:
        api.read(location)
    assert location in str(caught.value)
    assert api.asked == []
