"""From bytes to a :class:`Dump`, or to the one line that says why there is none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from digest.model import Dump, Rejected
from digest.sources.decoding import NotTextError, decode
from digest.sources.dump import parse


@dataclass(frozen=True, slots=True)
class Limits:
    """How much, and how long, a source may take.

    ``max_bytes`` per dump; ``timeout`` in seconds for a whole download; ``settle`` in seconds: a
    file written to less long ago is waited for, at most ``settle_tries`` times.
    """

    max_bytes: int = 50 * 1024 * 1024
    timeout: float = 30.0
    settle: float = 0.2
    settle_tries: int = 10


def fingerprint(data: bytes) -> str:
    """The hex SHA-256 by which the same bytes are known again."""
    return hashlib.sha256(data).hexdigest()


def too_big(location: str, limits: Limits, size: int | None = None) -> Rejected:
    """That an input is larger than a dump may be."""
    is_size = f"{size / 2**20:,.0f} MB" if size is not None else "more"
    reason = (
        f"{is_size}, over the limit of {limits.max_bytes / 2**20:,.0f} MB, not read: "
        "split it, or give the page itself"
    )
    return Rejected(reason, location)


def read_dump(
    data: bytes, *, location: str, today: date, modified: datetime | None = None
) -> Dump | Rejected:
    """The papers in ``data``; a :class:`Rejected` if it holds none. Never raises."""
    if not data.strip():
        return Rejected("empty, nothing to read: copy the page into it again", location)
    try:
        decoded = decode(data)
    except NotTextError as error:
        reason = f"{error}: give the page as text, Markdown or HTML"
        return Rejected(reason, location)
    records, rejected, day = parse(decoded.text, location=location, today=today)
    if not records:
        reason = (
            "no papers found in it: is it a papers page, with a title and an abstract for each?"
        )
        return Rejected(reason, location)
    if decoded.note:
        rejected = (Rejected(decoded.note, location), *rejected)
    return Dump(location, fingerprint(data), records, rejected, day, modified)
