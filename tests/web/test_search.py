"""The search page and its JSON, through the public door."""

from __future__ import annotations

import re

from web.site_fixture import RunningSite, visible_text


def test_what_was_found_is_marked_and_everything_is_escaped(published_site: RunningSite) -> None:
    get = published_site.visitor.get
    page = get("/search", params={"q": "diffusion"}).text
    assert re.search(r"<mark>[Dd]iffusion</mark>", page)
    hostile = '"><script>alert(1)</script><mark>'
    page = get("/search", params={"q": hostile, "topic": hostile, "after": hostile}).text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_form_keeps_what_was_asked(published_site: RunningSite) -> None:
    fields = {"q": "method", "topic": "language", "after": "2026-01-01", "sort": "newest"}
    page = published_site.visitor.get("/search", params=fields).text
    assert '<option value="language" selected>' in page
    assert '<option value="newest" selected>' in page
    assert 'name="after" type="date" value="2026-01-01"' in page
    assert "<details open>" in page


def test_a_misspelt_word_is_searched_for_as_its_nearest(published_site: RunningSite) -> None:
    page = visible_text(published_site.visitor.get("/search?q=difusion"))
    assert "No paper has “difusion”. Showing papers with “diffusion” instead." in page


def test_a_search_that_finds_nothing_says_where_else_to_look(published_site: RunningSite) -> None:
    get = published_site.visitor.get
    page = get("/search?q=zzqqxxyy").text
    assert "Fewer words find more." in page
    found = page.partition('aria-labelledby="found"')[2].partition("</section>")[0]
    assert re.findall(r'href="([^"]+)"', found) == ["/topics", "/editions"]
    assert "Fewer words" not in get("/search?q=diffusion").text


def test_programs_get_the_same_as_json(published_site: RunningSite) -> None:
    answer = published_site.visitor.get("/api/search", params={"q": "-zebra", "sort": "votes"})
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    assert (found["total"], found["exact"], found["page"], found["pages"]) == (9, True, 1, 1)
    assert len(found["papers"]) == 9
    assert all(paper["page"].endswith(f"/papers/{paper['id']}") for paper in found["papers"])
    description = published_site.visitor.get("/api/openapi.json").json()
    required = description["components"]["schemas"]["Found"]["required"]
    assert set(required) <= set(found)
    properties = description["components"]["schemas"]["Paper"]["properties"]
    assert set(found["papers"][0]) == set(properties)


def test_no_search_is_a_fault_of_the_server(published_site: RunningSite) -> None:
    for query in ("a OR " * 2_000, "x" * 10_240, '"unbalanced', "\0", "\u202e(NEAR", "***", "-"):
        for path in ("/search", "/api/search"):
            answer = published_site.visitor.get(path, params={"q": query})
            assert answer.status_code == 200
