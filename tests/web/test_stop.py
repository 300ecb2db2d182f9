"""Stopping an edition from its preview: looking changes nothing, one press does, and only once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from installation import KEYS
from web.site_fixture import BASE, RunningSite, page_links, visible_text

from digest.daily.daily_run import DailyRun
from digest.daily.held_editions import discard_editions, release_editions
from digest.mail.tokens import sign_token
from digest.model import EditionKind, HoldState, PreviewHold

EDITORS = ("editor@example.org", "deputy@example.org")
READER = "ada@example.org"


@pytest.fixture
def held_site(running_site: RunningSite) -> RunningSite:
    """A site with an edition of which the editors have the preview, and a reader who waits for it."""
    site = running_site
    site.publishing = replace(site.publishing, hold=PreviewHold(EDITORS, timedelta(minutes=60)))
    site.daily_run = DailyRun(
        site.store, site.editorial, site.publishing, site.delivery, [str(site.dumps)]
    )
    site.subscribe(READER)
    site.publish("AB")
    return site


def link(site: RunningSite, editor: str = EDITORS[0]) -> str:
    """The path of the page behind the button in an editor's preview."""
    html = site.transport.to(editor)[-1].get_body(("html",))
    assert html is not None
    (found,) = {one for one in page_links(html.get_content()) if "/stop/" in one}
    return found.removeprefix(BASE)


def state(site: RunningSite) -> HoldState:
    with site.store.read() as unit:
        (hold,) = unit.holds.of_day(site.clock().date(), [EditionKind.DAILY])
    return hold.state


def mails_to_reader(site: RunningSite) -> int:
    site.later(minutes=61)
    site.deliver_due()
    return len(site.transport.to(READER))


def test_a_paper_that_only_a_held_edition_tells_of_is_kept_from_search_engines(
    held_site: RunningSite,
) -> None:
    mail = held_site.transport.to(EDITORS[0])[-1].get_body(("html",))
    assert mail is not None
    papers = {one.removeprefix(BASE) for one in page_links(mail.get_content()) if "/papers/" in one}
    noindex = '<meta name="robots" content="noindex">'
    held, later = sorted(papers)
    assert noindex in held_site.visitor.get(held).text
    files = [held_site.visitor.get(f"{held}.{ending}") for ending in ("bib", "ris", "json")]
    assert [file.headers["x-robots-tag"] for file in files] == ["noindex"] * 3
    assert held_site.visitor.get("/api/search?q=-zebra").json()["total"] == 0
    held_site.later(minutes=61)
    held_site.deliver_due()
    assert noindex not in held_site.visitor.get(later).text
    assert "x-robots-tag" not in held_site.visitor.get(f"{later}.bib").headers
    # Another question: the answer to the first may be shown for a second more.
    assert held_site.visitor.get("/api/search?q=-okapi").json()["total"] == 2


def test_looking_changes_nothing_and_a_press_of_the_button_stops_it(
    held_site: RunningSite,
) -> None:
    path = link(held_site)
    for _ in range(3):
        page = held_site.visitor.get(path)
        assert page.status_code == 200
    assert "Stop the daily edition of 2026-11-20?" in visible_text(page)
    assert "Everybody gets it at 09:30 on Friday, 20 November 2026 (Europe/Paris)" in visible_text(
        page
    )
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert held_site.visitor.request("HEAD", path).status_code == 200
    assert state(held_site) is HoldState.HELD
    answer = held_site.visitor.post(path)
    assert answer.status_code == 200
    assert "The edition is stopped" in visible_text(answer)
    assert "Nobody gets it." in visible_text(answer)
    assert state(held_site) is HoldState.STOPPED
    assert mails_to_reader(held_site) == 0


def test_a_scanner_that_follows_every_link_of_the_preview_stops_nothing(
    held_site: RunningSite,
) -> None:
    for part in ("plain", "html"):
        body = held_site.transport.to(EDITORS[0])[0].get_body((part,))
        assert body is not None
        for found in re.findall(rf"{BASE}(/[^\s\"<>]*)", body.get_content()):
            held_site.visitor.get(found.replace("&amp;", "&"))
            held_site.visitor.request("HEAD", found)
    assert mails_to_reader(held_site) == 1


def test_the_links_to_leave_and_to_choose_in_a_preview_are_nobodys(held_site: RunningSite) -> None:
    message = held_site.transport.to(EDITORS[0])[0]
    one_click = re.findall(rf"<{BASE}(/unsubscribe/[^>]+)>", message["List-Unsubscribe"])
    assert len(one_click) == 1
    held_site.visitor.post(one_click[0], data={"List-Unsubscribe": "One-Click"})
    html = message.get_body(("html",))
    assert html is not None
    for found in page_links(html.get_content()):
        if "/preferences/" in found:
            answer = held_site.visitor.post(found.removeprefix(BASE), data={"action": "erase"})
            assert answer.status_code == 404
    assert mails_to_reader(held_site) == 1


def test_a_second_press_says_that_it_is_stopped_already(held_site: RunningSite) -> None:
    first, second = link(held_site), link(held_site, EDITORS[1])
    assert first != second
    held_site.visitor.post(first)
    for path in (first, second):
        assert "It is already stopped" in visible_text(held_site.visitor.get(path))
        assert "It is already stopped" in visible_text(held_site.visitor.post(path))


def test_what_was_released_is_not_stopped_by_a_link_from_before(held_site: RunningSite) -> None:
    held_site.visitor.post(link(held_site))
    release_editions(held_site.store, held_site.clock().date(), clock=held_site.clock)
    for editor in EDITORS:
        assert "It was released" in visible_text(held_site.visitor.post(link(held_site, editor)))
    held_site.deliver_due()
    assert len(held_site.transport.to(READER)) == 1


def test_what_was_sent_or_taken_back_is_said(held_site: RunningSite) -> None:
    path = link(held_site)
    assert mails_to_reader(held_site) == 1
    assert "Too late to stop it" in visible_text(held_site.visitor.get(path))
    assert "Too late to stop it" in visible_text(held_site.visitor.post(path))
    held_site.later(hours=24)
    held_site.publish("C")
    discard_editions(held_site.store, held_site.clock().date(), clock=held_site.clock)
    path = link(held_site)
    assert "no longer exists" in visible_text(held_site.visitor.get(path))
    assert "no longer exists" in visible_text(held_site.visitor.post(path))


def test_a_link_of_another_purpose_number_or_key_stops_nothing(held_site: RunningSite) -> None:
    true = link(held_site).removeprefix("/stop/")
    for token in (
        sign_token("unsubscribe", 1, KEYS),
        sign_token("stop", 1, ("a key of somebody else",)),
        true[:-1],
        f"{true}x",
        "1",
    ):
        assert held_site.visitor.post(f"/stop/{token}").status_code == 404
    assert "no longer exists" in visible_text(
        held_site.visitor.post(f"/stop/{sign_token('stop', 4711, KEYS)}")
    )
    assert held_site.visitor.post(f"/unsubscribe/{true}").status_code == 404
    assert mails_to_reader(held_site) == 1


def test_a_form_on_another_site_stops_nothing(held_site: RunningSite) -> None:
    answer = held_site.visitor.post(
        link(held_site), headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert state(held_site) is HoldState.HELD


def test_of_many_presses_at_once_one_stops_it(held_site: RunningSite) -> None:
    path = link(held_site)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: visible_text(held_site.visitor.post(path)), range(8)))
    assert sum("The edition is stopped" in answer for answer in answers) == 1
    assert sum("It is already stopped" in answer for answer in answers) == 7


def test_the_page_of_the_edition_opens_with_its_delivery_and_closes_with_a_stop(
    held_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    paths = ("/editions/2026-11-20", "/editions/2026-W47")

    def pages() -> list[int]:
        return [held_site.visitor.get(path).status_code for path in paths]

    assert pages() == [404, 404]
    for path in ("/", "/editions", "/sitemap.xml"):
        assert "/editions/2026-11-20" not in held_site.visitor.get(path).text
    assert mails_to_reader(held_site) == 1
    assert pages() == [200, 200]
    assert "/editions/2026-11-20" in held_site.visitor.get("/sitemap.xml").text
