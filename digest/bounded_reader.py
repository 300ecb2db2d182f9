"""Read from a server within a budget of octets and seconds, whatever it sends.

The libraries for SMTP and IMAP limit a single line and the silence between two octets. A server that
sends lines without end, announces a text of 9 GB, or one octet a minute keeps them reading for ever.
"""

from __future__ import annotations

import socket
import time

_PIECE = 64 * 1024


class OverBudgetError(OSError):
    """The other side sent more than any answer has, or took longer than any answer may."""


class BoundedReader:
    """Reader of lines and counted octets from sockets. Every answer gets a budget of its own: see `allow`.

    A read raises `OverBudgetError`, `TimeoutError` when the time of the answer is over, and what the
    socket raises. At the end of the connection it gives less than was asked for, as files do.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._socket: socket.socket | None = None
        self._octets = 0
        self._until = 0.0

    def allow(self, octets: int, seconds: float) -> None:
        """Set the budget of the next answer, in octets and seconds."""
        self._octets = octets
        self._until = time.monotonic() + seconds

    @property
    def ahead(self) -> bool:
        """True if the other side sent more than was read."""
        return bool(self._buffer)

    def line(self, sock: socket.socket, longest: int) -> bytes:
        """Read one line with its end, of at most ``longest`` octets; ``b""`` where the connection ends."""
        self._note_socket(sock)
        seen = 0
        while (end := self._buffer.find(b"\n", seen)) < 0:
            seen = len(self._buffer)
            if seen > longest:
                break
            if not self._fill(sock):
                return self._take(len(self._buffer))
        if end < 0 or end >= longest:
            raise OverBudgetError(f"the server sent a line of more than {longest:,} octets")
        return self._take(end + 1)

    def exactly(self, sock: socket.socket, size: int) -> bytes:
        """Read that many octets; fewer where the connection ends."""
        self._note_socket(sock)
        if size - len(self._buffer) > self._octets:
            raise OverBudgetError(f"the server announced {size:,} octets, far more than was asked")
        while len(self._buffer) < size:
            if not self._fill(sock):
                break
        return self._take(min(size, len(self._buffer)))

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _note_socket(self, sock: socket.socket) -> None:
        if self._socket is not sock:
            if self._buffer:
                # What came in the clear must not be taken for an answer under TLS (RFC 3207 §6).
                raise OverBudgetError("the server sent something before the encryption began")
            self._socket = sock

    def _fill(self, sock: socket.socket) -> bool:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        usual = sock.gettimeout()
        sock.settimeout(left if usual is None else min(usual, left))
        try:
            data = sock.recv(_PIECE)
        finally:
            sock.settimeout(usual)
        self._octets -= len(data)
        if self._octets < 0:
            raise OverBudgetError("the server sent far more than any answer has")
        self._buffer += data
        return bool(data)
