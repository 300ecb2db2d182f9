"""``digest seeds``: papers named as a taste, of one reader or for everybody."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.console import print_error, say, say_json
from digest.cli.papers import Json

if TYPE_CHECKING:
    from digest.model import KeptSeed
    from digest.subscriptions.taste import SeedOwner
    from digest.wiring.application import Application

EVERYONE = "everyone"
LARGEST = 5_000_000
"""Octets of a file of papers; a bibliography of 500 papers has a tenth."""

commands = typer.Typer(
    help=(
        "Papers that define a taste, by which mails are ordered: for one subscriber or for "
        "everybody."
    ),
    no_args_is_help=True,
)

For = Annotated[
    str,
    typer.Option(
        "--for", help="The subscriber they belong to: an address, or a number.", metavar="EMAIL"
    ),
]
List = Annotated[
    str,
    typer.Option(
        "--list", help="The list they belong to; every list serves all readers.", metavar="NAME"
    ),
]


@commands.command()
def add(
    file: Annotated[
        str,
        typer.Argument(
            help=(
                "A file of ids, DOIs, links or titles, a line each, or .bib, .ris; - for "
                "standard input."
            )
        ),
    ],
    email: For = "",
    seed_list: List = EVERYONE,
    as_json: Json = False,
) -> None:
    """Add papers to a taste. Lines that cannot be used are named on stderr; the rest is added."""
    from digest.subscriptions import taste
    from digest.wiring.application import open_application

    text = _read(file)
    app = open_application()
    report = taste.add_seeds(
        app.store, text, _owner(app, email, seed_list), today=app.editorial.day(app.clock())
    )
    for line in report.refused:
        print_error(f"{file}: {line}")
    if as_json:
        say_json(
            {
                "added": report.added,
                "present": report.present,
                "unknown": report.unknown,
                "refused": list(report.refused),
            }
        )
    else:
        say(report.words)
    if report.refused and not report.added and not report.present:
        raise typer.Exit(1)


@commands.command(name="list")
def list_seeds(email: For = "", seed_list: List = "", as_json: Json = False) -> None:
    """List the papers of a taste, each with the number by which it can be removed."""
    from digest.subscriptions.taste import SeedOwner
    from digest.wiring.application import open_application

    app = open_application()
    if email or seed_list:
        owners = [_owner(app, email, seed_list)]
    else:
        with app.store.read() as unit:
            owners = [SeedOwner(seed_list=name) for name in unit.seeds.lists()]
    for owner in owners:
        with app.store.read() as unit:
            kept = unit.seeds.of(subscriber_id=owner.subscriber_id, seed_list=owner.seed_list)
        for seed in kept:
            if as_json:
                say_json(_as_json(seed))
            else:
                known = "" if seed.seed.paper_id is not None else "  (not known here yet)"
                name = seed.seed.title or seed.external_id or "without a title"
                say(f"{seed.id:6} {seed.seed.seed_list:10} {name}{known}")


@commands.command()
def remove(
    ids: Annotated[
        list[int] | None,
        typer.Argument(help="Numbers, as digest seeds list prints them.", metavar="NUMBER"),
    ] = None,
    email: For = "",
    seed_list: List = EVERYONE,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Take papers out of a taste, or all of them."""
    from digest.errors import InputError
    from digest.subscriptions import taste
    from digest.wiring.application import open_application

    if bool(ids) == everything:
        raise InputError("give the numbers of the papers, or --all", mend="See: digest seeds list")
    app = open_application()
    owner = _owner(app, email, seed_list)
    if everything:
        with app.store.begin() as unit:
            count = unit.seeds.clear(subscriber_id=owner.subscriber_id, seed_list=owner.seed_list)
    else:
        count = len(taste.remove_seeds(app.store, ids or (), owner))
    say(f"{count:,} removed")


def _owner(app: Application, email: str, seed_list: str) -> SeedOwner:
    """The reader that is meant, else the list. Raises `digest.errors.SubscriberError` for nobody."""
    from digest import subscriptions
    from digest.errors import InputError
    from digest.subscriptions.taste import SeedOwner

    if email:
        return SeedOwner(subscriptions.find_by_email(app.store, email).id)
    name = " ".join(seed_list.split())
    if not name or len(name) > 80:
        raise InputError("a list has a name of 1 to 80 characters", where="--list")
    return SeedOwner(seed_list=name)


def _read(file: str) -> str:
    """The text of a file, or of standard input. Raises `digest.errors.InputError` if it cannot be read."""
    from digest.errors import InputError

    try:
        if file == "-":
            octets = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as opened:
                octets = opened.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=file) from None
    if len(octets) > LARGEST:
        raise InputError(f"larger than {LARGEST // 1_000_000} MB", where=file)
    return octets.decode("utf-8", "replace")


def _as_json(kept: KeptSeed) -> dict[str, Any]:
    seed = kept.seed
    return {
        "number": kept.id,
        "list": seed.seed_list or None,
        "title": seed.title,
        "external_id": kept.external_id,
        "paper": seed.paper_id,
        "known": seed.paper_id is not None,
        "added": seed.added.isoformat(),
    }
