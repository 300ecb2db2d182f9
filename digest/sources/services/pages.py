"""Shared parts of services: days to catch up, several pages as one dump, query words."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qsl

from digest.errors import SourceError
from digest.model import Dump, Rejected
from digest.sources.fetching.fetcher import ANYTHING, TooBigError
from digest.sources.isolation import read_apart
from digest.sources.repeats import without_repeats
from digest.sources.source_limits import too_big
from digest.sources.tools import SourceTools


def days_to_read(last_read: date | None, today: date, most: int) -> tuple[date, ...]:
    """The days to ask a service for, oldest first, today last.

    The last day read is asked for again: it may have grown after that. ``most`` bounds the days
    before today.
    """
    first = today if last_read is None else max(last_read, today - timedelta(days=most))
    days = max((today - first).days, 0)
    return tuple(today - timedelta(days=before) for before in range(days, -1, -1))


def read_page(
    url: str, *, location: str, today: date, tools: SourceTools, accept: str = ANYTHING
) -> Dump | Rejected:
    """Fetch and read one page of a list, in the name of its location."""
    try:
        page = tools.fetcher.get(url, accept=accept)
    except TooBigError:
        return too_big(location, tools.limits)
    return read_apart(
        page.data, location=location, today=today, modified=page.modified, limits=tools.limits
    )


def joined(dumps: Sequence[Dump], *, location: str, day: date | None) -> Dump:
    """The pages of one list as one dump, positions counted through, each paper once."""
    records = [record for dump in dumps for record in dump.records]
    prints = "".join(dump.fingerprint for dump in dumps)
    return Dump(
        location=location,
        fingerprint=hashlib.sha256(prints.encode()).hexdigest(),
        records=tuple(
            replace(record, position=position)
            for position, record in enumerate(without_repeats(records), 1)
        ),
        rejected=tuple(piece for dump in dumps for piece in dump.rejected),
        day=day,
        modified=max((dump.modified for dump in dumps if dump.modified), default=None),
        kind=next((dump.kind for dump in dumps if dump.kind), ""),
        understood=min((dump.understood for dump in dumps), default=1.0),
    )


def query_words(location: str, allowed: Collection[str]) -> tuple[str, dict[str, str]]:
    """Split a location into what it names and its query words: ``hf:daily?date=2026-06-01``.

    Raises `SourceError` for a word that means nothing here, or stands twice.
    """
    named, _, query = location.partition(":")[2].partition("?")
    words: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=20):
        if name not in allowed or name in words:
            raise SourceError(
                f"{name[:40]!r} is not known here, or stands twice",
                where=location,
                mend=f"Use {', '.join(sorted(allowed))}",
            )
        words[name] = value
    return named, words
