"""What visitors see of the papers."""

from __future__ import annotations

import re
from pathlib import Path

import html5lib
import pytest
from installation import ABOUTS
from lxml import etree, html
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


def test_before_the_first_edition_the_front_page_asks_for_an_address(
    running_site: RunningSite,
) -> None:
    page = running_site.visitor.get("/")
    assert page.status_code == 200
    assert "There is no edition yet" in visible_text(page)
    assert 'action="/subscribe"' in page.text


def test_the_front_page_is_the_latest_edition(published_site: RunningSite) -> None:
    page = published_site.visitor.get("/")
    assert "Friday, 20 November 2026" in visible_text(page)
    assert "4 new of 6 listed" in visible_text(page)
    assert ABOUTS["F"][0] in visible_text(page)
    assert ABOUTS["A"][0] not in visible_text(page)
    assert page.text == published_site.visitor.get("/editions/2026-11-20").text


def test_editions_lead_to_the_ones_before_and_after_and_to_the_week(
    published_site: RunningSite,
) -> None:
    page = page_links(published_site.visitor.get("/editions/2026-11-19").text)
    assert {"/editions/2026-11-18", "/editions/2026-11-20", "/editions/2026-W47"} <= set(page)
    first = page_links(published_site.visitor.get("/editions/2026-11-18").text)
    assert "/editions/2026-11-17" not in first


def test_the_week_tells_all_its_days_before_its_own_edition_and_after(
    published_site: RunningSite,
) -> None:
    before = visible_text(published_site.visitor.get("/editions/2026-W47"))
    assert "Week 47 of 2026, 16–22 November 2026" in before
    assert all(title in before for title, _ in ABOUTS.values())
    published_site.clock.now = published_site.clock.now.replace(day=23)
    published_site.run_day()
    after = visible_text(published_site.visitor.get("/editions/2026-W47"))
    assert "Week 47 of 2026, 16–22 November 2026" in after
    assert all(title in after for title, _ in ABOUTS.values())
    assert published_site.visitor.get("/editions/2026-W48").status_code == 404


def test_one_topic_of_a_day_has_a_page(published_site: RunningSite) -> None:
    page = published_site.visitor.get("/editions/2026-11-20?topic=language")
    assert ABOUTS["I"][0] in visible_text(page)
    assert ABOUTS["F"][0] not in visible_text(page)
    assert published_site.visitor.get("/editions/2026-11-20?topic=astrology").status_code == 404


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
def test_an_edition_that_is_not_there_is_not_found(published_site: RunningSite, name: str) -> None:
    for path in (
        f"/editions/{name}",
        f"/editions/{name}?topic=language",
        f"/editions?before={name}",
    ):
        expected = 200 if path == "/editions?before=2026-11-21" else 404
        assert published_site.visitor.get(path).status_code == expected


def test_the_archive_lists_editions_by_month_the_newest_first(published_site: RunningSite) -> None:
    page = published_site.visitor.get("/editions")
    assert "November 2026" in visible_text(page)
    days = [link for link in page_links(page.text) if link.startswith("/editions/2026")]
    assert days == ["/editions/2026-11-20", "/editions/2026-11-19", "/editions/2026-11-18"]
    older = page_links(published_site.visitor.get("/editions?before=2026-11-19").text)
    assert "/editions/2026-11-18" in older
    assert "/editions/2026-11-19" not in older
    for odd in ("x", "2026-W47"):
        assert published_site.visitor.get(f"/editions?before={odd}").status_code == 404


def test_a_paper_has_its_whole_abstract_its_days_and_its_reasons(
    published_site: RunningSite,
) -> None:
    page = visible_text(published_site.visitor.get("/papers/2"))
    title, about = ABOUTS["B"]
    assert title in page
    assert f"gains of {ord('B')} percent on {about}." in page
    assert "First on Wednesday, 18 November 2026, last on Thursday, 19 November 2026" in page
    assert "2 of 3" in page
    assert "How it was ranked" in page
    assert "/editions/2026-11-18" in published_site.visitor.get("/papers/2").text


@pytest.mark.parametrize("id", ["0", "99", "x", "-1", "1e3", "9" * 30, "١"])
def test_a_paper_that_is_not_there_is_not_found(published_site: RunningSite, id: str) -> None:
    assert published_site.visitor.get(f"/papers/{id}").status_code == 404


def test_a_topic_has_its_papers_and_its_feed(published_site: RunningSite) -> None:
    page = published_site.visitor.get("/topics/language")
    assert ABOUTS["I"][0] in visible_text(page)
    assert "/topics/language/feed.xml" in page_links(page.text)
    assert published_site.visitor.get("/topics/astrology").status_code == 404
    assert published_site.visitor.get("/topics/language?before=1").status_code == 200
    assert published_site.visitor.get("/topics/language?before=x").status_code == 404


def test_a_topic_shows_its_share_over_the_weeks(running_site: RunningSite) -> None:
    running_site.clock.now = running_site.clock.now.replace(day=12)
    running_site.publish("AI")
    running_site.clock.now = running_site.clock.now.replace(day=19)
    running_site.publish("BCFI")
    page = running_site.visitor.get("/topics/language")
    assert page.text.count("<rect") == 1
    assert (
        "0.0% in the latest week; the highest was 50.0% in the week of 9 Nov 2026."
        in visible_text(page)
    )


def test_search_finds_words_of_titles_and_abstracts(published_site: RunningSite) -> None:
    assert ABOUTS["D"][0] in visible_text(
        published_site.visitor.get("/search?q=graph+link+prediction")
    )
    nothing = published_site.visitor.get("/search", params={"q": 'zebra "<script>"'})
    assert "Nothing found for" in visible_text(nothing)
    assert "<script>" not in nothing.text
    assert "Search all 9 papers" in visible_text(published_site.visitor.get("/search"))
    assert published_site.visitor.get("/search?q=graph&page=99999999999").status_code == 200


def test_the_feeds_are_atom_and_name_every_paper_once(published_site: RunningSite) -> None:
    for path, least in (("/feed.xml", 9), ("/topics/language/feed.xml", 1)):
        answer = published_site.visitor.get(path)
        assert answer.headers["content-type"].startswith("application/atom+xml")
        feed = etree.fromstring(answer.content)
        ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
        assert len(ids) == len(set(ids)) >= least
        assert feed.findtext(f"{ATOM}updated")
        assert all(entry.findtext(f"{ATOM}updated") for entry in feed.iter(f"{ATOM}entry"))
    assert published_site.visitor.get("/topics/astrology/feed.xml").status_code == 404


def test_crawlers_are_told_what_to_read_and_what_not(published_site: RunningSite) -> None:
    robots = published_site.visitor.get("/robots.txt").text
    assert "Disallow: /unsubscribe/" in robots
    assert f"Sitemap: {BASE}/sitemap.xml" in robots
    sitemap = etree.fromstring(published_site.visitor.get("/sitemap.xml").content)
    assert f"{BASE}/editions/2026-11-20" in list(sitemap.itertext())


@pytest.mark.parametrize("path", PUBLIC)
def test_every_answer_is_safe_and_needs_no_script(published_site: RunningSite, path: str) -> None:
    answer = published_site.visitor.get(path)
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
def test_browsers_keep_pages_until_they_change(published_site: RunningSite, path: str) -> None:
    first = published_site.visitor.get(path)
    assert first.headers["cache-control"] == "public, no-cache"
    again = published_site.visitor.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    other = published_site.visitor.get(path, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_a_new_edition_is_on_the_pages_at_once(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    before = published_site.visitor.get("/")
    published_site.later(days=1)
    published_site.publish("A")
    published_site.later(days=1)
    published_site.dump("ABCDEFGHI", name="late")
    after = published_site.visitor.get("/", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code in (200, 304)
    with published_site.store.begin() as unit:
        stamp = unit.editions.stamp()
    published_site.run_day()
    with published_site.store.begin() as unit:
        assert unit.editions.stamp() != stamp


def test_the_style_sheet_is_kept_for_good_under_its_name(published_site: RunningSite) -> None:
    found = re.search(r'href="(/style-[0-9a-f]+\.css)"', published_site.visitor.get("/").text)
    assert found
    sheet = published_site.visitor.get(found[1])
    assert "immutable" in sheet.headers["cache-control"]
    assert "prefers-color-scheme: dark" in sheet.text
    assert published_site.visitor.get("/style-0.css").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_name_one_heading_and_a_language(
    published_site: RunningSite, path: str
) -> None:
    page = published_site.visitor.get(path).text
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1
    assert re.search(r"<title>[^<]{4,}</title>", page)


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/nowhere"])
def test_every_page_is_html_that_a_strict_parser_takes_and_each_id_is_there_once(
    published_site: RunningSite, path: str
) -> None:
    text = published_site.visitor.get(path).text
    html5lib.HTMLParser(strict=True).parse(text)
    ids = html.fromstring(text).xpath("//@id")
    assert len(ids) == len(set(ids))


def test_titles_and_queries_cannot_become_markup(running_site: RunningSite) -> None:
    title = 'Breakout <img src=x onerror=alert(1)> "quoted" & <b>bold</b>: A Study'
    path = running_site.dump("A")
    path.write_text(path.read_text().replace(ABOUTS["A"][0], title))
    running_site.run_day()
    for address in ("/", "/papers/1", "/feed.xml", "/search?q=breakout", "/editions"):
        text = running_site.visitor.get(address).text
        assert "<img" not in text
        assert "<b>bold" not in text


def test_head_is_answered_like_get_and_other_methods_are_not(published_site: RunningSite) -> None:
    assert published_site.visitor.request("HEAD", "/").status_code == 200
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"):
        answer = published_site.visitor.request(method, "/editions")
        assert answer.status_code == 405


def test_pages_may_live_below_a_path(tmp_path: Path) -> None:
    running_site = RunningSite(
        tmp_path, list_identity=ListIdentity("L", "p@example.org", f"{BASE}/digest/")
    )
    running_site.publish("AB")
    page = running_site.visitor.get("/digest/")
    assert page.status_code == 200
    inner = [link for link in page_links(page.text) if link.startswith("/")]
    assert inner
    assert all(link.startswith("/digest/") for link in inner)
    assert running_site.visitor.get("/digest/papers/1").status_code == 200
    assert running_site.visitor.get("/healthz").status_code == 200
    assert running_site.visitor.get("/papers/1").status_code == 404
    assert running_site.visitor.get("/digest").status_code in (200, 404)
    running_site.close()


def test_an_operators_own_template_is_used_and_a_broken_one_is_named(tmp_path: Path) -> None:
    own = tmp_path / "own" / "web"
    own.mkdir(parents=True)
    (own / "note.html.j2").write_text("<h1>Ours: {{ title }}</h1>")
    running_site = RunningSite(tmp_path, templates=tmp_path / "own")
    assert running_site.visitor.get("/nowhere").text == "<h1>Ours: Page not found</h1>"
    running_site.close()
    (own / "note.html.j2").write_text("\n{% if %}")
    with pytest.raises(ConfigurationError, match=r"note\.html\.j2:2"):
        create_app(running_site.site)
    (own / "style.css.j2").write_text("{{ nothing_of_the_kind }}")
    with pytest.raises(ConfigurationError, match=r"style\.css\.j2"):
        create_app(running_site.site)


def test_an_editions_contents_lead_to_its_parts_and_back_without_a_script(
    published_site: RunningSite,
) -> None:
    text = published_site.visitor.get("/editions/2026-11-19").text
    page = html.fromstring(text)
    (contents,) = page.xpath("//nav[@aria-labelledby='contents']")
    targets = [link.get("href") for link in contents.iter("a")]
    assert targets[0] == "#picks"
    assert len(targets) > 2
    (back,) = page.xpath("//p[contains(@class, 'to-contents')]/a")
    for target in (*targets, back.get("href")):
        assert len(page.xpath(f"//*[@id='{target[1:]}']")) == 1
