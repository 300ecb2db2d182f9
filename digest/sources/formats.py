"""Read lists of papers that programs write: JSON, CSV, BibTeX, RIS, feeds; and mails, saved pages.

What is known by its first characters is read as what it is, or refused as what it is; nothing of
it is guessed at as text.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from digest.model import Record
from digest.sources import bounds
from digest.sources.bare_table import bare_columns, rows_of
from digest.sources.bibliography import bibtex, column, each_line, is_bibtex, is_ris, ris
from digest.sources.embedded import paper
from digest.sources.feeds import NotAFeedError, read_feed
from digest.sources.oai_pmh import OAI_PMH, HarvestError, read_harvest
from digest.sources.yaml_list import is_yaml, mappings

if TYPE_CHECKING:
    from email.message import EmailMessage

_MOST = 10_000
_MOST_PARTS = 500
_MOST_LINES = 200_000
_MOST_VALUES = 400_000
"""Of a JSON text. A list of 5,000 papers has some 65 commas and brackets for each."""
_FEWEST = 0.5
"""Share of the entries that must be papers."""
_JSON = re.compile(
    r"\s{0,200}(?:\{\s{0,200}(?:\"|\})|\[\s{0,200}(?:[\{\[\"\]\d-]|true|false|null))"
)
_LISTS = (
    "papers",
    "dailyPapers",
    "searchResults",
    "results",
    "entries",
    "items",
    "data",
    "collection",
)
_MAIL = re.compile(
    r"(?:[A-Za-z][\w-]{1,60}:[^\n]{0,2000}\n(?:[ \t][^\n]{0,2000}\n){0,30}){1,80}?(?:mime-version|content-type):",
    re.IGNORECASE,
)
_PART = re.compile(r"^--|^content-type:", re.IGNORECASE | re.MULTILINE)
_MOST_MARKS = 5_000
"""Lines of a mail that may begin a part: reading each takes a millisecond."""
_FEED = re.compile(
    r"\s{0,200}(?:<\?xml[^<>]{0,300}>\s{0,200})?(?:<!--[^<>]{0,500}-->\s{0,200}){0,3}<(?:rss|feed|rdf:RDF)\b"
)
_OPML = re.compile(
    r"\s{0,200}(?:<\?xml[^<>]{0,300}>\s{0,200})?(?:<!--[^<>]{0,500}-->\s{0,200}){0,3}<opml\b"
)
_OUTLINE = (
    ("text", "title"), ("title", "title"), ("url", "url"), ("htmlUrl", "url"), ("_note", "summary"),
    ("description", "summary"), ("created", "publishedAt"),
)  # fmt: skip
_XML = re.compile(r"\s{0,200}<\?xml\b")


class UnreadableError(ValueError):
    """Text of a known kind from which no papers come; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The papers that a structured text lists; ``kind`` is its format, in words for people.

    An answer of a service may list none. ``more`` is the token by which the list goes on elsewhere, ``""`` at its end.
    """

    kind: str
    records: list[Record]
    more: str = ""


def read_format(text: str, today: date) -> Listing | str | None:
    """The papers in a structured text; a text that was inside it; ``None`` if it is none.

    :raises UnreadableError: if it is of a known kind that holds no papers, or is damaged.
    """
    start = text[:20_000].lstrip("\ufeff")
    if _JSON.match(start):
        return _json(text, today)
    if _FEED.match(start):
        return _feed(text)
    if OAI_PMH.match(start):
        return _harvest(text)
    if _OPML.match(start):
        return _papers(_outlines(text), today, "OPML")
    if _XML.match(start) and "<html" not in start.lower():
        raise UnreadableError("XML of a kind that is not known")
    if is_bibtex(start):
        return _papers(bibtex(text), today, "BibTeX")
    if is_ris(start):
        return _papers(ris(_bounded(text, "RIS")), today, "RIS")
    if _MAIL.match(start) and "\n\n" in text.replace("\r\n", "\n"):
        return _mail(text)
    if is_yaml(start):
        return _papers(_yaml(text), today, "YAML")
    if (delimiter := _delimiter(start)) is not None:
        return _papers(_table(_bounded(text, "a table"), delimiter), today, "a table")
    whole_lines = start.rpartition("\n")[0] if len(text) > len(start) + 1 else start
    if "\t" in start and (fields := bare_columns(whole_lines)):
        return _papers(_bare_table(_bounded(text, "a table"), fields), today, "a table")
    return None


def _papers(entries: Iterable[Mapping[str, Any]], today: date, kind: str) -> Listing:
    return _listing([paper(entry, today) for entry in islice(entries, _MOST)], kind)


def _listing(read: Sequence[Record | None], kind: str, more: str = "") -> Listing:
    """The entries that tell more than a title, if these are most of them."""
    papers = [
        record
        for record in read
        if record is not None and (record.abstract or record.external_id or record.authors)
    ]
    if not read:
        raise UnreadableError(f"{kind} without entries")
    if not papers or len(papers) < _FEWEST * len(read):
        raise UnreadableError(f"{kind}, but not of papers ({len(papers)} of {len(read)} entries)")
    return Listing(kind, papers, more)


def _json(text: str, today: date) -> Listing | None:
    # Small values take fifty times their length when they are read.
    if sum(map(text.count, ",[{")) > _MOST_VALUES:
        raise UnreadableError(f"JSON of more than {_MOST_VALUES:,} values")
    try:
        held = json.loads(text)
    except RecursionError:
        raise UnreadableError("JSON that is nested too deeply") from None
    except ValueError:
        return _json_lines(text, today)
    if isinstance(held, dict):
        lists = [held[name] for name in _LISTS if isinstance(held.get(name), list)]
        held = lists[0] if lists else [held]
    if held == []:
        return Listing("JSON", [])
    if not isinstance(held, list) or not held:
        raise UnreadableError("JSON without a list of papers")
    return _papers([each if isinstance(each, dict) else {} for each in held], today, "JSON")


def _json_lines(text: str, today: date) -> Listing | None:
    """One object a line; ``None`` if it is text that only starts like JSON."""
    entries: list[Mapping[str, Any]] = []
    broken = papers = 0
    for line in islice(each_line(text), _MOST):
        if not line.strip():
            continue
        papers += 1
        try:
            each = json.loads(line)
        except (ValueError, RecursionError):
            broken += 1
            if broken > 5 and broken * 2 > papers:
                break
            continue
        entries.append(each if isinstance(each, dict) else {})
    if not entries or broken * 2 > papers:
        if text.lstrip()[:2] in ('{"', "[{") or text.lstrip()[:1] == "{":
            raise UnreadableError("damaged JSON")
        return None
    return _papers(entries, today, "JSON lines")


def _bounded(text: str, kind: str) -> str:
    """The text, if its lines are as many and as long as those of a list of papers can be."""
    if text.count("\n") > _MOST_LINES:
        raise UnreadableError(f"{kind} of more than {_MOST_LINES:,} lines")
    if max(map(len, each_line(text))) > bounds.LONGEST_LINE:
        raise UnreadableError(f"{kind} with a line of more than {bounds.LONGEST_LINE:,} characters")
    return text


def _delimiter(start: str) -> Literal[",", ";", "\t"] | None:
    """The character that separates the columns, if the first line names columns of papers."""
    line = start.lstrip().split("\n", 1)[0].strip()
    if len(line) > 500:
        return None
    for delimiter in (",", ";", "\t"):
        names = [column(name.strip().strip('"')) for name in line.split(delimiter)]
        if len(names) >= 2 and "title" in names and len({*names} - {""}) >= 2:
            return delimiter
    return None


def _table(text: str, delimiter: str) -> Iterator[dict[str, Any]]:
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
    names: list[str] = []
    try:
        for row in rows:
            if not names:
                names = [column(name) for name in row]
            elif any(row):
                yield _named((name, value) for name, value in zip(names, row, strict=False) if name)
    except csv.Error:
        return


def _bare_table(text: str, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
    for row in rows_of(text):
        yield _named((name, value) for name, value in zip(fields, row, strict=False) if name)


def _yaml(text: str) -> Iterator[dict[str, Any]]:
    """The mappings of a YAML list, under the names of the papers page's own data."""
    for mapping in mappings(text.replace("\r\n", "\n").split("\n")):
        plain = {
            column(name): value if isinstance(value, str) else "; ".join(value)
            for name, value in mapping.items()
        }
        yield _named((name, value) for name, value in plain.items() if name)


def _named(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """An entry as the papers page's own data has it, made of plain fields."""
    entry: dict[str, Any] = {}
    for name, value in fields:
        value = value.strip()
        if name == "id" and value.lower().startswith("http"):
            name = "url"
        if not value or name in entry:
            continue
        if name == "authors":
            entry[name] = [
                part.strip()
                for part in re.split(r"[;,]\s++(?:and\s++)?|\sand\s++|\n", value)
                if part.strip()
            ]
        elif name == "upvotes":
            entry[name] = int(value) if value.isdigit() and len(value) < 9 else None
        elif name == "organization":
            entry[name] = {"name": value}
        else:
            entry[name] = value
    return entry


def _outlines(text: str) -> list[dict[str, Any]]:
    """The entries of an outline (OPML 2.0) that have a link or a note."""
    from lxml import etree

    if "<!ENTITY" in text or text.count("<") > bounds.MOST_TAGS:
        raise UnreadableError("OPML that defines entities, or of too many tags")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(text.lstrip("\ufeff \n\t").encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        root = None
    if root is None:
        raise UnreadableError("damaged OPML")
    entries = []
    for outline in root.iter("outline"):
        told = {name: outline.get(key) for key, name in _OUTLINE if outline.get(key)}
        if told.get("title") and ("url" in told or "summary" in told):
            entries.append(told)
    return entries


def _feed(text: str) -> Listing:
    try:
        records = read_feed(text)
        return _listing(records, "a feed") if records else Listing("a feed", [])
    except NotAFeedError as error:
        raise UnreadableError(str(error)) from None


def _harvest(text: str) -> Listing:
    try:
        harvest = read_harvest(text)
    except HarvestError as error:
        raise UnreadableError(str(error)) from None
    if not harvest.records and not harvest.token:
        return Listing("an OAI-PMH answer", [])
    return _listing(harvest.records, "an OAI-PMH answer", harvest.token)


def _mail(text: str) -> str:
    """The page in a saved mail or MHTML file (RFC 2557): its first HTML part, else its text."""
    if len(_PART.findall(text)) > _MOST_MARKS:
        raise UnreadableError(f"a mail of more than {_MOST_MARKS:,} parts")
    from email import message_from_string, policy

    try:
        return _body(message_from_string(text, policy=policy.default))
    except RecursionError:
        raise UnreadableError("a mail of parts that are nested too deeply") from None


def _body(message: EmailMessage) -> str:
    """The first part of HTML, else the first text."""
    parts = list(islice(message.walk(), _MOST_PARTS))
    for kind in ("text/html", "text/plain"):
        for part in parts:
            if part.get_content_type() != kind or part.is_multipart():
                continue
            try:
                payload = part.get_payload(decode=True)
                raw = payload if isinstance(payload, bytes) else b""
                body = raw.decode(part.get_content_charset() or "utf-8", "replace")
            except (LookupError, ValueError):
                continue
            if body.strip():
                return body
    raise UnreadableError("a mail without text")
