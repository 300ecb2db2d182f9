"""``biorxiv:neuroscience``, ``medrxiv:all``: the preprints of a category, day by day.

``GET https://api.biorxiv.org/details/{server}/{from}/{to}/{cursor}`` gives 100 a page and says the
total in its ``messages``; a later version of a preprint is listed again, which is no new paper.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from digest.errors import SourceError
from digest.model import AnnounceType, Dump, Record, Rejected
from digest.sources.services.pages import ListBounds, empty_for_days, joined, read_page
from digest.sources.tools import SourceTools

ENDPOINT = "https://api.biorxiv.org"
PAGE = 100
_MOST_PAGES = 40
_CATEGORY = re.compile(r"[a-z][a-z -]{2,60}")


def open_source(location: str, tools: SourceTools) -> Preprints:
    """The category that a location names; nothing is read yet.

    Raises `SourceError` for what is no category.
    """
    server, _, category = location.partition(":")
    category = category.replace("_", " ").lower()
    if not _CATEGORY.fullmatch(category):
        raise SourceError(
            f"{category[:40]!r} is no category",
            where=location,
            mend=f"Write {server}:neuroscience, or {server}:all",
        )
    return Preprints(location, tools, server, category)


@dataclass(frozen=True, slots=True)
class Preprints:
    """The preprints since the last reading; on the first, of yesterday and today."""

    location: str
    tools: SourceTools
    server: str
    category: str

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Yield one dump of all pages; see `digest.sources.Source.read`."""
        last_read = self.tools.last_read(self.location) or today - timedelta(days=1)
        first = max(last_read, today - timedelta(days=self.tools.most_days))
        base = self.tools.endpoints.get(self.server, ENDPOINT).rstrip("/")
        pages: list[Dump] = []
        bounds = ListBounds()
        for number in range(_MOST_PAGES):
            days = f"{first.isoformat()}/{today.isoformat()}"
            page = read_page(
                f"{base}/details/{self.server}/{days}/{number * PAGE}",
                location=self.location,
                today=today,
                tools=self.tools,
            )
            if isinstance(page, Rejected):
                yield page
                return
            pages.append(page)
            if len(page.records) < PAGE:
                break
            if (exceeded := bounds.exceeded(page, self.location)) is not None:
                yield exceeded
                break
        whole = joined(pages, location=self.location, day=today)
        records = tuple(_announced(record) for record in whole.records if self._has(record))
        if records or whole.rejected:
            yield replace(whole, records=records)
        elif not whole.records and (suspicion := empty_for_days(first, today, self.location)):
            yield suspicion

    def _has(self, record: Record) -> bool:
        if self.category == "all":
            return True
        return self.category in (each.lower() for each in record.details.categories)


def _announced(record: Record) -> Record:
    is_first = (record.details.version or 1) == 1
    return replace(record, announced=AnnounceType.NEW if is_first else AnnounceType.REPLACE)
