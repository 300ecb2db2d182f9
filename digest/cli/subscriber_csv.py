"""Read and write subscribers as CSV, for ``digest subscribers import`` and ``export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.console import (
    print_error,
    say,
    say_json,
)
from digest.cli.files import write_private
from digest.cli.papers import Json

if TYPE_CHECKING:
    from digest.subscriptions import ImportReport

Confirmed = Annotated[
    bool,
    typer.Option(
        "--confirmed",
        help=(
            "You confirm that they asked for it; without this they stay pending until they confirm."
        ),
    ),
]


def import_subscribers(
    file: Annotated[
        Path, typer.Argument(help="A CSV file or a list of addresses, or - for stdin.")
    ],
    confirmed: Confirmed = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen, and change nothing.")
    ] = False,
    rejected: Annotated[
        Path | None, typer.Option(help="Write the rows that cannot be used to this file, with why.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add the readers of a list; report rows that cannot be used.

    It is a CSV file of ours (email, and where wanted topics, exclude, keywords, frequency, hour,
    timezone, max_papers and format, as the options of add), an export of listmonk, Mailchimp,
    Ghost, Substack, Buttondown or Mailman, or addresses. People who unsubscribed there get no mail.
    """
    from contextlib import nullcontext

    from digest import subscriptions
    from digest.wiring.application import open_application

    app = open_application()
    ask = app.settings.base_url is not None
    text = _list_text(file)
    rules: dict[str, Any] = {
        "topics": app.topics.topics,
        "confirmed": confirmed,
        "now": app.clock(),
        "ask": ask,
    }
    with app.store.rehearsal() if dry_run else nullcontext(app.store) as store:
        report = subscriptions.import_csv(store, text, **rules)
    if as_json:
        say_json(_import_object(report, dry_run=dry_run))
    else:
        _say_import(report, confirmed=confirmed, ask=ask, dry_run=dry_run)
    _report_bad_rows(report, rejected)


def _report_bad_rows(report: ImportReport, file: Path | None) -> None:
    """Name the rows that cannot be used, write them to ``file``, and end with 1 if there are any."""
    from digest import subscriptions

    for line in report.bad_rows:
        print_error(line)
    if file is not None and report.bad_rows:
        write_private(file, subscriptions.rejected_rows(report).encode())
        print_error(f"the rows that cannot be used are in {file}")
    if report.bad_rows:
        raise typer.Exit(1)


def _import_object(report: ImportReport, *, dry_run: bool) -> dict[str, Any]:
    counts = {"added": report.added, "known": report.known, "left": report.left}
    return {
        **counts,
        "rejected": len(report.bad_rows),
        "unconfirmed": report.unconfirmed,
        "no_mail": {str(standing): count for standing, count in report.kept.items()},
        "ignored_columns": list(report.ignored),
        "dry_run": dry_run,
    }


def _say_import(report: ImportReport, *, confirmed: bool, ask: bool, dry_run: bool) -> None:
    from digest import subscriptions

    counted = f"{report.added} added, {report.known} known already, "
    if report.left:
        counted += f"{report.left} left as they are (they do not want it), "
    for standing, count in report.kept.items():
        counted += f"{count} remembered as {standing}, who get nothing, "
    would = "would be: " if dry_run else ""
    say(f"{would}{counted}{len(report.bad_rows)} rejected")
    if report.ignored:
        say(f"columns not used: {', '.join(report.ignored)}")
    if report.unconfirmed and confirmed:
        say(
            f"{report.unconfirmed} of those added had not confirmed before either: each "
            f"{subscriptions.explain_pending(ask=ask)}"
        )
    elif report.added and not confirmed:
        say(f"each of those added {subscriptions.explain_pending(ask=ask)}")
    if dry_run:
        say("nothing was changed; without --dry-run it is done")


def export_subscribers(
    file: Annotated[Path | None, typer.Argument(help="Where to write. Default: stdout.")] = None,
    everybody: Annotated[
        bool,
        typer.Option(
            "--all", help="Include those who unsubscribed or could not be reached, with the reason."
        ),
    ] = False,
) -> None:
    """Write all active readers as CSV, in the form that import reads.

    With --all everybody, so that a move to another machine forgets nobody who is to get no mail.
    Readers whose record cannot be used are left out, and named.
    """
    from digest import subscriptions
    from digest.wiring.application import open_application

    export = subscriptions.export_csv(open_application().store, everybody=everybody)
    if file is None or str(file) == "-":
        sys.stdout.write(export.text)
    else:
        write_private(file, export.text.encode())
    for line in export.left_out:
        print_error(line)
    if export.left_out:
        raise typer.Exit(1)


def _list_text(file: Path) -> str:
    from digest.errors import SubscriberError
    from digest.subscriptions import COLUMNS, decode_list

    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return decode_list(raw)
    except (OSError, SubscriberError) as error:
        why = f"cannot be read ({error.strerror})" if isinstance(error, OSError) else error.what
        mend = f"Give addresses, one a line, or a CSV file with the columns {','.join(COLUMNS)}"
        raise SubscriberError(why, where=str(file), mend=mend) from None
