"""Limits on size and time of a source; and the hash by which the same bytes are known again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from digest.model import Rejected


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """Limits on the size and the time that a source may take.

    ``max_bytes`` per dump, unpacked (a page of 250 papers has a third of a megabyte as text, and
    four with everything a browser saves); ``timeout`` in seconds for a whole download; ``settle``
    in seconds: a file written to less long ago is waited for, at most ``settle_tries`` times.
    ``reading_seconds`` of processor time (and four times as many by the clock, on a busy machine)
    and ``reading_memory`` bytes may be used to make papers of one dump; ``max_records`` papers
    are kept of it.
    """

    max_bytes: int = 10 * 1024 * 1024
    timeout: float = 30.0
    settle: float = 0.2
    settle_tries: int = 10
    reading_seconds: int = 5
    reading_memory: int = 88 * 1024 * 1024
    max_records: int = 5_000


def fingerprint(data: bytes) -> str:
    """The hex SHA-256 by which the same bytes are known again."""
    return hashlib.sha256(data).hexdigest()


def too_big(location: str, limits: SourceLimits, size: int | None = None) -> Rejected:
    """Rejection of an input that is larger than a dump may be."""
    is_size = f"{size / 2**20:,.0f} MB" if size is not None else "more"
    reason = (
        f"{is_size}, over the limit of {limits.max_bytes / 2**20:,.0f} MB, not read: "
        "split it, or give the page itself"
    )
    return Rejected(reason, location)
