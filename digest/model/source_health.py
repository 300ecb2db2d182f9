"""Health of a source, and what in it an operator should know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source when it was last asked (``tried_at``) and last read in full (``read_at``).

    ``source`` is its location as people are shown it; ``read_day`` the last day it was read for, in
    the operator's zone; ``items`` and ``new`` what that reading gave. ``failures`` in a row since
    ``failing_since``, the last for the reason ``error``.
    """

    source: str
    tried_at: datetime
    read_at: datetime | None = None
    read_day: date | None = None
    items: int = 0
    new: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    error: str | None = None


class SourceTrouble(StrEnum):
    """The kind of a warning about a source."""

    FAILING = "failing"
    STALE = "stale"
    EMPTY = "empty"
    PREVIOUS_BATCH = "previous-batch"
    ALL_SEEN = "all-seen"
    FORMAT_CHANGED = "format-changed"


@dataclass(frozen=True, slots=True)
class SourceWarning:
    """One thing that is not as usual with a source, in ``words`` that go on after its name."""

    trouble: SourceTrouble
    words: str


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A source with its health (`None`: never asked), its usual, and what is wrong with it.

    ``usual`` is the median number of papers on the weekday of its last reading, `None` while fewer
    than three such days are known.
    """

    source: str
    health: SourceHealth | None = None
    usual: int | None = None
    warnings: tuple[SourceWarning, ...] = ()

    @property
    def failing(self) -> bool:
        """True if its last reading failed."""
        return self.health is not None and self.health.failures > 0

    @property
    def lines(self) -> tuple[str, ...]:
        """A line for people for each warning."""
        return tuple(f"{self.source} {warning.words}" for warning in self.warnings)
