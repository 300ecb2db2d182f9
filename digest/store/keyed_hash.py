"""The key under which addresses are hashed that must be known again without being kept.

It is made once for each database and never changed: with another key nobody who must get nothing
would be known again, so it is none of the keys that an operator rotates. A plain hash of an address
can be found by trying addresses; this one only by who has the database.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sqlalchemy import Connection

from digest.store.runs import Runs

ADDRESS_KEY = "address-key"


def keyed_hash(connection: Connection, text: str) -> str:
    """The hash of ``text``, 64 hexadecimal digits. Makes the key where there is none yet."""
    key = Runs(connection).flag(ADDRESS_KEY) or _new_key(connection)
    return hashed(key, text)


def known_hash(connection: Connection, text: str) -> str | None:
    """The same without making a key: ``None`` where nothing can have been hashed yet."""
    key = Runs(connection).flag(ADDRESS_KEY)
    return None if key is None else hashed(key, text)


def hashed(key: str, text: str) -> str:
    """The hash of ``text`` under that key."""
    return rekeyed(key, hashlib.sha256(text.encode()).hexdigest())


def rekeyed(key: str, plain: str) -> str:
    """The same, given the text's SHA-256, which is what older databases hold."""
    return hmac.digest(key.encode(), plain.encode(), "sha256").hex()


def _new_key(connection: Connection) -> str:
    return Runs(connection).keep_flag(ADDRESS_KEY, secrets.token_hex(32))
