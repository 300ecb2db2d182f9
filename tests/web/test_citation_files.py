"""Citations of papers and editions, for programs that keep references."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from factories import change
from installation import ABOUTS
from lxml import html
from store.steps import remember_dump
from web.parsed_citations import bibtex_titles, ris_titles
from web.site_fixture import RunningSite, page_links

from digest.model import Record

LISTED = [
    {
        "paper": {
            "id": "2606.01234",
            "title": "Zürich & 50% of {Tides}: the \\LaTeX Way",
            "summary": "We present tides. They work on every shore that we tried in this study.",
            "authors": [{"name": "Ada Lovelace"}, {"name": "Émile Borel"}],
            "publishedAt": "2026-06-03T00:00:00.000Z",
            "githubRepo": "https://github.com/tides/tides",
            "githubStars": 1234,
        }
    }
]


@pytest.fixture
def listed_site(tmp_path: Path) -> Iterator[RunningSite]:
    """Pages with one paper, of which its source told all that a citation has."""
    site = RunningSite(tmp_path)
    (site.dumps / "page.json").write_text(json.dumps(LISTED), encoding="utf-8")
    site.run_day()
    yield site
    site.close()


@pytest.mark.parametrize(
    ("ending", "kind", "name"),
    [
        ("bib", "application/x-bibtex; charset=utf-8", "lovelace2026zurich.bib"),
        ("ris", "application/x-research-info-systems; charset=utf-8", "lovelace2026zurich.ris"),
        ("json", "application/vnd.citationstyles.csl+json; charset=utf-8", "lovelace2026zurich.json"),
    ],
)  # fmt: skip
def test_a_papers_citation_is_a_file_that_browsers_keep(
    listed_site: RunningSite, ending: str, kind: str, name: str
) -> None:
    answer = listed_site.visitor.get(f"/papers/1.{ending}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "2606.01234" in answer.text
    again = listed_site.visitor.get(
        f"/papers/1.{ending}", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_the_page_shows_the_entry_that_the_file_has(listed_site: RunningSite) -> None:
    page = html.fromstring(listed_site.visitor.get("/papers/1").text)
    (shown,) = page.xpath("//pre")
    assert shown.text_content() == listed_site.visitor.get("/papers/1.bib").text
    assert r"{\"{u}}rich \& 50\% of" in shown.text_content()
    assert {"/papers/1.bib", "/papers/1.ris", "/papers/1.json"} <= set(
        page_links(listed_site.visitor.get("/papers/1").text)
    )


def test_programs_that_read_pages_find_the_citation(listed_site: RunningSite) -> None:
    text = listed_site.visitor.get("/papers/1").text
    tags = [
        (unescape(name), unescape(content))
        for name, content in re.findall(r'<meta name="(citation_\w+)" content="([^"]*)">', text)
    ]
    assert ("citation_author", "Émile Borel") in tags
    assert ("citation_arxiv_id", "2606.01234") in tags
    assert ("citation_publication_date", "2026/06/03") in tags
    (title,) = re.findall(r'<span class="Z3988" title="([^"]+)"></span>', text)
    assert parse_qs(unescape(title))["rft.au"] == ["Ada Lovelace", "Émile Borel"]


def test_the_stars_of_a_papers_code_stand_beside_its_link(listed_site: RunningSite) -> None:
    text = listed_site.visitor.get("/papers/1").text
    assert "Code: github.com/tides/tides (1,234 stars)" in text
    assert "Stars of the code" not in text


def test_an_editions_file_has_all_its_papers_the_best_first(published_site: RunningSite) -> None:
    for name, letters in (("2026-11-20", "FGHI"), ("2026-W47", "ABCDEFGHI")):
        answer = published_site.visitor.get(f"/editions/{name}.json")
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}.json"'
        items: list[dict[str, Any]] = answer.json()
        assert sorted(item["title"] for item in items) == [ABOUTS[one][0] for one in letters]
        assert len({item["id"] for item in items}) == len(items)
        picked = page_links(published_site.visitor.get(f"/editions/{name}").text)
        first = next(link for link in picked if link.startswith("/papers/"))
        assert items[0]["title"] in published_site.visitor.get(first).text
        assert f"/editions/{name}.bib" in picked


def test_every_file_is_read_by_the_programs_it_is_for(published_site: RunningSite) -> None:
    get = published_site.visitor.get
    for path, letters in (
        ("/editions/2026-11-20.{}", "FGHI"),
        ("/editions/2026-W47.{}", "ABCDEFGHI"),
        ("/search.{}?q=-zebra", "ABCDEFGHI"),
    ):
        titles = {ABOUTS[letter][0] for letter in letters}
        assert bibtex_titles(get(path.format("bib")).text) == titles
        assert ris_titles(get(path.format("ris")).text) == titles
        assert {item["title"] for item in get(path.format("json")).json()} == titles
    for number in range(1, 10):
        (title,) = ris_titles(get(f"/papers/{number}.ris").text)
        assert bibtex_titles(get(f"/papers/{number}.bib").text) == {title}


def test_a_search_is_taken_along_whole_and_programs_read_it_from_the_page(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.search_answer.ON_A_PAGE", 4)
    get = published_site.visitor.get
    page = get("/search?q=-zebra&sort=newest&page=2").text
    assert len(re.findall('class="Z3988"', page)) == 4
    for title in re.findall(r'class="Z3988" title="([^"]+)"', page):
        fields = parse_qs(unescape(title))
        assert fields["ctx_ver"] == ["Z39.88-2004"]
        assert fields["rft_val_fmt"] == ["info:ofi/fmt:kev:mtx:journal"]
        assert fields["rft.genre"][0] in {"article", "proceeding", "preprint"}
        assert fields["rft.atitle"][0]
    files = [link for link in page_links(page) if "/search." in link]
    assert files[0] == "/search.bib?q=-zebra&sort=newest"
    answer = get(files[0])
    assert answer.headers["content-disposition"] == 'attachment; filename="search.bib"'
    assert len(bibtex_titles(answer.text)) == 9
    assert "/search.bib" not in get("/search?q=zzqqxxyy").text


@pytest.mark.parametrize(
    "path",
    ["/papers/99.bib", "/papers/x.ris", "/papers/1.doc", "/papers/.bib", "/papers/1.bib.ris",
     "/editions/2026-11-21.bib", "/editions/2026-W01.ris", "/editions/today.json",
     "/search.bib", "/search.doc?q=x"],
)  # fmt: skip
def test_a_citation_that_is_not_there_is_not_found(published_site: RunningSite, path: str) -> None:
    assert published_site.visitor.get(path).status_code == 404


def test_a_paper_that_waits_for_its_edition_has_neither_page_nor_citation(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    site = published_site
    with site.store.begin() as unit:
        record = Record("A Census of Moles Under the Long Lawn", "We count moles.", 1)
        (waiting,) = remember_dump(unit, change(record), name="later", day=site.clock().date())
    for ending in ("", ".bib", ".ris", ".json"):
        assert site.visitor.get(f"/papers/{waiting}{ending}").status_code == 404
    assert site.visitor.get("/api/search?q=moles").json()["total"] == 0
    assert "Search all 9 papers" in site.visitor.get("/search").text
    site.later(days=1)
    site.publish("A")
    assert site.visitor.get(f"/papers/{waiting}").status_code == 200
    assert site.visitor.get(f"/papers/{waiting}.bib").status_code == 200
    assert site.visitor.get("/api/search?q=moles").json()["total"] == 1
    assert "Search all 10 papers" in site.visitor.get("/search").text
