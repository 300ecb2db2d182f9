"""Visitors who keep connections to themselves: idle, slow to ask, slow to send, slow to read."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

HEADERS_BEGUN = b"GET / HTTP/1.1\r\nHost: papers.example.org\r\nX-Slow: "
BODY_BEGUN = (
    b"POST /subscribe HTTP/1.1\r\nHost: papers.example.org\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\nemail="
)


class SlowClients:
    """Many connections to one port, of which some send one byte each ``pause`` seconds."""

    def __init__(self, port: int, *, pause: float = 0.2) -> None:
        self._port = port
        self._pause = pause
        self._slow: list[socket.socket] = []
        self.all: list[socket.socket] = []
        self._stop = threading.Event()

    @contextmanager
    def running(self, *, idle: int = 0, headers: int = 0, bodies: int = 0) -> Iterator[SlowClients]:
        """Open that many of each, and keep at it."""
        with ExitStack() as stack:
            for begun, count in ((b"", idle), (HEADERS_BEGUN, headers), (BODY_BEGUN, bodies)):
                for _ in range(count):
                    connection = stack.enter_context(
                        socket.create_connection(("127.0.0.1", self._port))
                    )
                    self.all.append(connection)
                    if begun:
                        self._slow.append(connection)
                        with suppress(OSError):
                            connection.sendall(begun)
            thread = threading.Thread(target=self._dribble)
            thread.start()
            try:
                yield self
            finally:
                self._stop.set()
                thread.join()

    def _dribble(self) -> None:
        while not self._stop.wait(self._pause):
            for connection in self._slow:
                with suppress(OSError):
                    connection.sendall(b"x")

    def closed(self) -> int:
        """How many of the connections the server has closed."""
        return sum(map(is_closed, self.all))


def is_closed(connection: socket.socket) -> bool:
    """Whether the other end has closed it."""
    connection.settimeout(0.001)
    try:
        return connection.recv(65_536) == b""
    except TimeoutError:
        return False
    except OSError:
        return True
