"""``arxiv:cs.LG+cs.CL``: what arXiv announced today in these categories; missed days from OAI-PMH.

The RSS feed has the day's announcements, at most 2,000, nothing at weekends, and sometimes the last
batch again; it has no past. Days that were missed are harvested from OAI-PMH, whose datestamp is the
last change of a record: only papers made in those days are new ones.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from digest.errors import SourceError
from digest.model import AnnounceType, Dump, Record, Rejected
from digest.sources.services.oai import harvest
from digest.sources.services.pages import empty_for_days, joined, read_page
from digest.sources.tools import SourceTools

FEEDS = "https://rss.arxiv.org"
REPOSITORY = "https://oaipmh.arxiv.org/oai"
_CATEGORY = re.compile(r"[a-z][a-z-]{1,15}(?:\.[A-Za-z-]{2,15})?")
_MOST_CATEGORIES = 30
_WEEKEND = 5
_WEEK = timedelta(days=7)
"""A paper may be announced some days after its submission."""


def open_source(location: str, tools: SourceTools) -> ArxivListing:
    """The categories that a location names; nothing is read yet.

    Raises `SourceError` for what is no category.
    """
    categories = tuple(dict.fromkeys(location.partition(":")[2].split("+")))
    wrong = [each for each in categories if not _CATEGORY.fullmatch(each)]
    if wrong or len(categories) > _MOST_CATEGORIES:
        raise SourceError(
            f"{wrong[0][:40]!r} is no category of arXiv" if wrong else "too many categories",
            where=location,
            mend="Write them as arxiv:cs.LG+cs.CL",
        )
    return ArxivListing(location, tools, categories)


@dataclass(frozen=True, slots=True)
class ArxivListing:
    """The announcements of today, after those of the days since the last reading."""

    location: str
    tools: SourceTools
    categories: tuple[str, ...]

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Yield what was missed, then today's; see `digest.sources.Source.read`."""
        last_read = self.tools.last_read(self.location)
        if last_read is not None and last_read < today - timedelta(days=1):
            first = max(last_read, today - timedelta(days=self.tools.most_days))
            yield from self._missed(first, today - timedelta(days=1), today)
        base = self.tools.endpoints.get("arxiv", FEEDS).rstrip("/")
        listed = read_page(
            f"{base}/rss/{'+'.join(self.categories)}",
            location=self.location,
            today=today,
            tools=self.tools,
        )
        if isinstance(listed, Rejected):
            yield listed
            return
        if listed.records or listed.rejected:
            yield listed
        elif today.weekday() < _WEEKEND:
            yield Rejected(
                "announces nothing on a weekday, which is a holiday or a fault", self.location
            )

    def _missed(self, first: date, last: date, today: date) -> Iterator[Dump | Rejected]:
        """The new papers of the days from ``first`` to ``last``, from the repository."""
        base = self.tools.endpoints.get("oai.arxiv", REPOSITORY)
        pages: list[Dump] = []
        for name in dict.fromkeys(map(_set_of, self.categories)):
            for page in harvest(
                base,
                {"metadataPrefix": "arXiv", "set": name, "from": first, "until": last},
                location=self.location,
                today=today,
                tools=self.tools,
            ):
                if isinstance(page, Rejected):
                    yield page
                else:
                    pages.append(page)
        if pages and not any(page.records for page in pages):
            suspicion = empty_for_days(first, last + timedelta(days=1), self.location)
            if suspicion is not None:
                yield suspicion
        elif pages:
            whole = joined(pages, location=self.location, day=last)
            yield replace(whole, records=tuple(self._listed(whole.records, first)))

    def _listed(self, records: tuple[Record, ...], first: date) -> Iterator[Record]:
        """The papers of the categories, with what each is: new, a cross-list, a replacement."""
        for record in records:
            mine = [each for each in record.details.categories if self._has(each)]
            if not mine:
                continue
            if record.published is None or record.published < first - _WEEK:
                announced = AnnounceType.REPLACE
            elif mine[0] != record.details.categories[0]:
                announced = AnnounceType.CROSS
            else:
                announced = AnnounceType.NEW
            yield replace(record, announced=announced)

    def _has(self, category: str) -> bool:
        return any(category == each or category.startswith(f"{each}.") for each in self.categories)


def _set_of(category: str) -> str:
    """The OAI-PMH set of a category: ``cs:cs:LG``, ``physics:hep-th``, ``math``."""
    archive, _, subject = category.partition(".")
    group = archive if archive in _GROUPS else "physics"
    if not subject:
        return group if group == archive else f"{group}:{archive}"
    return f"{group}:{archive}:{subject}"


_GROUPS = frozenset({"cs", "econ", "eess", "math", "physics", "q-bio", "q-fin", "stat"})
