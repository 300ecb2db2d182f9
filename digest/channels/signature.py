"""Sign webhook calls as *Standard Webhooks* says (standardwebhooks.com, specification of 2023).

The receiver computes HMAC-SHA256 over ``id.timestamp.body`` with the shared secret and compares; it
refuses an old timestamp, and drops an id that it has seen.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

PREFIX = "whsec_"
FEWEST_OCTETS, MOST_OCTETS = 24, 64
"""Octets of a secret that the specification asks for."""


def decode_secret(secret: str) -> bytes:
    """The octets of a secret, which is base64 with ``whsec_`` before it, or without.

    Raises `ValueError`, whose words do not repeat it.
    """
    try:
        octets = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not base64") from None
    if not FEWEST_OCTETS <= len(octets) <= MOST_OCTETS:
        raise ValueError(f"has {len(octets)} octets, not {FEWEST_OCTETS} to {MOST_OCTETS}")
    return octets


def signed_headers(secret: str, id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The three headers of a call. ``timestamp`` is in seconds since 1970."""
    signed = b".".join((id.encode(), str(timestamp).encode(), body))
    digest = hmac.new(decode_secret(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
