"""A paper of which a source tells the title only is a paper in mails, on pages and in ``explain``."""

from __future__ import annotations

import os
import re

from installation import ABOUTS, abstract
from web.site_fixture import BASE, RunningSite, page_links, visible_text

from digest.daily.explain import explain
from digest.model import Novelty

PAPERS = "BE"


def address(letter: str) -> str:
    return f"https://arxiv.org/abs/2511.0{ord(letter)}00"


def save_page(site: RunningSite, *, abstracts: bool) -> None:
    """A page of links with votes, as it looks today."""
    blocks = ["# Daily Papers"]
    for letter in PAPERS:
        blocks += [f"### [{ABOUTS[letter][0]}]({address(letter)})", "12 votes"]
        blocks += [abstract(letter)] if abstracts else []
        blocks += ["- 5 authors"]
    path = site.dumps / f"{site.clock.now:%d}.md"
    path.write_text("\n\n".join(blocks), encoding="utf-8")
    os.utime(path, (site.clock.now.timestamp(),) * 2)


def topics_of(site: RunningSite) -> dict[str, tuple[str, ...]]:
    with site.store.read() as unit:
        found = {}
        for paper in unit.papers.recent(9):
            assignment = unit.papers.assignment(paper.id)
            assert assignment is not None
            found[paper.title] = assignment.topics
        return found


def test_titles_without_abstracts_are_mailed_and_shown_and_explained(
    running_site: RunningSite,
) -> None:
    running_site.subscribe("a@example.org")
    save_page(running_site, abstracts=False)
    running_site.run_day()
    (mail,) = running_site.transport.to("a@example.org")
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        words = body.get_content()
        for number, letter in enumerate(PAPERS, start=1):
            assert ABOUTS[letter][0] in words
            assert f"{BASE}/papers/{number}" in words
        assert not re.search(r"<p[^>]*>\s*</p>|\bNone\b", words)
    for path in ("/", "/papers/1", "/search?q=Beacon", "/feed.xml"):
        page = running_site.visitor.get(path)
        assert page.status_code == 200
        assert ABOUTS["B"][0] in visible_text(page)
        assert "None" not in visible_text(page)
    assert address("B") in page_links(running_site.visitor.get("/papers/1").text)
    told = "\n".join(explain(running_site.store, running_site.editorial, "Beacon").lines())
    assert ABOUTS["B"][0] in told
    assert "topic" in told


def test_an_abstract_that_comes_later_is_shown_and_is_no_news(running_site: RunningSite) -> None:
    running_site.subscribe("a@example.org")
    save_page(running_site, abstracts=False)
    running_site.run_day()
    by_title = topics_of(running_site)
    running_site.later(days=1)
    save_page(running_site, abstracts=True)
    report = running_site.run_day()
    assert report.ingested.count(Novelty.SEEN) == len(PAPERS)
    assert len(running_site.transport.mails) == 1
    for number, letter in enumerate(PAPERS, start=1):
        page = visible_text(running_site.visitor.get(f"/papers/{number}"))
        assert abstract(letter).split(".")[0] in page
    # What the paper is about is found in its abstract, too.
    by_abstract = topics_of(running_site)
    assert by_abstract != by_title
    running_site.later(days=1)
    save_page(running_site, abstracts=False)
    running_site.run_day()
    assert topics_of(running_site) == by_abstract
    assert abstract("B").split(".")[0] in visible_text(running_site.visitor.get("/papers/1"))
    assert len(running_site.transport.mails) == 1
