"""Complete a saved page from the data that the page itself carries for its scripts.

The daily page shows no abstracts; they, the votes and the authors stand as JSON in an attribute
(``data-props``) of the saved file.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from html import unescape
from itertools import islice
from typing import Any

from digest.model import Link, LinkKind, PaperDetails, Record
from digest.model.details import merged_details
from digest.sources.author_names import first_name_first
from digest.sources.dates import read_day
from digest.sources.lines import one_line
from digest.sources.links import HOME, absolute, bare_id, doi_id, paper_id

_PROPS = re.compile(r"data-props=(?:\"([^\"]*)\"|'([^']*)')")
_MOST_PROPS = 500
_LONGEST_PROPS = 2_000_000
"""Characters; a page of 250 papers has half as many."""
_MOST_PAPERS = 5_000
_ADDRESSES = ("url", "link", "paper_url", "pdf_url")
_IDS = ("id", "arxiv_id", "arxivId", "arxiv", "doi", "eprint", "paper_id")
_ABSTRACTS = ("summary", "abstract", "description", "content_text")
_VOTES = ("upvotes", "votes", "likes", "score")
_WRITTEN_DAY = re.compile(r"\d{1,2} [A-Z][a-z]{2,8} \d{4}")
_HTML_TAG = re.compile(r"<[^<>]{1,2000}>")
_LISTS = ("dailyPapers", "papers", "searchResults")


def complete(records: Sequence[Record], text: str, today: date) -> list[Record]:
    """The records with what the page's data adds; all of the data's papers if there are none."""
    known = list(islice(_papers(text, today), _MOST_PAPERS))
    if not known:
        return list(records)
    if not records:
        return known
    by_id = {record.external_id: record for record in known if record.external_id}
    by_title = {record.title.casefold(): record for record in known}
    return [
        _filled(
            record, by_id.get(record.external_id or "") or by_title.get(record.title.casefold())
        )
        for record in records
    ]


def _filled(record: Record, data: Record | None) -> Record:
    if data is None:
        return record
    missing = {
        name: getattr(data, name)
        for name in (
            "external_id", "url", "votes", "authors", "author_count", "organization", "published",
            "comments",
        )
        if getattr(record, name) in (None, ())
    }  # fmt: skip
    return replace(
        record,
        abstract=record.abstract or data.abstract,
        links=record.links or data.links,
        details=merged_details(record.details, data.details, latest=True)[0],
        **missing,
    )


def _papers(text: str, today: date) -> Iterator[Record]:
    for match in islice(_PROPS.finditer(text), _MOST_PROPS):
        raw = match[1] or match[2] or ""
        if len(raw) > _LONGEST_PROPS:
            continue
        if '"paper' not in raw and "&quot;paper" not in raw and "dailyPapers" not in raw:
            continue
        try:
            props = json.loads(html.unescape(raw))
        except (ValueError, RecursionError):
            continue
        for name in _LISTS:
            listed = props.get(name) if isinstance(props, dict) else None
            for entry in listed if isinstance(listed, list) else []:
                record = paper(entry, today)
                if record is not None:
                    yield record


def paper(entry: Any, today: date) -> Record | None:
    """One listed paper, as the papers page's API names its fields; any may be missing or odd."""
    if not isinstance(entry, Mapping):
        return None
    about = entry.get("paper")
    about = about if isinstance(about, Mapping) else entry
    title = _words(about.get("title")) or _words(entry.get("title"))
    if not title:
        return None
    authors = tuple(_names(about.get("authors")))
    if not authors and "server" in about:
        authors = tuple(_preprint_names(about.get("authors")))
    given = next((url for name in _ADDRESSES if (url := absolute(_words(about.get(name))))), None)
    identity = next((known for name in _IDS if (known := _identity(about.get(name)))), None)
    identity = identity or (paper_id(given) if given else None)
    organization = entry.get("organization") or about.get("organization")
    at_home = f"{HOME}/papers/{identity}" if identity and ":" not in identity else None
    return Record(
        title=title,
        abstract=next((words for name in _ABSTRACTS if (words := _words(about.get(name)))), "")
        or _words(entry.get("summary"))
        or _without_tags(about.get("content_html")),
        external_id=identity,
        url=given or at_home,
        votes=_count(next((about[name] for name in _VOTES if about.get(name) is not None), None)),
        authors=authors,
        author_count=len(authors) or None,
        organization=_organization(organization),
        published=_published(about, today),
        comments=_count(entry.get("numComments")),
        links=tuple(_links(about)),
        details=_details(about, identity),
    )


def _links(about: Mapping[str, Any]) -> Iterator[Link]:
    """The code and the project's page that the page's own data name."""
    for name, kind in (("githubRepo", LinkKind.CODE), ("projectPage", LinkKind.PROJECT)):
        url = absolute(_words(about.get(name)))
        if url is not None:
            yield Link(kind, url)


def _details(about: Mapping[str, Any], identity: str | None) -> PaperDetails:
    media = about.get("mediaUrls")
    urls = [absolute(_words(url)) for url in media] if isinstance(media, list) else []
    return PaperDetails(
        doi=identity.removeprefix("doi:") if identity and identity.startswith("doi:") else None,
        stars=_count(about.get("githubStars")),
        media=tuple(url for url in urls if url is not None),
        source_summary=_words(about.get("ai_summary")),
        **(_of_preprint(about) if "server" in about else {}),
    )


def _of_preprint(about: Mapping[str, Any]) -> dict[str, Any]:
    """Category, licence, version and journal, as bioRxiv's and medRxiv's API names them."""
    version = _words(about.get("version"))
    journal = _words(about.get("published"))
    return {
        "categories": tuple(filter(None, (_words(about.get("category")),))),
        "licence": _words(about.get("license")) or None,
        "version": int(version)
        if version.isascii() and version.isdigit() and len(version) < 5
        else None,
        "venue": f"doi:{journal}" if journal.startswith("10.") else "",
    }


def _preprint_names(given: Any) -> Iterator[str]:
    """``Last, F.; Last, G.`` as ``F. Last`` and ``G. Last``."""
    for name in _words(given).split(";")[:_MOST_PAPERS]:
        if whole := first_name_first(name):
            yield whole


def _names(given: Any) -> Iterator[str]:
    for each in given if isinstance(given, list) else []:
        name = _words(each.get("name") if isinstance(each, Mapping) else each)
        if name:
            yield name


def _identity(given: Any) -> str | None:
    """The id in a field that holds one, bare or as an address."""
    words = _words(given)
    if not words:
        return None
    if words.startswith("10.") and "/" in words:
        return doi_id(words)
    return bare_id(words) or (paper_id(url) if (url := absolute(words)) else None)


def _organization(given: Any) -> str | None:
    if isinstance(given, Mapping):
        return _words(given.get("fullname") or given.get("name")) or None
    return _words(given) or None


def _published(about: Mapping[str, Any], today: date) -> date | None:
    for name in (
        "publishedAt",
        "published",
        "date",
        "published_date",
        "date_published",
        "submittedOnDailyAt",
    ):
        words = _words(about.get(name))
        day = read_day(words[:10], today) or read_day(words, today)
        written = None if day else _WRITTEN_DAY.search(words[:60])
        if day or (written and (day := read_day(written[0], today))):
            return day
    return None


def _without_tags(value: Any) -> str:
    """The words of HTML, in which JSON Feed has what an item says."""
    return " ".join(unescape(_HTML_TAG.sub(" ", _words(value))).split())


def _words(value: Any) -> str:
    return one_line(" ".join(value.split())) if isinstance(value, str) else ""


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
