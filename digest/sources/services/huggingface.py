"""``hf:daily``: the papers that Hugging Face lists each day, from the page's own API.

``GET /api/daily_papers`` with ``date``, ``week`` (``2026-W23``), ``month`` (``2026-06``),
``submitter``, ``sort`` (``publishedAt``, ``trending``), ``p`` (pages, from 0) and ``limit`` (at most
100). Votes grow for days and a paper may be listed again, so days are asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from digest.errors import SourceError
from digest.model import Dump, Rejected
from digest.sources.services.pages import (
    days_to_read,
    empty_for_days,
    joined,
    query_words,
    read_page,
)
from digest.sources.tools import SourceTools

ENDPOINT = "https://huggingface.co"
PAGE = 100
"""Papers asked for at once, the most that the API gives."""
_MOST_PAGES = 10
_WORDS = ("date", "week", "month", "sort", "submitter")
_FORMS = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "week": re.compile(r"\d{4}-W\d{2}"),
    "month": re.compile(r"\d{4}-\d{2}"),
    "sort": re.compile(r"publishedAt|trending"),
    "submitter": re.compile(r"[\w.-]{1,100}"),
}


def open_source(location: str, tools: SourceTools) -> HuggingFaceDaily:
    """The list that a location names; nothing is read yet.

    Raises `SourceError` for a list or a word that the API has not.
    """
    named, words = query_words(location, _WORDS)
    if named != "daily":
        raise SourceError(
            "there is no such list", where=location, mend="hf:daily is the one that can be read"
        )
    for name, value in words.items():
        if not _FORMS[name].fullmatch(value) or (name == "date" and not _is_day(value)):
            raise SourceError(
                f"{name}={value[:40]} is not in its form",
                where=location,
                mend="date=2026-06-01, week=2026-W23, month=2026-06, sort=trending or publishedAt",
            )
    return HuggingFaceDaily(location, tools, words)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class HuggingFaceDaily:
    """The daily papers; without a time in its ``words``, those of today and of missed days."""

    location: str
    tools: SourceTools
    words: dict[str, str] = field(default_factory=dict)

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Yield a dump for each day, oldest first; see `digest.sources.Source.read`."""
        fixed = any(name in self.words for name in ("date", "week", "month", "sort"))
        last_read = None if fixed else self.tools.last_read(self.location)
        if last_read is None:
            day = _day(self.words.get("date"))
            yield self._list(self.words, day, today) or Rejected("lists no papers", self.location)
            return
        days = days_to_read(last_read, today, self.tools.most_days)
        is_empty = True
        for day in days:
            listed = self._list({**self.words, "date": day.isoformat()}, day, today)
            # Nothing is listed on a weekend, and not yet early in the day.
            if listed is not None:
                is_empty = False
                yield listed
        if is_empty and (suspicion := empty_for_days(days[0], today, self.location)):
            yield suspicion

    def _list(self, words: dict[str, str], day: date | None, today: date) -> Dump | Rejected | None:
        """All pages of one list; `None` if it is empty."""
        base = self.tools.endpoints.get("hf", ENDPOINT).rstrip("/")
        dumps: list[Dump] = []
        for number in range(_MOST_PAGES):
            query = urlencode({**words, "limit": PAGE, "p": number})
            page = read_page(
                f"{base}/api/daily_papers?{query}",
                location=self.location,
                today=today,
                tools=self.tools,
                accept="application/json",
            )
            if isinstance(page, Rejected):
                return page
            dumps.append(page)
            if len(page.records) < PAGE:
                break
        listed = joined(dumps, location=self.location, day=day)
        return listed if listed.records or listed.rejected else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
