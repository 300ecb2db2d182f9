"""``digest invite`` and ``digest invitations``: links by which so many may sign up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.console import parse_day, print_error, say, say_json
from digest.cli.papers import Json

if TYPE_CHECKING:
    from datetime import datetime

    from digest.model import Invitation
    from digest.wiring.application import Application

DAYS = 14
"""Days that an invitation lasts unless its maker says until when."""
_NO_LATER = 2200
"""The first year in which no invitation lasts: a calendar ends, and zones know no later one."""

commands = typer.Typer(help="List and revoke invitations.", no_args_is_help=True)


def invite(
    uses: Annotated[int, typer.Option(help="How many people may come by the link.")] = 1,
    until: Annotated[
        str, typer.Option(help="The last day, such as 2026-12-31. Default: in two weeks.")
    ] = "",
    label: Annotated[str, typer.Option(help="A note for you: whom it is for.")] = "",
    as_json: Json = False,
) -> None:
    """Make a link by which people may sign up, and print it.

    It is shown this once: only its hash is kept. A use counts when somebody who came by it confirms.
    """
    from digest import subscriptions
    from digest.errors import ConfigurationError
    from digest.wiring.application import open_application

    app = open_application()
    if app.settings.base_url is None:
        raise ConfigurationError(
            "an invitation links to the sign-up page, and there is no address for it",
            where="DIGEST_BASE_URL",
            mend="Set it to where readers reach the web pages",
        )
    made = subscriptions.invite(
        app.store, uses=uses, expires_at=_end(app, until), label=label, now=app.clock()
    )
    link = made.link(app.settings.base_url)
    if as_json:
        say_json({"link": link, **invitation_object(made.invitation, app.clock())})
    else:
        say(link)
    note = _note_on_mode(app)
    if note:
        print_error(note)


def _end(app: Application, until: str) -> datetime:
    """The end of the last day, in the list's zone."""
    from datetime import UTC, datetime, time

    from digest.errors import SubscriberError

    last = (
        parse_day(until).date()
        if until
        else app.clock().astimezone(app.settings.zone).date() + timedelta(days=DAYS)
    )
    if last.year >= _NO_LATER:
        raise SubscriberError(f"the last day is not before {_NO_LATER}", where="--until")
    midnight = datetime.combine(last + timedelta(days=1), time(), app.settings.zone)
    return midnight.astimezone(UTC)


def _note_on_mode(app: Application) -> str:
    """Tell that nobody needs an invitation, or that none helps, as sign-up is now."""
    from digest.model import SignUpMode

    mode = app.settings.sign_up_mode
    if mode is SignUpMode.OPEN:
        return "sign-up is open to anybody, so nobody needs the link; see DIGEST_SIGNUP"
    if mode is SignUpMode.CLOSED:
        return "sign-up is closed, also by invitation; see DIGEST_SIGNUP"
    return ""


@commands.command(name="list")
def list_invitations(as_json: Json = False) -> None:
    """List the invitations: how often each was used, until when it lasts, and for whom it is."""
    from digest import subscriptions
    from digest.wiring.application import open_application

    app = open_application()
    invitations = subscriptions.list_invitations(app.store)
    for invitation in invitations:
        if as_json:
            say_json(invitation_object(invitation, app.clock()))
            continue
        state = invitation.fault(app.clock()) or f"until {_day(app, invitation)}"
        label = f"  {invitation.label}" if invitation.label else ""
        say(f"{invitation.id:>4}  {invitation.used} of {invitation.uses} used, {state}{label}")
    if not invitations and not as_json:
        say("no invitations; make one with: digest invite")


def _day(app: Application, invitation: Invitation) -> str:
    """The last day of an invitation, in the list's zone."""
    last = invitation.expires_at.astimezone(app.settings.zone) - timedelta(seconds=1)
    return f"{last:%Y-%m-%d}"


@commands.command()
def revoke(
    number: Annotated[int, typer.Argument(help="Its number, from the list.")],
    as_json: Json = False,
) -> None:
    """Let nobody come by an invitation any more, nor confirm who asked by it."""
    from digest import subscriptions
    from digest.wiring.application import open_application

    app = open_application()
    invitation = subscriptions.revoke_invitation(app.store, number, now=app.clock())
    if as_json:
        say_json(invitation_object(invitation, app.clock()))
    else:
        say(
            f"invitation {invitation.id} was withdrawn, used {invitation.used} of {invitation.uses} times"
        )


def invitation_object(invitation: Invitation, now: datetime) -> dict[str, Any]:
    """An invitation as JSON."""
    return {
        "id": invitation.id,
        "label": invitation.label or None,
        "uses": invitation.uses,
        "used": invitation.used,
        "created_at": invitation.created_at.isoformat(),
        "expires_at": invitation.expires_at.isoformat(),
        "revoked_at": invitation.revoked_at.isoformat() if invitation.revoked_at else None,
        "usable": not invitation.fault(now),
    }
