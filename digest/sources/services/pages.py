"""Shared parts of services: days to catch up, several pages as one dump, query words."""

from __future__ import annotations

import hashlib
import time
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

_WEEKEND = 5


_MOST_SECONDS = 600.0
_MOST_CHARACTERS = 50_000_000
_OF_A_RECORD = 1_250
"""Characters that a record counts for beside its words: together some 80 MB of memory."""


class ListBounds:
    """The bounds of a list that is read in pages: memory and time, however it goes on."""

    def __init__(self) -> None:
        self._end = time.monotonic() + _MOST_SECONDS
        self._left = _MOST_CHARACTERS

    def exceeded(self, page: Dump, location: str) -> Rejected | None:
        """The line that says why the list is read no further than this page; `None` if it may be."""
        self._left -= sum(
            len(record.title) + len(record.abstract) + _OF_A_RECORD for record in page.records
        )
        if self._left < 0:
            what = "more papers than can be read at once"
        elif time.monotonic() > self._end:
            what = f"more pages than come in {_MOST_SECONDS / 60:.0f} minutes"
        else:
            return None
        return Rejected(f"{what}, only the first were read: ask for fewer days", location)


def days_to_read(last_read: date | None, today: date, most: int) -> tuple[date, ...]:
    """The days to ask a service for, oldest first, today last.

    The last day read is asked for again: it may have grown after that. ``most`` bounds the days
    before today.
    """
    first = today if last_read is None else max(last_read, today - timedelta(days=most))
    days = max((today - first).days, 0)
    return tuple(today - timedelta(days=before) for before in range(days, -1, -1))


def empty_for_days(first: date, today: date, location: str) -> Rejected | None:
    """The suspicion that nothing was listed from ``first`` until today; `None` if it is usual.

    On a weekend it is, and today the list may still come.
    """
    days = ((first + timedelta(days=after)) for after in range((today - first).days))
    weekdays = [day for day in days if day.weekday() < _WEEKEND]
    if not weekdays:
        return None
    return Rejected(
        f"lists nothing of {weekdays[-1]:%A} or later, which is a holiday or a fault", location
    )


def read_page(
    url: str, *, location: str, today: date, tools: SourceTools, accept: str = ANYTHING
) -> Dump | Rejected:
    """Fetch and read one page of a list, in the name of its location."""
    try:
        page = tools.fetcher.get(url, accept=accept)
    except TooBigError:
        return _of_service(too_big(location, tools.limits))
    read = read_apart(
        page.data, location=location, today=today, modified=page.modified, limits=tools.limits
    )
    return _of_service(read) if isinstance(read, Rejected) else read


def _of_service(piece: Rejected) -> Rejected:
    """The piece without its advice, which is for people who saved a page themselves."""
    what, _, advice = piece.reason.rpartition(": ")
    if not what or "report it" in advice:
        return piece
    return replace(piece, reason=f"{what}: left out, the next run asks again")


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
