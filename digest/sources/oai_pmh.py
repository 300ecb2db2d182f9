"""Read papers from an answer of OAI-PMH 2.0 (Open Archives Initiative): ``ListRecords``, ``GetRecord``.

Of the metadata formats ``arXiv`` and ``arXivRaw`` (with versions) are read, and ``oai_dc``, which
every repository has. A list that goes on ends with a ``resumptionToken``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from digest.model import PaperDetails, Record
from digest.sources import bounds
from digest.sources.author_names import first_name_first
from digest.sources.doi import find_doi
from digest.sources.lines import one_line
from digest.sources.links import absolute, bare_id, doi_id, paper_id

if TYPE_CHECKING:
    from lxml.etree import _Element

OAI_PMH = re.compile(r"\s{0,200}(?:<\?xml[^<>]{0,300}>\s{0,200})?<OAI-PMH\b")
_MOST = 10_000
_LONGEST_TOKEN = 2_000
_SEPARATORS = re.compile(r",\s{1,9}(?:and\s{1,9})?|\s{1,9}and\s{1,9}")


class HarvestError(ValueError):
    """The answer is an error of the repository, or damaged; the message is for people."""


@dataclass(frozen=True, slots=True)
class Harvest:
    """The papers of one answer, and the token by which the list goes on (``""`` at its end)."""

    records: list[Record]
    token: str = ""


def read_harvest(text: str) -> Harvest:
    """The papers that an answer lists; none if the repository says that none match.

    Raises `HarvestError`.
    """
    from lxml import etree

    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        raise HarvestError("an OAI-PMH answer that defines entities of its own")
    if text.count("<") > bounds.MOST_TAGS:
        raise HarvestError(f"an OAI-PMH answer of more than {bounds.MOST_TAGS:,} tags")
    if bounds.cut_tags(text)[1]:
        raise HarvestError("an OAI-PMH answer with a tag of too many attributes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(text.lstrip("\ufeff \n\t").encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        raise HarvestError("a damaged OAI-PMH answer") from None
    error = root.find("{*}error")
    if error is not None:
        if error.get("code") == "noRecordsMatch":
            return Harvest([])
        what = f"{error.get('code', '')} {_text(error)}".strip()[:200]
        raise HarvestError(f"the repository says {what}")
    token = root.find(".//{*}resumptionToken")
    records = [
        record
        for element in islice(root.iter("{*}record"), _MOST)
        if (record := _record(element)) is not None
    ]
    return Harvest(records, _text(token)[:_LONGEST_TOKEN] if token is not None else "")


def _record(element: _Element) -> Record | None:
    """The paper of one record; `None` for one that was deleted, or has no title."""
    metadata = element.find("{*}metadata")
    about = metadata[0] if metadata is not None and len(metadata) else None
    if about is None or not isinstance(about.tag, str):
        return None
    kind = about.tag.rpartition("}")[2]
    return _dublin_core(about) if kind == "dc" else _arxiv(about)


def _arxiv(about: _Element) -> Record | None:
    """``arXiv`` has its authors as elements, ``arXivRaw`` as one text, and its versions."""
    title, known = _child(about, "title"), bare_id(_child(about, "id"))
    if not title or known is None:
        return None
    listed = [_name(author) for author in about.iterfind("{*}authors/{*}author")]
    authors = tuple(listed or _split(_child(about, "authors")))
    versions = about.findall("{*}version")
    return Record(
        title=title,
        abstract=_child(about, "abstract"),
        external_id=known,
        url=f"https://arxiv.org/abs/{known}",
        authors=authors,
        author_count=len(authors) or None,
        published=_day(_child(about, "created")),
        details=PaperDetails(
            doi=find_doi(_child(about, "doi")),
            categories=tuple(_child(about, "categories").split()),
            licence=_child(about, "license") or None,
            affiliations=_affiliations(about),
            comment=_child(about, "comments"),
            venue=_child(about, "journal-ref"),
            version=len(versions) or None,
        ),
    )


def _dublin_core(about: _Element) -> Record | None:
    """Unqualified Dublin Core: any element may be missing or stand several times."""
    title = _child(about, "title")
    if not title:
        return None
    identifiers = [_text(each) for each in about.iterfind("{*}identifier")]
    urls = [url for each in identifiers if (url := absolute(each))]
    doi = next((doi for each in identifiers if (doi := find_doi(each))), None)
    known = next((known for url in urls if (known := paper_id(url))), None)
    authors = tuple(first_name_first(_text(each)) for each in about.iterfind("{*}creator"))
    return Record(
        title=title,
        abstract=max(
            (_text(each) for each in about.iterfind("{*}description")), key=len, default=""
        ),
        external_id=known or (doi_id(doi) if doi else None),
        url=urls[0] if urls else None,
        authors=authors,
        author_count=len(authors) or None,
        published=_day(_child(about, "date")),
        details=PaperDetails(
            doi=doi,
            categories=tuple(_text(each) for each in about.iterfind("{*}subject")),
            licence=_child(about, "rights") or None,
            venue=_child(about, "source"),
        ),
    )


def _name(author: _Element) -> str:
    parts = (_child(author, name) for name in ("forenames", "keyname", "suffix"))
    return " ".join(part for part in parts if part)


def _affiliations(about: _Element) -> tuple[str, ...]:
    """The affiliations of all authors, each once."""
    given = about.iterfind("{*}authors/{*}author/{*}affiliation")
    return tuple(dict.fromkeys(words for each in given if (words := _text(each))))


def _split(names: str) -> Iterator[str]:
    for name in _SEPARATORS.split(names):
        if name.strip():
            yield name.strip()


def _child(element: _Element, name: str) -> str:
    child = element.find(f"{{*}}{name}")
    return _text(child) if child is not None else ""


def _text(element: _Element) -> str:
    return one_line(" ".join("".join(element.itertext()).split()))


def _day(words: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(words[:10])
    return None
