"""Read the lists that reference managers write: BibTeX and RIS, entry by entry.

An entry comes out as the papers page's own data has it (``title``, ``summary``, ``authors`` …).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from digest.sources.author_names import first_name_first

_RIS = re.compile(r"(?:^|\n)TY {2}- ?\w")
_RIS_LINE = re.compile(r"([A-Z][A-Z0-9]) {2}- ?(.*)")
_RIS_FIELDS = {
    "TI": "title", "T1": "title", "AB": "summary", "N2": "summary", "UR": "url", "DO": "id",
    "PY": "publishedAt", "Y1": "publishedAt", "DA": "publishedAt",
}  # fmt: skip
_BIBTEX = re.compile(
    r"@\s{0,3}(\w{3,30})\s{0,3}[{(]\s{0,3}([^,\s{}]{0,200})\s{0,3},", re.IGNORECASE
)
_BIBTEX_FIELD = re.compile(r"\s{0,200},?\s{0,200}([A-Za-z][\w-]{0,40})\s{0,20}=\s{0,20}")
_BRACE = re.compile(r"[{}]")
_BARE_VALUE = re.compile(r"[^,\s}]{0,200}")
_LONGEST_VALUE = 100_000
_NO_PAPER = frozenset({"string", "preamble", "comment"})
COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("title", "paper", "paper title", "name", "titel"), "title"),
    **dict.fromkeys(("abstract", "summary", "description"), "summary"),
    **dict.fromkeys(("id", "arxiv", "arxiv id", "arxiv_id", "paper id", "doi", "eprint"), "id"),
    **dict.fromkeys(("url", "link", "pdf", "paper url"), "url"),
    **dict.fromkeys(("votes", "upvotes", "likes", "score", "points"), "upvotes"),
    **dict.fromkeys(("authors", "author"), "authors"),
    **dict.fromkeys(("date", "published", "published at", "year", "submitted"), "publishedAt"),
    **dict.fromkeys(("organization", "organisation", "affiliation"), "organization"),
}
"""What columns and fields of papers are called, and their names in the papers page's own data."""
_TOLD_BY_OTHERS = frozenset({"name", "id", "link", "paper", "pdf", "url"})
"""Words of a column's name that say little beside another."""


def column(name: str) -> str:
    """The field that a column of that name has (``Date added``, ``arXiv link``); ``""`` for none."""
    folded = " ".join(name.lower().replace("_", " ").split())
    if known := COLUMNS.get(name.strip().lower()) or COLUMNS.get(folded):
        return known
    words = [word for word in re.split(r"[^a-z]+", folded) if word in COLUMNS]
    telling = [word for word in words if word not in _TOLD_BY_OTHERS]
    return COLUMNS[(telling or words)[0]] if words else ""


def is_ris(start: str) -> bool:
    """Tell whether a text begins as RIS does."""
    return _RIS.match(start) is not None


def is_bibtex(start: str) -> bool:
    """Tell whether a text begins as BibTeX does."""
    return start[:1] == "@" and _BIBTEX.match(start) is not None


def ris(text: str) -> Iterator[dict[str, Any]]:
    """RIS: a line for each field, ``ER`` at the end of each entry."""
    fields: dict[str, list[str]] = {}
    authors: list[str] = []
    last = ""
    for line in each_line(text):
        match = _RIS_LINE.match(line)
        if match is None:
            if last:
                fields[last].append(line.strip())
            continue
        tag, value = match[1], match[2].strip()
        if tag == "ER":
            yield _ris_entry(fields, authors)
            fields, authors, last = {}, [], ""
        elif tag in ("AU", "A1"):
            authors.append(first_name_first(value))
        elif tag in _RIS_FIELDS:
            last = _RIS_FIELDS[tag]
            fields.setdefault(last, [value])
    if any(fields.get("title", [])):
        yield _ris_entry(fields, authors)


def _ris_entry(fields: Mapping[str, list[str]], authors: list[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {name: " ".join(parts) for name, parts in fields.items()}
    return {**entry, "authors": authors} if authors else entry


def each_line(text: str) -> Iterator[str]:
    """Yield each line, without a list of all."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def bibtex(text: str) -> Iterator[dict[str, Any]]:
    """BibTeX: entries of fields in braces or quotes, read up to where their braces balance."""
    at = 0
    while (match := _BIBTEX.search(text, at)) is not None:
        at = match.end()
        entry: dict[str, Any] = {}
        while (field := _BIBTEX_FIELD.match(text, at)) is not None:
            value, at = _bibtex_value(text, field.end())
            name = field[1].lower()
            value = " ".join(value.replace("{", "").replace("}", "").split())
            if name == "author":
                entry["authors"] = [first_name_first(each) for each in value.split(" and ")]
            elif name in COLUMNS:
                entry.setdefault(COLUMNS[name], value)
        if match[1].lower() not in _NO_PAPER:
            yield entry


def _bibtex_value(text: str, start: int) -> tuple[str, int]:
    """The value that begins at ``start``, and where it ends."""
    if text[start : start + 1] == "{":
        depth = 0
        for mark in _BRACE.finditer(text, start, start + _LONGEST_VALUE):
            depth += 1 if mark[0] == "{" else -1
            if depth == 0:
                return text[start + 1 : mark.start()], mark.end()
        return "", len(text)
    if text[start : start + 1] == '"':
        end = text.find('"', start + 1)
        return (text[start + 1 : end], end + 1) if end >= 0 else ("", len(text))
    bare = _BARE_VALUE.match(text, start)
    return (bare[0], bare.end()) if bare else ("", start)
