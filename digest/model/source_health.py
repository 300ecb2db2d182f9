"""Health of a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


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
