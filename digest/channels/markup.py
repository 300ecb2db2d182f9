"""Each service's way to write text and links, with whatever would act in it made harmless.

A title may hold a service's own signs: a mention that calls everybody, a link that leads elsewhere,
the end of a link's label. Where a service has an escape, it is used; where it has none, the sign is
parted by a zero-width space, or stands for its look-alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape as escape_html

_GAP = "\u200b"
"""ZERO WIDTH SPACE: it parts a sign from what follows, and nobody sees it."""
_AT = re.compile(r"@(?=\S)")
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_EMOJI = re.compile(r":(?=[a-z0-9_+-]{1,60}:)", re.IGNORECASE)
_COMMAND = re.compile(r"^(?=[/#>*+=|~-]|\d{1,9}[.)])")
_PUNCTUATION = re.compile(r"([\\`*_\[\]|~#])")
_ANGLE = re.compile(r"<(?=\S)")
_ZULIP = str.maketrans({"*": "∗", "`": "ʼ", "[": "(", "]": ")"})
_ZULIP_PAIRS = re.compile(r"(?<=~)(?=~)|(?<=\$)(?=\$)|(?<=#)(?=\S)")
_SLACK_SIGNS = re.compile(r"([*_~`])")
_URL_SIGNS = {ord(sign): f"%{ord(sign):02X}" for sign in "()<>[]|\"'`\\^{}* "}


@dataclass(frozen=True, slots=True)
class Markup:
    """A service's writing. ``link`` takes a label that is escaped already, and an address."""

    escape: Callable[[str], str]
    link: Callable[[str, str], str]
    bold: Callable[[str], str]
    line_break: str = "\n"


def harmless(text: str) -> str:
    """``text`` on one line that mentions nobody and makes no link, emoji, list or command."""
    text = " ".join(text.split())
    text = _AT.sub(f"@{_GAP}", text)
    text = _ADDRESS.sub(_GAP, text)
    text = _ANGLE.sub(f"<{_GAP}", text)
    text = _EMOJI.sub(f":{_GAP}", text)
    return _COMMAND.sub(_GAP, text)


def _markdown(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", harmless(text))


def _slack(text: str) -> str:
    """Escape as Slack documents (``&``, ``<``, ``>``); for its other signs there is no escape."""
    parted = _SLACK_SIGNS.sub(rf"{_GAP}\1{_GAP}", harmless(text))
    return parted.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _zulip(text: str) -> str:
    """Replace what Zulip's Markdown, which knows no escape, would act on."""
    return _ZULIP_PAIRS.sub(_GAP, harmless(text.translate(_ZULIP)))


def _html(text: str) -> str:
    return escape_html(harmless(text))


def _link_address(url: str) -> str:
    """``url`` without a sign that could end it early; what was encoded stays so."""
    return "".join(url.split()).translate(_URL_SIGNS)


def _slack_address(url: str) -> str:
    return _link_address(url).replace("&", "&amp;")


def _markdown_link(label: str, url: str) -> str:
    return f"[{label}]({_link_address(url)})"


def _html_link(label: str, url: str) -> str:
    return f'<a href="{escape_html(_link_address(url))}">{label}</a>'


MARKDOWN = Markup(_markdown, _markdown_link, lambda text: f"**{text}**")
"""Mattermost and Discord: a backslash makes these signs literal in both."""
ZULIP = Markup(_zulip, _markdown_link, lambda text: f"**{text}**")
SLACK = Markup(
    _slack, lambda label, url: f"<{_slack_address(url)}|{label}>", lambda text: f"*{text}*"
)
TELEGRAM = Markup(_html, _html_link, lambda text: f"<b>{text}</b>")
MATRIX = Markup(_html, _html_link, lambda text: f"<b>{text}</b>", "<br>\n")
PLAIN = Markup(harmless, lambda label, url: f"{label}\n   {_link_address(url)}", lambda text: text)
