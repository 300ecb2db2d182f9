"""Refuse texts that are too weak, or cannot be sent, as a token of the API for programs."""

from __future__ import annotations

import re

from pydantic import SecretStr

from digest.settings.signing_keys import weakness

SHORTEST_TOKEN = 32
_SENDABLE = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""The characters that a header may carry as a bearer token (RFC 6750 §2.1)."""


def fit_tokens(tokens: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """The tokens. Raises `ValueError` for the first that will not do, by its place."""
    for place, token in enumerate(tokens, start=1):
        if fault := _fault(token.get_secret_value()):
            raise ValueError(f"token {place} of {len(tokens)} {fault}")
    return tokens


def _fault(token: str) -> str:
    fault = weakness(token)
    if not fault and len(token) < SHORTEST_TOKEN:
        fault = f"should have at least {SHORTEST_TOKEN} characters"
    if not fault and not _SENDABLE.fullmatch(token):
        fault = "has characters other than letters, digits and - . _ ~ + /, with = at its end"
    return fault
