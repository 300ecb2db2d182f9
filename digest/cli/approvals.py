"""``digest subscribers waiting``, ``approve`` and ``decline``: the operator lets people in."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.console import print_error, say, say_json
from digest.cli.papers import Json

Emails = Annotated[list[str], typer.Argument(help="Addresses, or numbers.", metavar="EMAIL")]


def waiting(as_json: Json = False) -> None:
    """List who confirmed their address and waits for your approval, longest first."""
    from digest import subscriptions
    from digest.wiring.application import open_application

    app = open_application()
    people = subscriptions.waiting_subscribers(app.store)
    for person in people:
        if as_json:
            say_json(
                {
                    "id": person.subscriber.id,
                    "email": person.subscriber.email,
                    "name": person.name or None,
                    "invitation": person.invitation or None,
                    "since": person.since.isoformat(),
                }
            )
            continue
        extras = [person.name, f"invitation {person.invitation}" if person.invitation else ""]
        words = ", ".join(filter(None, extras))
        since = person.since.astimezone(app.settings.zone)
        named = f"  ({words})" if words else ""
        say(f"{person.subscriber.id:>6}  since {since:%Y-%m-%d}  {person.subscriber.email}{named}")
    if not people and not as_json:
        say("nobody waits for approval")


def approve(emails: Emails, as_json: Json = False) -> None:
    """Let in who waits for your approval; each gets one mail that says so."""
    from digest import subscriptions
    from digest.errors import SubscriberError
    from digest.wiring.application import open_application

    app = open_application()
    refused = 0
    for email in emails:
        try:
            subscriber = subscriptions.approve(app.store, email, now=app.clock())
        except SubscriberError as error:
            print_error(str(error))
            refused += 1
            continue
        _tell(subscriber.email, "approved; gets the next edition, and a mail that says so", as_json)
    if refused:
        raise typer.Exit(1)


def decline(
    emails: Emails,
    quietly: Annotated[bool, typer.Option("--quietly", help="Send no mail that says so.")] = False,
    as_json: Json = False,
) -> None:
    """Turn down who waits for your approval; each gets one mail that says so.

    The address is not asked again, whoever types it into the form; you can still add it yourself.
    """
    from digest import subscriptions
    from digest.errors import SubscriberError
    from digest.wiring.application import open_application

    app = open_application()
    refused = 0
    for email in emails:
        try:
            subscriber = subscriptions.decline(app.store, email, now=app.clock(), tell=not quietly)
        except SubscriberError as error:
            print_error(str(error))
            refused += 1
            continue
        mail = "no mail says so" if quietly else "a mail says so"
        _tell(subscriber.email, f"declined; {mail}", as_json)
    if refused:
        raise typer.Exit(1)


def _tell(email: str, words: str, as_json: bool) -> None:
    if as_json:
        say_json({"email": email, "said": words})
    else:
        say(f"{email}: {words}")
