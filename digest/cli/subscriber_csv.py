"""Read and write subscribers as CSV, for ``digest subscribers import`` and ``export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.console import (
    print_error,
    say,
    say_json,
)
from digest.cli.files import write_private
from digest.cli.papers import Json

Confirmed = Annotated[
    bool,
    typer.Option(
        "--confirmed",
        help="You vouch that they asked for it; without this they stay pending until they confirm.",
    ),
]


def import_subscribers(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header line, or - for stdin.")],
    confirmed: Confirmed = False,
    as_json: Json = False,
) -> None:
    """Add the readers of a CSV file; report rows that cannot be used.

    Its header line names the columns: email, and where wanted topics, exclude, keywords, frequency,
    hour, timezone, max_papers and format, which mean what the options of add do.
    """
    from digest import subscriptions
    from digest.wiring.application import open_application

    app = open_application()
    ask = app.settings.base_url is not None
    report = subscriptions.import_csv(
        app.store,
        _csv_text(file),
        topics=app.topics.topics,
        confirmed=confirmed,
        now=app.clock(),
        ask=ask,
    )
    for line in report.bad_rows:
        print_error(line)
    if as_json:
        counts = {"added": report.added, "known": report.known, "left": report.left}
        say_json({**counts, "rejected": len(report.bad_rows)})
    else:
        counted = f"{report.added} added, {report.known} known already, "
        if report.left:
            counted += f"{report.left} left as they are (they do not want it), "
        say(f"{counted}{len(report.bad_rows)} rejected")
        if report.added and not confirmed:
            say(f"each of those added {subscriptions.explain_pending(ask=ask)}")
    if report.bad_rows:
        raise typer.Exit(1)


def export_subscribers(
    file: Annotated[Path | None, typer.Argument(help="Where to write. Default: stdout.")] = None,
) -> None:
    """Write all active readers as CSV, in the form that import reads.

    Readers whose record cannot be used are left out, and named.
    """
    from digest import subscriptions
    from digest.wiring.application import open_application

    export = subscriptions.export_csv(open_application().store)
    if file is None or str(file) == "-":
        sys.stdout.write(export.text)
    else:
        write_private(file, export.text.encode())
    for line in export.left_out:
        print_error(line)
    if export.left_out:
        raise typer.Exit(1)


def _csv_text(file: Path) -> str:
    from digest.errors import SubscriberError
    from digest.subscriptions.preferences import COLUMNS

    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SubscriberError(
            f"cannot be read ({why})",
            where=str(file),
            mend=f"Give a CSV file in UTF-8 with a header line: {','.join(COLUMNS)}",
        ) from None
