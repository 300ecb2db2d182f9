"""The API for programs while the daemon sends: nobody is lost, nobody gets two, and every request is answered."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fixtures.stores import SHARED_STORES
from installation import page_of
from processes import CommandLine, free_port
from smtp_server.mailboxes import Mailboxes, serve

TOKEN = "5b1f0c7e94d2a86b3f70c1d2e8a94b6f"
READERS = 300
PROGRAMS, REQUESTS = 3, 12
"""Programs at once, and how many readers each of them brings."""


@pytest.fixture
def mailboxes() -> Mailboxes:
    return Mailboxes()


@pytest.fixture
def digest(tmp_path: Path, address: str, mailboxes: Mailboxes) -> Iterator[CommandLine]:
    with serve(mailboxes) as port:
        digest = CommandLine(tmp_path, port)
        digest.environment |= {
            "DIGEST_DATABASE_URL": address,
            "DIGEST_API_TOKEN": TOKEN,
            "DIGEST_WEB_PORT": str(free_port()),
            "DIGEST_SOURCES": "page.txt",
        }
        (tmp_path / "page.txt").write_text(page_of("ABCDEF"), encoding="utf-8")
        digest.import_subscribers(READERS)
        digest("ingest")
        digest("publish")
        yield digest


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_up(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def work(address: str, program: int) -> Counter[int]:
    """Bring readers, change them, look at what happens, and remove an old reader each time."""
    statuses = Counter[int]()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=f"{address}/api/manage", headers=headers, timeout=60) as client:
        for number in range(REQUESTS):
            new = {"email": f"new{program}-{number}@example.org", "confirmed": True}
            added = client.post("/subscribers", json=new)
            old = {"email": f"reader{READERS - 1 - program * REQUESTS - number}@example.org"}
            answers = [
                added,
                client.patch(f"/subscribers/{added.json()['id']}", json={"hour": 3}),
                client.post("/addresses/remove", json=old),
                client.get("/subscribers?limit=500"),
                client.get("/runs"),
            ]
            statuses.update(answer.status_code for answer in answers)
    return statuses


@pytest.mark.slow
@pytest.mark.parametrize("kind", SHARED_STORES, indirect=True)
def test_programs_are_answered_while_the_daemon_sends(
    digest: CommandLine, mailboxes: Mailboxes
) -> None:
    address = f"http://127.0.0.1:{digest.environment['DIGEST_WEB_PORT']}"
    mailboxes.pause = 0.05
    daemon = digest.start("daemon")
    try:
        until(lambda: is_up(address))
        until(lambda: len(mailboxes.recipients) > 5)
        with ThreadPoolExecutor(PROGRAMS) as pool:
            statuses = sum(
                pool.map(lambda program: work(address, program), range(PROGRAMS)), Counter[int]()
            )
        sending = len(mailboxes.recipients) < READERS - PROGRAMS * REQUESTS
        mailboxes.pause = 0.0
        until(lambda: digest.deliveries()["planned"] + digest.deliveries()["sending"] == 0)
    finally:
        daemon.send_signal(signal.SIGTERM)
        _, complaint = daemon.communicate(timeout=60)
    assert sending, "the daemon was done before the programs were"
    assert statuses == {201: PROGRAMS * REQUESTS, 200: 4 * PROGRAMS * REQUESTS}
    assert "Traceback" not in complaint
    assert "@example.org" not in complaint
    removed = {f"reader{READERS - 1 - n}@example.org" for n in range(PROGRAMS * REQUESTS)}
    got = Counter(mailboxes.recipients)
    assert max(got.values()) == 1
    assert {f"reader{n}@example.org" for n in range(READERS)} - removed <= set(got)
    assert not any(name.startswith("new") for name in got)
    outcome = digest.deliveries()
    assert outcome["accepted"] + outcome["excluded"] == READERS == outcome["planned_at_start"]
