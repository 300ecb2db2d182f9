"""Commands about editions: see one, make one, send one, or do the whole day."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.console import (
    parse_day,
    print_error,
    print_errors,
    say,
    say_json,
)
from digest.cli.papers import Json, OptionalLocations

if TYPE_CHECKING:
    from digest.daily.deliver import DeliverReport
    from digest.daily.publish import PublishReport
    from digest.daily.release_readings import ReleaseReport
    from digest.model import PublishedEdition, Tally
    from digest.wiring.application import Application

Day = Annotated[
    datetime | None,
    typer.Option("--date", parser=parse_day, help="The day of the edition.", metavar="DATE"),
]


def preview(
    locations: OptionalLocations = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Write digest.html, digest.txt and digest.eml there."),
    ] = None,
    subscriber: Annotated[
        str | None,
        typer.Option("--for", help="Show the mail as this subscriber gets it.", metavar="EMAIL"),
    ] = None,
    day: Day = None,
    held: Annotated[
        bool,
        typer.Option(
            "--held",
            help="Show what readings held as implausible would bring: all, or LOCATIONs that "
            "digest status names, or their numbers.",
        ),
    ] = False,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="Mail it to this address instead; repeatable.", metavar="EMAIL"),
    ] = None,
    post: Annotated[
        str | None,
        typer.Option(
            "--post",
            help="Print the post instead: of a target in DIGEST_POST_TO by its name, or of a service "
            "(slack, mattermost, zulip, discord, telegram, matrix, webhook).",
            metavar="TARGET",
        ),
    ] = None,
    mailbox: Annotated[
        Path | None,
        typer.Option(
            "--mailbox",
            help="With --to: the Maildir or mbox file where that mail arrives, to show its head "
            "as received.",
            metavar="PATH",
        ),
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Open no browser.")] = False,
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Keep serving it, and reload it when a template changes."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the mail that would go out. Nothing is stored, and nothing is sent to subscribers.

    With --to it is mailed to you, marked as a preview, and you are told what came of it.
    """
    from digest.cli.preview_command import PreviewOptions, show_preview
    from digest.cli.preview_mail import preview_addresses

    if to and (output is not None or serve):
        raise typer.BadParameter("is for itself: without --output and --serve", param_hint="--to")
    if post is not None and (to or output is not None or serve or subscriber is not None):
        raise typer.BadParameter(
            "is for itself: without --to, --for and the like", param_hint="--post"
        )
    if mailbox is not None and not to:
        raise typer.BadParameter(
            "is for a preview that is mailed: with --to", param_hint="--mailbox"
        )
    show_preview(
        PreviewOptions(
            tuple(locations or ()),
            output,
            subscriber,
            _date(day),
            browse=not no_open and output is None,
            serve=serve,
            as_json=as_json,
            addresses=preview_addresses(to),
            held=held,
            post=post,
            mailbox=mailbox,
        )
    )


def publish(
    held: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="HELD",
            show_default=False,
            help="With --anyway: only these held readings, by number or location.",
        ),
    ] = None,
    day: Day = None,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="First accept readings that are held as implausible."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Freeze the day's edition from what was not published yet.

    With --anyway, held readings that looked wrong but are right are accepted first.
    """
    from digest.daily.publish import publish as publish_editions
    from digest.daily.release_readings import release_readings
    from digest.wiring.application import open_application

    if held and not anyway:
        raise typer.BadParameter("names held readings: give --anyway, too", param_hint="HELD")
    app = open_application()
    if reason := app.restore_guard.pause_if_restored(app.clock()):
        print_error(f"nothing is published: {reason}")
        raise typer.Exit(1)
    released = (
        release_readings(app.store, app.editorial, held or (), clock=app.clock) if anyway else None
    )
    report = publish_editions(
        app.store, app.editorial, app.publish_settings, day=_date(day), clock=app.clock
    )
    if as_json:
        say_json(_publish_object(report, released))
    else:
        _say_published(report, released, is_held=app.publish_settings.hold is not None)


def _publish_object(report: PublishReport, released: ReleaseReport | None) -> dict[str, Any]:
    """The outcome of publishing as JSON."""
    return {
        "editions": [edition_object(published) for published in report.editions],
        "made": report.made,
        "silence": report.no_mail_reason or None,
        "plain": list(report.plain),
        "released": [dump.location for dump in released.dumps] if released else [],
    }


def _say_published(report: PublishReport, released: ReleaseReport | None, *, is_held: bool) -> None:
    from digest.daily.run_record import plural

    if released is not None:
        say(released.summary)
    for published in report.editions:
        edition = published.edition
        new = plural(edition.new, "new paper")
        say(f"{edition.kind} edition of {edition.day}: {new}. {published.rendering.subject}")
    if report.no_mail_reason:
        say(report.no_mail_reason)
    for line in report.plain:
        print_error(line)
    if report.made and is_held:
        say("held: digest send, or the daemon, sends its preview first")


def send(
    day: Day = None,
    now: Annotated[
        bool, typer.Option("--now", help="Do not wait for each subscriber's own hour.")
    ] = False,
    post_again: Annotated[
        str | None,
        typer.Option(
            "--post-again",
            help="Post to this target of DIGEST_POST_TO once more, where its post was refused, left "
            "out or is in doubt.",
            metavar="TARGET",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Deliver what is due. Safe to repeat: nobody gets an edition twice."""
    from digest.wiring.application import open_application

    app = open_application()
    if post_again is not None:
        from digest.daily.posts import plan_posts_again

        settings = app.delivery_settings
        say_again = plan_posts_again(app.store, settings.posts, post_again, _date(day), app.clock())
        print_error(say_again)
    report = _deliver(app, day=_date(day), now=now, quiet=as_json)
    if as_json:
        say_json(delivery_object(report.tally))
    else:
        say(report.summary)
    if not report.ok:
        _print_no_mail_reason(report.no_mail_reason)
        raise typer.Exit(1)


def run(as_json: Json = False) -> None:
    """Read, publish and send once, now."""
    from digest.cli.progress import delivery_bar
    from digest.wiring.application import open_application

    app = open_application()
    with delivery_bar(quiet=as_json) as progress:
        report = app.daily_run.run(clock=app.clock, progress=progress)
    print_errors(report.ingested.rejected)
    for error in report.ingested.failed:
        print_error(str(error))
    for held in report.ingested.held:
        print_error(held.line)
    for line in report.published.plain:
        print_error(line)
    if as_json:
        say_json(
            {
                "read": len(report.ingested.changes),
                "editions": [edition_object(published) for published in report.published.editions],
                "deliveries": delivery_object(report.delivered.tally),
                "silence": report.no_mail_reason or None,
            }
        )
    else:
        say(report.ingested.summary)
        for published in report.published.editions:
            say(published.rendering.subject)
        say(report.delivered.summary)
        # What the line above has said already is not said again.
        if report.no_mail_reason and report.no_mail_reason != report.delivered.no_mail_reason:
            say(f"no mail: {report.no_mail_reason}")
    if not report.delivered.ok:
        _print_no_mail_reason(report.delivered.no_mail_reason)
    if not report.ok:
        raise typer.Exit(1)


def _deliver(app: Application, *, day: date | None, now: bool, quiet: bool) -> DeliverReport:
    from digest.cli.progress import delivery_bar
    from digest.daily.deliver import DeliverOptions, deliver

    with delivery_bar(quiet=quiet) as progress:
        return deliver(
            app.store,
            app.editorial,
            app.delivery_settings,
            DeliverOptions(day=day, ignore_due=now, progress=progress),
            clock=app.clock,
        )


def _print_no_mail_reason(no_mail_reason: str) -> None:
    """Tell why nothing left, and how to resume where a person must."""
    from digest.daily.status import resume_hint
    from digest.model import is_pause_reason

    print_error(resume_hint(no_mail_reason) if is_pause_reason(no_mail_reason) else no_mail_reason)


def edition_object(published: PublishedEdition) -> dict[str, Any]:
    """An edition as JSON: what it is, not its papers' texts."""
    edition = published.edition
    return {
        "kind": str(edition.kind),
        "date": edition.day.isoformat(),
        "subject": published.rendering.subject,
        "papers": edition.new,
        "updated": len(edition.updated),
        "read": edition.read,
        "covers": [day.isoformat() for day in edition.covers],
        "topics": {section.topic.id: len(section.papers) for section in edition.sections},
        "published_at": published.published_at.isoformat(),
        "expires_at": published.expires_at.isoformat(),
    }


def delivery_object(tally: Tally) -> dict[str, int]:
    """The deliveries object of ``digest send`` and ``digest status``."""
    return {
        "planned_at_start": tally.planned_at_start,
        "planned": tally.planned,
        "leased": tally.leased,
        "sending": tally.sending,
        "deferred": tally.deferred,
        "accepted": tally.accepted,
        "rejected": tally.rejected,
        "excluded": tally.excluded,
        "unknown": tally.unknown,
    }


def _date(moment: datetime | None) -> date | None:
    from digest.hours import FIRST_DAY, LAST_DAY, is_reckonable

    if moment is None:
        return None
    if not is_reckonable(moment.date()):
        raise typer.BadParameter(
            f"there are editions from {FIRST_DAY} to {LAST_DAY} only", param_hint="--date"
        )
    return moment.date()
