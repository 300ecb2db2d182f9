"""Make the bounce mailboxes and the quarantine from the settings."""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError
from digest.settings import Settings

if TYPE_CHECKING:
    from digest.bounces.mailboxes import Mailbox
    from digest.bounces.quarantine import Quarantine

FOLDER = "quarantine"


def requests_address(settings: Settings) -> str:
    """The address of mails that unsubscribe: the one of bounces; ``""`` if none is set."""
    return parseaddr(settings.bounce_address or "")[1]


def quarantine(settings: Settings) -> Quarantine:
    """The folder of messages that a person must look at."""
    from digest.bounces.quarantine import Quarantine

    return Quarantine(settings.state_folder / FOLDER)


def mailboxes(settings: Settings) -> tuple[Mailbox, ...]:
    """The bounce mailboxes that are set; perhaps none, for bounces may come by a pipe or not at all.

    Raises `digest.errors.ConfigurationError` for one that would be read by mistake.
    """
    from digest.bounces.mailboxes import Imap, Maildir
    from digest.tls import Security

    configured: list[Mailbox] = []
    if settings.bounce_maildir is not None:
        configured.append(Maildir(settings.bounce_maildir))
    if settings.bounce_imap_host is not None:
        password = settings.bounce_imap_password
        security = Security(settings.bounce_imap_security.value)
        if settings.bounce_imap_username is None or password is None:
            raise ConfigurationError(
                "the IMAP server wants a login",
                where="DIGEST_BOUNCE_IMAP_HOST",
                mend="Set DIGEST_BOUNCE_IMAP_USERNAME and DIGEST_BOUNCE_IMAP_PASSWORD",
            )
        configured.append(
            Imap(
                host=settings.bounce_imap_host,
                port=settings.bounce_imap_port or (993 if security is Security.TLS else 143),
                security=security,
                username=settings.bounce_imap_username,
                password=password.get_secret_value(),
                folder=settings.bounce_imap_folder,
                ca_file=settings.bounce_imap_ca_file,
            )
        )
    if configured and settings.bounce_address is None:
        raise ConfigurationError(
            "is missing: what is read in a bounce mailbox is taken out of it, so it must be a "
            "mailbox of its own",
            where="DIGEST_BOUNCE_ADDRESS",
            mend="For example DIGEST_BOUNCE_ADDRESS=bounces@example.org",
        )
    return tuple(configured)


def require_mailboxes(settings: Settings) -> tuple[Mailbox, ...]:
    """As `mailboxes`. Raises `digest.errors.ConfigurationError` where none is set."""
    configured = mailboxes(settings)
    if not configured:
        raise ConfigurationError(
            "no bounce mailbox is set",
            where="DIGEST_BOUNCE_MAILDIR",
            mend="Set it, or DIGEST_BOUNCE_IMAP_HOST; or pipe each message to: digest bounce",
        )
    return configured
