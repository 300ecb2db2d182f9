"""Encryption of connections to mail servers, with verified certificates.

Used by both directions: `digest.delivery.smtp` sends, `digest.bounces.mailboxes` reads.
"""

from __future__ import annotations

import ssl
from enum import StrEnum
from pathlib import Path

from digest.errors import ConfigurationError


class Security(StrEnum):
    """Protection of a connection: upgraded before login, from the first byte, or not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


def verifying_context(ca_file: Path | None) -> ssl.SSLContext:
    """Make a context that verifies chain and host name, TLS 1.2 at least (RFC 8997).

    Raises `ConfigurationError` where ``ca_file`` (PEM) cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except OSError as error:
        raise ConfigurationError(
            f"no certificates can be read ({error})", where=str(ca_file)
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
