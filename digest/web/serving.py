"""The pages behind a port: uvicorn, told to keep addresses and tokens out of its log."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
from starlette.types import ASGIApp

from digest.errors import ConfigurationError
from digest.web.connections import (
    ACCEPTED_AT_ONCE,
    ConnectionLimits,
    Connections,
    most_connections,
)
from digest.web.networks import is_in, network_of, parse_address, parse_networks

KEEP_ALIVE = 5
"""Seconds for which a connection may idle between two requests."""
LARGEST_HEADERS = 16_384
"""Bytes of a request's line and headers."""
QUEUE = 1_024
"""Connections that the system may hold until they are taken in."""
SUBNET = {"v4": 32, "v6": 64}
"""Connections are counted by address: in IPv4 a network may be a whole city behind one carrier, in
IPv6 a /64 is the least that anybody has."""
PATIENCE = 20
"""Seconds for which requests in flight may go on when the pages are stopped."""


class Server:
    """The pages on one address and port.

    ``proxies`` are addresses or networks of reverse proxies: their connections stand for many
    visitors and are limited in all only. Raises `digest.errors.ConfigurationError` if the port cannot be had.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        port: int,
        proxies: Sequence[str] = (),
        limits: ConnectionLimits | None = None,
    ) -> None:
        self.connections = limited_connections(proxies, limits or ConnectionLimits())
        self._socket = _listening_socket(host, port)
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
                http=self.connections.protocol(),
                ws="none",
                h11_max_incomplete_event_size=LARGEST_HEADERS,
                timeout_keep_alive=KEEP_ALIVE,
                backlog=ACCEPTED_AT_ONCE,
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
        # uvicorn has one number for the queue and for how many are taken from it at once.
        self._socket.listen(QUEUE)
        try:
            yield self
        finally:
            self._server.should_exit = True
            thread.join(PATIENCE + 5)
            self._socket.close()


def limited_connections(proxies: Sequence[str], limits: ConnectionLimits) -> Connections:
    """The connections of a server behind those proxies.

    This machine and private networks are not limited by address: what comes from there is a proxy
    that was not declared, or somebody the operator can speak to.
    """
    trusted = parse_networks(proxies)

    def network(client: str) -> str:
        address = parse_address(client)
        if address is None or address.is_private or is_in(address, trusted):
            return ""
        return str(network_of(address, **SUBNET))

    return Connections(replace(limits, in_all=min(limits.in_all, most_connections())), network)


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio sends without delay (TCP_NODELAY) only on sockets that say TCP.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        where, mend = _to_mend(error)
        raise ConfigurationError(
            f"the pages cannot listen on {host} port {port} ({error.strerror})",
            where=where,
            mend=mend,
        ) from error
    return listening


def _to_mend(error: OSError) -> tuple[str, str]:
    """The setting that is to blame for an address that cannot be listened on, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return "DIGEST_WEB_PORT", "Stop what uses it, or choose another port"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "DIGEST_WEB_PORT", "Choose a port of 1024 or more, with a reverse proxy before it"
    return (
        "DIGEST_WEB_HOST",
        "Name an address of this machine: 127.0.0.1 behind a reverse proxy, 0.0.0.0 for all",
    )
