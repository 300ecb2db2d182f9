"""How the command talks: plain lines for people, JSON for programs, complaints on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from digest.model import Rejected


def complain(line: str) -> None:
    """One line on stderr."""
    print(f"digest: {' '.join(line.split())}", file=sys.stderr)


def complain_of(rejected: Iterable[Rejected]) -> None:
    """One line on stderr for each piece of input that could not be used."""
    for piece in rejected:
        where = f"{piece.location}, line {piece.line}" if piece.line else piece.location
        complain(f"{where}: {piece.reason}")


def say(line: str = "") -> None:
    """One line on stdout for a person."""
    typer.echo(line)


def say_json(value: Any) -> None:
    """One JSON document on one line; no text is escaped beyond what JSON asks."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
