"""Values cut and mended to what every database can hold."""

from __future__ import annotations

LARGEST = 2**63 - 1
"""The largest whole number both databases hold."""


def bounded(number: int | None) -> int | None:
    """``number``, cut to what a column holds: a hostile dump may claim 10**40 votes."""
    return None if number is None else max(-LARGEST, min(LARGEST, number))


def storable(text: str) -> str:
    """``text`` with NUL and lone surrogates replaced by U+FFFD; other text unchanged."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
