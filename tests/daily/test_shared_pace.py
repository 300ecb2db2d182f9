"""Ten machines on one database are one guest to a host."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from digest.daily.shared_pace import SharedPace
from digest.errors import TemporaryError
from digest.store import Store, open_store

INTERVAL = 0.3
ASK = """
import sys, urllib.request
from digest.daily.shared_pace import SharedPace
from digest.store import open_store
pace = SharedPace(open_store(sys.argv[1]))
for number in range(int(sys.argv[3])):
    with pace.turn("host.invented.io", float(sys.argv[4]), 120.0):
        urllib.request.urlopen(sys.argv[2]).read()
"""


class Host(http.server.ThreadingHTTPServer):
    """Notes when each request began and ended."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.spans: list[tuple[float, float]] = []


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers after a moment."""

    server: Host

    def do_GET(self) -> None:
        began = time.monotonic()
        time.sleep(0.05)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"papers")
        self.server.spans.append((began, time.monotonic()))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[Host]:
    server = Host()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_two_processes_on_one_database_never_ask_closer_than_the_pace(
    host: Host, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'list.sqlite3'}"
    open_store(url).migrate()
    address = f"http://127.0.0.1:{host.server_port}/"
    asking = [
        subprocess.Popen([sys.executable, "-c", ASK, url, address, "5", str(INTERVAL)])
        for _ in range(2)
    ]
    assert [process.wait(timeout=120) for process in asking] == [0, 0]
    assert len(host.spans) == 10
    for (_, ended), (began, _) in pairwise(sorted(host.spans)):
        assert began - ended >= INTERVAL * 0.8


def test_a_host_that_wants_a_long_rest_is_not_waited_for(store: Store) -> None:
    pace = SharedPace(store)
    pace.postpone("host.invented.io", 600.0)
    with pytest.raises(TemporaryError, match="not asked for another"):
        pace.turn("host.invented.io", 1.0, 60.0).__enter__()


def test_a_fetch_that_fails_gives_its_turn_back(store: Store) -> None:
    pace = SharedPace(store)
    with pytest.raises(OSError, match="cut"), pace.turn("host.invented.io", 0.0, 1.0):
        raise OSError("cut")
    with pace.turn("host.invented.io", 0.0, 1.0):
        pass
