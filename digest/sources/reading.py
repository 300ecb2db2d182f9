"""From bytes to a :class:`Dump`, or to the one line that says why there is none.

It runs in a process of its own (`digest.sources.isolation`), for the bytes are anyone's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from digest.model import Dump, Record, Rejected
from digest.sources.decoding import NotTextError, decode
from digest.sources.dump import TextReading, read_text
from digest.sources.formats import UnreadableError
from digest.sources.genre import doubt, seems
from digest.sources.source_limits import (
    SourceLimits,
    fingerprint,
)

_ADVICE = "save the papers page itself, as HTML or by copying all of it"
_LONGEST_TITLE = 2_000
_LONGEST_ABSTRACT = 50_000
"""Characters. Of 6,000 real papers the longest title has 250 and the longest abstract 1,950."""
_LONGEST_WORDS = 500
_MOST_AUTHORS = 5_000
_MOST_LINKS = 100
_MOST_REJECTED = 500


def read_dump(
    data: bytes,
    *,
    location: str,
    today: date,
    modified: datetime | None = None,
    max_records: int = SourceLimits().max_records,
) -> Dump | Rejected:
    """The papers in ``data``; a :class:`Rejected` if it holds none. Never raises."""
    if not data.strip():
        return Rejected("empty, nothing to read: copy the page into it again", location)
    try:
        decoded = decode(data)
    except NotTextError as error:
        reason = f"{error}: give the page as text, Markdown or HTML"
        return Rejected(reason, location)
    try:
        reading = read_text(decoded.text, location=location, today=today)
    except UnreadableError as error:
        return Rejected(f"{error}: {_ADVICE}", location)
    if not reading.records and reading.kind:
        return Dump(location, fingerprint(data), (), modified=modified, kind=reading.kind)
    if refused := _refused(reading, decoded.text):
        return Rejected(refused, location)
    rejected = reading.rejected
    if decoded.note:
        rejected = (Rejected(decoded.note, location), *rejected)
    records, rejected = _within_bounds(reading.records, rejected, location, max_records)
    return Dump(
        location,
        fingerprint(data),
        records,
        rejected,
        reading.day,
        modified,
        reading.understood,
        reading.more,
        reading.kind,
    )


def _refused(reading: TextReading, text: str) -> str:
    """Say why what was read is no list of papers, in words for people; ``""`` if it is one."""
    records = reading.records
    if not records:
        return f"no papers found in it, it seems to be {seems(text)}: {_ADVICE}"
    against = doubt(records, text, known=reading.known, understood=reading.understood)
    if not against:
        return ""
    what = f"{reading.kind} of something else" if reading.kind else seems(text)
    return f"refused, it seems to be {what}, not a list of papers ({against}): {_ADVICE}"


def _within_bounds(
    records: tuple[Record, ...], rejected: tuple[Rejected, ...], location: str, max_records: int
) -> tuple[tuple[Record, ...], tuple[Rejected, ...]]:
    """No more records, words and rejected pieces than a dump may have; what was cut is told."""
    if len(records) > max_records:
        reason = f"{len(records):,} papers, only the first {max_records:,} were kept: split it"
        records, rejected = records[:max_records], (Rejected(reason, location), *rejected)
    rejected = (*_cut_words(records, location), *rejected)
    records = tuple(map(_bounded, records))
    if len(rejected) > _MOST_REJECTED:
        more = f"{len(rejected) - _MOST_REJECTED:,} more pieces left out: is it a papers page?"
        rejected = (*rejected[:_MOST_REJECTED], Rejected(more, location))
    return records, rejected


def _cut_words(records: Sequence[Record], location: str) -> Iterator[Rejected]:
    for record in records:
        for name, text, most in (
            ("a title", record.title, _LONGEST_TITLE),
            ("an abstract", record.abstract, _LONGEST_ABSTRACT),
        ):
            if len(text) > most:
                reason = f"{name} of {len(text):,} characters, cut at {most:,}: is it one paper?"
                yield Rejected(reason, location, 0, text[:79] + "…")


def _bounded(record: Record) -> Record:
    """The record with no more of anything than a paper has."""
    organization = record.organization
    return replace(
        record,
        title=record.title[:_LONGEST_TITLE].rstrip(),
        abstract=record.abstract[:_LONGEST_ABSTRACT].rstrip(),
        authors=tuple(name[:_LONGEST_WORDS] for name in record.authors[:_MOST_AUTHORS]),
        organization=None if organization is None else organization[:_LONGEST_WORDS],
        links=record.links[:_MOST_LINKS],
    )
