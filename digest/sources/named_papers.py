"""Read the papers that a person names: ids, DOIs, links or titles, a line each, or a bibliography.

Every entry or line becomes a `Record` or a `Rejected` that says in one line why it is of no use.
A record may have an id and no title, or a title and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from digest.latex import readable
from digest.model import Record, Rejected
from digest.sources.bibliography import bibtex, is_bibtex, is_ris, ris
from digest.sources.doi import find_doi
from digest.sources.embedded import paper
from digest.sources.links import absolute, bare_id, doi_id, paper_id

MOST = 2_000
"""Entries or lines that are read of one text."""
_LONGEST_LINE = 1_000
_EXCERPT = 60
_LIST_MARK = re.compile(r"(?:[-*+•·–—]|\d{1,4}[.)]|\[\d{1,4}\])\s{1,4}")
_LINKED = re.compile(r"\[([^\[\]]{1,400})\]\((\S{1,400})\)")
_DOI_MARK = re.compile(r"doi\s?:\s?", re.IGNORECASE)
_LEAST_WORDS = 3
_LEAST_LETTERS = 12
"""A title has so many words and letters; shorter ones say too little of a taste."""


def read_named_papers(text: str, today: date) -> Iterator[Record | Rejected]:
    """Read what is named, in order. ``position`` and ``line`` count entries or lines from 1."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    start = re.search(r"^[ \t]{0,20}@", text, re.MULTILINE)
    bibliography = text[start.end() - 1 :] if start is not None else ""
    if is_bibtex(bibliography):
        yield from _entries(bibtex(bibliography), today)
    elif is_ris(text.lstrip()):
        yield from _entries(ris(text.lstrip()), today)
    else:
        yield from _lines(text)


def _entries(entries: Iterator[dict[str, object]], today: date) -> Iterator[Record | Rejected]:
    for number, entry in enumerate(islice(entries, MOST), 1):
        record = paper(entry, today)
        if record is not None:
            yield Record(
                readable(record.title)[:_LONGEST_LINE],
                record.abstract,
                number,
                external_id=record.external_id,
                url=record.url,
            )
            continue
        named = _identified(str(entry.get("id", ""))) or _identified(str(entry.get("url", "")))
        if named is not None:
            yield Record("", position=number, external_id=named)
        else:
            yield Rejected("this entry has neither a title nor an id", "", number)


def _lines(text: str) -> Iterator[Record | Rejected]:
    numbered = ((number, line.strip()) for number, line in enumerate(text.split("\n"), 1))
    for number, line in islice(((n, each) for n, each in numbered if each), MOST):
        if len(line) > _LONGEST_LINE:
            yield Rejected("longer than a title or an address is", "", number, _excerpt(line))
        else:
            yield from _line(_LIST_MARK.sub("", line, count=1).strip(), number)


def _line(line: str, number: int) -> Iterator[Record | Rejected]:
    linked = _LINKED.search(line)
    if linked is not None:
        line = f"{linked[1]} {linked[2]}"
    ids: dict[str, None] = {}
    unknown: list[str] = []
    words = []
    for word in line.split():
        bare = word.strip("<>()[],;\"'")
        identity = _identified(bare)
        if identity is not None:
            ids[identity] = None
        elif "://" in bare:
            unknown.append(bare)
        else:
            words.append(word)
    title = readable(" ".join(words)).strip(" ,;:-–—\"'“”")
    if _is_title(title):
        yield Record(title, position=number, external_id=next(iter(ids), None))
    elif ids:
        yield from (Record("", position=number, external_id=each) for each in ids)
    elif unknown:
        words_for_people = "an address of no paper that is known here; give the paper's title"
        yield Rejected(words_for_people, "", number, _excerpt(line))
    else:
        why = f"neither an id, a DOI, a link nor a title of {_LEAST_WORDS} words or more"
        yield Rejected(why, "", number, _excerpt(line))


def _identified(text: str) -> str | None:
    """The id that a word is, or that its address leads to."""
    text = text.strip().rstrip(".")
    known = bare_id(text)
    if known is not None:
        return known
    address = absolute(text)
    if address is not None:
        return paper_id(address)
    doi = _DOI_MARK.sub("", text)
    return doi_id(doi) if doi and find_doi(doi) == doi else None


def _is_title(text: str) -> bool:
    words = [word for word in text.split() if any(letter.isalpha() for letter in word)]
    return len(words) >= _LEAST_WORDS and sum(map(str.isalpha, text)) >= _LEAST_LETTERS


def _excerpt(line: str) -> str:
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT]}…"
