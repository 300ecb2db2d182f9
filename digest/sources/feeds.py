"""Read papers from an RSS, RDF or Atom feed (feedparser), and from JSON Feed.

arXiv's own feeds tell new papers from cross-lists and replacements (``arxiv:announce_type``), and
the version in the guid; bioRxiv's write authors as ``Last, F.`` one after the other.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from itertools import islice
from time import struct_time
from typing import Any

from digest.arxiv_ids import arxiv_version
from digest.model import AnnounceType, PaperDetails, Record
from digest.sources import bounds
from digest.sources.author_names import first_name_first
from digest.sources.doi import find_doi
from digest.sources.lines import one_line
from digest.sources.links import absolute, bare_id, doi_id, paper_id

_MOST = 5_000
_MOST_TAGS = 80_000
"""The largest feed of arXiv has 2,000 entries with some 25 tags each; a parser takes 10 µs for a tag."""
_DEEPEST = 3_000
_ENTRY = re.compile(r"<(?:[A-Za-z][\w.-]{0,30}:)?(?:item|entry)\b")
_MOST_NAMES = 5_000
_LONGEST_END = 2_000
_END = re.compile(r"</(?:rss|feed|rdf:RDF)\s{0,20}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{1,500}>")
_LABELLED = re.compile(r".{0,120}?\bAbstract:\s", re.DOTALL)
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[ -]?){1,6}")


class NotAFeedError(ValueError):
    """The text is no feed that can be read."""


def read_feed(text: str) -> list[Record]:
    """The papers of a feed's entries, in its order, without network.

    Raises `NotAFeedError` for one that is damaged, or defines entities of its own.
    """
    import feedparser

    if "<!ENTITY" in text:
        raise NotAFeedError("a feed that defines entities of its own")
    if text.count("<") > _MOST_TAGS:
        raise NotAFeedError(f"a feed of more than {_MOST_TAGS:,} tags")
    if bounds.depth(text) > _DEEPEST or bounds.cut_tags(text)[1]:
        raise NotAFeedError("a feed that is nested too deeply, or has a tag of too many attributes")
    if sum(1 for _ in islice(_ENTRY.finditer(text), _MOST + 1)) > _MOST:
        raise NotAFeedError(f"a feed of more than {_MOST:,} entries")
    if not _END.search(text[-_LONGEST_END:]):
        raise NotAFeedError("a feed that ends in the middle")
    # As bytes in memory: a string would be taken for an address or a file's name.
    data = io.BytesIO(text.lstrip("\ufeff \n\t").encode("utf-8", "replace"))
    try:
        feed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    except Exception:  # its strict parser lets errors of several kinds through for damaged XML
        raise NotAFeedError("a damaged feed") from None
    if not feed.get("version") and not feed.entries:
        raise NotAFeedError("a damaged feed")
    return list(_records(islice(feed.entries, _MOST)))


def _records(entries: Iterable[Mapping[str, Any]]) -> Iterator[Record]:
    for given in entries:
        # As a plain one: feedparser's own warns of names that it once mapped to others.
        entry = dict(given)
        title = _words(entry.get("title"))
        if not title:
            continue
        addresses = [_words(entry.get(name)) for name in ("link", "id")]
        urls = [url for address in addresses if (url := absolute(address))]
        known = _identity(entry, addresses)
        authors = _names(entry)
        yield Record(
            title=title,
            abstract=_abstract(_words(entry.get("summary") or _content(entry))),
            position=1,
            external_id=known,
            url=urls[0] if urls else None,
            authors=authors,
            author_count=len(authors) or None,
            published=_day(entry),
            details=_details(entry, addresses, known),
            announced=_announced(entry),
        )


def _identity(entry: Mapping[str, Any], addresses: Iterable[str]) -> str | None:
    """The arXiv id or DOI that an entry names, in any of the places where feeds do."""
    for address in addresses:
        external_id = bare_id(address.rpartition(":")[2]) if address.startswith("oai:") else None
        if external_id := external_id or bare_id(address) or paper_id(address):
            return external_id
    doi = _doi(entry)
    return doi_id(doi) if doi else None


def _doi(entry: Mapping[str, Any]) -> str | None:
    for name in ("prism_doi", "dc_identifier", "arxiv_doi", "id", "link"):
        if doi := find_doi(_words(entry.get(name))):
            return doi_id(doi.rstrip(".,;)")).removeprefix("doi:")
    return None


def _details(entry: Mapping[str, Any], addresses: Iterable[str], known: str | None) -> PaperDetails:
    return PaperDetails(
        doi=_doi(entry) or None,
        categories=_categories(entry),
        licence=_words(entry.get("rights")) or None,
        comment=_words(entry.get("arxiv_comment")),
        venue=_words(entry.get("arxiv_journal_ref") or entry.get("prism_publicationname")),
        version=next((n for each in addresses if (n := arxiv_version(each)) is not None), None),
    )


def _categories(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The feed's categories, the primary one first where the feed says which it is."""
    tags = entry.get("tags")
    terms = [_words(tag.get("term")) for tag in tags] if isinstance(tags, list) else []
    primary = entry.get("arxiv_primary_category")
    first = _words(primary.get("term")) if isinstance(primary, Mapping) else ""
    return tuple(dict.fromkeys(term for term in (first, *terms) if term))


def _announced(entry: Mapping[str, Any]) -> AnnounceType | None:
    with suppress(ValueError):
        return AnnounceType(_words(entry.get("arxiv_announce_type")))
    return None


def _names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The authors in order, however many a feed puts into one element."""
    authors = entry.get("authors")
    given = [_words(author.get("name")) for author in authors or [] if isinstance(author, Mapping)]
    names: list[str] = []
    for name in given:
        names.extend(_split_names(name))
    return tuple(dict.fromkeys(name for name in names[:_MOST_NAMES] if name))


def _split_names(names: str) -> list[str]:
    """The names in one text: ``A B, C D``, ``Last, F., Last, G.`` or ``Last, F.; Last, G.``."""
    if ";" in names:
        return [first_name_first(part) for part in names.split(";")]
    parts = [part.strip() for part in names.split(",") if part.strip()]
    if len(parts) >= 2 and len(parts) % 2 == 0 and all(map(_INITIALS.fullmatch, parts[1::2])):
        return [f"{first} {last}" for last, first in zip(parts[::2], parts[1::2], strict=True)]
    return parts


def _abstract(words: str) -> str:
    """A feed's description without tags and the ``Announce Type: … Abstract:`` before it."""
    words = _TAG.sub(" ", words)
    labelled = _LABELLED.match(words)
    return " ".join((words[labelled.end() :] if labelled else words).split())


def _content(entry: Mapping[str, Any]) -> str:
    """The first full content of an entry without a summary."""
    content = entry.get("content")
    if isinstance(content, list) and content and isinstance(content[0], Mapping):
        return str(content[0].get("value") or "")
    return ""


def _day(entry: Mapping[str, Any]) -> date | None:
    for name in ("published_parsed", "updated_parsed"):
        moment = entry.get(name)
        if isinstance(moment, struct_time):
            with suppress(ValueError):
                return date(moment.tm_year, moment.tm_mon, moment.tm_mday)
    return None


def _words(value: Any) -> str:
    return one_line(" ".join(value.split())) if isinstance(value, str) else ""
