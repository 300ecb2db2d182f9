"""Sign mails with DKIM (RFC 6376), for relays that do not: rsa-sha256 and ed25519-sha256 (RFC 8463).

Canonicalisation is relaxed/relaxed, there is no ``l=`` (RFC 8301 and §8.2 tell why), and every
header that a reader or their mail program goes by is signed once more than it stands there, also
where it does not, so that nobody can add another (RFC 6376 §5.4.2, §8.15). The arithmetic is OpenSSL's,
through the `cryptography` package (extra ``dkim``).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SMALLEST_RSA = 2048  # RFC 8301 §3.2

_OVERSIGNED = (
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"reply-to", b"sender",
    b"in-reply-to", b"references", b"mime-version", b"content-type", b"content-transfer-encoding",
    b"content-disposition", b"auto-submitted", b"list-id", b"list-unsubscribe",
    b"list-unsubscribe-post", b"list-help", b"list-subscribe", b"list-post", b"list-owner",
    b"list-archive",
)  # fmt: skip
"""Signed once more than they stand there. Not what relays add on the way (trace fields, and the
``Feedback-ID`` of some): a signature that breaks on its usual way proves nothing to anybody.
"""
_SIGNED = frozenset({*_OVERSIGNED, b"feedback-id"})
_LONGEST_LIST = 70
_BLANK_RUN = re.compile(rb"[ \t]{2,}|\t")
_WHITESPACE = re.compile(rb"[ \t\r\n]+")


class Signer:
    """One key of one domain. May be shared by threads."""

    def __init__(self, domain: str, selector: str, key: bytes) -> None:
        """``key`` is a private key in PEM. Raises `ConfigurationError` for one that will not do."""
        self.domain = domain
        self.selector = selector
        self._key = _load_key(key)
        self._rsa = _is_rsa(self._key)
        self.algorithm = "rsa-sha256" if self._rsa else "ed25519-sha256"

    def signature(self, message: bytes) -> bytes:
        """Sign a message: its ``DKIM-Signature`` header field, with its CRLF.

        The message has CRLF line ends and no bare CR or LF. The same message gives the same
        signature: there is no ``t=``.
        """
        head, _, body = message.partition(b"\r\n\r\n")
        fields = [(name, value) for name, value in _fields(head) if _is_signed(name)]
        digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest())
        template = self._unsigned_value(_header_list(tuple([name for name, _ in fields])), digest)
        # RFC 6376 §5.4.2: of several fields of one name the last is signed first.
        signed = b"".join(relaxed_header(name, value) for name, value in reversed(fields))
        signed += relaxed_header(b"dkim-signature", template).removesuffix(b"\r\n")
        signature = base64.b64encode(self._sign(signed))
        return b"DKIM-Signature:" + template + _folded(signature) + b"\r\n"

    def public_record(self) -> tuple[str, str]:
        """The name and the text of the TXT record to publish (RFC 6376 §3.6.1, RFC 8463 §3)."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = self._key.public_key()
        if self._rsa:
            raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        kind = "rsa" if self._rsa else "ed25519"
        text = f"v=DKIM1; k={kind}; p={base64.b64encode(raw).decode('ascii')}"
        return f"{self.selector}._domainkey.{self.domain}", text

    def _unsigned_value(self, covered: bytes, digest: bytes) -> bytes:
        """The field's value as far as it is signed, folded at places that stay as they are."""
        return (
            (
                f" v=1; a={self.algorithm}; c=relaxed/relaxed;"
                f" d={self.domain};\r\n s={self.selector};\r\n h="
            ).encode("ascii")
            + covered
            + b";\r\n bh="
            + digest
            + b";\r\n b="
        )

    def _sign(self, data: bytes) -> bytes:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        # RFC 8463 §3: Ed25519 signs the SHA-256 of the data, not the data.
        return self._key.sign(hashlib.sha256(data).digest())


def add_signatures(message: bytes, signers: Sequence[Signer]) -> bytes:
    """Put a signature of each signer in front of the message."""
    return b"".join([signer.signature(message) for signer in signers]) + message


def read_signer(domain: str, selector: str, path: Path) -> Signer:
    """Read a signer whose key is in that PEM file. Raises `ConfigurationError`."""
    try:
        return Signer(domain, selector, path.read_bytes())
    except OSError as error:
        raise ConfigurationError(
            f"the DKIM key cannot be read ({error.strerror})", where=str(path)
        ) from error
    except ConfigurationError as error:
        raise ConfigurationError(error.what, where=str(path), mend=error.mend) from error


def relaxed_body(body: bytes) -> bytes:
    """The body, whose lines end with CRLF, as RFC 6376 §3.4.4 wants it."""
    if b"\t" in body or b"  " in body:
        body = _BLANK_RUN.sub(b" ", body)
    if b" \r\n" in body:
        body = body.replace(b" \r\n", b"\r\n")
    body = body.rstrip(b"\r\n") if body.endswith(b"\r\n\r\n") else body
    if not body or body == b"\r\n":
        return b""
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def relaxed_header(name: bytes, value: bytes) -> bytes:
    """A header field as RFC 6376 §3.4.2 wants it, with its CRLF."""
    return name.lower() + b":" + _WHITESPACE.sub(b" ", value).strip() + b"\r\n"


def _fields(head: bytes) -> list[tuple[bytes, bytes]]:
    fields: list[tuple[bytes, bytes]] = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, value + b"\r\n" + line)
        else:
            name, _, value = line.partition(b":")
            fields.append((name.strip().lower(), value))
    return fields


def _is_signed(name: bytes) -> bool:
    return name in _SIGNED or name.startswith(b"list-")


@lru_cache(maxsize=64)
def _header_list(fields: tuple[bytes, ...]) -> bytes:
    """The value of ``h=`` for those signed fields, in the order they stand; folded.

    It is the same for all mails of an edition, so it is made once.
    """
    names = [*reversed(fields), *_OVERSIGNED]
    lines = [names[:1]]
    for name in names[1:]:
        if sum(map(len, lines[-1])) + len(lines[-1]) + len(name) > _LONGEST_LIST:
            lines.append([])
        lines[-1].append(name)
    return b":\r\n ".join(map(b":".join, lines))


def _folded(signature: bytes) -> bytes:
    return b"\r\n ".join(signature[at : at + 72] for at in range(0, len(signature), 72))


def _load_key(key: bytes) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise ConfigurationError(
            "signing with DKIM needs the cryptography package",
            mend="Install it with: pip install cryptography",
        ) from error
    try:
        loaded = load_pem_private_key(key, password=None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            "the DKIM key is no private key in PEM without a password",
            mend="Make one with: openssl genpkey -algorithm ed25519",
        ) from error
    if isinstance(loaded, Ed25519PrivateKey):
        return loaded
    if isinstance(loaded, RSAPrivateKey) and loaded.key_size >= SMALLEST_RSA:
        return loaded
    raise ConfigurationError(
        "the DKIM key does not suit", mend=f"Make an RSA key of {SMALLEST_RSA} bits, or Ed25519"
    )


def _is_rsa(key: RSAPrivateKey | Ed25519PrivateKey) -> bool:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    return isinstance(key, RSAPrivateKey)
