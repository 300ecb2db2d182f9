"""Facts of a paper beyond its words, as its page shows them: identifiers, class, publication, code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from digest.editorial.summary import badges
from digest.mail import plain_text, urls
from digest.model import LinkKind, Paper

_DOI = re.compile(r"10\.\d{4,9}/\S{1,200}")
_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses/([a-z-]{2,12})/(\d\.\d)|publicdomain/zero/(\d\.\d))/?"
)
_LONGEST = 300
_MOST = 12


class Fact(NamedTuple):
    """One fact: its name, its words, and the address they lead to (``""`` for none)."""

    name: str
    words: str
    url: str = ""


def paper_facts(paper: Paper) -> list[Fact]:
    """List what is known of a paper beyond its words and links, in the order of its page."""
    return [
        fact._replace(words=plain_text.clip(plain_text.clean(fact.words), _LONGEST))
        for fact in _facts(paper)
        if plain_text.clean(fact.words)
    ]


def _facts(paper: Paper) -> Iterator[Fact]:
    details = paper.details
    if details.venue:
        yield Fact("Published in", details.venue)
    if details.comment:
        yield Fact("Authors’ comment", details.comment)
    if details.categories:
        yield Fact("Categories", plain_text.joined(details.categories[:_MOST]))
    if details.doi:
        is_doi = _DOI.fullmatch(details.doi) is not None
        url = urls.safe_url(f"https://doi.org/{quote(details.doi, safe='/')}") if is_doi else None
        yield Fact("DOI", details.doi, url or "")
    if details.licence:
        url = urls.safe_url(details.licence) or ""
        yield Fact("Licence", _licence_name(details.licence, url), url)
    # Where the code is linked, its stars stand beside the link.
    links = badges(paper.links, paper.abstract)
    if details.stars and all(link.kind is not LinkKind.CODE for link in links):
        yield Fact("Stars of the code", f"{details.stars:,}")
    if details.affiliations:
        yield Fact("Affiliations", "; ".join(details.affiliations[:_MOST]))


def source_summary(paper: Paper) -> str:
    """The one-sentence summary that a source wrote itself; ``""`` if none did."""
    return plain_text.clip(plain_text.clean(paper.details.source_summary), 2 * _LONGEST)


def _licence_name(licence: str, url: str) -> str:
    """The licence as people call it: ``CC BY 4.0``."""
    common = _CREATIVE_COMMONS.fullmatch(licence)
    if common is None:
        return urls.display_url(url) if url else licence
    if common[3]:
        return f"CC0 {common[3]}"
    return f"CC {common[1].upper()} {common[2]}"
