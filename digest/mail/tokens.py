"""Signed tokens for the links in a mail: who it is and what the link may do, nothing else.

A token is made of the purpose, the subscriber's number and a signature (HMAC by itsdangerous), so
it needs no table, is the same on every retry of a mail, and one made for ``unsubscribe`` opens no
``preferences``. Reading one changes nothing; only a POST acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from itsdangerous import URLSafeSerializer


@lru_cache(maxsize=64)
def _serializer(purpose: str, keys: tuple[str, ...]) -> URLSafeSerializer:
    from itsdangerous import URLSafeSerializer

    if not keys or not all(keys):
        raise ConfigurationError("there is no secret key to sign links with", where="secret_key")
    return URLSafeSerializer(list(reversed(keys)), salt=f"digest.{purpose}")


def sign(purpose: str, subscriber_id: int, keys: Sequence[str]) -> str:
    """A token for that subscriber and purpose; URL-safe ASCII, the same every time.

    ``keys`` has the newest secret first: it signs. Raises ``ConfigurationError`` without any.
    """
    return _serializer(purpose, tuple(keys)).dumps(subscriber_id)


def read(purpose: str, token: str, keys: Sequence[str]) -> int | None:
    """The subscriber that ``token`` was signed for, with any of ``keys``; ``None`` if none fits."""
    from itsdangerous import BadData

    if len(token) > 256 or not token.isascii():
        return None
    try:
        value = _serializer(purpose, tuple(keys)).loads(token)
    except BadData:
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
