"""Ten machines on one database are one guest to a host."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from fixtures.stores import SHARED_STORES

from digest.daily.shared_pace import SharedPace
from digest.errors import TemporaryError
from digest.sources import SourceLimits
from digest.sources.fetching.fetcher import PATIENCE
from digest.store import Store

INTERVAL = 0.3
LEASE = 3.0
DIE = """
import sys, time
from datetime import timedelta
from digest.daily.shared_pace import SharedPace
from digest.store import open_store
pace = SharedPace(open_store(sys.argv[1]), lease=timedelta(seconds=3))
with pace.turn("host.invented.io", 0.0, 10.0):
    print("has its turn", flush=True)
    time.sleep(60)
"""
ASK = """
import sys, urllib.request
from datetime import datetime, timedelta
from digest.store import host_turns
late = timedelta(seconds=float(sys.argv[5]))
class Kind(type):
    def __instancecheck__(cls, value):
        return isinstance(value, datetime)
class Clock(datetime, metaclass=Kind):
    @classmethod
    def now(cls, zone=None):
        return datetime.now(zone) + late
host_turns.datetime = Clock
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


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_two_processes_on_one_database_never_ask_closer_than_the_pace(
    host: Host, store: Store, address: str
) -> None:
    page = f"http://127.0.0.1:{host.server_port}/"
    # Each has its clock: where the database is a server, only that one counts.
    wrong = "7200" if address.startswith("postgresql") else "0"
    asking = [
        subprocess.Popen([sys.executable, "-c", ASK, address, page, "10", str(INTERVAL), late])
        for late in ("0", wrong)
    ]
    assert [process.wait(timeout=120) for process in asking] == [0, 0]
    assert len(host.spans) == 20
    gaps = [began - ended for (_, ended), (began, _) in pairwise(sorted(host.spans))]
    print(f"smallest gap {min(gaps):.3f} s of {INTERVAL} s")
    assert min(gaps) >= INTERVAL * 0.8


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_a_process_killed_in_its_turn_delays_others_by_its_lease_at_most(
    store: Store, address: str
) -> None:
    dying = subprocess.Popen(
        [sys.executable, "-c", DIE, address], stdout=subprocess.PIPE, text=True
    )
    assert dying.stdout is not None
    assert dying.stdout.readline() == "has its turn\n"
    dying.kill()
    dying.wait()
    dying.stdout.close()
    begun = time.monotonic()
    with SharedPace(store).turn("host.invented.io", 0.0, 60.0):
        waited = time.monotonic() - begun
    print(f"waited {waited:.2f} s for a lease of {LEASE} s")
    assert waited < LEASE + 5


def test_the_lease_is_longer_than_a_fetch_and_shorter_than_others_wait(store: Store) -> None:
    lease = SharedPace(store).lease.total_seconds()
    assert SourceLimits().timeout < lease < PATIENCE


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
