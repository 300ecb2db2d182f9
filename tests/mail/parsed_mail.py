"""A mail read back as a mail program reads it."""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import html5lib

_MAIL_TO_WRITE = re.compile(
    r"send\s+a\s+mail\s+to\s+(\S+)\s+with\s+(?:this\s+subject|one\s+of\s+these\s+subjects):\n"
    r"((?: *(?:unsubscribe|vote)\b.*\n)+)"
)


@dataclass(frozen=True)
class ParsedMail:
    """A message taken apart: its headers, and its two parts decoded."""

    raw: bytes
    message: EmailMessage
    text: str
    html: str

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])


def parse_mail(raw: bytes) -> ParsedMail:
    """The mail; fails if the parser found any defect in it."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    parts = {"text/plain": "", "text/html": ""}
    for part in message.walk():
        assert not part.defects
        if not part.is_multipart():
            parts[part.get_content_type()] = part.get_content().replace("\r\n", "\n")
    return ParsedMail(raw, message, parts["text/plain"], parts["text/html"])


def parse_html(html: str) -> ElementTree.Element:
    """The page as browsers build it; fails on any error in the HTML."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    page: Any = parser.parse(html)
    assert parser.errors == []
    assert isinstance(page, ElementTree.Element)
    return page


def visible_text(html: str) -> str:
    """The words of a page's body on one line."""
    body = parse_html(re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)).find("body")
    assert body is not None
    return " ".join("".join(body.itertext()).split())


def html_links(html: str) -> Counter[str]:
    """How often each address is linked to; jumps within the mail aside."""
    addresses = (a.get("href", "") for a in parse_html(html).iter("a"))
    return Counter(address for address in addresses if not address.startswith("#"))


def text_links(text: str) -> Counter[str]:
    """How often each address stands in a text; a mail to write counts as the link that opens it."""
    links = Counter(re.findall(r"(?:https?://|mailto:)\S+", text))
    for address, subjects in _MAIL_TO_WRITE.findall(text):
        links.update(f"mailto:{address}?subject={quote(s.strip())}" for s in subjects.splitlines())
    return links
