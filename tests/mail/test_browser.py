"""The mail in a real browser: widths, contrast in light and dark, and room for a thumb."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from fakes import parse_message
from mail.sample_editions import (
    LIST,
    TOPICS,
    composer,
    edition,
    entry,
    general_selection,
    personal_selection,
    recipient_of,
)

from digest.mail.message import PreviewNote
from digest.mail.render import Renderer
from digest.mail.sample_edition import SERVICE_VALUES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

CONTRAST = """() => {
  const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const rgb = s => s.match(/[\\d.]+/g).map(Number);
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = []; let node;
  while ((node = walk.nextNode())) {
    const e = node.parentElement;
    if (!node.nodeValue.trim() || !e.getClientRects().length) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(ratio.toFixed(2) + " " + node.nodeValue.trim().slice(0, 40));
  }
  return found;
}"""

OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"

# WCAG 2.2, 2.5.8: 24 px each way, or nothing else to hit within that circle. A link within a
# sentence is exempt; here those are the ones that share their block with other words.
TARGETS = """() => [...document.querySelectorAll("a")].map(a => {
  const r = a.getBoundingClientRect();
  return {text: a.textContent.trim(), x: r.x + r.width / 2, y: r.y + r.height / 2, height: r.height,
    alone: a.parentElement.textContent.trim() === a.textContent.trim()};
})"""

SMALLEST = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let node, least = 99;
  while ((node = walk.nextNode()))
    if (node.nodeValue.replace(/\\u00a0/g, " ").trim() && node.parentElement.getClientRects().length)
      least = Math.min(least, parseFloat(getComputedStyle(node.parentElement).fontSize));
  return least;
}"""

BARS = """() => [...document.querySelectorAll("td.bar")].map(bar => [
  bar.getBoundingClientRect().width,
  parseInt(bar.nextElementSibling.textContent.replace(/,/g, "")),
])"""


def mails() -> dict[str, str]:
    """Every kind of mail as HTML, also with titles that no line can hold."""
    of = edition(120, topics=12)
    odd = edition(
        entries=[
            entry(1, TOPICS[5], title="W" * 290, brief="m" * 500, summary="i" * 800),
            entry(2, TOPICS[6], title="שלום " * 40),
        ],
        topics=12,
        picks=1,
        updated=0,
    )
    made = {
        "daily": composer(of).html(general_selection(of), recipient_of()),
        "personal": composer(of).html(
            personal_selection(of, [section.topic.id for section in of.sections[:2]]),
            recipient_of(),
        ),
        "unbreakable": composer(odd).html(general_selection(odd), recipient_of()),
    }
    renderer = Renderer()
    above = renderer.preview_note(
        "All get it at 09:00. " * 12, stop_url="https://example.org/stop/x"
    )
    preview = composer(of).compose_preview(
        general_selection(of), recipient_of(), PreviewNote(above, "held/1")
    )
    body = parse_message(preview).get_body(("html",))
    assert body is not None
    made["preview"] = body.get_content().replace("\r\n", "\n")
    for kind, values in SERVICE_VALUES.items():
        made[kind] = renderer.service(kind, LIST, **values).html
    return made


MAILS = mails()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if found is None:
        pytest.skip("no Chromium here: install Debian's chromium to measure the mail in it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


def measured(browser: Any, html: str, script: str, *, width: int, scheme: str = "light") -> Any:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=True
    )
    try:
        page = context.new_page()
        page.set_content(html)
        return page.evaluate(script)
    finally:
        context.close()


def without_style(html: str) -> str:
    """The mail as the Gmail app shows it for accounts of other providers."""
    end = html.index("</style>\n</head>")
    start = html.rindex("<style>", 0, end)
    return html[:start] + html[end + len("</style>") :]


@pytest.mark.parametrize("name", sorted(MAILS))
@pytest.mark.parametrize("width", [320, 360, 600, 1200])
def test_no_mail_is_wider_than_its_window(browser: Any, name: str, width: int) -> None:
    assert measured(browser, MAILS[name], OVERFLOW, width=width) <= 0


@pytest.mark.parametrize("name", sorted(MAILS))
def test_no_mail_is_wider_than_a_phone_without_its_style_sheet(browser: Any, name: str) -> None:
    assert measured(browser, without_style(MAILS[name]), OVERFLOW, width=360) <= 0


@pytest.mark.parametrize("name", sorted(MAILS))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_can_be_read(browser: Any, name: str, scheme: str) -> None:
    assert measured(browser, MAILS[name], CONTRAST, width=360, scheme=scheme) == []


@pytest.mark.parametrize("name", sorted(MAILS))
def test_nothing_is_smaller_than_14_px(browser: Any, name: str) -> None:
    assert measured(browser, MAILS[name], SMALLEST, width=360) >= 14


@pytest.mark.parametrize("name", sorted(MAILS))
def test_links_can_be_hit_with_a_thumb(browser: Any, name: str) -> None:
    links = measured(browser, MAILS[name], TARGETS, width=320)
    assert links
    for link in (link for link in links if link["alone"]):
        near = [
            other["text"]
            for other in links
            if other is not link
            and other["text"] != link["text"]
            and abs(other["x"] - link["x"]) < 24
            and abs(other["y"] - link["y"]) < 24
        ]
        assert link["height"] >= 24 or not near, link
    thumbs = [
        link for link in links if link["text"] == "Unsubscribe" and name not in SERVICE_VALUES
    ]
    assert all(link["height"] >= 40 for link in thumbs)


@pytest.mark.parametrize("width", [320, 600])
def test_all_bars_share_one_scale(browser: Any, width: int) -> None:
    bars = measured(browser, MAILS["daily"], BARS, width=width)
    assert len(bars) == 8
    per_paper = max(count for _, count in bars)
    longest = max(pixels for pixels, _ in bars)
    for pixels, count in bars:
        assert pixels == pytest.approx(longest * count / per_paper, abs=3)
