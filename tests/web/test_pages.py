"""What visitors see of the papers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from factories import ABOUTS
from lxml import etree
from web.site_fixture import (
    BASE,
    RunningSite,
    page_links,
    visible_text,
)

from digest.errors import ConfigurationError
from digest.mail.list_identity import ListIdentity
from digest.web.app import create_app

ATOM = "{http://www.w3.org/2005/Atom}"
PUBLIC = (
    "/", "/editions", "/editions/2026-11-20", "/editions/2026-W47", "/papers/1", "/topics",
    "/topics/language", "/search?q=diffusion", "/subscribe", "/feed.xml", "/topics/language/feed.xml",
    "/robots.txt", "/sitemap.xml", "/favicon.svg", "/api/openapi.json", "/healthz", "/readyz", "/nowhere",
)  # fmt: skip
PAGES = [path for path in PUBLIC if not path.endswith((".xml", ".txt", ".svg", ".json", "z"))]


def test_before_the_first_edition_the_front_page_asks_for_an_address(place: RunningSite) -> None:
    page = place.visitor.get("/")
    assert page.status_code == 200
    assert "first edition is still to come" in visible_text(page)
    assert 'action="/subscribe"' in page.text


def test_the_front_page_is_the_latest_edition(lively: RunningSite) -> None:
    page = lively.visitor.get("/")
    assert "Friday, 20 November 2026" in visible_text(page)
    assert "4 new of 6 read" in visible_text(page)
    assert ABOUTS["F"][0] in visible_text(page)
    assert ABOUTS["A"][0] not in visible_text(page)
    assert page.text == lively.visitor.get("/editions/2026-11-20").text


def test_editions_lead_to_the_ones_before_and_after_and_to_the_week(lively: RunningSite) -> None:
    page = page_links(lively.visitor.get("/editions/2026-11-19").text)
    assert {"/editions/2026-11-18", "/editions/2026-11-20", "/editions/2026-W47"} <= set(page)
    first = page_links(lively.visitor.get("/editions/2026-11-18").text)
    assert "/editions/2026-11-17" not in first


def test_the_week_tells_all_its_days_before_its_own_edition_and_after(lively: RunningSite) -> None:
    before = visible_text(lively.visitor.get("/editions/2026-W47"))
    assert "Week 47 of 2026, 16–22 November 2026" in before
    assert all(title in before for title, _ in ABOUTS.values())
    lively.clock.now = lively.clock.now.replace(day=23)
    lively.day.run(clock=lively.clock)
    after = visible_text(lively.visitor.get("/editions/2026-W47"))
    assert "Week 47 of 2026, 16–22 November 2026" in after
    assert all(title in after for title, _ in ABOUTS.values())
    assert lively.visitor.get("/editions/2026-W48").status_code == 404


def test_one_topic_of_a_day_has_a_page(lively: RunningSite) -> None:
    page = lively.visitor.get("/editions/2026-11-20?topic=language")
    assert ABOUTS["I"][0] in visible_text(page)
    assert ABOUTS["F"][0] not in visible_text(page)
    assert lively.visitor.get("/editions/2026-11-20?topic=astrology").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "2026-11-21",
        "2026-13-01",
        "2026-W60",
        "2026-W01",
        "today",
        "2026-1-1",
        "٢٠٢٦-11-20",
        "9999-W52",
        "9999-12-31",
        "0001-W01",
        "0001-01-01",
        "0000-01-01",
        "9999-W53",
    ],
)
def test_an_edition_that_is_not_there_is_not_found(lively: RunningSite, name: str) -> None:
    for path in (
        f"/editions/{name}",
        f"/editions/{name}?topic=language",
        f"/editions?before={name}",
    ):
        expected = 200 if path == "/editions?before=2026-11-21" else 404
        assert lively.visitor.get(path).status_code == expected


def test_the_archive_lists_editions_by_month_the_newest_first(lively: RunningSite) -> None:
    page = lively.visitor.get("/editions")
    assert "November 2026" in visible_text(page)
    days = [link for link in page_links(page.text) if link.startswith("/editions/2026")]
    assert days == ["/editions/2026-11-20", "/editions/2026-11-19", "/editions/2026-11-18"]
    older = page_links(lively.visitor.get("/editions?before=2026-11-19").text)
    assert "/editions/2026-11-18" in older
    assert "/editions/2026-11-19" not in older
    for odd in ("x", "2026-W47"):
        assert lively.visitor.get(f"/editions?before={odd}").status_code == 404


def test_a_paper_has_its_whole_abstract_its_days_and_its_reasons(lively: RunningSite) -> None:
    page = visible_text(lively.visitor.get("/papers/2"))
    title, about = ABOUTS["B"]
    assert title in page
    assert f"gains of {ord('B')} percent on {about}." in page
    assert "First on Wednesday, 18 November 2026, last on Thursday, 19 November 2026" in page
    assert "2 of 3" in page
    assert "Why it ranked" in page
    assert "/editions/2026-11-18" in lively.visitor.get("/papers/2").text


@pytest.mark.parametrize("id", ["0", "99", "x", "-1", "1e3", "9" * 30, "١"])
def test_a_paper_that_is_not_there_is_not_found(lively: RunningSite, id: str) -> None:
    assert lively.visitor.get(f"/papers/{id}").status_code == 404


def test_a_topic_has_its_papers_and_its_feed(lively: RunningSite) -> None:
    page = lively.visitor.get("/topics/language")
    assert ABOUTS["I"][0] in visible_text(page)
    assert "/topics/language/feed.xml" in page_links(page.text)
    assert lively.visitor.get("/topics/astrology").status_code == 404
    assert lively.visitor.get("/topics/language?before=1").status_code == 200
    assert lively.visitor.get("/topics/language?before=x").status_code == 404


def test_a_topic_shows_its_share_over_the_weeks(place: RunningSite) -> None:
    place.clock.now = place.clock.now.replace(day=12)
    place.publish("AI")
    place.clock.now = place.clock.now.replace(day=19)
    place.publish("BCFI")
    page = place.visitor.get("/topics/language")
    assert page.text.count("<rect") == 2
    assert (
        "0.0% in the latest week; the highest was 50.0% in the week of 9 Nov 2026."
        in visible_text(page)
    )


def test_search_finds_words_of_titles_and_abstracts(lively: RunningSite) -> None:
    assert ABOUTS["D"][0] in visible_text(lively.visitor.get("/search?q=graph+link+prediction"))
    nothing = lively.visitor.get("/search", params={"q": 'zebra "<script>"'})
    assert "Nothing has" in visible_text(nothing)
    assert "<script>" not in nothing.text
    assert "of all 9 papers" in visible_text(lively.visitor.get("/search"))
    assert lively.visitor.get("/search?q=graph&page=99999999999").status_code == 200


def test_the_feeds_are_atom_and_name_every_paper_once(lively: RunningSite) -> None:
    for path, least in (("/feed.xml", 9), ("/topics/language/feed.xml", 1)):
        answer = lively.visitor.get(path)
        assert answer.headers["content-type"].startswith("application/atom+xml")
        feed = etree.fromstring(answer.content)
        ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
        assert len(ids) == len(set(ids)) >= least
        assert feed.findtext(f"{ATOM}updated")
        assert all(entry.findtext(f"{ATOM}updated") for entry in feed.iter(f"{ATOM}entry"))
    assert lively.visitor.get("/topics/astrology/feed.xml").status_code == 404


def test_crawlers_are_told_what_to_read_and_what_not(lively: RunningSite) -> None:
    robots = lively.visitor.get("/robots.txt").text
    assert "Disallow: /unsubscribe/" in robots
    assert f"Sitemap: {BASE}/sitemap.xml" in robots
    sitemap = etree.fromstring(lively.visitor.get("/sitemap.xml").content)
    assert f"{BASE}/editions/2026-11-20" in list(sitemap.itertext())


@pytest.mark.parametrize("path", PUBLIC)
def test_every_answer_is_safe_and_needs_no_script(lively: RunningSite, path: str) -> None:
    answer = lively.visitor.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["strict-transport-security"]
    assert "set-cookie" not in answer.headers
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", answer.text, re.I)


@pytest.mark.parametrize("path", [*PUBLIC[:8], "/feed.xml", "/sitemap.xml"])
def test_browsers_keep_pages_until_they_change(lively: RunningSite, path: str) -> None:
    first = lively.visitor.get(path)
    assert first.headers["cache-control"] == "public, no-cache"
    again = lively.visitor.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    other = lively.visitor.get(path, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_a_new_edition_is_on_the_pages_at_once(
    lively: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    before = lively.visitor.get("/")
    lively.later(days=1)
    lively.publish("A")
    lively.later(days=1)
    lively.dump("ABCDEFGHI", name="late")
    after = lively.visitor.get("/", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code in (200, 304)
    with lively.store.begin() as unit:
        stamp = unit.editions.stamp()
    lively.day.run(clock=lively.clock)
    with lively.store.begin() as unit:
        assert unit.editions.stamp() != stamp


def test_the_style_sheet_is_kept_for_good_under_its_name(lively: RunningSite) -> None:
    found = re.search(r'href="(/style-[0-9a-f]+\.css)"', lively.visitor.get("/").text)
    assert found
    sheet = lively.visitor.get(found[1])
    assert "immutable" in sheet.headers["cache-control"]
    assert "prefers-color-scheme: dark" in sheet.text
    assert lively.visitor.get("/style-0.css").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_name_one_heading_and_a_language(lively: RunningSite, path: str) -> None:
    page = lively.visitor.get(path).text
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1
    assert re.search(r"<title>[^<]{4,}</title>", page)


def test_titles_and_queries_cannot_become_markup(place: RunningSite) -> None:
    title = 'Breakout <img src=x onerror=alert(1)> "quoted" & <b>bold</b>: A Study'
    path = place.dump("A")
    path.write_text(path.read_text().replace(ABOUTS["A"][0], title))
    place.day.run(clock=place.clock)
    for address in ("/", "/papers/1", "/feed.xml", "/search?q=breakout", "/editions"):
        text = place.visitor.get(address).text
        assert "<img" not in text
        assert "<b>bold" not in text


def test_head_is_answered_like_get_and_other_methods_are_not(lively: RunningSite) -> None:
    assert lively.visitor.request("HEAD", "/").status_code == 200
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"):
        answer = lively.visitor.request(method, "/editions")
        assert answer.status_code == 405


def test_pages_may_live_below_a_path(tmp_path: Path) -> None:
    place = RunningSite(
        tmp_path, list_identity=ListIdentity("L", "p@example.org", f"{BASE}/digest/")
    )
    place.publish("AB")
    page = place.visitor.get("/digest/")
    assert page.status_code == 200
    inner = [link for link in page_links(page.text) if link.startswith("/")]
    assert inner
    assert all(link.startswith("/digest/") for link in inner)
    assert place.visitor.get("/digest/papers/1").status_code == 200
    assert place.visitor.get("/healthz").status_code == 200
    assert place.visitor.get("/papers/1").status_code == 404
    assert place.visitor.get("/digest").status_code in (200, 404)
    place.close()


def test_an_operators_own_template_is_used_and_a_broken_one_is_named(tmp_path: Path) -> None:
    own = tmp_path / "own" / "web"
    own.mkdir(parents=True)
    (own / "note.html.j2").write_text("<h1>Ours: {{ title }}</h1>")
    place = RunningSite(tmp_path, templates=tmp_path / "own")
    assert place.visitor.get("/nowhere").text == "<h1>Ours: There is nothing here</h1>"
    place.close()
    (own / "note.html.j2").write_text("\n{% if %}")
    with pytest.raises(ConfigurationError, match=r"note\.html\.j2:2"):
        create_app(place.site)
    (own / "style.css.j2").write_text("{{ nothing_of_the_kind }}")
    with pytest.raises(ConfigurationError, match=r"style\.css\.j2"):
        create_app(place.site)
