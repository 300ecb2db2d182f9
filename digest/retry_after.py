"""Read from a host's answer when it wants to be asked again.

``Retry-After`` is of RFC 9110 §10.2.3; ``RateLimit`` of the IETF draft *RateLimit header fields for
HTTP* (``"default";r=0;t=55``: none left, more in 55 seconds), before whose seventh revision it was
three headers (``RateLimit-Remaining: 0``, ``RateLimit-Reset: 55``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 24 * 3600.0
"""Seconds; a host that says more is asked again after a day."""
_LONGEST_HEADER = 500
_REMAINING = re.compile(r";\s{0,3}r=(\d{1,12})\b")
_RESET = re.compile(r";\s{0,3}t=(\d{1,12})\b")


def seconds_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds after which the host wants to be asked again; `None` if it says nothing."""
    waits = [
        wait
        for wait in (
            _retry_after(headers.get("Retry-After", ""), now),
            _rate_limit(headers.get("RateLimit", "")),
            _rate_limit_of_three(headers),
        )
        if wait is not None
    ]
    return min(max(waits), LONGEST_WAIT) if waits else None


def _retry_after(value: str, now: datetime) -> float | None:
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    try:
        moment = parsedate_to_datetime(value[:100])
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)


def _rate_limit(value: str) -> float | None:
    """The longest time after which a limit that is used up is there again."""
    waits = []
    for limit in value[:_LONGEST_HEADER].split(","):
        remaining, reset = _REMAINING.search(limit), _RESET.search(limit)
        if remaining and reset and int(remaining[1]) == 0:
            waits.append(float(reset[1]))
    return max(waits, default=None)


def _rate_limit_of_three(headers: Mapping[str, str]) -> float | None:
    remaining = headers.get("RateLimit-Remaining", "").strip()
    reset = headers.get("RateLimit-Reset", "").strip()
    if remaining == "0" and reset.isascii() and reset.isdigit():
        return float(reset[:12])
    return None
