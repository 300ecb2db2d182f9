"""Read the page at one address."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import date

from digest.model import Dump, Rejected
from digest.sources.fetching.fetcher import Fetcher, TooBigError
from digest.sources.fetching.web_address import shown
from digest.sources.isolation import read_apart
from digest.sources.source_limits import too_big


@dataclass(frozen=True, slots=True)
class WebSource:
    """One page at one address."""

    url: str
    fetcher: Fetcher = field(default_factory=Fetcher)

    def read(
        self, *, today: date, known: Container[str] = frozenset()
    ) -> Iterator[Dump | Rejected]:
        """Fetch the page and yield its dump, or why there is none.

        Raises `SourceError` for an address that cannot be right (not https, 404, certificate), and
        `TemporaryError` if the host cannot be reached or asks to come again later.
        """
        limits = self.fetcher.limits
        try:
            page = self.fetcher.get(self.url)
        except TooBigError:
            yield too_big(shown(self.url), limits)
            return
        yield read_apart(
            page.data,
            location=shown(self.url),
            today=today,
            modified=page.modified,
            limits=limits,
        )
