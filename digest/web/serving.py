"""The pages behind a port: uvicorn, told to keep addresses and tokens out of its log."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from digest.errors import ConfigurationError

MOST_CONNECTIONS = 1_000
"""Beyond these, visitors are told to come back: better than every one of them waiting."""
PATIENCE = 20
"""Seconds for which requests in flight may go on when the pages are stopped."""


class Server:
    """The pages on one address and port.

    Raises `digest.errors.ConfigurationError` if the port cannot be had.
    """

    def __init__(self, app: ASGIApp, *, host: str, port: int) -> None:
        self._socket = _bound(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                # Its lines would hold whole paths, and paths hold readers' tokens.
                access_log=False,
                proxy_headers=False,
                server_header=False,
                lifespan="off",
                limit_concurrency=MOST_CONNECTIONS,
                timeout_graceful_shutdown=PATIENCE,
            )
        )

    @contextmanager
    def running(self) -> Iterator[Server]:
        """Serve in a thread; at the end, finish what is in flight."""
        # Not in the main thread, so uvicorn leaves the signals to whoever runs the program.
        thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="pages", daemon=True
        )
        thread.start()
        while thread.is_alive() and not self._server.started:
            time.sleep(0.01)
        try:
            yield self
        finally:
            self._server.should_exit = True
            thread.join(PATIENCE + 5)
            self._socket.close()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio sends without delay (TCP_NODELAY) only on sockets that say TCP.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise ConfigurationError(
            f"the pages cannot listen on {host} port {port} ({error.strerror})",
            where="DIGEST_WEB_PORT",
            mend="Stop what uses it, or choose another port",
        ) from error
    return taken
