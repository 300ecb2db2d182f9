"""``digest subscribers``: readers by hand, and CSV in and out."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.console import complain, say, say_json
from digest.cli.files import write_private
from digest.cli.papers import Json

if TYPE_CHECKING:
    from digest.model import DeliveryRecord, Subscriber

app = typer.Typer(help="Readers by hand, and CSV in and out.", no_args_is_help=True)


class State(StrEnum):
    """The states of a reader, as an option's values; the model's own import is slow for a help."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"


Address = Annotated[str, typer.Argument(help="The reader's address, or number.", metavar="EMAIL")]
Confirmed = Annotated[
    bool,
    typer.Option(
        "--confirmed",
        help="You vouch that they asked for it; without this they stay pending until they confirm.",
    ),
]


@app.command()
def add(
    emails: Annotated[list[str], typer.Argument(help="Addresses.", metavar="EMAIL")],
    confirmed: Confirmed = False,
    topics: Annotated[str, typer.Option(help="Topic ids wanted, separated by commas.")] = "",
    exclude: Annotated[str, typer.Option(help="Topic ids not wanted.")] = "",
    keywords: Annotated[str, typer.Option(help="Words wanted; -word for unwanted.")] = "",
    frequency: Annotated[str, typer.Option(help="daily, weekdays or weekly.")] = "",
    hour: Annotated[str, typer.Option(help="0 to 23, on their clock.")] = "",
    timezone: Annotated[str, typer.Option(help="Their zone, such as Asia/Kolkata.")] = "",
    max_papers: Annotated[str, typer.Option(help="Papers in a mail at most.")] = "",
    format: Annotated[str, typer.Option(help="html or text.")] = "",
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="They changed their mind: ask once more who never wanted it, or did not answer.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Add readers, the good ones if some addresses cannot be used."""
    from digest import subscriptions
    from digest.errors import SubscriberError
    from digest.wiring.application import open_application

    house = open_application()
    fields = {
        "topics": topics,
        "exclude": exclude,
        "keywords": keywords,
        "frequency": frequency,
        "hour": hour,
        "timezone": timezone,
        "max_papers": max_papers,
        "format": format,
    }
    preferences = subscriptions.read_preferences(fields, topics=house.topics.topics)
    refused = 0
    for email in emails:
        try:
            added = subscriptions.add_subscriber(
                house.store,
                email,
                preferences,
                confirmed=confirmed,
                now=house.clock(),
                ask=house.settings.base_url is not None,
                again=again,
            )
        except SubscriberError as error:
            complain(str(error))
            refused += 1
            continue
        if as_json:
            say_json({**subscriber_object(added.subscriber), "said": added.words})
        else:
            say(f"{added.subscriber.email}: {added.words}")
    if refused:
        raise typer.Exit(1)


@app.command()
def remove(email: Address) -> None:
    """Unsubscribe a reader, at once."""
    from digest import subscriptions
    from digest.wiring.application import open_application

    house = open_application()
    gone = subscriptions.unsubscribe_by_email(
        house.store, email, reason="removed by the operator", now=house.clock()
    )
    say(f"{gone.email}: unsubscribed; nothing more is sent to it")


@app.command()
def erase(email: Address) -> None:
    """Delete everything known of a person, for good, also if they only asked for the digest.

    What stays is a hash of their address, so that no import brings them back; they can come back by
    themselves.
    """
    from digest import subscriptions
    from digest.wiring.application import open_application
    from digest.wiring.bounces import quarantine

    house = open_application()
    done = subscriptions.erase_by_email(
        house.store,
        email,
        now=house.clock(),
        forget_files=quarantine(house.settings).forget,
    )
    say(done.words)


@app.command()
def show(
    email: Address,
    _: Annotated[bool, typer.Option("--json", help="The default, and the only form.")] = True,
) -> None:
    """Show everything held about a person, as JSON.

    The same that a reader downloads from their own page, and in short what explains their mail.
    """
    from digest import subscriptions
    from digest.daily.bounces import EVENT as BOUNCES
    from digest.wiring.application import open_application

    house = open_application()
    held, reader = subscriptions.export_by_email(house.store, email)
    if reader is None:
        say_json(held)
        return
    with house.store.read() as unit:
        deliveries = unit.outbox.of_subscriber(reader.id, limit=10)
        points, _last = unit.subscribers.bounce_points(reader.id)
        history = unit.subscribers.history(reader.id)
    say_json(
        {
            **held,
            **subscriber_object(reader),
            "bounce_points": points,
            "bounces": [
                {"at": event.at.isoformat(), **event.detail}
                for event in history
                if event.kind == BOUNCES
            ][-10:],
            "bounced_at": held["bounces"]["last"],
            "deliveries": [
                {
                    "edition": f"{one.kind} {one.day}",
                    "state": str(one.state),
                    "attempts": one.attempt,
                    "reply": _reply(one),
                }
                for one in deliveries
            ],
        }
    )


@app.command(name="list")
def list_readers(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    as_json: Json = False,
) -> None:
    """List readers, their states, and why they get nothing."""
    from digest import subscriptions
    from digest.model import SubscriberState
    from digest.wiring.application import open_application

    for reader in subscriptions.list_subscribers(
        open_application().store, SubscriberState(state) if state is not None else None
    ):
        if as_json:
            say_json(subscriber_object(reader))
        else:
            gone = reader.state is not SubscriberState.ACTIVE and reader.state_reason
            why = f"set aside, number {reader.id}: {reader.unusable}" if reader.unusable else gone
            say(f"{reader.state:13} {reader.email}{f'  ({why})' if why else ''}")


@app.command(name="import")
def import_readers(
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

    house = open_application()
    ask = house.settings.base_url is not None
    report = subscriptions.import_csv(
        house.store,
        _csv_text(file),
        topics=house.topics.topics,
        confirmed=confirmed,
        now=house.clock(),
        ask=ask,
    )
    for line in report.bad_rows:
        complain(line)
    if as_json:
        counts = {"added": report.added, "known": report.known, "left": report.left}
        say_json({**counts, "rejected": len(report.bad_rows)})
    else:
        left = f"{report.left} left as they are (they do not want it), " if report.left else ""
        known = f"{report.added} added, {report.known} known already"
        say(f"{known}, {left}{len(report.bad_rows)} rejected")
        if report.added and not confirmed:
            say(f"each of those added {subscriptions.explain_pending(ask=ask)}")
    if report.bad_rows:
        raise typer.Exit(1)


@app.command(name="export")
def export_readers(
    file: Annotated[Path | None, typer.Argument(help="Where to write. Default: stdout.")] = None,
) -> None:
    """Write all active readers as CSV, in the form that import reads.

    Readers whose record cannot be used are left out, and named.
    """
    from digest import subscriptions
    from digest.wiring.application import open_application

    sheet = subscriptions.export_csv(open_application().store)
    if file is None or str(file) == "-":
        sys.stdout.write(sheet.text)
    else:
        write_private(file, sheet.text.encode())
    for line in sheet.left_out:
        complain(line)
    if sheet.left_out:
        raise typer.Exit(1)


def subscriber_object(reader: Subscriber) -> dict[str, Any]:
    """A reader as JSON."""
    wants = reader.preferences
    return {
        "id": reader.id,
        "email": reader.email,
        "state": str(reader.state),
        "reason": reader.state_reason or None,
        "set_aside": reader.unusable or None,
        **({"mend": _mend(reader)} if reader.unusable else {}),
        "created_at": reader.created_at.isoformat() if reader.created_at else None,
        "confirmed_at": reader.confirmed_at.isoformat() if reader.confirmed_at else None,
        "topics": list(wants.topics),
        "exclude": list(wants.exclude_topics),
        "keywords": [*wants.keywords, *(f"-{word}" for word in wants.exclude_keywords)],
        "frequency": str(wants.frequency),
        "hour": wants.hour,
        "timezone": wants.timezone,
        "max_papers": wants.max_papers,
        "paused_until": wants.paused_until.isoformat() if wants.paused_until else None,
        "format": str(wants.format),
    }


def _mend(reader: Subscriber) -> str:
    """How an operator brings a reader back whose record cannot be used."""
    if reader.unusable.startswith("preferences"):
        return "digest subscribers add EMAIL --confirmed, with the preferences they are to have"
    return f"digest subscribers erase {reader.id}, then add them again"


def _reply(record: DeliveryRecord) -> str:
    """What the relay said; its words mostly begin with the status code."""
    status = "" if (record.words or "").startswith(record.status or " ") else record.status
    return " ".join(str(part) for part in (record.code, status, record.words) if part)


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
