"""Connection to a relay as octets: what is written to it, and the replies that come back."""

from __future__ import annotations

import socket
import ssl
import time

from digest.delivery.smtp_wire import timeout_strategy
from digest.visible import visible


class ConnectionLostError(Exception):
    """The connection is gone, silent or out of step."""


LONGEST_REPLY = 65536
"""Octets of a reply with all its lines; RFC 5321 §4.5.3.1.5 wants 512 to be enough for each."""
AHEAD = "the relay answers before it is asked"
_MAX_LINES = 1000
_MIN_WAIT = 0.001
"""Seconds. To the kernel, none at all would be for ever."""
_TLS_RECORD = 16384
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)


class Connection:
    """One socket. `write` and `read` raise `OSError`, `TimeoutError` among them.

    `read` raises `ConnectionLostError`, too.

    ``past_mark`` says whether the relay may have got the marked octet of the last write.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = b""
        self._timeout = timeout_strategy(sock)
        self._encrypted = isinstance(sock, ssl.SSLSocket)
        self._piece_size = _TLS_RECORD if self._encrypted else 1 << 20
        self._wrote_last = False
        self.past_mark = False
        self.last_heard = time.monotonic()

    def write(self, data: bytes, timeout: float, *, mark: int | None = None) -> None:
        """Write it all. With ``mark``, `past_mark` becomes true once the relay may have got that
        many octets; a plain socket that fails took nothing of the piece, a TLS one may have.
        """
        self._timeout.writing(timeout)
        self._wrote_last = True
        self.past_mark = False
        view = memoryview(data)
        send, piece, written = self._sock.send, self._piece_size, 0
        while written < len(data):
            if mark is not None and self._encrypted and written + piece >= mark:
                self.past_mark = True
            try:
                written += send(view[written : written + piece])
            except BlockingIOError:
                raise TimeoutError from None
            if mark is not None and written >= mark:
                self.past_mark = True

    def read(self, timeout: float) -> tuple[int, str]:
        """Read one reply: its code and its text, the lines of a long one joined by spaces.

        The text is cleaned of what steers a terminal. The whole reply has the time of ``timeout``
        once it began, so that a relay cannot keep us waiting by one octet after the other.
        """
        lines: list[bytes] = []
        wait, until, size = timeout, 0.0, 0
        while True:
            line, newline, rest = self._buffer.partition(b"\n")
            if not newline:
                if until:
                    wait = until - self.last_heard
                    if wait <= 0:
                        raise TimeoutError
                self._fill(max(wait, _MIN_WAIT))
                until = until or self.last_heard + timeout
                continue
            self._buffer = rest
            size += len(line)
            mark = line[3:4]
            if not line[:3].isdigit() or mark not in (b" ", b"-", b"\r", b""):
                raise ConnectionLostError("the relay does not speak SMTP")
            lines.append(line[4:].strip())
            if mark != b"-":
                return int(line[:3]), visible(b" ".join(lines).decode("utf-8", "replace"))
            if len(lines) > _MAX_LINES or size > LONGEST_REPLY:
                raise ConnectionLostError("the relay's reply never ends")

    @property
    def ahead(self) -> bool:
        """True if the relay said more than it was asked, its farewell aside (RFC 5321 §3.8)."""
        return bool(self._buffer) and not self._buffer.startswith(b"421")

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def _fill(self, timeout: float) -> None:
        if _QUICK_ACK is not None and not self._wrote_last:
            # A relay that sends the replies of a group one by one waits for our ACK in between.
            self._sock.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
        self._wrote_last = False
        self._timeout.reading(timeout)
        try:
            data = self._sock.recv(4096)
        except BlockingIOError:
            raise TimeoutError from None
        if not data:
            raise ConnectionLostError("the relay closed the connection")
        self._buffer += data
        self.last_heard = time.monotonic()
        if len(self._buffer) > LONGEST_REPLY:
            raise ConnectionLostError("the relay's reply never ends")
