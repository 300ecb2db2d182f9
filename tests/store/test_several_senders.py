"""Several senders on one store, as real processes: each reader gets exactly one mail."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fixtures.stores import SHARED_STORES
from installation import Installation
from processes import environment_of, relay_settings, start_digest
from smtp_server.behaviours import Behaviour
from smtp_server.server import Sink
from sqlalchemy import text

from digest import subscriptions
from digest.daily.status import read_status
from digest.model import Preferences, Tally

pytestmark = pytest.mark.parametrize("kind", SHARED_STORES)

READERS = 150
PATIENCE = 120.0
"""Seconds after which something hangs."""


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


class Machines:
    """One store, one relay, and processes that work on them, each as if on a machine of its own."""

    def __init__(self, folder: Path, address: str, sink: Sink) -> None:
        self.folder = folder
        self.address = address
        self.sink = sink
        self.installation = Installation(folder, datetime.now(UTC), address=address)
        self.settings: dict[str, str] = {}

    def publish(self, subscribers: int) -> None:
        """An edition of now, for so many readers."""
        self.installation.subscribe(
            *(f"reader{number}@example.org" for number in range(subscribers))
        )
        self.installation.dump("ABC")
        self.installation.ingest()
        self.installation.publish_editions()

    def start(self, command: str) -> subprocess.Popen[str]:
        number = len(list(self.folder.glob("machine-*")))
        home = self.folder / f"machine-{number}"
        home.mkdir()
        environment = environment_of(
            home,
            DIGEST_DATABASE_URL=self.address,
            **relay_settings(self.sink.port),
            **self.settings,
        )
        return start_digest(command, folder=home, environment=environment)

    @contextmanager
    def at_work(self, command: str, number: int = 2) -> Iterator[list[subprocess.Popen[str]]]:
        """Processes that are gone when the block ends, whatever happens in it."""
        processes = [self.start(command) for _ in range(number)]
        try:
            yield processes
        finally:
            for process in processes:
                if process.poll() is None:
                    process.kill()
                    process.communicate()

    def tally(self) -> Tally:
        with self.installation.store.read() as unit:
            return unit.outbox.tally(1)

    def senders(self) -> int:
        """How many processes an edition's mails were sent by."""
        with self.installation.store.read() as unit:
            query = text("SELECT count(DISTINCT worker) FROM attempts")
            return int(unit.connection.scalar(query) or 0)


def stopped(process: subprocess.Popen[str]) -> str:
    """Ask a process to stop; what it logged."""
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, log
    assert "Traceback" not in log
    assert "@example.org" not in log
    return log


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A relay that answers nobody's first mail before two senders are there."""
    with Sink() as relay:

        def together(_: str) -> None:
            until(lambda: relay.connections >= 2)

        relay.behaviour = Behaviour(final=together)
        yield relay


@pytest.fixture
def machines(tmp_path: Path, address: str, sink: Sink) -> Iterator[Machines]:
    made = Machines(tmp_path, address, sink)
    yield made
    made.installation.store.close()


def test_two_workers_share_the_readers_and_each_gets_one_mail(machines: Machines) -> None:
    machines.publish(READERS)
    with machines.at_work("worker") as workers:
        until(lambda: len(machines.sink.mails) >= READERS)
        logs = [stopped(worker) for worker in workers]
    assert Counter(mail.recipient for mail in machines.sink.mails) == {
        f"reader{number}@example.org": 1 for number in range(READERS)
    }
    assert machines.tally() == Tally(READERS, accepted=READERS)
    assert machines.senders() == 2
    for log in logs:
        assert "kind=daily accepted=" in log
        assert log.endswith("stopped\n")
    # A worker reads, publishes and shows nothing.
    assert "pages at" not in "".join(logs)
    assert read_status(
        machines.installation.store, machines.installation.editorial
    ).runs.keys() == {
        "ingest",
        "publish",
        "send",
    }


def test_two_sends_by_mistake_mail_each_reader_once(machines: Machines) -> None:
    machines.publish(READERS)
    with machines.at_work("send") as senders:
        ends = [sender.communicate(timeout=PATIENCE) for sender in senders]
        assert [sender.returncode for sender in senders] == [0, 0], ends
    assert Counter(mail.recipient for mail in machines.sink.mails) == {
        f"reader{number}@example.org": 1 for number in range(READERS)
    }
    assert machines.tally() == Tally(READERS, accepted=READERS)
    assert machines.senders() == 2


@pytest.mark.slow
def test_all_senders_together_keep_to_the_days_number_of_a_warm_up(machines: Machines) -> None:
    machines.publish(230)
    machines.settings["DIGEST_WARM_UP_FROM"] = f"{datetime.now(UTC):%Y-%m-%d}"
    with machines.at_work("send") as senders:
        ends = [sender.communicate(timeout=PATIENCE) for sender in senders]
        assert [sender.returncode for sender in senders] == [0, 0], ends
    assert len(machines.sink.mails) == 200
    assert machines.tally() == Tally(230, accepted=200, planned=30)
    assert any("warm-up: 200 mails today and no more" in out for out, _ in ends)


@pytest.mark.slow
def test_two_workers_post_each_letter_once(machines: Machines) -> None:
    machines.settings["DIGEST_BASE_URL"] = "https://papers.example.org"
    addresses = [f"new{number}@example.org" for number in range(80)]
    for email in addresses:
        subscriptions.add_subscriber(
            machines.installation.store,
            subscriptions.NewSubscriber(email, Preferences(), confirmed=False),
            now=datetime.now(UTC),
        )
    with machines.at_work("worker") as workers:
        until(lambda: len(machines.sink.mails) >= len(addresses))
        for worker in workers:
            stopped(worker)
    assert Counter(mail.recipient for mail in machines.sink.mails) == dict.fromkeys(addresses, 1)


@pytest.mark.slow
def test_a_worker_that_is_asked_to_stop_finishes_the_mail_in_flight(
    machines: Machines, sink: Sink
) -> None:
    asked: list[float] = []

    def late(_: str) -> None:
        until(lambda: bool(asked) and time.monotonic() > asked[0] + 0.5)

    sink.behaviour = Behaviour(final=late)
    machines.publish(20)
    with machines.at_work("worker", 1) as (worker,):
        until(lambda: any(command == "DATA" for command in sink.commands))
        asked.append(time.monotonic())
        stopped(worker)
    tally = machines.tally()
    assert 1 <= len(sink.mails) <= 2
    assert tally == Tally(20, accepted=len(sink.mails), planned=20 - len(sink.mails))
