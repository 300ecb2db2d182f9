"""Taste in a real browser: papers named, votes with and without the cookie, undo, export, erasure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from installation import ABOUTS
from smtp_server.mailboxes import Mailboxes, serve
from web.site_fixture import page_links
from web.test_journey import OVERFLOW, READER, SiteOnPort, chromium, html_of, mail_number

from digest.subscriptions import taste

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

__all__ = ["chromium"]

BIB = "@misc{{a, title={{{}}}, eprint={{2606.01234}}}}\n@misc{{b, title={{{}}}}}\n"
SETTLED = 1_500
"""Milliseconds after which a script of the page would have run."""


class MailedSite(SiteOnPort):
    """A site with one reader, and the vote links of the mail they got."""

    def publish_to_reader(self, mailboxes: Mailboxes) -> None:
        self.subscribe(READER)
        self.publish("DEFGHI")
        links = page_links(html_of(mail_number(1, mailboxes)))
        self.mail_links = [link for link in links if link.startswith(self.base)]
        votes = [link for link in links if "/vote/" in link]
        (self.whole_mail,) = [link for link in votes if not link.endswith(("more", "less"))]
        self.more = [link for link in votes if link.endswith("/more")]
        self.less = [link for link in votes if link.endswith("/less")]

    @property
    def votes(self) -> dict[int, str]:
        view = taste.find_taste(self.store, self.number(READER))
        assert view is not None
        return {vote.paper_id: str(vote.direction) for vote in view.votes}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[MailedSite]:
    mailboxes = Mailboxes()
    with serve(mailboxes) as port:
        made = MailedSite(tmp_path, port)
        with made.open(), made.service_mail_worker.running():
            made.publish_to_reader(mailboxes)
            yield made
        made.close()


def paper_of(link: str) -> int:
    return int(link.split("/")[-2])


@pytest.mark.parametrize("width", [1280, 320])
def test_the_first_vote_is_a_press_and_the_next_a_link_on_that_device_only(
    site: MailedSite, chromium: Any, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(site.more[0])
    page.wait_for_timeout(SETTLED)
    assert site.votes == {}
    page.get_by_role("button", name="Save my vote").click()
    page.get_by_text("Saved: more like this.").wait_for()
    first = paper_of(site.more[0])
    assert site.votes == {first: "more"}
    page.goto(site.less[1])
    page.get_by_text("Saved: less like this.").wait_for()
    second = paper_of(site.less[1])
    assert site.votes == {first: "more", second: "less"}
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Your vote has been taken back.").wait_for()
    page.go_back()
    page.go_back()
    page.wait_for_timeout(SETTLED)
    assert site.votes == {first: "more"}
    assert page.evaluate(OVERFLOW) <= 0
    elsewhere = chromium.new_context()
    other = elsewhere.new_page()
    for link in (*site.more, *site.less, site.whole_mail):
        other.goto(link)
        other.wait_for_timeout(200)
    assert site.votes == {first: "more"}
    for used in (context, elsewhere):
        used.close()


def test_a_scanner_that_runs_scripts_and_follows_every_link_votes_for_nobody(
    site: MailedSite, chromium: Any
) -> None:
    """Every link of the mail, and every link of the pages behind them; each page is left to settle."""
    context = chromium.new_context()
    page = context.new_page()
    waiting, seen = list(dict.fromkeys(site.mail_links)), set[str]()
    while waiting and len(seen) < 120:
        link = waiting.pop(0)
        seen.add(link.partition("#")[0])
        if link.endswith((".bib", ".ris", ".json", ".xml")):
            page.request.get(link)
            continue
        page.goto(link)
        page.mouse.move(10, 10)
        page.wait_for_timeout(60)
        found = page.evaluate("() => [...document.links].map(a => a.href)")
        for other in found:
            if other.startswith(site.base) and other.partition("#")[0] not in seen:
                seen.add(other.partition("#")[0])
                waiting.append(other)
    page.wait_for_timeout(SETTLED)
    assert len(seen) > 20
    assert site.votes == {}
    assert context.cookies() == []
    context.close()


def test_many_votes_in_one_visit_without_a_script(site: MailedSite, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.whole_mail)
    count = page.get_by_role("button", name="Less like this").count()
    assert count == 6
    for _ in range(count):
        page.get_by_role("button", name="Less like this").first.click()
        page.get_by_text("Saved: less like this.").wait_for()
    assert set(site.votes.values()) == {"less"}
    assert len(site.votes) == count
    context.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_papers_are_named_by_a_bibliography_shown_exported_and_erased(
    site: MailedSite, chromium: Any, width: int, tmp_path: Path
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{site.base}{site.link('preferences', READER)}")
    page.get_by_role("link", name="Your taste").click()
    page.get_by_role("heading", name="Your taste").wait_for()
    bibliography = tmp_path / "mine.bib"
    bibliography.write_text(BIB.format("Weaving Flowers With An Engine", ABOUTS["D"][0]))
    page.get_by_label("Or a .bib, .ris or text file").set_input_files(str(bibliography))
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("2 added, 1 not known here yet.").wait_for()
    assert page.evaluate(OVERFLOW) <= 0
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("2 papers removed.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("2 added").wait_for()
    page.get_by_label("Name", exact=True).fill("Grace Hopper")
    page.get_by_role("button", name="Follow", exact=True).click()
    page.get_by_text("You follow Grace Hopper.").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download your taste").click()
    exported = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert len(exported["seeds"]) == 2
    assert exported["follows"][0]["name"] == "Grace Hopper"
    page.get_by_label("I want the papers I named, my votes and the names I follow erased").check()
    page.get_by_role("button", name="Erase my taste").click()
    page.get_by_text("Your taste is erased.").wait_for()
    view = taste.find_taste(site.store, site.number(READER))
    assert view is not None
    assert (view.seeds, view.votes, view.follows) == ((), (), ())
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_on_the_pages_of_a_taste(
    site: MailedSite, chromium: Any, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the dev extra")
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()

    def look(name: str) -> None:
        found = axe.Axe().run(page)
        assert found.violations_count == 0, (name, found.generate_report())
        assert page.evaluate(OVERFLOW) <= 0, name

    page.goto(site.more[0])
    look("one vote")
    page.get_by_role("button", name="Save my vote").click()
    page.get_by_text("Saved: more like this.").wait_for()
    look("the whole mail")
    page.goto(f"{site.base}/papers/{paper_of(site.more[0])}")
    look("a paper")
    page.get_by_role("button", name="Less like this").click()
    look("voted on its page")
    page.goto(f"{site.base}{site.link('taste', READER)}")
    page.get_by_label("Add papers").fill("2606.01234\nBERT\nWeaving Flowers With An Engine")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("2 added").wait_for()
    page.get_by_label("Name", exact=True).fill("Grace Hopper")
    page.get_by_role("button", name="Follow", exact=True).click()
    page.get_by_text("You follow Grace Hopper.").wait_for()
    look("a taste")
    page.get_by_role("button", name="Remove the ticked papers").click()
    page.get_by_text("Nothing was removed").wait_for()
    look("nothing removed")
    context.close()
