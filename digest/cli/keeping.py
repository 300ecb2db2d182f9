"""Commands that keep the database: migrate it, back it up, restore it, prune it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.cli.console import say, say_json
from digest.cli.files import make_private
from digest.cli.papers import Json


def migrate(
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="URL", help="Copy this database …"),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="… into this new one, and check every row."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring the database to this version of the program, or move it to another one.

    Stop the daemon and every worker before a move. Afterwards set DIGEST_DATABASE_URL to the new
    database; the old one is left as it is.
    """
    from digest.cli.progress import rows_bar
    from digest.wiring.application import migrate_store, move_store

    if (source is None) != (target is None):
        raise typer.BadParameter("a move needs both --from URL and --to URL")
    if source is None or target is None:
        line = migrate_store()
        say_json({"database": line}) if as_json else say(line)
        return
    with rows_bar() as progress:
        moved = move_store(source, target, progress)
    if as_json:
        say_json({"copied": moved.copied, "rows": dict(moved.rows)})
    elif moved.copied:
        say(f"copied {moved.total:,} rows of {len(moved.rows)} tables; each reads as its original")
        say("now set DIGEST_DATABASE_URL to the new database, and start again")
    else:
        say(f"nothing to do: it has exactly these {moved.total:,} rows already")


def backup(
    place: Annotated[
        Path, typer.Argument(metavar="[FILE|FOLDER]", help="A new file, or a folder for one.")
    ] = Path(),
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Of the backups in that folder, keep this many, the newest."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a backup of the database, while everything runs.

    It is an SQLite file, of one moment, checked, readable by you only; encrypted for the age public
    key in DIGEST_BACKUP_RECIPIENT, if that is set. Settings are not in it.
    """
    from digest.cli.progress import rows_bar
    from digest.daily.backups import back_up, delete_older, name_of_backup
    from digest.wiring.application import open_application

    app = open_application()
    recipient = app.settings.backup_recipient
    now = app.clock()
    if keep is not None:
        make_private(place)
    path = place / name_of_backup(now, encrypted=bool(recipient)) if place.is_dir() else place
    with rows_bar() as progress:
        report = back_up(app.store, path, now=now, recipient=recipient, progress=progress)
    deleted = delete_older(place, keep) if keep is not None else ()
    if as_json:
        say_json({**report.as_dict(), "deleted": [str(path) for path in deleted]})
        return
    how = "encrypted" if report.encrypted else "not encrypted"
    say(f"{report.path}: {report.size / 1e6:,.1f} MB, checked, {how}")
    for path in deleted:
        say(f"deleted {path}")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What digest backup wrote.")],
    identity: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The age secret key of an encrypted backup."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy a backup into the configured database, which must be new, and pause sending.

    Mail that was sent after the backup is not known in it, so nothing is sent until you say how:
    digest resume --skip-past, or digest resume.
    """
    from digest.cli.progress import rows_bar
    from digest.wiring.application import restore_store

    with rows_bar() as progress:
        restored = restore_store(file, identity, progress)
    if as_json:
        say_json(
            {
                "copied": restored.transfer.copied,
                "rows": dict(restored.transfer.rows),
                "made_at": restored.made_at,
                "paused": restored.paused,
            }
        )
        return
    say(f"{restored.transfer.total:,} rows restored; each reads as in the backup")
    say(f"sending is paused: {restored.paused}")


def prune(
    compact: Annotated[
        bool,
        typer.Option(
            "--compact",
            help="Rewrite the SQLite file: smaller, and without data that was deleted.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Delete personal data that is too old, as the daemon does once a day.

    The settings DIGEST_KEEP_… say how long each kind is kept. People who unsubscribed are still
    never written to again: a hash of their address is kept.
    """
    from digest.wiring.application import open_application

    report = open_application().prune(compact=compact)
    if as_json:
        say_json(report.as_dict())
    else:
        say(report.summary)
