"""Signed tokens: for the links in a mail, and for the address that its bounces come back to.

A link's token is made of the purpose, the subscriber's number and a signature (HMAC by
itsdangerous), so it needs no table, is the same on every retry of a mail, and one made for
``unsubscribe`` opens no ``preferences``. Reading one changes nothing; only a POST acts.

A bounce's token names a delivery. It stands in the local part of an address, where itsdangerous
cannot help: it must be short, and survive hosts that fold its case.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from itsdangerous import URLSafeSerializer


LONGEST_BOUNCE_TOKEN = 36
"""Characters of a token for the largest number a database gives a delivery (63 bits)."""

_SIGNATURE = 20
"""Hexadecimal digits: 80 bits, the least that RFC 2104 §5 advises to keep of an HMAC."""
_BOUNCE = re.compile(rf"(0|[1-9a-f][0-9a-f]{{0,15}})([0-9a-f]{{{_SIGNATURE}}})")


_NEVER_SHRUNK = 10
"""Octets of a payload that itsdangerous cannot shorten: zlib needs 9, and its mark one more."""


@lru_cache(maxsize=64)
def _serializer(purpose: str, keys: tuple[str, ...]) -> URLSafeSerializer:
    from itsdangerous import URLSafeSerializer

    _require(keys)
    return URLSafeSerializer(list(reversed(keys)), salt=f"digest.{purpose}")


@lru_cache(maxsize=64)
def _newest_key(purpose: str, keys: tuple[str, ...]) -> bytes:
    """Derive the key with which itsdangerous signs that purpose, which it does anew for every token."""
    return _serializer(purpose, keys).make_signer().derive_key()


def sign_token(purpose: str, subscriber_id: int, keys: Sequence[str]) -> str:
    """A token for that subscriber and purpose; URL-safe ASCII, the same every time.

    ``keys`` has the newest secret first: it signs. Raises ``ConfigurationError`` without any.
    """
    keys = tuple(keys)
    key = _newest_key(purpose, keys)
    number = str(subscriber_id).encode("ascii")
    if len(number) > _NEVER_SHRUNK:
        return _serializer(purpose, keys).dumps(subscriber_id)
    # Octet by octet what the line above makes, in a tenth of the time: a mail needs two of these.
    payload = _base64(number)
    return f"{payload}.{_base64(hmac.digest(key, payload.encode('ascii'), 'sha1'))}"


def read_token(purpose: str, token: str, keys: Sequence[str]) -> int | None:
    """The subscriber that ``token`` was signed for, with any of ``keys``; ``None`` if none fits."""
    from itsdangerous import BadData

    if len(token) > 256 or not token.isascii():
        return None
    try:
        value = _serializer(purpose, tuple(keys)).loads(token)
    except BadData:
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def sign_bounce_token(delivery_id: int, keys: Sequence[str]) -> str:
    """A token for the return path of that delivery: at most 36 of ``0-9a-f``, always the same.

    ``keys`` has the newest secret first: it signs. Raises ``ConfigurationError`` without any.
    """
    number = f"{delivery_id:x}"
    return number + _signature(number, _bounce_keys(tuple(keys))[0])


def read_bounce_token(token: str, keys: Sequence[str]) -> int | None:
    """The delivery that ``token`` was signed for, with any of ``keys``; ``None`` if none fits.

    The case of its letters does not matter: mail hosts fold that of local parts.
    """
    match = _BOUNCE.fullmatch(token.lower()) if token.isascii() else None
    if match is None:
        return None
    number, signature = match.groups()
    for key in _bounce_keys(tuple(keys)):
        if hmac.compare_digest(_signature(number, key), signature):
            return int(number, 16)
    return None


def _signature(number: str, key: bytes) -> str:
    return hmac.digest(key, number.encode("ascii"), "sha256").hex()[:_SIGNATURE]


@lru_cache(maxsize=64)
def _bounce_keys(keys: tuple[str, ...]) -> tuple[bytes, ...]:
    """Keys that sign bounce tokens and nothing else, so that no link's token can stand for one."""
    _require(keys)
    return tuple(hmac.digest(key.encode(), b"digest.bounce", "sha256") for key in keys)


def _require(keys: tuple[str, ...]) -> None:
    if not keys or not all(keys):
        raise ConfigurationError("there is no secret key to sign links with", where="secret_key")
