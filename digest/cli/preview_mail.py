"""Mail a preview to the operator's own addresses, for ``digest preview --to``."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.console import (
    print_error,
    say,
    say_json,
)
from digest.cli.preview_arrivals import PreviewArrivals

if TYPE_CHECKING:
    from digest.daily.preview import Preview
    from digest.daily.preview_mail import PreviewSettings, SentPreview
    from digest.delivery.envelope import OutgoingMail
    from digest.model import Subscriber
    from digest.wiring.application import Application

ABOUT = (
    "This mail is a test: only the addresses named get it, and it does not count as sent. Its "
    "links to unsubscribe and to preferences do not work, and papers that are not published yet "
    "have no page."
)


def preview_addresses(given: Sequence[str] | None) -> tuple[str, ...]:
    """Take the addresses of ``--to``, each once. Raises `typer.BadParameter` for what is none."""
    if not given:
        return ()
    from digest.errors import SubscriberError
    from digest.mail.list_identity import wire_address
    from digest.model import MOST_PREVIEWS

    addresses = tuple(dict.fromkeys(address.strip() for address in given))
    if len(addresses) > MOST_PREVIEWS:
        raise typer.BadParameter(
            f"a preview goes to {MOST_PREVIEWS} addresses at most", param_hint="--to"
        )
    for address in addresses:
        try:
            wire_address(address)
        except SubscriberError as error:
            raise typer.BadParameter(
                f"{error.what}: {address[:80]!r}, expected for example me@example.org",
                param_hint="--to",
            ) from error
    return addresses


@dataclass(frozen=True, slots=True)
class PreviewRecipients:
    """The addresses that a preview is mailed to, as ``subscriber`` gets it, and where it arrives."""

    addresses: Sequence[str]
    subscriber: Subscriber | None = None
    mailbox: Path | None = None


def mail_preview(
    app: Application,
    settings: PreviewSettings,
    preview: Preview,
    recipients: PreviewRecipients,
    *,
    as_json: bool,
) -> None:
    """Send the mail and tell of each address what the relay said, and how it arrived where that can be
    seen; exit 1 if it took not all.
    """
    from digest.daily.preview_mail import compose_preview_mail, send_previews
    from digest.mail.message import PreviewNote

    assert preview.published is not None
    assert preview.selection is not None
    fragment = settings.renderer.preview_note(ABOUT)
    mails = []
    for address in recipients.addresses:
        content = compose_preview_mail(
            preview.published,
            preview.selection,
            settings,
            address,
            PreviewNote(fragment, secrets.token_hex(12)),
            recipients.subscriber.preferences if recipients.subscriber is not None else None,
        )
        mails.append(settings.mail(address, content))
    sent_at = time.time()
    sent = send_previews(settings, mails)
    arrivals = PreviewArrivals(app, recipients.mailbox, sent_at)
    _say_sent(preview, sent, arrivals, mails, as_json=as_json)
    if not all(mail.ok for mail in sent):
        raise typer.Exit(1)


def _say_sent(
    preview: Preview,
    sent: Sequence[SentPreview],
    arrivals: PreviewArrivals,
    mails: Sequence[OutgoingMail],
    *,
    as_json: bool,
) -> None:
    assert preview.published is not None
    subject = preview.published.rendering.subject
    told = []
    if not as_json:
        say(subject)
    for outcome, mail in zip(sent, mails, strict=True):
        arrival = arrivals.look(mail) if outcome.ok else None
        told.append(
            {
                "address": outcome.address,
                "state": str(outcome.state),
                "reply": outcome.reply,
                "arrival": arrival.as_dict() if arrival is not None else None,
            }
        )
        if not outcome.ok:
            print_error(outcome.summary)
        elif not as_json:
            say(outcome.summary)
            for line in arrival.lines if arrival is not None else ():
                say(line)
    if as_json:
        say_json({"subject": subject, "sent": told, "silence": None})
