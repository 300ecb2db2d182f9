"""Yesterday's copy at the front door: real processes, a real server, a real backup put back."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from installation import ABOUTS, abstract
from smtp_server.behaviours import Behaviour
from smtp_server.server import Sink
from test_promise import House

READERS = 60
REASON = "the database is older than this machine remembers"


class Installation(House):
    """A house with its readers, and copies of its database."""

    def page(self, papers: str) -> str:
        """A dump with these papers."""
        lines = ["Daily Papers", ""]
        for letter in papers:
            lines += [ABOUTS[letter][0], "", abstract(letter), ""]
        path = self.folder / f"{papers}.txt"
        path.write_text("\n".join(lines), encoding="utf-8")
        return str(path)

    def copy(self) -> None:
        """What a nightly backup does, also while a sender is at work."""
        live, copy = (sqlite3.connect(self.folder / name) for name in ("digest.db", "copy.db"))
        with closing(live), closing(copy):
            live.backup(copy)

    def put_back(self) -> None:
        """What an operator does in the morning."""
        for beside in ("", "-wal", "-shm"):
            (self.folder / f"digest.db{beside}").unlink(missing_ok=True)
        shutil.copy(self.folder / "copy.db", self.folder / "digest.db")

    def refuses(self, *arguments: str) -> str:
        """What a command says that ends with status 1."""
        ran = self.start(*arguments)
        _, err = ran.communicate(timeout=120)
        assert ran.returncode == 1, err
        assert "Traceback" not in err
        return err


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink(Behaviour()) as sink:
        yield sink


@pytest.fixture
def house(tmp_path: Path, sink: Sink) -> Installation:
    house = Installation(tmp_path, sink.port)
    readers = [f"reader{number}@example.org" for number in range(READERS)]
    (tmp_path / "readers.csv").write_text("\n".join(["email", *readers]), encoding="utf-8")
    house("subscribers", "import", "--confirmed", "readers.csv")
    house("ingest", house.page("ABC"))
    return house


def test_nothing_is_sent_without_a_persons_word_and_the_reason_is_shown(
    house: Installation, sink: Sink
) -> None:
    house("publish")
    house.copy()
    house("send")
    assert len(sink.mails) == READERS
    house.put_back()

    shown = house("status")
    assert REASON in shown
    assert REASON in house.refuses("send", "--now")
    assert REASON in house.refuses("publish")
    house.environment["DIGEST_SOURCES"] = house.page("DE")
    assert REASON in house.refuses("run")
    status = json.loads(house("status", "--json"))
    assert REASON in status["paused"]
    assert REASON in status["silence"]
    assert len(sink.mails) == READERS

    resumed = house("resume")
    assert REASON in resumed
    assert "--skip-past" not in resumed  # advice that was for before
    house("send")
    assert len(sink.mails) == 2 * READERS  # a person said so
    assert json.loads(house("status", "--json"))["paused"] is None

    house.put_back()
    assert REASON in house.refuses("send")
    assert len(sink.mails) == 2 * READERS


def test_the_past_is_skipped_if_a_person_wants_it_so(house: Installation, sink: Sink) -> None:
    house.copy()
    house.environment["DIGEST_SOURCES"] = house.page("ABC")
    house("run")
    house.put_back()
    assert f"{READERS} mails of earlier editions are not sent" in house("resume", "--skip-past")
    house("run")
    house("send", "--now")
    assert len(sink.mails) == READERS
    now = house.deliveries()
    assert (now["excluded"], now["planned_at_start"]) == (READERS, READERS)
    assert "may have been sent before a copy was restored" in house("status")


def test_a_copy_made_in_mid_run_is_noticed(house: Installation, sink: Sink) -> None:
    house("publish")
    sink.behaviour.delay = 0.005
    sender = house.start("send")
    until = time.monotonic() + 60
    while len(sink.mails) < READERS // 2 and time.monotonic() < until:
        time.sleep(0.002)
    house.copy()
    _, err = sender.communicate(timeout=120)
    assert sender.returncode == 0, err
    assert len(sink.mails) == READERS
    house.put_back()
    assert "outcomes, of which it knows" in house.refuses("send")
    assert len(sink.mails) == READERS


def test_the_daemon_says_so_in_its_log_and_waits_for_the_word(
    house: Installation, sink: Sink
) -> None:
    house("publish")
    house.copy()
    house("send")
    house.put_back()
    house.environment["DIGEST_SOURCES"] = house.page("DE")
    daemon = house.start("daemon", "--no-web")
    assert daemon.stderr is not None
    guard = threading.Timer(60, daemon.kill)
    guard.start()
    log = ""
    while REASON not in log and (line := daemon.stderr.readline()):
        log += line
    guard.cancel()
    daemon.send_signal(signal.SIGTERM)
    daemon.communicate(timeout=60)
    assert daemon.returncode == 0
    assert f"sending is paused: {REASON}" in log
    assert len(sink.mails) == READERS
