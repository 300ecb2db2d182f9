"""Papers, editions and topics as JSON: what anybody may see, page by page, and nothing else."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from installation import SHIPPED_TOPICS, papers_titled
from web.site_fixture import RunningSite

from digest.model import EditionKind
from digest.web.page_cache import FRESH_FOR

API = ("/api/papers", "/api/editions", "/api/editions/latest", "/api/topics", "/api/search?q=a")


def read(site: RunningSite, path: str) -> Any:
    answer = site.visitor.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_papers_are_read_newest_first_page_by_page(published_site: RunningSite) -> None:
    whole = read(published_site, "/api/papers")
    assert papers_titled([paper["title"] for paper in whole["papers"]]) == "ABCDEFGHI"
    assert whole["next"] is None
    ids = [paper["id"] for paper in whole["papers"]]
    assert ids == sorted(ids, reverse=True)
    paged: list[int] = []
    path = "/api/papers?limit=4"
    while path:
        page = read(published_site, path)
        paged += [paper["id"] for paper in page["papers"]]
        path = f"/api/papers?limit=4&before={page['next']}" if page["next"] else ""
    assert paged == ids


def test_papers_of_a_topic_have_it_among_theirs(published_site: RunningSite) -> None:
    papers = read(published_site, "/api/papers?topic=audio")["papers"]
    assert papers
    assert all("audio" in paper["topics"] for paper in papers)


def test_a_paper_has_its_editions(published_site: RunningSite) -> None:
    listed = read(published_site, "/api/papers?limit=1")["papers"][0]
    paper = read(published_site, f"/api/papers/{listed['id']}")
    assert {name: paper[name] for name in listed} == listed
    assert paper["editions"] == ["2026-11-20"]
    page = published_site.visitor.get(paper["page"].removeprefix("https://papers.example.org"))
    assert page.status_code == 200


def test_the_latest_edition_is_that_of_its_day(published_site: RunningSite) -> None:
    latest = read(published_site, "/api/editions/latest")
    assert latest == read(published_site, "/api/editions/2026-11-20")
    assert latest["name"] == latest["date"] == "2026-11-20"
    shown = [paper["id"] for paper in latest["papers"]]
    assert sorted(shown) == sorted(id for section in latest["sections"] for id in section["papers"])
    assert latest["total"] == len(shown) == 4
    assert read(published_site, "/api/editions/latest?page=2")["papers"] == []


def test_a_week_is_an_edition_too(published_site: RunningSite) -> None:
    week = read(published_site, "/api/editions/2026-W47")
    assert (week["kind"], week["total"]) == ("weekly", 9)


def test_editions_are_listed_newest_first_page_by_page(published_site: RunningSite) -> None:
    first = read(published_site, "/api/editions?limit=2")
    assert [edition["name"] for edition in first["editions"]] == ["2026-11-20", "2026-11-19"]
    rest = read(published_site, f"/api/editions?limit=2&before={first['next']}")
    assert [edition["name"] for edition in rest["editions"]] == ["2026-11-18"]
    assert rest["next"] is None


def test_topics_are_listed_with_their_papers_of_late(published_site: RunningSite) -> None:
    topics = read(published_site, "/api/topics")["topics"]
    assert [topic["id"] for topic in topics] == [topic.id for topic in SHIPPED_TOPICS.topics]
    assert sum(topic["recent"] for topic in topics) == 9


def test_a_held_edition_and_its_papers_are_nowhere(published_site: RunningSite) -> None:
    site = published_site
    number = read(site, "/api/papers?limit=1")["papers"][0]["id"]
    with site.store.begin() as unit:
        newest = unit.editions.newest(EditionKind.DAILY)
        assert newest is not None
        unit.holds.stop([newest.id], "a mistake in it", site.clock(), told=True)
    time.sleep(2 * FRESH_FOR)
    assert read(site, "/api/editions/latest")["name"] == "2026-11-19"
    assert len(read(site, "/api/editions")["editions"]) == 2
    assert site.visitor.get("/api/editions/2026-11-20").status_code == 404
    assert site.visitor.get(f"/api/papers/{number}").status_code == 404
    assert all(paper["id"] != number for paper in read(site, "/api/papers")["papers"])
    assert all(paper["id"] != number for paper in read(site, "/api/search?q=-zebra")["papers"])
    assert sum(topic["recent"] for topic in read(site, "/api/topics")["topics"]) == 5


def test_nothing_of_a_subscriber_is_in_any_answer(published_site: RunningSite) -> None:
    published_site.subscribe("ada.lovelace@example.org", keywords=("secrethobby",))
    for path in (*API, "/api/openapi.json", "/api/papers/1"):
        text = published_site.visitor.get(path).text.lower()
        assert "lovelace" not in text
        assert "secrethobby" not in text


@pytest.mark.parametrize("path", [*API, "/api/papers/1", "/api/openapi.json"])
def test_what_has_not_changed_is_not_sent_again(published_site: RunningSite, path: str) -> None:
    first = published_site.visitor.get(path)
    assert first.headers["cache-control"] == "public, no-cache"
    again = published_site.visitor.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = published_site.visitor.request("HEAD", path)
    assert (head.status_code, head.headers["etag"]) == (200, first.headers["etag"])


@pytest.mark.parametrize("path", [*API, "/api/openapi.json", "/api/papers/99", "/api/nothing"])
def test_pages_of_other_sites_may_read_every_answer(published_site: RunningSite, path: str) -> None:
    answer = published_site.visitor.get(path, headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-credentials" not in answer.headers
    preflight = published_site.visitor.request(
        "OPTIONS",
        path,
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "if-none-match",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-headers"] == "If-None-Match"


@pytest.mark.parametrize("path", ["/api/subscribe", "/api/manage/subscribers", "/", "/subscribe"])
def test_pages_of_other_sites_may_not_sign_up_or_manage(
    published_site: RunningSite, path: str
) -> None:
    preflight = published_site.visitor.request(
        "OPTIONS",
        path,
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert preflight.status_code in (404, 405)
    assert "access-control-allow-origin" not in preflight.headers


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/api/papers?topic=astrology", "topic"),
        ("/api/papers?limit=101", "limit"),
        ("/api/papers?before=0", "before"),
        ("/api/papers?befor=7", "befor"),
        ("/api/papers/1?full=1", "full"),
        ("/api/editions?limit=no", "limit"),
        ("/api/editions/latest?page=0", "page"),
        ("/api/topics?page=1", "page"),
        ("/api/search?q=a&sort=best", "sort"),
        ("/api/search?q=a&page=-1", "page"),
        ("/api/search?q=a&page=51", "page"),
        ("/api/search?q=a&topic=astrology", "topic"),
        ("/api/search?q=a&after=soon", "after"),
    ],
)
def test_a_wrong_parameter_is_named(published_site: RunningSite, path: str, parameter: str) -> None:
    answer = published_site.visitor.get(path)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["parameter"] == parameter


@pytest.mark.parametrize(
    "path",
    ["/api/papers/0", "/api/papers/x", "/api/papers/" + "9" * 5000, "/api/editions/2026-02-30",
     "/api/editions/2025-01-01", "/api/editions/%00", "/api/nothing", "/api/papers/1/"],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_document(published_site: RunningSite, path: str) -> None:
    answer = published_site.visitor.get(path)
    assert answer.status_code == 404
    assert answer.json()["status"] == 404


def test_a_page_of_a_search_beyond_the_last_is_empty(published_site: RunningSite) -> None:
    found = read(published_site, "/api/search?q=-zebra&page=7")
    assert (found["page"], found["pages"], found["papers"]) == (7, 1, [])


def test_answers_are_bounded_however_long_a_paper_is(published_site: RunningSite) -> None:
    for path in API:
        assert len(published_site.visitor.get(path).content) < 200_000
    assert json.dumps(read(published_site, "/api/openapi.json")).count("/api/") >= 7
