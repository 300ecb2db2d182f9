"""Take returned mail for ``digest bounce``: one message from a pipe, or all that a mailbox has."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.console import (
    print_error,
    say,
    say_json,
)
from digest.cli.papers import Json

if TYPE_CHECKING:
    from digest.daily.bounces import BounceResult
    from digest.wiring.application import Application

TRY_AGAIN = 75
"""``EX_TEMPFAIL`` of sysexits.h: Postfix, Exim and their like keep the message and try again."""

RECIPIENT_NAMES = ("ORIGINAL_RECIPIENT", "RECIPIENT")
"""The environment variables in which Postfix's local(8) and Exim's pipes name the recipient."""


def bounce(
    mailbox: Annotated[
        bool,
        typer.Option("--mailbox", help="Read the configured mailbox instead, as the daemon does."),
    ] = False,
    recipient: Annotated[
        str,
        typer.Option("--to", metavar="ADDRESS", help="The address the message was delivered to."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Take a message that came back, on stdin or from a mailbox.

    A bounce, a complaint, or a wish to unsubscribe. On stdin it is made for a mail server's pipe.
    It ends with 0 when the message was dealt with or is kept for a person, and with 75 ("try again
    later") whatever else happened, so that none is lost; but a full quarantine drops what bears no
    token, which anybody can send.
    """
    if mailbox:
        _read_mailboxes(as_json)
        return
    if sys.stdin.isatty():
        raise typer.BadParameter("give the message on stdin, or --mailbox")
    result = _process_stdin(recipient)
    if as_json:
        say_json(result.as_dict())
    else:
        say(result.summary)
    if result.effect == "left":
        print_error("the quarantine is full: the mail server is asked to keep the message")
        raise typer.Exit(TRY_AGAIN)


def _process_stdin(recipient: str) -> BounceResult:
    """Process the message on stdin; end with `TRY_AGAIN` if that fails, for others are refusals."""
    try:
        return _process(_message(), recipient)
    except Exception as error:
        from digest.errors import DigestError

        ours = isinstance(error, DigestError)
        print_error(str(error) if ours else f"a defect in digest itself ({type(error).__name__})")
        raise typer.Exit(TRY_AGAIN) from error


def _process(raw: bytes, recipient: str) -> BounceResult:
    import os

    from digest.daily.bounces import process_message
    from digest.wiring.application import open_application

    recipients = [recipient, *(os.environ.get(name, "") for name in RECIPIENT_NAMES)]
    app = open_application()
    envelope = " ".join(filter(None, recipients))
    result = process_message(app.bounce_context, raw, envelope_recipient=envelope, clock=app.clock)
    if result.effect == "answered":
        _send_questions(app)
    return result


def _send_questions(app: Application) -> None:
    """Send the mails that ask readers whether to unsubscribe; perhaps no daemon runs that does."""
    from digest.errors import DigestError

    try:
        app.service_mail_worker.process_due()
    except DigestError as error:
        print_error(f"the mail that asks the reader waits for: digest daemon ({error.what})")


def _message() -> bytes:
    """The first part of stdin. The rest is read as well: some servers mind a pipe that closes."""
    from digest.bounces.reports import LARGEST

    raw = sys.stdin.buffer.read(LARGEST)
    while sys.stdin.buffer.read(LARGEST):
        pass
    return raw


def _read_mailboxes(as_json: bool) -> None:
    from digest.daily.bounce_mailbox import read_mailboxes
    from digest.wiring.application import open_application
    from digest.wiring.bounces import require_mailboxes

    app = open_application()
    mailboxes = require_mailboxes(app.settings)
    report = read_mailboxes(app.bounce_context, mailboxes, clock=app.clock)
    if any(str(effect) == "answered" for effect in report.effects):
        _send_questions(app)
    if as_json:
        say_json(report.as_dict())
    else:
        say(report.summary)
