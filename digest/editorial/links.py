"""The links of a paper as badges: code, project page, data, model, demo.

Links come from the source and from the words of the abstract. Both are untrusted: only addresses
that name a public host over http(s) and nothing else become badges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from urllib.parse import quote, urlsplit

from digest.model import Link, LinkKind

_LONGEST_URL = 300
_LONGEST_ABSTRACT = 20_000
_LOOKED_BACK_AT = 90
_MOST_ADDRESSES = 40
"""Addresses of an abstract that are looked at; honest ones have up to about ten."""

_HOSTS = "github|gitlab|bitbucket|codeberg|huggingface|zenodo|kaggle"
_URL = re.compile(
    r"(?:https?://|(?<![\w@./-])(?:www\.|(?:[a-z0-9-]+\.)?(?:"
    rf"{_HOSTS})\.(?:com|org|co)/|[a-z0-9-]+\.(?:github|gitlab)\.io\b))"
    r"(?:[^\s{}<>\"^`|\\]|\\[_%&#~-])*",
    re.IGNORECASE,
)
# One of these is in every address that the pattern finds: it need not look at the other texts.
_SIGNS_OF_ADDRESS = ("http", "www.", *_HOSTS.split("|"))
_TRAILING = ".,;:!?'*’”>_"
_GLUED_SENTENCE = re.compile(r"\.(?:The|We|Our|This|Code|In|All|Project|It|Data|See)$")

CODE, PROJECT = (LinkKind.CODE, "Code"), (LinkKind.PROJECT, "Project page")
DATA, MODEL = (LinkKind.DATA, "Data"), (LinkKind.MODEL, "Model")
DEMO, VIDEO = (LinkKind.OTHER, "Demo"), (LinkKind.OTHER, "Video")
PAPER = (LinkKind.PAPER, "Paper")
_ORDER = [CODE, PROJECT, DATA, MODEL, DEMO, VIDEO]
_LABELS = dict((CODE, PROJECT, DATA, MODEL))

# What a host and the beginning of a path stand for, the first that fits.
_PLACES = (
    (re.compile(r"[\w-]+\.(?:github|gitlab)\.io(?:/|$)"), PROJECT),
    (re.compile(r"(?:www\.)?(?:github\.com|gitlab\.com|codeberg\.org|bitbucket\.org)/[^/]+"), CODE),
    (re.compile(r"gitlab\.[\w.-]+/[^/]+|(?:www\.)?pypi\.org/|gist\.github\.com/[^/]+"), CODE),
    (re.compile(r"(?:www\.)?(?:huggingface\.co|hf\.co)/datasets/"), DATA),
    (re.compile(r"(?:www\.)?(?:huggingface\.co|hf\.co)/spaces/"), DEMO),
    (re.compile(r"(?:www\.)?(?:huggingface\.co|hf\.co)/papers"), PAPER),
    (re.compile(r"(?:www\.)?(?:huggingface\.co|hf\.co)/[^/]+"), MODEL),
    (re.compile(r"(?:www\.)?(?:kaggle\.com|zenodo\.org|figshare\.com|physionet\.org)/"), DATA),
    (re.compile(r"(?:osf\.io|dataverse\.[\w.-]+|data\.[\w-]+\.\w+|ieee-dataport\.org)/"), DATA),
    (re.compile(r"colab\.research\.google\.com/"), DEMO),
    (re.compile(r"(?:www\.)?(?:youtube\.com/|youtu\.be/|vimeo\.com/)"), VIDEO),
    (re.compile(r"(?:www\.|export\.)?arxiv\.org/|(?:dx\.)?doi\.org/|openreview\.net/"), PAPER),
    (re.compile(r"(?:www\.)?semanticscholar\.org/|alphaxiv\.org/"), PAPER),
)
_BARE_HOSTS = re.compile(rf"(?:www\.)?(?:{_HOSTS})\.\w+/?$")
# For other hosts, the last of these words before the address.
_WORDS = re.compile(
    r"(?P<project>project (?:page|web ?site)|home ?page|web ?(?:site|page)|page)|(?P<demo>demos?\b)|"
    r"(?P<video>videos?\b)|(?P<code>\bcodes?\b|implementation|repository|source)|"
    r"(?P<data>data ?sets?|benchmark|\bdata\b)|(?P<model>models?\b|weights|checkpoints)",
    re.IGNORECASE,
)
_BY_WORD = {
    "project": PROJECT,
    "demo": DEMO,
    "video": VIDEO,
    "code": CODE,
    "data": DATA,
    "model": MODEL,
}


def badges(links: Sequence[Link], abstract: str) -> tuple[Link, ...]:
    """The links worth a badge, one of each label, in the order code, project page, data, …

    ``links`` are the source's own, which go before those found in ``abstract`` (as the source
    wrote it). Links to the paper itself are left out: its title is that link already.
    """
    best: dict[tuple[LinkKind, str], Link] = {}
    known: set[str] = set()
    for kind, label, url in (*_from_source(links), *_from_words(abstract[:_LONGEST_ABSTRACT])):
        bare = url.removeprefix("https://").removeprefix("http://").rstrip("/").lower()
        if kind is LinkKind.PAPER or bare in known:
            continue
        known.add(bare)
        best.setdefault((kind, label), Link(kind, url, label))
    ranks = {key: rank for rank, key in enumerate(_ORDER)}
    return tuple(best[key] for key in sorted(best, key=lambda key: (ranks.get(key, 99), key[1])))


def _from_source(links: Iterable[Link]) -> Iterator[tuple[LinkKind, str, str]]:
    for link in links:
        url = _normal_address(link.url)
        if url is None:
            continue
        kind, label = _place(url) or (link.kind, _LABELS.get(link.kind, ""))
        if link.kind not in (LinkKind.OTHER, LinkKind.PAPER) and kind is not LinkKind.PAPER:
            kind, label = link.kind, _LABELS[link.kind]
        if label:
            yield kind, label, url


def _from_words(abstract: str) -> Iterator[tuple[LinkKind, str, str]]:
    folded = abstract.casefold()
    if not any(sign in folded for sign in _SIGNS_OF_ADDRESS):
        return
    end_of_last = 0
    for address in islice(_URL.finditer(abstract), _MOST_ADDRESSES):
        before = abstract[max(end_of_last, address.start() - _LOOKED_BACK_AT) : address.start()]
        end_of_last = address.end()
        url = _normal_address(address[0])
        if url is None:
            continue
        words = [word.lastgroup or "" for word in _WORDS.finditer(before)]
        yield *(_place(url) or (_BY_WORD[words[-1]] if words else PROJECT)), url


def _place(url: str) -> tuple[LinkKind, str] | None:
    bare = url.split("://", 1)[1]
    return next((place for pattern, place in _PLACES if pattern.match(bare)), None)


def _normal_address(raw: str) -> str | None:
    """Give the address in one normal form, or ``None`` for one that nobody should be sent to.

    Refused: other schemes, a user name in it, a port, a host that is a number or has no dot or
    letters beyond ASCII, control characters, more than 300 characters, a code host without a path.
    """
    url = re.sub(r"\\(.)", r"\1", raw)
    url = _GLUED_SENTENCE.sub("", url.rstrip(_TRAILING)).rstrip(_TRAILING)
    for opening, closing in ("()", "[]"):
        while url.endswith(closing) and url.count(closing) > url.count(opening):
            url = url[:-1].rstrip(_TRAILING)
    if not re.match(r"https?://", url, re.IGNORECASE):
        if re.match(r"[a-z][a-z0-9+.-]*:", url, re.IGNORECASE):
            return None
        url = f"https://{url}"
    if len(url) > _LONGEST_URL or re.search(r"[\x00-\x20\x7f-\x9f\s\\<>\"'`{}|^]", url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    if "@" in parts.netloc or port is not None or not _is_public_name(host):
        return None
    known = _place(f"https://{host}{parts.path}") is not None
    scheme = "https" if known else parts.scheme.lower()
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    fragment = f"#{quote(parts.fragment, safe='/%:@!$&()*+,;=~-._?')}" if parts.fragment else ""
    whole = f"{scheme}://{host}{path}{query}{fragment}"
    return None if _BARE_HOSTS.match(f"{host}{path}") or len(whole) > _LONGEST_URL else whole


def _is_public_name(host: str) -> bool:
    return re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", host) is not None
