"""A reader's whole way in a real browser, with a real mail server at the other end."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes import parse_message
from installation import KEYS, RENDERER, papers_named
from processes import free_port
from smtp_server.mailboxes import Mailboxes, serve
from web.site_fixture import (
    RunningSite,
    page_links,
)

from digest.daily.daily_run import DailyRun
from digest.daily.publish import PublishSettings
from digest.delivery.smtp import RelaySettings, SmtpTransport
from digest.model import Frequency, SubscriberState
from digest.subscriptions import ServiceMailSettings, ServiceMailWorker
from digest.tls import Security
from digest.web.app import create_app
from digest.web.serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

READER = "reader@example.org"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium here to look at the pages with")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the dev extra")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def relay() -> Iterator[tuple[Mailboxes, int]]:
    """A mail server, and its port."""
    mailboxes = Mailboxes()
    with serve(mailboxes) as port:
        yield mailboxes, port


class SiteOnPort(RunningSite):
    """A site on a port, with a relay on another; its links lead to itself."""

    def __init__(self, folder: Path, relay_port: int, **site: Any) -> None:
        super().__init__(folder, **site)
        relay = RelaySettings(
            "127.0.0.1", relay_port, Security.NONE, local_name="papers.example.org"
        )
        self.relay = SmtpTransport(relay)
        self.server: Server

    def open(self) -> Any:
        """Serve; the port is known only then, and every link needs it."""
        port = free_port()
        self.list_identity = replace(self.list_identity, base_url=f"http://127.0.0.1:{port}")
        self.site = replace(
            self.site,
            list_identity=self.list_identity,
            clock=self.site.clock,
            least_form_seconds=0.0,
            wake=lambda: self.service_mail_worker.wake(),
        )
        self.delivery = replace(
            self.delivery, list_identity=self.list_identity, transport=self.relay
        )
        self.publishing = PublishSettings(RENDERER, self.list_identity, self.publishing.expiry)
        self.daily_run = DailyRun(
            self.store, self.editorial, self.publishing, self.delivery, [str(self.dumps)]
        )
        self.service_mail_worker = ServiceMailWorker(
            self.store,
            ServiceMailSettings(
                self.relay, RENDERER, self.list_identity, KEYS, "bounces@example.org"
            ),
            clock=self.clock,
            rule=self.site.sign_up_rule,
        )
        self.server = Server(create_app(self.site), host="127.0.0.1", port=port)
        return self.server.running()

    @property
    def base(self) -> str:
        return str(self.list_identity.web)


@pytest.fixture
def site_on_port(tmp_path: Path, relay: tuple[Mailboxes, int]) -> Iterator[SiteOnPort]:
    running_site = SiteOnPort(tmp_path, relay[1])
    with running_site.open(), running_site.service_mail_worker.running():
        yield running_site
    running_site.close()


def mail_number(number: int, mailboxes: Mailboxes) -> EmailMessage:
    """The mail with that number, waited for."""
    content = mailboxes.wait_for(number).content
    assert isinstance(content, bytes)
    return parse_message(content)


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def journey(
    site_on_port: SiteOnPort, mailboxes: Mailboxes, page: Any, press: Callable[[Any, str], None]
) -> None:
    """Sign up, confirm, choose, get the right mail, leave by one click, and be gone."""
    site_on_port.publish("ABC")
    page.goto(site_on_port.base)
    assert page.evaluate(OVERFLOW) <= 0
    page.get_by_label("Your email address").fill(READER)
    press(page, "Subscribe")
    page.get_by_role("heading", name="Check your inbox").wait_for()
    (confirm,) = [
        link for link in page_links(html_of(mail_number(1, mailboxes))) if "/confirm/" in link
    ]
    page.goto(confirm)
    assert site_on_port.state(READER) is SubscriberState.PENDING
    press(page, "Yes, subscribe me")
    page.get_by_role("heading", name="You are subscribed").wait_for()
    page.get_by_role("link", name="Choose topics and days").click()
    page.get_by_role("heading", name="Your preferences").wait_for()
    page.get_by_label("Follow Language Models & NLP").check()
    page.get_by_label("Always show papers that mention").fill("robots")
    page.get_by_label("Plain text only").check()
    press(page, "Save")
    page.get_by_role("status").wait_for()
    assert page.evaluate(OVERFLOW) <= 0
    site_on_port.later(days=1)
    site_on_port.publish("DEFGHI")
    mail = mail_number(2, mailboxes)
    text = str(mail.get_content())
    assert papers_named(text) == "FI"
    assert "you follow Language Models & NLP" in " ".join(text.split())
    one_click = re.search(r"<(https?://[^>]+)>", str(mail["List-Unsubscribe"]))
    assert one_click
    page.goto(one_click[1])
    assert site_on_port.state(READER) is SubscriberState.ACTIVE
    gone = httpx.post(one_click[1], data={"List-Unsubscribe": "One-Click"})
    assert gone.status_code == 200
    assert site_on_port.state(READER) is SubscriberState.UNSUBSCRIBED
    page.reload()
    page.get_by_role("heading", name="You are already unsubscribed").wait_for()
    site_on_port.later(days=1)
    site_on_port.dump("A", name="another")
    (site_on_port.dumps / "another.txt").write_text(
        (site_on_port.dumps / "another.txt").read_text().replace("Amber Diffusion", "Umber Robots")
    )
    site_on_port.run_day()
    assert len(mailboxes.envelopes) == 2


def click(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


@pytest.mark.parametrize("script", [True, False], ids=["scripts on", "scripts off"])
@pytest.mark.parametrize("width", [1200, 320])
def test_a_reader_comes_chooses_and_goes(
    site_on_port: SiteOnPort, relay: tuple[Mailboxes, int], chromium: Any, width: int, script: bool
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=script
    )
    page = context.new_page()
    page.evaluate = page.evaluate if script else lambda *_: 0
    journey(site_on_port, relay[0], page, click)
    context.close()


def focused(page: Any) -> dict[str, str]:
    found: dict[str, str] = page.evaluate(
        """() => { const e = document.activeElement, s = getComputedStyle(e);
        return {tag: e.tagName, name: e.name || "", text: e.textContent.trim(), type: e.type || "",
                value: e.value || "", outline: s.outlineStyle, clip: s.opacity}; }"""
    )
    return found


def tab_to(page: Any, wanted: Callable[[dict[str, str]], bool]) -> None:
    """Press the tabulator until the focus is there; every stop on the way can be seen."""
    for _ in range(150):
        page.keyboard.press("Tab")
        at = focused(page)
        assert at["outline"] != "none", at
        if wanted(at):
            return
    raise AssertionError("cannot be reached by keyboard")


def is_on(text: str) -> Callable[[dict[str, str]], bool]:
    """A test for the focus being on something with that text."""
    return lambda at: at["text"] == text


def test_the_keyboard_alone_is_enough(
    site_on_port: SiteOnPort, relay: tuple[Mailboxes, int], chromium: Any
) -> None:
    site_on_port.publish("ABC")
    page = chromium.new_page()
    page.goto(site_on_port.base)
    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Skip to the content"
    tab_to(page, lambda at: at["name"] == "email")
    page.keyboard.type(READER)
    tab_to(page, lambda at: at["tag"] == "BUTTON")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Check your inbox").wait_for()
    (confirm,) = [
        link for link in page_links(html_of(mail_number(1, relay[0]))) if "/confirm/" in link
    ]
    page.goto(confirm)
    tab_to(page, lambda at: at["tag"] == "BUTTON")
    page.keyboard.press("Space")
    page.get_by_role("heading", name="You are subscribed").wait_for()
    tab_to(page, lambda at: at["text"] == "Choose topics and days")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your preferences").wait_for()
    tab_to(page, lambda at: at["name"] == "frequency")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    tab_to(page, lambda at: at["name"] == "topics" and at["value"] == "language")
    page.keyboard.press("Space")
    tab_to(page, lambda at: at["tag"] == "BUTTON" and at["text"] == "Save")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    with site_on_port.store.read() as unit:
        subscriber = unit.subscribers.by_email(READER)
    assert subscriber is not None
    assert subscriber.preferences.topics == ("language",)
    assert subscriber.preferences.frequency is Frequency.WEEKLY
    page.goto(f"{site_on_port.base}{site_on_port.link('unsubscribe', READER)}")
    tab_to(page, lambda at: at["text"] == "Unsubscribe" and at["tag"] == "BUTTON")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 320])
def test_axe_finds_nothing_on_any_page_and_nothing_runs_out_of_it(
    site_on_port: SiteOnPort, chromium: Any, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the dev extra")
    site_on_port.subscribe(READER)
    for back, papers in ((8, "ABI"), (1, "BCDE"), (0, "DEFGHI")):
        site_on_port.clock.now = site_on_port.clock.now.replace(day=20 - back)
        site_on_port.publish(papers)
    paths = [
        "/", "/editions", "/editions/2026-11-19", "/papers/1", "/editions/2026-W47", "/papers/2", "/topics",
        "/editions/2026-11-20?topic=language", "/topics/language", "/search?q=method", "/search?q=zebra",
        "/search", "/search?q=difusion+OR+graph&sort=newest", "/search?q=zebra+topic:nothing",
        "/subscribe", "/nowhere", "/confirm/nothing",
        *(site_on_port.link(purpose, READER) for purpose in ("confirm", "preferences", "unsubscribe")),
    ]  # fmt: skip
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    problems: list[str] = []
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    for path in paths:
        page.goto(f"{site_on_port.base}{path}")
        found = axe.Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.evaluate(OVERFLOW) <= 0, path
    page.goto(f"{site_on_port.base}/subscribe")
    page.get_by_text("Choose topics, days and hours now").click()
    page.get_by_label("Your time zone", exact=True).fill("Mars/Olympus")
    page.locator("#email").fill(READER)
    click(page, "Subscribe")
    page.get_by_text("is not a time zone").wait_for()
    assert axe.Axe().run(page).violations_count == 0
    expected = ("404", "422")
    assert [text for text in problems if not any(code in text for code in expected)] == []
    context.close()


def test_a_long_address_beside_a_paper_stays_within_a_phone(
    site_on_port: SiteOnPort, chromium: Any
) -> None:
    site_on_port.publish("ABC")
    context = chromium.new_context(viewport={"width": 320, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(site_on_port.base)
    link = (
        "<a href='/'>Project page: representationforcing1029.example.org/RepresentationForcing</a>"
    )
    page.locator(".marks").first.evaluate("(marks, link) => { marks.innerHTML += link }", link)
    assert page.evaluate(OVERFLOW) <= 0
    context.close()


def test_contents_stay_in_sight_and_titles_are_underlined_where_one_points(
    site_on_port: SiteOnPort, chromium: Any
) -> None:
    site_on_port.publish("ABCDEFGHI")
    for width, stays in ((1280, ".contents"), (320, ".to-contents a")):
        page = chromium.new_page(viewport={"width": width, "height": 500})
        page.goto(site_on_port.base)
        page.mouse.wheel(0, 900)
        page.wait_for_function("() => window.scrollY > 300")
        box = page.locator(stays).bounding_box()
        assert box is not None
        assert -1 <= box["y"] < 500
        page.get_by_role("link", name="Contents" if width == 320 else "Top picks").click()
        page.wait_for_function("() => ['#contents', '#picks'].includes(location.hash)")
        title = page.locator("h3 a").first
        line = "element => getComputedStyle(element).textDecorationLine"
        assert title.evaluate(line) == "none"
        assert int(title.evaluate("element => getComputedStyle(element).fontWeight")) >= 600
        title.hover()
        assert title.evaluate(line) == "underline"
        page.mouse.move(0, 0)
        page.goto(site_on_port.base)
        tab_to(page, is_on(title.text_content().strip()))
        assert title.evaluate(line) == "underline"
        page.close()
