"""Client for IMAP whose every reading has a budget: IMAPClient over `digest.bounded_reader`.

imaplib limits a line to 1 MB, but not how many there are, nor the literals, of which one may
announce any size, nor the time in which octets drip in.
"""

from __future__ import annotations

import socket
import ssl

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from digest.bounded_reader import BoundedReader

__all__ = ["MOST_OCTETS", "BoundedClient", "LoginError"]

MOST_OCTETS = 4 * 1024 * 1024
"""Of one answer: a list of 50,000 messages has half a megabyte, and their flags may come
unasked.
"""
_LONGEST_LINE = 1_000_000
_ANSWER = 2.0
"""How many times the patience with silence an answer may take from its first octet to the last."""


class _Bounded:
    """The reading side of imaplib's connections, in the clear and under TLS."""

    reader: BoundedReader
    sock: socket.socket

    def read(self, size: int) -> bytes:
        """As `imaplib.IMAP4.read`, within the budget of the answer."""
        return self.reader.exactly(self.sock, size)

    def readline(self) -> bytes:
        """As `imaplib.IMAP4.readline`, likewise."""
        return self.reader.line(self.sock, _LONGEST_LINE)


class _Plain(_Bounded, IMAP4WithTimeout):  # type: ignore[misc]
    def __init__(self, reader: BoundedReader, host: str, port: int, timeout: float) -> None:
        self.reader = reader
        super().__init__(host, port, timeout)


class _Encrypted(_Bounded, IMAP4_TLS):  # type: ignore[misc]
    def __init__(
        self,
        reader: BoundedReader,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        timeout: float,
    ) -> None:
        self.reader = reader
        super().__init__(host, port, context, timeout)


class BoundedClient(IMAPClient):  # type: ignore[misc]
    """A connected `IMAPClient`. `renew` gives the next answer its budget."""

    def __init__(
        self, host: str, port: int, context: ssl.SSLContext | None, *, tls: bool, patience: float
    ) -> None:
        """Connect; ``context`` verifies with ``tls``. ``patience``: seconds of silence, both
        ways.
        """
        self._reader = BoundedReader()
        self._patience = patience
        self.renew()
        timeout = SocketTimeout(patience, patience)
        super().__init__(host, port, ssl=tls, ssl_context=context, timeout=timeout)

    def renew(self) -> None:
        """The next answer may take this much from now on."""
        self._reader.allow(MOST_OCTETS, _ANSWER * self._patience)

    def _create_IMAP4(self) -> _Bounded:  # noqa: N802 - IMAPClient's name for it
        if self.ssl:
            return _Encrypted(self._reader, self.host, self.port, self.ssl_context, self._patience)
        return _Plain(self._reader, self.host, self.port, self._patience)
