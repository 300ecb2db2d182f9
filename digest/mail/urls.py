"""Addresses of a mail's links: the list's own pages, or arXiv when there are none."""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus, unquote, urlsplit

from digest.arxiv_ids import is_arxiv_id
from digest.mail.list_identity import ListIdentity
from digest.mail.plain_text import (
    clip,
    edition_name,
)
from digest.model import Edition, Entry

_LONGEST = 400
"""Longer addresses are left out: nobody can check them, and forty would fill a mail."""
_SEARCHED = 56
"""Characters of a title that it is searched by."""


def safe_url(url: str | None) -> str | None:
    """``url`` if it is absolute http(s) that a mail may carry, in ASCII; otherwise ``None``."""
    if not url or len(url) > _LONGEST or re.search(r"[\s\x00-\x1f\x7f<>\"'\\]", url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    if not host.isascii():
        return None
    ascii_url = quote(url, safe="/:?#[]@!$&()*+,;=%~-._")
    return ascii_url if len(ascii_url) <= _LONGEST else None


def paper_url(entry: Entry, list_identity: ListIdentity) -> str:
    """Address of a title: the paper's own page, else arXiv, its source, or a title search."""
    if list_identity.web is not None:
        return f"{list_identity.web}/papers/{entry.paper_id}"
    identifier = entry.external_id or ""
    if is_arxiv_id(identifier):
        return f"https://arxiv.org/abs/{identifier}"
    if identifier.startswith("doi:10.") and len(identifier) < 200:
        return f"https://doi.org/{quote(identifier[4:], safe='/:.-_;()')}"
    source_url = safe_url(entry.url)
    if source_url is not None:
        return source_url
    return title_search_url(entry.title)


def title_search_url(title: str) -> str:
    """A search for that readable title at arXiv, for a paper whose source gave no address."""
    # Enough words to find it by, and short: without pages such a link stands in a mail many times.
    words = re.findall(r"\w+", clip(title, _SEARCHED))
    query = quote_plus(" ".join(words).encode("utf-8", "ignore"))
    return f"https://arxiv.org/search/?searchtype=title&query={query}"


def edition_url(edition: Edition, list_identity: ListIdentity) -> str | None:
    """The edition on the web: ``/editions/2026-11-20``, ``/editions/2026-W47``."""
    return list_identity.page(f"editions/{edition_name(edition.kind, edition.day)}")


def topic_url(edition: Edition, topic: str, list_identity: ListIdentity) -> str | None:
    """A topic on the day of the edition: all its papers, on a page of their own."""
    page = edition_url(edition, list_identity)
    return None if page is None else f"{page}?topic={quote(topic, safe='')}"


def vote_url(edition: Edition, list_identity: ListIdentity, begin: str, *answer: object) -> str:
    """The address that votes: ``begin`` is the subscriber's own, ``answer`` the paper and the word.

    Without an answer it is the page of the whole mail, which only a list with pages has.
    """
    if list_identity.web is None:
        return begin + "%20".join(map(str, answer))
    return "/".join((begin, edition_name(edition.kind, edition.day), *map(str, answer)))


def mail_subject(link: str) -> str:
    """The subject of the mail that a ``mailto:`` link opens, as a person types it."""
    return unquote(link.partition("?subject=")[2])


def topic_anchor(topic: str) -> str:
    """The ``id`` of a topic's section, in a mail and on an edition's page."""
    return re.sub(r"[^a-z0-9]+", "-", topic.lower()).strip("-") or "topic"


def display_url(url: str) -> str:
    """A link's address as a reader may see it, for links that have no better name."""
    parts = urlsplit(url)
    return clip(f"{parts.netloc.removeprefix('www.')}{parts.path}".rstrip("/"), 48)
