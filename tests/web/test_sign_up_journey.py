"""Who may sign up, in a real browser: every rule, and the form in a page of another origin."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from processes import free_port
from smtp_server.mailboxes import Mailboxes, serve
from web.site_fixture import page_links
from web.test_journey import OVERFLOW, SiteOnPort, chromium, html_of, mail_number

from digest import subscriptions
from digest.model import SignUpMode, SignUpRule, SubscriberState

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

__all__ = ["chromium"]

CONTACT = "papers@example.org"
LAB = SignUpRule(SignUpMode.DOMAINS, ("lab.example", "*.lab.example"), contact=CONTACT)
INVITE = SignUpRule(SignUpMode.INVITE, contact=CONTACT)
CLOSED = SignUpRule(SignUpMode.CLOSED, contact=CONTACT)
APPROVAL = SignUpRule(approval=True, contact=CONTACT)

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The lab</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main><h1>The lab</h1>
{}</main></body></html>"""
FRAME = (
    '<iframe src="{base}/subscribe?embed" title="Subscribe to the digest" '
    'style="width:100%;max-width:30rem;height:32rem;border:0"></iframe>'
)
FORM = (
    '<form method="post" action="{base}/subscribe"><label>Your email address '
    '<input name="email" type="email" required></label> <button>Subscribe</button></form>'
)


@contextmanager
def site_with(
    tmp_path: Path, rule: SignUpRule, **values: Any
) -> Iterator[tuple[SiteOnPort, Mailboxes]]:
    mailboxes = Mailboxes()
    with serve(mailboxes) as port:
        site = SiteOnPort(tmp_path, port, sign_up_rule=rule, **values)
        with site.open(), site.service_mail_worker.running():
            yield site, mailboxes
        site.close()


@contextmanager
def other_origin(port: int, html: str) -> Iterator[str]:
    """A page of somebody else, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE.format(html).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()


class Looker:
    """A browser window that looks at each page with axe, and keeps a picture of it."""

    def __init__(self, chromium: Any, width: int, folder: Path, **context: Any) -> None:
        axe = pytest.importorskip(
            "axe_playwright_python.sync_playwright", reason="needs the dev extra"
        )
        self._axe = axe.Axe()
        self.context = chromium.new_context(viewport={"width": width, "height": 800}, **context)
        self.page = self.context.new_page()
        self._folder, self._width = folder, width

    def look(self, name: str) -> None:
        found = self._axe.run(self.page)
        assert found.violations_count == 0, (name, found.generate_report())
        assert self.page.evaluate(OVERFLOW) <= 0, name
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name.replace(' ', '-')}-{self._width}.png"
        self.page.screenshot(path=str(path), full_page=True)

    def sign_up(self, url: str, email: str, name: str = "") -> None:
        self.page.goto(url)
        self.page.get_by_label("Your email address").fill(email)
        if name:
            self.page.get_by_label("Your name").fill(name)
        self.page.get_by_role("button", name="Subscribe").first.click()

    def confirm(self, mailboxes: Mailboxes, number: int = 1) -> None:
        links = page_links(html_of(mail_number(number, mailboxes)))
        self.page.goto(next(link for link in links if "/confirm/" in link))
        self.page.get_by_role("button", name="Yes, subscribe me").click()


@pytest.fixture
def pictures(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    import os

    return Path(os.environ.get("DIGEST_PICTURES") or tmp_path / "pictures")


@pytest.mark.parametrize("width", [1280, 320])
def test_a_list_for_some_domains(tmp_path: Path, chromium: Any, pictures: Path, width: int) -> None:
    with site_with(tmp_path, LAB) as (site, mailboxes):
        looker = Looker(chromium, width, pictures)
        looker.sign_up(f"{site.base}/subscribe", "reader@other.example")
        looker.page.get_by_text("Only addresses at lab.example").wait_for()
        looker.look("domains refused")
        looker.sign_up(f"{site.base}/subscribe", "reader@cs.lab.example")
        looker.page.get_by_text("Check your inbox").wait_for()
        looker.confirm(mailboxes)
        looker.page.get_by_text("You are subscribed").wait_for()
        assert site.state("reader@cs.lab.example") is SubscriberState.ACTIVE
        looker.context.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_a_list_by_invitation(tmp_path: Path, chromium: Any, pictures: Path, width: int) -> None:
    with site_with(tmp_path, INVITE) as (site, mailboxes):
        until = site.clock() + timedelta(days=3)
        made = subscriptions.invite(
            site.store, uses=1, expires_at=until, label="guests", now=site.clock()
        )
        looker = Looker(chromium, width, pictures)
        looker.page.goto(f"{site.base}/subscribe")
        looker.page.get_by_text("by invitation only").first.wait_for()
        looker.look("invitation none")
        looker.page.goto(made.link(site.base))
        looker.look("invitation form")
        looker.sign_up(made.link(site.base), "guest@other.example", "Ada Lovelace")
        looker.page.get_by_text("Check your inbox").wait_for()
        looker.confirm(mailboxes)
        looker.page.get_by_text("You are subscribed").wait_for()
        looker.page.goto(made.link(site.base))
        looker.page.get_by_text("used as often as it may be").wait_for()
        looker.look("invitation used up")
        looker.context.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_a_closed_list(tmp_path: Path, chromium: Any, pictures: Path, width: int) -> None:
    with site_with(tmp_path, CLOSED) as (site, _):
        looker = Looker(chromium, width, pictures)
        looker.page.goto(f"{site.base}/subscribe")
        looker.page.get_by_text("Sign-up is closed").wait_for()
        looker.look("closed")
        looker.page.goto(f"{site.base}/")
        assert looker.page.get_by_role("link", name="Subscribe").count() == 0
        looker.look("closed front")
        looker.context.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_a_list_whose_operator_approves(
    tmp_path: Path, chromium: Any, pictures: Path, width: int
) -> None:
    with site_with(tmp_path, APPROVAL) as (site, mailboxes):
        looker = Looker(chromium, width, pictures)
        looker.sign_up(f"{site.base}/subscribe", "reader@other.example")
        looker.page.get_by_text("looks at each new subscriber").wait_for()
        looker.look("approval asked")
        looker.confirm(mailboxes)
        looker.page.get_by_text("Your address is confirmed").wait_for()
        looker.look("approval waiting")
        subscriptions.approve(site.store, "reader@other.example", now=site.clock())
        site.service_mail_worker.wake()
        assert mail_number(2, mailboxes)["Subject"] == "You are subscribed to Daily Papers"
        assert site.state("reader@other.example") is SubscriberState.ACTIVE
        looker.context.close()


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("way", ["frame", "form"])
def test_the_form_in_a_page_of_another_origin_without_script_and_cookie(
    tmp_path: Path, chromium: Any, pictures: Path, width: int, way: str
) -> None:
    port = free_port()
    embedder = f"http://127.0.0.1:{port}"
    with site_with(tmp_path, SignUpRule(), embedders=(embedder,)) as (site, mailboxes):
        html = (FRAME if way == "frame" else FORM).format(base=site.base)
        with other_origin(port, html) as url:
            looker = Looker(chromium, width, pictures)
            looker.page.goto(url)
            looker.look(f"embedded {way}")
            looker.context.close()
            looker = Looker(chromium, width, pictures, java_script_enabled=False)
            looker.page.goto(url)
            place = looker.page.frame_locator("iframe") if way == "frame" else looker.page
            place.get_by_label("Your email address").fill("reader@other.example")
            place.get_by_role("button", name="Subscribe").click()
            place.get_by_text("Check your inbox").wait_for()
            looker.page.screenshot(path=str(pictures / f"embedded-{way}-asked-{width}.png"))
            assert looker.context.cookies() == []
            assert looker.page.url == (f"{url}/" if way == "frame" else f"{site.base}/subscribe")
            looker.context.close()
        assert mail_number(1, mailboxes)["Subject"] == "Please confirm: Daily Papers"


def test_a_site_that_is_not_named_can_neither_frame_nor_post(tmp_path: Path, chromium: Any) -> None:
    port = free_port()
    with site_with(tmp_path, SignUpRule(), embedders=("https://www.lab.example",)) as (site, boxes):
        with other_origin(port, FRAME.format(base=site.base) + FORM.format(base=site.base)) as url:
            page = chromium.new_page()
            page.goto(url)
            frame = page.frame_locator("iframe")
            assert frame.get_by_label("Your email address").count() == 0
            page.get_by_label("Your email address").fill("reader@other.example")
            page.get_by_role("button", name="Subscribe").click()
            page.wait_for_load_state()
            assert "Check your inbox" not in page.content()
            page.close()
        site.service_mail_worker.wake()
        assert site.state("reader@other.example") is None
        assert not boxes.envelopes
