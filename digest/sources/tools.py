"""Tools that a source is given to work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from digest.sources.fetching.fetcher import Fetcher
from digest.sources.source_limits import SourceLimits

MOST_DAYS = 14
"""Days that a source is asked for again after it was not read for long."""


def _never(location: str) -> date | None:
    return None


@dataclass(frozen=True, slots=True)
class SourceTools:
    """Tools that a source is given to work with.

    ``fetcher`` is the one door to other machines. ``last_read`` tells the last day for which a
    location was read in full, `None` for never; ``most_days`` is how many days before today are
    caught up at most. ``endpoints`` has other addresses than the usual one of a service, by its
    scheme (``{"hf": "https://mirror.example.org"}``). ``stdin`` is read for ``-``.
    """

    fetcher: Fetcher = field(default_factory=Fetcher)
    stdin: BinaryIO | None = None
    last_read: Callable[[str], date | None] = _never
    most_days: int = MOST_DAYS
    endpoints: Mapping[str, str] = field(default_factory=dict)

    @property
    def limits(self) -> SourceLimits:
        """Limits on the size and the time that a source may take."""
        return self.fetcher.limits
