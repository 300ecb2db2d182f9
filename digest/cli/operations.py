"""Commands for the operator: what happened, what is wrong, keep it running."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.console import say, say_json
from digest.cli.papers import Json

if TYPE_CHECKING:
    from digest.wiring.application import Application
    from digest.wiring.checks import Finding


def status(as_json: Json = False) -> None:
    """Show what happened last, what is due, and why nothing was sent."""
    from digest.daily.source_reports import report_sources
    from digest.daily.status import read_status
    from digest.wiring.application import open_application
    from digest.wiring.bounces import quarantine

    app = open_application()
    restored = app.restore_guard.restored_reason()
    current = read_status(
        app.store,
        app.editorial,
        clock=app.clock,
        doubt=restored,
        warm_up=app.warm_up,
        quarantine=quarantine(app.settings),
    )
    reports = report_sources(app.store, app.editorial, app.settings.sources, app.clock())
    current = replace(current, sources=reports)
    if as_json:
        say_json({**current.as_dict(), "database": app.store.place})
        return
    say(f"list          {app.store.place}")
    for line in current.lines():
        say(line)


def sources(as_json: Json = False) -> None:
    """Show the state of each configured source: last reading, usual number of papers, warnings.

    Nothing is fetched: digest check tries them all.
    """
    from digest.daily.source_reports import report_lines, report_object, report_sources
    from digest.wiring.application import open_application

    app = open_application()
    locations = app.source_locations(None)
    reports = report_sources(app.store, app.editorial, locations, app.clock())
    if as_json:
        say_json([report_object(report) for report in reports])
        return
    for line in (line for report in reports for line in report_lines(report)):
        say(line)


def check(
    as_json: Json = False,
    dns: Annotated[
        str | None,
        typer.Option(
            "--dns",
            metavar="ADDRESS[:PORT]",
            help="Ask this name server instead of those of this machine.",
        ),
    ] = None,
) -> None:
    """Find what is wrong with the configuration or in DNS.

    It says how to correct it, and which DNS records to publish. Nothing is sent.
    """
    from digest.wiring.checks import inspect

    findings = list(inspect(dns))
    if as_json:
        say_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            mark = "MEND" if not finding.ok else "warn" if finding.warns else "ok  "
            say(f"{mark} {finding.what:14} {finding.says}")
        _say_records(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _say_records(findings: Sequence[Finding]) -> None:
    """Print the DNS records as lines of a zone file, in which a semicolon starts a comment."""
    if any(finding.records for finding in findings):
        say()
        say("; DNS records, as a zone file has them")
    for finding in findings:
        for record in finding.records:
            say(f"; {finding.published}{f'; {record.blank}' if record.blank else ''}:")
            say(record.zone_line)


def resume(
    skip_past: Annotated[
        bool,
        typer.Option(
            "--skip-past",
            help="After restoring a copy: count mails that may have been sent already as sent.",
        ),
    ] = False,
) -> None:
    """Resume sending after a pause.

    A database that was restored from a copy is taken as it is, unless --skip-past is given.
    """
    from digest.daily.resume import resume_without_the_past
    from digest.wiring.application import open_application

    app = open_application()
    if skip_past:
        resumed = resume_without_the_past(
            app.restore_guard,
            app.editorial,
            app.publish_settings,
            app.settings.sources,
            weekly_on=app.settings.weekly_weekday,
            clock=app.clock,
        )
    else:
        resumed = app.restore_guard.resume(app.clock())
    if resumed.was_restored:
        say("sending goes on, though the database is older than this machine remembers")
    elif resumed.reason:
        say(f"sending goes on (it was paused: {resumed.reason})")
    else:
        say("sending was not paused")
    if skip_past:
        say(f"{resumed.skipped:,} mails of earlier editions are not sent; the next edition is")
    elif resumed.was_restored:
        say("the database is used as it is: mails that wait are sent; what it lacks counts as new")
    if resumed.reason:
        _say_next_delivery(app)


def _say_next_delivery(app: Application) -> None:
    from digest.daily.status import next_delivery

    due = next_delivery(app.store, app.warm_up, app.clock())
    if due is not None:
        say(f"next delivery {due:%Y-%m-%d %H:%M} UTC, by the daemon or by: digest send")


def daemon(
    no_web: Annotated[bool, typer.Option("--no-web", help="Serve no web pages.")] = False,
) -> None:
    """Read, publish and send every day until stopped."""
    from digest.wiring.processes import run_daemon

    run_daemon(web=not no_web)


def worker() -> None:
    """Deliver what is due until stopped, and nothing else.

    For lists that need several machines, beside one daemon, over the same database.
    """
    from digest.wiring.processes import run_worker

    run_worker()


def web() -> None:
    """Serve the web pages until stopped."""
    from digest.wiring.processes import run_web

    run_web()
