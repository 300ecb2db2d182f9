"""Commands about editions that are held for a preview: stop one, release it, or take it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from digest.cli.console import parse_day, say, say_json
from digest.cli.papers import Json


class Which(StrEnum):
    """The editions of a day that a command is about."""

    DAILY = "daily"
    WEEKLY = "weekly"
    ALL = "all"


EditionDay = Annotated[
    datetime,
    typer.Argument(
        parser=parse_day, help="The day of the edition, as 2026-11-20.", metavar="EDITION"
    ),
]
Kind = Annotated[
    Which,
    typer.Option("--kind", help="Only the daily edition of that day, or only the weekly one."),
]


def stop(edition: EditionDay, kind: Kind = Which.ALL, as_json: Json = False) -> None:
    """Stop an edition: no more mails of it are sent until it is released."""
    from digest.daily.held_editions import stop_editions

    _decide(stop_editions, edition, kind, as_json=as_json)


def release(edition: EditionDay, kind: Kind = Which.ALL, as_json: Json = False) -> None:
    """Release an edition that is held or stopped: it is sent to everybody as it is."""
    from digest.daily.held_editions import release_editions

    _decide(release_editions, edition, kind, as_json=as_json)


def discard(edition: EditionDay, kind: Kind = Which.ALL, as_json: Json = False) -> None:
    """Take back an edition that is held or stopped: its papers wait for the next one."""
    from digest.daily.held_editions import discard_editions

    _decide(discard_editions, edition, kind, as_json=as_json)


def _decide(
    decision: Callable[..., Sequence[str]], edition: datetime, kind: Which, *, as_json: bool
) -> None:
    from digest.daily.held_editions import ALL, DAILY, WEEKLY
    from digest.wiring.application import open_application

    app = open_application()
    kinds = {Which.DAILY: DAILY, Which.WEEKLY: WEEKLY, Which.ALL: ALL}[kind]
    lines = decision(app.store, edition.date(), kinds, clock=app.clock)
    if as_json:
        say_json({"day": edition.date().isoformat(), "said": list(lines)})
        return
    for line in lines:
        say(line)
