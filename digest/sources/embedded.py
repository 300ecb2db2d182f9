"""Complete a saved page from the data that the page itself carries for its scripts.

The daily page shows no abstracts; they, the votes and the authors stand as JSON in an attribute
(``data-props``) of the saved file.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any

from digest.model import Record
from digest.sources.dates import read_day
from digest.sources.lines import one_line
from digest.sources.links import HOME, bare_id

_PROPS = re.compile(r"data-props=(?:\"([^\"]*)\"|'([^']*)')")
_MOST_PROPS = 500
_LONGEST_PROPS = 2_000_000
"""Characters; a page of 250 papers has half as many."""
_MOST_PAPERS = 5_000
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
    return replace(record, abstract=record.abstract or data.abstract, **missing)


def _papers(text: str, today: date) -> Iterator[Record]:
    for found in islice(_PROPS.finditer(text), _MOST_PROPS):
        raw = found[1] or found[2] or ""
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
                record = _paper(entry, today)
                if record is not None:
                    yield record


def _paper(entry: Any, today: date) -> Record | None:
    """One listed paper; every field may be missing or of another type."""
    if not isinstance(entry, dict):
        return None
    paper = entry.get("paper")
    paper = paper if isinstance(paper, dict) else entry
    title = _words(paper.get("title")) or _words(entry.get("title"))
    if not title:
        return None
    names = paper.get("authors")
    authors = tuple(
        name
        for each in (names if isinstance(names, list) else [])
        if isinstance(each, dict) and (name := _words(each.get("name")))
    )
    identity = bare_id(_words(paper.get("id")))
    organization = entry.get("organization") or paper.get("organization")
    return Record(
        title=title,
        abstract=_words(paper.get("summary")) or _words(entry.get("summary")),
        external_id=identity,
        url=f"{HOME}/papers/{identity}" if identity else None,
        votes=_count(paper.get("upvotes")),
        authors=authors,
        author_count=len(authors) or None,
        organization=_words(organization.get("fullname") or organization.get("name")) or None
        if isinstance(organization, dict)
        else None,
        published=read_day(_words(paper.get("publishedAt"))[:10], today),
        comments=_count(entry.get("numComments")),
    )


def _words(value: Any) -> str:
    return one_line(" ".join(value.split())) if isinstance(value, str) else ""


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
