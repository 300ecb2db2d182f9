"""Mail a preview to the operator's own addresses, for ``digest preview --to``."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from digest.cli.console import (
    print_error,
    say,
    say_json,
)

if TYPE_CHECKING:
    from digest.daily.preview import Preview
    from digest.daily.preview_mail import PreviewSettings, SentPreview
    from digest.model import Subscriber

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


def mail_preview(
    settings: PreviewSettings,
    preview: Preview,
    subscriber: Subscriber | None,
    addresses: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Send the mail to those addresses and tell of each what the relay said; exit 1 if it took not all."""
    from digest.daily.preview_mail import compose_preview_mail, send_previews
    from digest.mail.message import PreviewNote

    assert preview.published is not None
    assert preview.selection is not None
    fragment = settings.renderer.preview_note(ABOUT)
    mails = []
    for address in addresses:
        content = compose_preview_mail(
            preview.published,
            preview.selection,
            settings,
            address,
            PreviewNote(fragment, secrets.token_hex(12)),
            subscriber.preferences if subscriber is not None else None,
        )
        mails.append(settings.mail(address, content))
    sent = send_previews(settings, mails)
    _say_sent(preview, sent, as_json=as_json)
    if not all(mail.ok for mail in sent):
        raise typer.Exit(1)


def _say_sent(preview: Preview, sent: Sequence[SentPreview], *, as_json: bool) -> None:
    assert preview.published is not None
    subject = preview.published.rendering.subject
    if as_json:
        say_json(
            {
                "subject": subject,
                "sent": [
                    {"address": mail.address, "state": str(mail.state), "reply": mail.reply}
                    for mail in sent
                ],
                "silence": None,
            }
        )
    else:
        say(subject)
    for mail in sent:
        if not mail.ok:
            print_error(mail.summary)
        elif not as_json:
            say(mail.summary)
