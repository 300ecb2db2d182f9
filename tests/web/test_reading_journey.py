"""A reading list in a real browser: kept from a mail, marked, taken along, emptied; no scanner fills it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from smtp_server.mailboxes import Mailboxes, serve
from web.parsed_citations import bibtex_titles
from web.site_fixture import page_links
from web.test_journey import OVERFLOW, READER, SiteOnPort, chromium, html_of, mail_number

from digest.subscriptions import reading_list

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

__all__ = ["chromium"]


class SiteWithLists(SiteOnPort):
    """A site that has reading lists, with one reader and the links of the mail they got."""

    def __init__(self, folder: Path, relay_port: int) -> None:
        super().__init__(folder, relay_port)
        self.list_identity = replace(self.list_identity, reading_lists=True)

    def publish_to_reader(self, mailboxes: Mailboxes) -> None:
        self.subscribe(READER)
        self.publish("DEFGHI")
        links = page_links(html_of(mail_number(1, mailboxes)))
        self.later_links = [link for link in links if link.endswith("/later")]
        (self.list_link,) = [link for link in links if "/reading/" in link]

    @property
    def kept(self) -> list[int]:
        view = reading_list.find_reading_list(self.store, self.number(READER))
        assert view is not None
        return [saved.paper_id for saved in view.saved]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SiteWithLists]:
    mailboxes = Mailboxes()
    with serve(mailboxes) as port:
        made = SiteWithLists(tmp_path, port)
        with made.open(), made.service_mail_worker.running():
            made.publish_to_reader(mailboxes)
            yield made
        made.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_papers_are_kept_from_a_mail_read_and_taken_along(
    site: SiteWithLists, chromium: Any, width: int, scheme: str, tmp_path: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the dev extra")
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    shots = os.environ.get("DIGEST_SCREENSHOTS")

    def look(name: str) -> None:
        if shots:
            page.screenshot(path=f"{shots}/{name}-{width}-{scheme}.png", full_page=True)
        found = axe.Axe().run(page)
        assert found.violations_count == 0, (name, found.generate_report())
        assert page.evaluate(OVERFLOW) <= 0, name

    page.goto(site.list_link)
    look("empty")
    page.goto(site.later_links[0])
    page.wait_for_timeout(500)
    assert site.kept == []
    look("one")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved to your reading list.").wait_for()
    look("whole-mail")
    page.goto(site.later_links[1])
    page.get_by_text("Saved to your reading list.").wait_for()
    assert len(site.kept) == 2
    page.goto(site.list_link)
    look("list")
    page.get_by_role("button", name="Mark as read").first.click()
    page.get_by_text("Marked as read.").wait_for()
    look("read")
    with page.expect_download() as download:
        page.get_by_role("link", name="BibTeX").click()
    assert len(bibtex_titles(Path(download.value.path()).read_text(encoding="utf-8"))) == 2
    page.get_by_role("button", name="Remove all that is read").click()
    page.get_by_text("1 paper removed.").wait_for()
    page.get_by_role("button", name="Remove").first.click()
    page.get_by_text("Removed.", exact=True).wait_for()
    assert site.kept == []
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("It is on your list again.").wait_for()
    assert len(site.kept) == 1
    context.close()


def test_a_scanner_that_runs_scripts_keeps_nothing(site: SiteWithLists, chromium: Any) -> None:
    context = chromium.new_context()
    page = context.new_page()
    for link in (*site.later_links, site.list_link):
        page.goto(link)
        page.mouse.move(10, 10)
        page.wait_for_timeout(300)
    assert site.kept == []
    assert context.cookies() == []
    context.close()
