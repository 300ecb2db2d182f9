"""Parameters of the API's addresses, read strictly: a misspelt one is told, not ignored."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from starlette.requests import Request

from digest.web.problems import Problem

LARGEST_NUMBER = 2**53
"""The largest whole number that every JSON reader keeps exactly (RFC 7493 §2.2)."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Parameters:
    """The parameters of one request. Every method raises a 400 that names the wrong parameter."""

    def __init__(self, request: Request, known: Collection[str]) -> None:
        given = request.query_params.multi_items()
        self._values = dict(given)
        for name in self._values:
            if name not in known:
                raise _wrong(name, f"There is no such parameter; there are: {', '.join(known)}.")
        if len(self._values) < len(given):
            raise Problem(400, "A parameter is given twice.")

    def text(self, name: str, longest: int) -> str:
        """The text of that name, ``""`` without one."""
        value = self._values.get(name, "")
        if len(value) > longest:
            raise _wrong(name, f"It has more than {longest:,} characters.")
        return value

    def choice(self, name: str, choices: Collection[str]) -> str:
        """One of these words, ``""`` without one."""
        value = self._values.get(name)
        if value is not None and value not in choices:
            raise _wrong(name, f"It is one of: {', '.join(choices)}.")
        return value or ""

    def number(self, name: str, default: int, lowest: int, highest: int = LARGEST_NUMBER) -> int:
        """A whole number in these bounds."""
        value = self._values.get(name)
        if value is None:
            return default
        number = parse_number(value)
        if number is None or not lowest <= number <= highest:
            raise _wrong(name, f"It is a whole number from {lowest} to {highest}.")
        return number

    def day(self, name: str) -> date | None:
        """A day as ``2026-11-20``; ``None`` without one."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            # The library takes weeks and years of other lengths for days, too.
            return date.fromisoformat(value if _DAY.fullmatch(value) else "")
        except ValueError:
            raise _wrong(name, "It is a day, as 2026-11-20.") from None

    def place(self, name: str) -> tuple[int, int] | None:
        """Two numbers as ``17.340``, the place after which a list goes on; ``None`` without one."""
        value = self._values.get(name)
        if value is None:
            return None
        first, _, second = value.partition(".")
        numbers = parse_number(first), parse_number(second)
        if numbers[0] is None or numbers[1] is None:
            raise _wrong(name, "It is what an answer gave as next.")
        return numbers[0], numbers[1]


def parse_number(text: str) -> int | None:
    """The whole number that plain digits write; ``None`` for other text and for too large ones."""
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        return None
    number = int(text)
    return number if number <= LARGEST_NUMBER else None


def _wrong(name: str, detail: str) -> Problem:
    return Problem(400, detail, parameter=name[:40])
