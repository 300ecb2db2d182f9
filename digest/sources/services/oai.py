"""``oai:https://…?set=…``: the new records of any repository that speaks OAI-PMH 2.0.

https://www.openarchives.org/OAI/openarchivesprotocol.html: ``ListRecords`` with ``from`` and
``until`` (days), ``set`` and ``metadataPrefix``; a list that goes on has a ``resumptionToken``, which
may be refused when it is old: then the list is read from its beginning, once.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from digest.errors import SourceError
from digest.model import Dump, Rejected
from digest.sources.fetching.web_address import check_address
from digest.sources.services.pages import ListBounds, joined, query_words, read_page
from digest.sources.tools import SourceTools

MOST_PAGES = 60
"""Answers of one list that are read; arXiv gives about 1,000 records in each."""
_WORDS = ("set", "metadataPrefix", "from", "until")
_EXPIRED = "badResumptionToken"


def open_source(location: str, tools: SourceTools) -> OaiRepository:
    """The repository that a location names; nothing is read yet.

    Raises `SourceError` for what is no address, or a word that OAI-PMH has not.
    """
    address, words = query_words(location, _WORDS)
    check_address(address)
    for name in ("from", "until"):
        try:
            date.fromisoformat(words.get(name, "2000-01-01"))
        except ValueError:
            raise SourceError(
                f"{name} is no day", where=location, mend=f"Write {name}=2026-11-20"
            ) from None
    return OaiRepository(location, tools, address, words)


def harvest(
    base: str,
    words: Mapping[str, object],
    *,
    location: str,
    today: date,
    tools: SourceTools,
) -> Iterator[Dump | Rejected]:
    """The pages of one list of records, each a dump of its own."""
    query = urlencode({"verb": "ListRecords", **words})
    again = True
    tokens = {""}
    bounds = ListBounds()
    for _ in range(MOST_PAGES):
        page = read_page(f"{base}?{query}", location=location, today=today, tools=tools)
        if isinstance(page, Rejected) and _EXPIRED in page.reason and again:
            again = False
            query = urlencode({"verb": "ListRecords", **words})
            tokens = {""}
            continue
        yield page
        if isinstance(page, Rejected) or not page.more:
            return
        if (exceeded := bounds.exceeded(page, location)) is not None:
            yield exceeded
            return
        if page.more in tokens:
            yield Rejected("the list goes on where it went on before: read up to there", location)
            return
        tokens.add(page.more)
        query = urlencode({"verb": "ListRecords", "resumptionToken": page.more})
    yield Rejected(
        f"more than {MOST_PAGES} pages, of which only these were read: ask for fewer days", location
    )


@dataclass(frozen=True, slots=True)
class OaiRepository:
    """The records that changed since the last reading; on the first, since yesterday."""

    location: str
    tools: SourceTools
    address: str
    words: dict[str, str] = field(default_factory=dict)

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Yield one dump of all pages; see `digest.sources.Source.read`."""
        last_read = self.tools.last_read(self.location) or today - timedelta(days=1)
        first = max(last_read, today - timedelta(days=self.tools.most_days))
        words = {"metadataPrefix": "oai_dc", "from": first.isoformat(), **self.words}
        pages: list[Dump] = []
        for page in harvest(
            self.address, words, location=self.location, today=today, tools=self.tools
        ):
            if isinstance(page, Rejected):
                yield page
            elif page.records or page.rejected:
                pages.append(page)
        if pages:
            yield joined(pages, location=self.location, day=today)
