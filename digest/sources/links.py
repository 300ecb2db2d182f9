"""Read what a web address says about a paper: its id, its page, and what else it leads to."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from digest.arxiv_ids import ARXIV_ID
from digest.model import Link, LinkKind
from digest.sources.doi import DOI_PREFIX

HOME = "https://huggingface.co"
"""Where the addresses of a papers page that have no host lead to."""

_LONGEST = 2000
_BARE_ID = re.compile(rf"(?:arxiv:\s*)?{ARXIV_ID}", re.IGNORECASE)
_ARXIV_PATH = re.compile(
    rf"/(?:abs|pdf|html|format|ps|src|e-print|overview)/{ARXIV_ID}(?:\.pdf)?/?"
)
_PAPERS_PATH = re.compile(rf"/papers/{ARXIV_ID}(?:\.md)?/?")
_DOI = re.compile(rf"/?({DOI_PREFIX}[^\s?#]+)")
_PREPRINT_DOI = re.compile(
    r"(10\.(?:1101|64898)/(?:\d{4}\.\d{2}\.\d{2}\.)?\d{1,12})"
    r"(?:v\d{1,3})?(?:\.(?:full(?:-text)?|abstract|pdf|full\.pdf|short))?",
    re.IGNORECASE,
)
"""A DOI of bioRxiv or medRxiv, whose feeds and pages write the version behind it."""
_PREPRINT_PATH = re.compile(
    rf"/content/(?:early/[\d/]{{1,20}})?({_PREPRINT_DOI.pattern})/?$", re.IGNORECASE
)
_PREPRINT_HOSTS = frozenset({"biorxiv.org", "medrxiv.org", "connect.biorxiv.org"})
_SCHEMELESS = re.compile(
    r"(?:www\.)?(?:arxiv\.org|alphaxiv\.org|hf\.co|huggingface\.co|doi\.org|github\.com|openreview\.net)/",
    re.IGNORECASE,
)
_PAPER_HOSTS = frozenset({"huggingface.co", "hf.co"})
_ARXIV_HOSTS = frozenset({"arxiv.org", "export.arxiv.org", "alphaxiv.org", "ar5iv.org"})
_CODE_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})
_HUB_PAGES = """
papers login join models datasets spaces docs blog posts collections tasks pricing enterprise
storage organizations learn chat front akhaliq settings new search terms-of-service privacy
huggingface
"""
_NOT_A_REPOSITORY = frozenset(_HUB_PAGES.split())


@lru_cache(maxsize=4096)
def absolute(address: str, base: str = HOME) -> str | None:
    """The http(s) address that ``address`` means on a page of ``base``; ``None`` if it is none."""
    address = address.strip().strip("<>")
    if not address or len(address) > _LONGEST or len(address.split()) != 1:
        return None
    if address.startswith("//"):
        address = f"https:{address}"
    elif address.startswith("/"):
        address = base + address
    elif _SCHEMELESS.match(address):
        address = f"https://{address}"
    if not address.lower().startswith(("http://", "https://")):
        return None
    try:
        return address if urlsplit(address).hostname else None
    except ValueError:
        return None


def doi_id(doi: str) -> str:
    """The id of a paper with that DOI; of a preprint that of all its versions."""
    doi = doi.lower()
    preprint = _PREPRINT_DOI.fullmatch(doi)
    return f"doi:{preprint[1] if preprint else doi}"


def bare_id(text: str) -> str | None:
    """The arXiv id in ``2606.01234v2`` or ``arXiv:2606.01234 [cs.LG]``, without its version."""
    match = _BARE_ID.match(text.strip())
    if match is None or text.strip()[match.end() :].strip(
        " ]abcdefghijklmnopqrstuvwxyzACDGILMNOQRST.-["
    ):
        return None
    return match[1]


@lru_cache(maxsize=4096)
def paper_id(url: str) -> str | None:
    """The id of the paper that an absolute address leads to, as :class:`digest.model.Record` writes ids.

    A button that needs a login (``/login?next=%2Fpapers%2F2606.01234``) counts for its paper.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if host in _PAPER_HOSTS:
        path = parts.path
        if path.startswith("/login"):
            path = parse_qs(parts.query).get("next", [""])[0]
        match = _PAPERS_PATH.fullmatch(unquote(path).split("#")[0])
        return match[1] if match else None
    if host in _ARXIV_HOSTS:
        match = _ARXIV_PATH.fullmatch(parts.path)
        return match[1] if match else None
    if host in ("doi.org", "dx.doi.org"):
        named = _DOI.fullmatch(unquote(parts.path))
        return doi_id(named[1]) if named else None
    if host in _PREPRINT_HOSTS:
        named = _PREPRINT_PATH.match(unquote(parts.path))
        return doi_id(named[1]) if named else None
    if host == "openreview.net" and parts.path in ("/forum", "/pdf"):
        named_in_query = parse_qs(parts.query).get("id", [""])[0]
        return f"openreview:{named_in_query}" if named_in_query else None
    return None


def is_page(url: str) -> bool:
    """Tell whether the address is a paper's own page, not a button or a discussion of it."""
    return "/login" not in url and "#" not in url and paper_id(url) is not None


def is_discussion_url(url: str) -> bool:
    """Tell whether the address leads to the comments on a paper."""
    return "#community" in url or "#comments" in url or "%23community" in url


def link(url: str, label: str = "") -> Link | None:
    """The link worth keeping beside a paper, or ``None`` for people, buttons and the paper itself."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    steps = [step for step in parts.path.split("/") if step]
    if paper_id(url) is not None or is_discussion_url(url):
        return None
    if host in _CODE_HOSTS:
        return Link(LinkKind.CODE, url, label) if len(steps) >= 2 else None
    if host in _PAPER_HOSTS:
        kind = _kind_on_hub(steps)
        return Link(kind, url, label) if kind else None
    if host.endswith(("github.io", "gitlab.io")):
        return Link(LinkKind.PROJECT, url, label)
    return Link(LinkKind.OTHER, url, label) if steps else None


def _kind_on_hub(steps: list[str]) -> LinkKind | None:
    if len(steps) == 3 and steps[0] == "datasets":
        return LinkKind.DATA
    if len(steps) == 3 and steps[0] == "spaces":
        return LinkKind.PROJECT
    if len(steps) == 2 and steps[0] not in _NOT_A_REPOSITORY:
        return LinkKind.MODEL
    return None
