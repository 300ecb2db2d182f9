"""Papers kept for later: by a press of a button, on a list that only its reader's link shows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs

import pytest
from installation import ABOUTS, KEYS
from mail.parsed_mail import parse_mail
from mail.sample_editions import edition, general_selection, published
from web.parsed_citations import bibtex_titles, ris_titles
from web.site_fixture import RunningSite, Visitor, page_links, visible_text

from digest.daily.subscriber_mail import mail_recipient
from digest.mail.message import Composer
from digest.mail.tokens import sign_token
from digest.subscriptions import erase_subscriber, export_subscriber, reading_list
from digest.web.app import create_app

READER = "reader@example.org"


@pytest.fixture
def site(published_site: RunningSite) -> RunningSite:
    """Pages of a list that has reading lists, with two readers."""
    published_site.list_identity = replace(published_site.list_identity, reading_lists=True)
    published_site.site = replace(published_site.site, list_identity=published_site.list_identity)
    published_site.visitor.close()
    published_site.app = create_app(published_site.site)
    published_site.visitor = Visitor(published_site.app)
    published_site.subscribe(READER, "other@example.org")
    return published_site


def papers(site: RunningSite) -> list[int]:
    with site.store.read() as unit:
        return [paper.id for paper in unit.papers.recent(4)]


def kept(site: RunningSite, email: str = READER) -> list[int]:
    view = reading_list.find_reading_list(site.store, site.number(email))
    assert view is not None
    return [saved.paper_id for saved in view.saved]


def later(site: RunningSite, paper: int, email: str = READER) -> str:
    return f"{site.link('vote', email)}/2026-11-20/{paper}/later"


def keep(site: RunningSite, *ids: int) -> None:
    for paper in ids:
        answer = site.visitor.post(
            later(site, paper), data={"vote": f"later {paper}"}, follow_redirects=True
        )
        assert answer.status_code == 200
        assert "Saved to your reading list." in answer.text


def test_a_link_changes_nothing_and_a_press_keeps_the_paper(site: RunningSite) -> None:
    paper = papers(site)[0]
    page = site.visitor.get(later(site, paper))
    assert re.search(rf'value="later {paper}" checked', page.text)
    assert "<script" not in page.text
    assert kept(site) == []
    keep(site, paper)
    assert kept(site) == [paper]
    known = site.visitor.get(later(site, papers(site)[1]))
    assert '<script src="/vote.js" defer></script>' in known.text
    assert kept(site) == [paper]


def test_it_is_undone_beside_the_votes_and_is_no_vote(site: RunningSite) -> None:
    paper = papers(site)[0]
    answer = site.visitor.post(
        later(site, paper), data={"vote": f"later {paper}"}, follow_redirects=True
    )
    assert f'value="unlater {paper}">Undo' in answer.text
    assert "On your reading list." in visible_text(answer)
    with site.store.read() as unit:
        assert unit.votes.of_subscribers([site.number(READER)]) == {}
    page = site.visitor.post(
        f"{site.link('vote', READER)}/2026-11-20",
        data={"vote": f"unlater {paper}"},
        follow_redirects=True,
    )
    assert "Taken off your reading list." in page.text
    assert kept(site) == []


def test_a_papers_page_keeps_it_on_a_device_that_is_known(site: RunningSite) -> None:
    first, second = papers(site)[:2]
    assert "Read later" in site.visitor.get(f"/papers/{first}").text
    stranger = Visitor(site.app)
    assert stranger.post(f"/papers/{first}/vote", data={"vote": "later"}).status_code == 403
    stranger.close()
    keep(site, second)
    answer = site.visitor.post(f"/papers/{first}/vote", data={"vote": "later"})
    assert "Saved to your reading list." in answer.text
    assert "A link to your reading list is at the end of every mail." in answer.text
    assert set(kept(site)) == {first, second}


def test_the_list_is_read_marked_and_emptied_with_undo(site: RunningSite) -> None:
    first, second, third, _ = papers(site)
    keep(site, first, second, third)
    address = site.link("reading", READER)

    def press(action: str) -> str:
        return site.visitor.post(address, data={"action": action}).text

    assert "Marked as read." in press(f"read {second}")
    assert kept(site)[-1] == second
    assert "Marked as unread." in press(f"unread {second}")
    text = press(f"remove {first}")
    assert f'value="save {first}">Undo' in text
    assert first not in kept(site)
    assert "on your list again" in press(f"save {first}")
    press(f"read {first}")
    assert "1 paper removed." in press("clear")
    assert set(kept(site)) == {second, third}
    for nonsense in (
        "",
        "read",
        "read x",
        "remove 99999999999999999999",
        "burn 1",
        f"read {first}",
    ):
        assert "Your reading list" in press(nonsense)
    assert set(kept(site)) == {second, third}


def test_only_its_own_link_shows_it(site: RunningSite) -> None:
    paper = papers(site)[0]
    keep(site, paper)
    number = site.number(READER)
    assert "Nothing yet." in site.visitor.get(site.link("reading", "other@example.org")).text
    for purpose in ("vote", "taste", "device"):
        token = sign_token(purpose, number, KEYS)
        for end in ("", "/list.json", "/papers.bib"):
            assert site.visitor.get(f"/reading/{token}{end}").status_code == 404
    page = site.visitor.get(f"{site.link('vote', READER)}/2026-11-20")
    assert not [link for link in page_links(page.text) if "/reading/" in link]
    answer = site.visitor.post(
        site.link("reading", READER),
        data={"action": f"remove {paper}"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert kept(site) == [paper]
    own = site.visitor.get(site.link("reading", READER))
    assert own.headers["cache-control"] == "no-store"
    assert own.headers["x-robots-tag"] == "noindex"
    assert READER not in own.text
    assert "Disallow: /reading/" in site.visitor.get("/robots.txt").text


def test_it_is_taken_along_as_bibtex_ris_csl_and_json(site: RunningSite) -> None:
    first, second = papers(site)[:2]
    keep(site, first, second)
    address = site.link("reading", READER)
    with site.store.read() as unit:
        titles = {paper.title for paper in unit.papers.by_ids([first, second])}
    bib = site.visitor.get(f"{address}/papers.bib")
    assert bibtex_titles(bib.text) == titles
    ris = site.visitor.get(f"{address}/papers.ris")
    assert ris_titles(ris.text) == titles
    csl = site.visitor.get(f"{address}/papers.json").json()
    assert {item["title"] for item in csl} == titles
    listed = site.visitor.get(f"{address}/list.json").json()["papers"]
    assert {item["title"] for item in listed} == titles
    assert {item["read"] for item in listed} == {None}
    for answer in (bib, ris):
        assert answer.headers["cache-control"] == "no-store"
        assert "reading-list." in answer.headers["content-disposition"]
    links = page_links(site.visitor.get(address).text)
    assert {f"{address}/papers.bib", f"{address}/papers.ris", f"{address}/list.json"} <= set(links)


def test_programs_that_read_pages_find_every_paper_of_the_list(site: RunningSite) -> None:
    keep(site, *papers(site)[:2])
    text = site.visitor.get(site.link("reading", READER)).text
    spans = [parse_qs(unescape(it)) for it in re.findall(r'class="Z3988" title="([^"]*)"', text)]
    assert len(spans) == 2
    for span in spans:
        assert span["ctx_ver"] == ["Z39.88-2004"]
        assert span["rft.atitle"][0] in {about[0] for about in ABOUTS.values()}


def test_it_is_in_what_is_held_about_a_reader_and_goes_with_them(site: RunningSite) -> None:
    paper = papers(site)[0]
    keep(site, paper)
    number = site.number(READER)
    held = export_subscriber(site.store, number)
    assert held is not None
    (row,) = held["reading_list"]
    assert row["title"] in {about[0] for about in ABOUTS.values()}
    json.dumps(held)
    erase_subscriber(site.store, number, now=site.clock())
    assert reading_list.find_reading_list(site.store, number) is None
    assert site.visitor.get(f"/reading/{sign_token('reading', number, KEYS)}").status_code == 404


def test_a_mail_links_to_it_and_every_pick_can_be_kept(site: RunningSite) -> None:
    of, identity = edition(12), site.list_identity
    composer = Composer(published(of, identity), identity)
    with site.store.read() as unit:
        subscriber = unit.subscribers.by_email(READER)
    assert subscriber is not None
    raw = composer.compose(general_selection(of), mail_recipient(subscriber, identity, KEYS))
    links = page_links(parse_mail(raw).html)
    assert f"{site.list_identity.web}{site.link('reading', READER)}" in links
    later = [link for link in links if link.endswith("/later")]
    assert len(later) == 5


def test_without_reading_lists_nothing_is_offered(published_site: RunningSite) -> None:
    published_site.subscribe(READER)
    with published_site.store.read() as unit:
        paper = unit.papers.recent(1)[0].id
    assert published_site.visitor.get(later(published_site, paper)).status_code == 404
    for page in (f"/papers/{paper}", published_site.link("preferences", READER)):
        assert "eading list" not in published_site.visitor.get(page).text
    answer = published_site.visitor.post(
        later(published_site, paper), data={"vote": f"later {paper}"}
    )
    assert answer.status_code == 404
