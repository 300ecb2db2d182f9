"""The preview page: a mail as its readers will meet it."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import html5lib
from mail.sample_editions import (
    composer,
    edition,
    general_selection,
    recipient_of,
)

from digest.mail.preview import (
    in_colour_scheme,
    preview_page,
)
from digest.model import MailFormat

EDITION = edition(20)
MESSAGE = composer(EDITION).compose(general_selection(EDITION), recipient_of())


def frames(page: str) -> list[str]:
    tree = html5lib.HTMLParser(namespaceHTMLElements=False).parse(page)
    return [frame.get("srcdoc") for frame in tree.iter("iframe")]


def test_the_page_shows_the_mail_on_phone_and_desktop_light_and_dark() -> None:
    page = preview_page(MESSAGE)
    light, dark, wide_light, wide_dark = frames(page)
    assert light == wide_light
    assert dark == wide_dark
    assert "Phone, dark, 360 px" in page
    assert "@media not all {" in light
    assert "@media all {" in dark
    assert "color-scheme: light;" in light
    assert "prefers-color-scheme" not in light + dark


def test_the_page_shows_inbox_line_size_text_and_headers() -> None:
    page = preview_page(MESSAGE, expires=datetime(2026, 11, 21, 3, 0, tzinfo=UTC))
    shown = unescape(page)
    assert "and 18 more · 20 Nov" in shown
    assert "at which Gmail cuts a mail off" in shown
    assert "until 2026-11-21 03:00 UTC" in shown
    assert "List-Unsubscribe: <https://papers.example.org/unsubscribe/" in shown
    assert "lines up to 7" in shown


def test_nothing_in_the_page_can_run() -> None:
    page = preview_page(MESSAGE)
    assert "<script" not in page
    assert page.count("sandbox srcdoc=") == 4


def test_a_text_mail_has_no_frames() -> None:
    message = composer(EDITION).compose(
        general_selection(EDITION), recipient_of(format=MailFormat.TEXT)
    )
    page = preview_page(message)
    assert frames(page) == []
    assert "No HTML part" in page


def test_a_mail_over_the_limit_is_marked() -> None:
    message = (
        b"From: a@example.org\r\nSubject: big\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        + b"<p>word</p>\r\n" * 9_000
    )
    assert '<b class="over">' in preview_page(message)


def test_both_spellings_of_the_scheme_are_answered() -> None:
    html = '<meta name="color-scheme" content="light dark"><style>:root{color-scheme:light dark}'
    assert in_colour_scheme(html, "dark").count("light dark") == 0
