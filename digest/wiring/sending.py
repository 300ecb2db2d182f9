"""Make the relay, the return path and the DKIM signers from the settings."""

from __future__ import annotations

import re
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

from digest.bounces.verp import return_path
from digest.delivery.smtp import RelaySettings
from digest.errors import ConfigurationError, SubscriberError
from digest.mail.list_identity import wire_address
from digest.mail.tokens import LONGEST_BOUNCE_TOKEN
from digest.settings import Settings
from digest.settings.file_permissions import require_private
from digest.tls import Security

if TYPE_CHECKING:
    from digest.mail.dkim import Signer

_SELECTOR = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*")


def relay_settings(settings: Settings) -> RelaySettings:
    """The relay's address and login; its host is ``""`` where none is set."""
    password = settings.smtp_password
    return RelaySettings(
        host=settings.smtp_host or "",
        port=settings.relay_port,
        security=Security(settings.smtp_security.value),
        username=settings.smtp_username,
        password=password.get_secret_value() if password is not None else None,
        ca_file=settings.smtp_ca_file,
    )


def return_address(settings: Settings, *, with_token: bool) -> str:
    """The envelope sender as SMTP writes it, without a token: the From address if none is set.

    Raises `ConfigurationError` for what is no address, and where a token would not fit into it.
    """
    name = "DIGEST_BOUNCE_ADDRESS" if settings.bounce_address else "DIGEST_SENDER"
    address = bare_address(name, settings.bounce_address or settings.sender or "")
    if with_token:
        return_path(address, "0" * LONGEST_BOUNCE_TOKEN)
    return address


def bare_address(name: str, mailbox: str) -> str:
    """The address in the setting ``name``, as SMTP writes it.

    Raises `ConfigurationError` for what is no address.
    """
    try:
        return wire_address(parseaddr(mailbox)[1])
    except SubscriberError as error:
        raise ConfigurationError("is not an address that mail can go to", where=name) from error


def read_signers(settings: Settings, domain: str) -> tuple[Signer, ...]:
    """Make a signer for each of ``DIGEST_DKIM_KEYS``, for ``DIGEST_DKIM_DOMAIN`` or else ``domain``.

    Raises `ConfigurationError` for a key that cannot be used, or that somebody else can change.
    """
    from digest.mail.dkim import read_signer

    try:
        domain = wire_address(f"x@{settings.dkim_domain or domain}").partition("@")[2]
    except SubscriberError as error:
        raise ConfigurationError(
            "is not a domain", where="DIGEST_DKIM_DOMAIN", mend="For example: example.org"
        ) from error
    signers = []
    for item in settings.dkim_keys:
        selector, _, path = item.partition(":")
        if not path or not _SELECTOR.fullmatch(selector):
            raise ConfigurationError(
                f"{item!r} is not selector:PATH",
                where="DIGEST_DKIM_KEYS",
                mend="For example: digest2026:/etc/digest/dkim.pem",
            )
        key = Path(path.strip())
        require_private(key)
        signers.append(read_signer(domain, selector, key))
    return tuple(signers)
