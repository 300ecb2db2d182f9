"""Print plain lines for people, JSON for programs, errors on stderr.

Nothing else in this room prints. What comes from elsewhere is shown with its hidden characters as
numbers (see `digest.visible`), so that no title or reply can steer the terminal.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from digest.visible import HIDDEN, visible

if TYPE_CHECKING:
    from digest.model import Rejected

MOST_OF_ONE = 10
"""Complaints of one location that a person is shown."""


def parse_day(text: str) -> datetime:
    """The day that a person wrote, as midnight. Raises ``typer.BadParameter`` with an example."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter(
            f"this is not a day: {text[:40]!r}, expected for example 2026-11-20"
        ) from None


def print_error(line: str) -> None:
    """Print one line on stderr."""
    print(f"digest: {visible(' '.join(line.split()))}", file=sys.stderr)


def print_errors(rejected: Iterable[Rejected]) -> None:
    """Print one line on stderr for each piece of input that could not be used.

    Of one location `MOST_OF_ONE` at most, and how many more there are.
    """
    told: Counter[str] = Counter()
    for piece in rejected:
        told[piece.location] += 1
        if told[piece.location] > MOST_OF_ONE:
            continue
        where = f"{piece.location}, line {piece.line}" if piece.line else piece.location
        print_error(f"{where}: {piece.reason}")
    for location, count in told.items():
        if count > MOST_OF_ONE:
            print_error(f"{location}: {count - MOST_OF_ONE:,} more such lines, not shown")


def say(line: str = "") -> None:
    """Print one line on stdout for a person."""
    typer.echo(visible(line))


def say_json(value: Any) -> None:
    """Print one JSON document on one line: exactly these values, with what a terminal obeys escaped."""
    plain = json.dumps(value, ensure_ascii=False, default=str)
    typer.echo(HIDDEN.sub(_escaped, plain))


def _escaped(match: re.Match[str]) -> str:
    """Escape a character as JSON writes it in ASCII (RFC 8259 §7); it can only stand in a string."""
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
