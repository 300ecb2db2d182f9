"""Who keeps connections to themselves keeps nobody else out."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from processes import PROGRAM, free_port
from web.site_fixture import RunningSite
from web.slow_clients import (
    SlowClients,
    is_closed,
)

from digest.web.connections import (
    ConnectionLimits,
    most_connections,
)
from digest.web.serving import (
    Server,
    limited_connections,
)

SOON = 5.0
"""Seconds; a bound for a busy machine. It takes a few hundredths."""


@contextmanager
def pages(folder: Path, descriptors: int | None = None) -> Iterator[tuple[str, int]]:
    """``digest web`` in a process of its own, which may hold that many descriptors; its log's path."""
    port = free_port()
    environment = {
        **os.environ,
        "DIGEST_DATABASE_URL": f"sqlite:///{folder / 'digest.sqlite3'}",
        "DIGEST_WEB_PORT": str(port),
    }

    def less() -> None:
        if descriptors is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*PROGRAM, "web"],
            cwd=folder, env=environment, stderr=log, preexec_fn=less,
        )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", port
    finally:
        process.terminate()
        assert process.wait(60) == 0, (folder / "log").read_text()


def quick(base: str, *paths: str) -> None:
    """A visitor with new connections is served at each of those paths, soon."""
    for path in paths:
        begun = time.monotonic()
        answer = httpx.get(base + path, timeout=SOON)
        assert answer.status_code == 200, (path, answer.status_code)
        assert time.monotonic() - begun < SOON


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """This process may hold every connection of a flood."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 4096:
        pytest.skip("this machine allows too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
def test_a_thousand_idle_and_four_hundred_slow_visitors_stop_nobody(
    tmp_path: Path, many_descriptors: None
) -> None:
    with (
        pages(tmp_path) as (base, port),
        SlowClients(port).running(idle=1_005, headers=200, bodies=200),
    ):
        for _ in range(3):
            quick(base, "/healthz", "/readyz", "/", "/subscribe")
    assert "connections closed: " in (tmp_path / "log").read_text()


def test_few_descriptors_are_never_used_up(tmp_path: Path, many_descriptors: None) -> None:
    with pages(tmp_path, descriptors=256) as (base, port), SlowClients(port).running(idle=600):
        quick(base, "/healthz", "/readyz", "/")
    assert "out of system resource" not in (tmp_path / "log").read_text()


SHORT = ConnectionLimits(idle=1.0, headers=1.0, body=1.0, reading=1.0, slowest=1_000_000.0)


def ends(connection: socket.socket, dribble: bytes = b"") -> bool:
    """Whether the server closes the connection, whatever is sent; waits no longer than `SOON`."""
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        if is_closed(connection):
            return True
        time.sleep(0.1)
        if dribble:
            try:
                connection.sendall(dribble)
            except OSError:
                return True
    return False


@pytest.mark.parametrize(
    ("begun", "dribble"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nX-Slow: ", b"x"),
        (b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n\r\n", b"x"),
        (b"POST /api/subscribe HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        # Answered at once, though the body goes on.
        (b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n", b"x"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n"),
    ],
    ids=["nothing", "headers", "body", "chunks", "body of an answered request", "empty lines"],
)  # fmt: skip
def test_what_trickles_in_has_a_deadline(
    running_site: RunningSite, begun: bytes, dribble: bytes
) -> None:
    with Server(running_site.app, host="127.0.0.1", port=0, limits=SHORT).running() as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
        with connection:
            connection.sendall(begun)
            assert ends(connection, dribble)


def test_who_does_not_read_the_answers_has_a_deadline(published_site: RunningSite) -> None:
    with Server(published_site.app, host="127.0.0.1", port=0, limits=SHORT).running() as server:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        with connection:
            connection.connect(("127.0.0.1", server.port))
            connection.settimeout(0.2)
            end, closed = time.monotonic() + 4 * SOON, False
            while time.monotonic() < end and not closed:
                try:
                    connection.sendall(b"GET /editions HTTP/1.1\r\nHost: x\r\n\r\n" * 200)
                except TimeoutError:
                    pass
                except OSError:
                    closed = True
                time.sleep(0.05)
            assert closed


def test_a_body_without_end_is_cut_off(running_site: RunningSite) -> None:
    with Server(running_site.app, host="127.0.0.1", port=0).running() as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
        with connection:
            connection.settimeout(SOON)
            connection.sendall(
                b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n"
            )
            sent = 0
            with suppress(OSError):
                while sent < 100_000_000:
                    connection.sendall(b"x" * 50_000)
                    sent += 50_000
            assert sent < 100_000_000


def test_headers_without_end_are_refused(running_site: RunningSite) -> None:
    with Server(running_site.app, host="127.0.0.1", port=0).running() as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
        with connection:
            connection.settimeout(SOON)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 20_000)
            assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_who_asks_again_in_time_keeps_the_connection(running_site: RunningSite) -> None:
    with (
        Server(running_site.app, host="127.0.0.1", port=0, limits=SHORT).running() as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as visitor,
    ):
        end = time.monotonic() + 3
        first = visitor.get("/").extensions["network_stream"].get_extra_info("client_addr")
        while time.monotonic() < end:
            answer = visitor.get("/")
            assert answer.status_code == 200
            stream = answer.extensions["network_stream"]
            assert stream.get_extra_info("client_addr") == first
            time.sleep(0.3)


def test_one_address_has_its_share_and_this_machine_and_proxies_have_none() -> None:
    network = limited_connections(("203.0.113.0/28",), ConnectionLimits()).network
    assert network("198.51.100.1") == "" == network("10.0.0.1")
    assert network("8.8.8.8") == network("::ffff:8.8.8.8") != network("8.8.4.4")
    assert network("2a00:1:2:3::1") == network("2a00:1:2:3:ffff::1") != network("2a00:1:2:4::1")
    assert network("127.0.0.1") == network("203.0.113.9") == network("testclient") == ""


def test_above_its_share_an_address_loses_its_own_oldest_connection(
    running_site: RunningSite,
) -> None:
    limits = ConnectionLimits(per_network=3)
    server = Server(running_site.app, host="127.0.0.1", port=0, limits=limits)
    server.connections.network = lambda client: client
    with server.running():
        at = ("127.0.0.1", server.port)
        own = [socket.create_connection(at) for _ in range(3)]
        other = socket.create_connection(at, source_address=("127.0.0.2", 0))
        time.sleep(0.3)
        assert not any(map(is_closed, own))
        own.append(socket.create_connection(at))
        assert ends(own[0])
        assert [is_closed(one) for one in [*own[1:], other]] == [False] * 4
        for one in [*own, other]:
            one.close()


def test_the_limit_follows_the_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    for soft, most in ((256, 128), (1024, 704), (16, 16)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        assert most_connections() == most
        assert limited_connections((), ConnectionLimits()).limits.in_all == most
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    assert limited_connections((), ConnectionLimits()).limits.in_all == 1_000
