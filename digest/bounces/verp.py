"""Envelope senders that say which delivery a bounce is about (variable envelope return path).

The address carries a signed token (``bounces+TOKEN@list.example``), so a bounce maps to its
delivery without guessing, and one that nobody of ours caused maps to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from digest.errors import ConfigurationError

ReadToken = Callable[[str], int | None]
"""The delivery that a token was signed for, or ``None``."""

_LONGEST_LOCAL_PART = 64  # RFC 5321 §4.5.3.1.1


def return_path(address: str, token: str) -> str:
    """The bounce address with the token behind a plus sign (RFC 5233 calls it the detail).

    Raises `ConfigurationError` where that is longer than a mailbox name may be.
    """
    local, _, domain = address.rpartition("@")
    extended = f"{local}+{token}"
    if not local or len(extended.encode()) > _LONGEST_LOCAL_PART:
        raise ConfigurationError(
            f"{local!r} leaves no room for a token before the @",
            where="DIGEST_BOUNCE_ADDRESS",
            mend=f"Choose a mailbox name of at most {_LONGEST_LOCAL_PART - len(token) - 1} letters,"
            " or set DIGEST_VERP=false",
        )
    return f"{extended}@{domain}"


def delivery_named(texts: Iterable[str], address: str, read_token: ReadToken) -> int | None:
    """The delivery named by the first valid token in any of the texts."""
    local, _, domain = address.rpartition("@")
    pattern = re.compile(
        rf"(?<![\w.+-]){re.escape(local)}\+([A-Za-z0-9_.=-]{{1,64}})"
        rf"@{re.escape(domain)}(?!\.?[\w-])",
        re.IGNORECASE,
    )
    for text in texts:
        for match in pattern.finditer(text):
            delivery_id = read_token(match.group(1))
            if delivery_id is not None:
                return delivery_id
    return None
