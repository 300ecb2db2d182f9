"""``digest subscribers``: readers by hand, and CSV in and out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import approvals
from digest.cli.console import (
    print_error,
    say,
    say_json,
)
from digest.cli.papers import Json
from digest.cli.subscriber_csv import Confirmed, export_subscribers, import_subscribers
from digest.visible import visible

if TYPE_CHECKING:
    from digest.model import Subscriber
    from digest.store import Store

MOST_SHOWN = 10
"""Bounces and deliveries of one subscriber that ``show`` prints: the last ones."""

commands = typer.Typer(
    help="Add, change, list, import and export subscribers.", no_args_is_help=True
)


class State(StrEnum):
    """The states of a subscriber, as an option's values; importing the model is slow for a help."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"


Address = Annotated[str, typer.Argument(help="The reader's address, or number.", metavar="EMAIL")]


@commands.command()
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
            help=(
                "Ask once more an address that refused or did not answer, because its owner "
                "changed their mind."
            ),
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Add readers, the good ones if some addresses cannot be used.

    Of who is known already, the options given change the preferences; the others stay.
    """
    preference_fields = {
        "topics": topics,
        "exclude": exclude,
        "keywords": keywords,
        "frequency": frequency,
        "hour": hour,
        "timezone": timezone,
        "max_papers": max_papers,
        "format": format,
    }
    addition = Addition(tuple(emails), preference_fields, confirmed=confirmed, again=again)
    if _add_all(addition, as_json=as_json):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Addition:
    """The addresses to add, and what ``add`` was told of all of them, as written by the operator."""

    emails: tuple[str, ...]
    preference_fields: dict[str, str]
    confirmed: bool
    again: bool


def _add_all(addition: Addition, *, as_json: bool) -> int:
    """Add each address, print what came of it, and count those refused."""
    from digest import subscriptions
    from digest.errors import SubscriberError
    from digest.json_objects import subscriber_object
    from digest.wiring.application import open_application

    app = open_application()
    preferences = subscriptions.read_preferences(
        addition.preference_fields, topics=app.topics.topics
    )
    refused = 0
    for email in addition.emails:
        try:
            added = subscriptions.add_subscriber(
                app.store,
                subscriptions.NewSubscriber(
                    email,
                    preferences,
                    confirmed=addition.confirmed,
                    ask=app.settings.base_url is not None,
                    again=addition.again,
                    fields=subscriptions.written_fields(addition.preference_fields, preferences),
                ),
                now=app.clock(),
            )
        except SubscriberError as error:
            print_error(str(error))
            refused += 1
            continue
        if as_json:
            say_json({**subscriber_object(added.subscriber), "said": added.words})
        else:
            say(f"{added.subscriber.email}: {added.words}")
    return refused


@commands.command()
def remove(email: Address, as_json: Json = False) -> None:
    """Unsubscribe a subscriber at once."""
    from digest import subscriptions
    from digest.json_objects import subscriber_object
    from digest.wiring.application import open_application

    app = open_application()
    subscriber = subscriptions.unsubscribe_by_email(
        app.store, email, reason=subscriptions.REMOVED_BY_OPERATOR, now=app.clock()
    )
    if as_json:
        say_json(subscriber_object(subscriber))
    else:
        say(f"{subscriber.email}: unsubscribed; nothing more is sent to it")


@commands.command()
def erase(
    email: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask on a terminal.")] = False,
    as_json: Json = False,
) -> None:
    """Delete everything known of a person, for good, also if they only asked for the digest.

    What stays is a hash of their address, so that no import brings them back; they can come back by
    themselves.
    """
    from functools import partial
    from math import inf

    from digest import subscriptions
    from digest.wiring.application import open_application
    from digest.wiring.bounces import quarantine

    app = open_application()
    question = f"Delete everything known of {email}, for good?"
    if sys.stdin.isatty() and not yes and not typer.confirm(visible(question)):
        print_error("nothing was deleted")
        raise typer.Exit(1)
    erasure = subscriptions.erase_by_email(
        app.store,
        email,
        now=app.clock(),
        forget_files=partial(quarantine(app.settings).forget, seconds=inf),
    )
    if as_json:
        say_json({"email": email, "said": erasure.words})
    else:
        say(erasure.words)


@commands.command()
def show(
    email: Address,
    _: Annotated[bool, typer.Option("--json", help="The default, and the only form.")] = True,
) -> None:
    """Show everything held about a person, as JSON.

    The same that a reader downloads from their own page, and in short what explains their mail. A
    part of an address will do where no other has it.
    """
    from digest import subscriptions
    from digest.json_objects import subscriber_object
    from digest.wiring.application import open_application

    app = open_application()
    email = subscriptions.whole_address(app.store, email)
    held, subscriber = subscriptions.export_by_email(app.store, email)
    if subscriber is None:
        say_json(held)
        return
    bounced_at = held["bounces"]["last"]
    explained = _mail_history(app.store, subscriber)
    say_json({**held, **subscriber_object(subscriber), **explained, "bounced_at": bounced_at})


def _mail_history(store: Store, subscriber: Subscriber) -> dict[str, Any]:
    """The last bounces and deliveries of a subscriber as JSON: they explain which mail came."""
    from digest.json_objects import delivery_object
    from digest.model import EventKind

    with store.read() as unit:
        deliveries = unit.outbox.of_subscriber(subscriber.id, limit=MOST_SHOWN)
        points, _ = unit.subscribers.bounce_points(subscriber.id)
        events = unit.subscribers.history(subscriber.id)
    bounces = [event for event in events if event.kind == EventKind.BOUNCED]
    return {
        "bounce_points": points,
        "bounces": [
            {"at": event.at.isoformat(), **event.detail} for event in bounces[-MOST_SHOWN:]
        ],
        "deliveries": [delivery_object(delivery) for delivery in deliveries],
    }


@commands.command(name="list")
def list_subscribers(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    as_json: Json = False,
) -> None:
    """List readers, their states, and why they get nothing."""
    from digest import subscriptions
    from digest.json_objects import subscriber_object
    from digest.model import SubscriberState
    from digest.wiring.application import open_application

    wanted = SubscriberState(state) if state is not None else None
    for subscriber in subscriptions.list_subscribers(open_application().store, wanted):
        if as_json:
            say_json(subscriber_object(subscriber))
            continue
        reason = "" if subscriber.state is SubscriberState.ACTIVE else subscriber.state_reason
        if subscriber.unusable:
            reason = f"set aside, number {subscriber.id}: {subscriber.unusable}"
        say(f"{subscriber.state:13} {subscriber.email}{f'  ({reason})' if reason else ''}")


commands.command()(approvals.waiting)
commands.command()(approvals.approve)
commands.command()(approvals.decline)
commands.command(name="import")(import_subscribers)
commands.command(name="export")(export_subscribers)
