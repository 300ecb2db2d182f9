"""A fetcher that does not wait for hosts' turns: tests ask hosts of their own."""

from __future__ import annotations

from typing import Any

from digest.sources import SourceLimits
from digest.sources.fetching.fetcher import Fetcher
from digest.sources.fetching.pace import ProcessPace


def hurried(limits: SourceLimits, **parts: Any) -> Fetcher:
    """A fetcher with these limits and parts, and no pause between two requests."""
    return Fetcher(limits, ProcessPace(sleep=lambda seconds: None), **parts)
