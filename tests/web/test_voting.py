"""A vote is a press of a button, or a link on a device where its reader pressed one before."""

from __future__ import annotations

import re

import pytest
from web.site_fixture import BASE, RunningSite, Visitor, page_links, visible_text

from digest.mail.tokens import sign_token
from digest.model import Frequency, Preferences, VoteDirection
from digest.subscriptions import taste
from digest.web.voting import SCRIPT

READER = "reader@example.org"
COOKIE = "__Host-votes"


@pytest.fixture
def site(published_site: RunningSite) -> RunningSite:
    published_site.subscribe(READER, "other@example.org")
    return published_site


def link(site: RunningSite, more: str = "", email: str = READER) -> str:
    return f"{site.link('vote', email)}/2026-11-20{more}"


def votes(site: RunningSite, email: str = READER) -> dict[int, str]:
    view = taste.find_taste(site.store, site.number(email))
    assert view is not None
    return {vote.paper_id: str(vote.direction) for vote in view.votes}


def a_paper(site: RunningSite) -> int:
    with site.store.read() as unit:
        return unit.papers.recent(1)[0].id


def press(site: RunningSite, vote: str, *, auto: str = "") -> int:
    """Post a vote of the page of one paper; the status of the answer."""
    _, paper = vote.split()
    answer = site.visitor.post(
        link(site, f"/{paper}/more"), data={"vote": vote, "auto": auto}, follow_redirects=False
    )
    return answer.status_code


def test_a_link_shows_the_paper_with_its_answer_chosen_and_changes_nothing(
    site: RunningSite,
) -> None:
    paper = a_paper(site)
    answer = site.visitor.get(link(site, f"/{paper}/less"))
    assert answer.status_code == 200
    assert re.search(rf'value="less {paper}" checked', answer.text)
    assert "<script" not in answer.text
    assert "script" not in answer.headers["content-security-policy"]
    assert "r…@example.org" in answer.text
    assert READER not in answer.text
    assert votes(site) == {}
    assert "set-cookie" not in answer.headers


def test_the_first_vote_on_a_device_is_one_press_and_lets_it_be_known(site: RunningSite) -> None:
    paper = a_paper(site)
    answer = site.visitor.post(
        link(site, f"/{paper}/more"), data={"vote": f"more {paper}"}, follow_redirects=False
    )
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert votes(site) == {paper: "more"}
    page = site.visitor.get(answer.headers["location"])
    assert "Saved: more like this." in page.text
    assert "You want more like this." in visible_text(page)


def test_on_a_device_that_is_known_the_page_presses_its_button(site: RunningSite) -> None:
    paper = a_paper(site)
    press(site, f"more {paper}")
    page = site.visitor.get(link(site, f"/{paper}/less"))
    assert '<script src="/vote.js" defer></script>' in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert site.visitor.get("/vote.js").content == SCRIPT
    assert votes(site) == {paper: "more"}
    assert press(site, f"less {paper}", auto="1") == 303
    assert votes(site) == {paper: "less"}


@pytest.mark.parametrize("header", ["Sec-Purpose", "Purpose"])
def test_a_browser_that_looks_ahead_gets_no_script(site: RunningSite, header: str) -> None:
    paper = a_paper(site)
    press(site, f"more {paper}")
    ahead = site.visitor.get(link(site, f"/{paper}/less"), headers={header: "prefetch;prerender"})
    assert "<script" not in ahead.text


def test_without_the_cookie_of_that_reader_nothing_votes_by_itself(site: RunningSite) -> None:
    paper = a_paper(site)
    assert press(site, f"more {paper}", auto="1") == 200
    assert votes(site) == {}
    for cookie in (
        "",
        "x",
        sign_token("vote", site.number(READER), ("a key that only tests know",)),
    ):
        site.visitor.client.cookies.set(COOKIE, cookie)
        assert "<script" not in site.visitor.get(link(site, f"/{paper}/more")).text
        assert press(site, f"more {paper}", auto="1") == 200
    assert votes(site) == {}


def test_the_cookie_of_one_reader_does_not_vote_for_another(site: RunningSite) -> None:
    paper = a_paper(site)
    press(site, f"more {paper}")
    theirs = link(site, f"/{paper}/less", email="other@example.org")
    assert "<script" not in site.visitor.get(theirs).text
    answer = site.visitor.post(theirs, data={"vote": f"less {paper}", "auto": "1"})
    assert answer.status_code == 200
    assert votes(site, "other@example.org") == {}


def test_another_site_can_neither_post_a_vote_nor_use_the_cookie(site: RunningSite) -> None:
    paper = a_paper(site)
    press(site, f"more {paper}")
    for path in (link(site), f"/papers/{paper}/vote"):
        answer = site.visitor.post(
            path, data={"vote": f"less {paper}"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403
    assert votes(site) == {paper: "more"}


def test_the_page_lists_the_whole_mail_and_takes_many_votes(site: RunningSite) -> None:
    page = site.visitor.get(link(site)).text
    papers = [int(number) for number in re.findall(r'value="more (\d+)"', page)]
    assert len(papers) == 4  # F to I were new on that day
    for paper in papers:
        assert press(site, f"less {paper}") == 303
    assert votes(site) == dict.fromkeys(papers, "less")
    assert "Take it back" in site.visitor.get(link(site)).text


def test_a_vote_is_undone_to_what_it_was(site: RunningSite) -> None:
    paper = a_paper(site)
    press(site, f"less {paper}")
    answer = site.visitor.post(link(site), data={"vote": f"more {paper}"})
    assert votes(site) == {paper: "more"}
    undo = re.search(r'name="vote" value="([^"]+)">Undo', answer.text) or re.search(
        r'name="vote" value="([^"]+)">Undo', site.visitor.get(answer.headers["location"]).text
    )
    assert undo
    assert undo[1] == f"less {paper}"
    press(site, undo[1])
    assert votes(site) == {paper: "less"}
    press(site, f"none {paper}")
    assert votes(site) == {}


def test_a_paper_has_buttons_that_work_on_a_device_that_is_known(site: RunningSite) -> None:
    paper = a_paper(site)
    assert f'action="/papers/{paper}/vote"' in site.visitor.get(f"/papers/{paper}").text
    unknown = site.visitor.post(f"/papers/{paper}/vote", data={"vote": "more"})
    assert unknown.status_code == 403
    assert "Vote once from a link in one of your mails" in unknown.text
    press(site, f"less {paper}")
    known = site.visitor.post(f"/papers/{paper}/vote", data={"vote": "more"})
    assert "Saved: more like this." in known.text
    assert votes(site) == {paper: "more"}
    assert 'value="less">Undo' in known.text
    assert site.visitor.post("/papers/999/vote", data={"vote": "more"}).status_code == 404


def test_a_vote_link_opens_nothing_but_votes(site: RunningSite) -> None:
    token = site.link("vote", READER).rpartition("/")[2]
    for purpose in ("unsubscribe", "preferences", "taste", "confirm"):
        assert site.visitor.get(f"/{purpose}/{token}").status_code == 404
    pages = (
        site.visitor.get(link(site)).text
        + site.visitor.get(link(site, f"/{a_paper(site)}/more")).text
    )
    for purpose in ("unsubscribe", "preferences", "taste"):
        assert f"/{purpose}/" not in pages


@pytest.mark.parametrize(
    "path", ["/2026-13-40", "/2019-01-01", "/2026-11-20/x/more", "/2026-11-20/1/maybe"]
)
def test_what_there_is_nothing_to_vote_on_is_not_found(site: RunningSite, path: str) -> None:
    assert site.visitor.get(f"{site.link('vote', READER)}{path}").status_code == 404
    assert site.visitor.get("/vote/forged/2026-11-20").status_code == 404
    assert site.visitor.post("/vote/forged/2026-11-20", data={"vote": "more 1"}).status_code == 404


def test_the_page_shows_what_the_mail_showed(site: RunningSite) -> None:
    wanted = Preferences(topics=("language",), frequency=Frequency.DAILY)
    with site.store.begin() as unit:
        unit.subscribers.set_preferences(site.number(READER), wanted)
    narrow = site.visitor.get(link(site)).text
    assert len(re.findall(r'value="more (\d+)"', narrow)) < 4


def test_the_links_of_a_mail_lead_to_its_vote_pages(running_site: RunningSite) -> None:
    running_site.subscribe(READER)
    running_site.publish("ABC")
    (message,) = running_site.transport.to(READER)
    html = message.get_body(("html",))
    assert html is not None
    prefix = f"{BASE}{running_site.link('vote', READER)}/2026-11-20"
    links = [one for one in page_links(html.get_content()) if one.startswith(prefix)]
    assert prefix in links
    assert len(links) >= 3
    other = Visitor(running_site.app)
    assert {other.get(one.removeprefix(BASE)).status_code for one in links} == {200}
    other.close()
    assert votes(running_site) == {}
    assert {one.rpartition("/")[2] for one in links if one != prefix} == {
        str(word) for word in VoteDirection
    }
