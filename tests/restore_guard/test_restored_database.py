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
from installation import page_of
from processes import CommandLine
from smtp_server.behaviours import Behaviour
from smtp_server.server import Sink

READERS = 60
REASON = "the database is older than this machine remembers"


class RestorableInstallation(CommandLine):
    """Commands on a database that is copied and put back."""

    def page(self, papers: str) -> str:
        """A dump with these papers."""
        path = self.folder / f"{papers}.txt"
        path.write_text(page_of(papers), encoding="utf-8")
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


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink(Behaviour()) as sink:
        yield sink


@pytest.fixture
def digest(tmp_path: Path, sink: Sink) -> RestorableInstallation:
    digest = RestorableInstallation(tmp_path, sink.port)
    digest.import_subscribers(READERS)
    digest("ingest", digest.page("ABC"))
    return digest


def test_nothing_is_sent_without_a_persons_word_and_the_reason_is_shown(
    digest: RestorableInstallation, sink: Sink
) -> None:
    digest("publish")
    digest.copy()
    digest("send")
    assert len(sink.mails) == READERS
    digest.put_back()

    shown = digest("status")
    assert REASON in shown
    assert REASON in digest.refuses("send", "--now")
    assert REASON in digest.refuses("publish")
    digest.environment["DIGEST_SOURCES"] = digest.page("DE")
    assert REASON in digest.refuses("run")
    status = json.loads(digest("status", "--json"))
    assert REASON in status["paused"]
    assert REASON in status["silence"]
    assert len(sink.mails) == READERS

    resumed = digest("resume")
    assert REASON in resumed
    assert "--skip-past" not in resumed  # advice that was for before
    digest("send")
    assert len(sink.mails) == 2 * READERS  # a person said so
    assert json.loads(digest("status", "--json"))["paused"] is None

    digest.put_back()
    assert REASON in digest.refuses("send")
    assert len(sink.mails) == 2 * READERS


@pytest.mark.slow
def test_the_past_is_skipped_if_a_person_wants_it_so(
    digest: RestorableInstallation, sink: Sink
) -> None:
    digest.copy()
    digest.environment["DIGEST_SOURCES"] = digest.page("ABC")
    digest("run")
    digest.put_back()
    assert f"{READERS} mails of earlier editions are not sent" in digest("resume", "--skip-past")
    digest("run")
    digest("send", "--now")
    assert len(sink.mails) == READERS
    now = digest.deliveries()
    assert (now["excluded"], now["planned_at_start"]) == (READERS, READERS)
    assert "may have been sent before a copy was restored" in digest("status")


@pytest.mark.slow
def test_a_copy_made_in_mid_run_is_noticed(digest: RestorableInstallation, sink: Sink) -> None:
    digest("publish")
    sink.behaviour.delay = 0.005
    sender = digest.start("send")
    until = time.monotonic() + 60
    while len(sink.mails) < READERS // 2 and time.monotonic() < until:
        time.sleep(0.002)
    digest.copy()
    _, err = sender.communicate(timeout=120)
    assert sender.returncode == 0, err
    assert len(sink.mails) == READERS
    digest.put_back()
    assert "outcomes, of which it knows" in digest.refuses("send")
    assert len(sink.mails) == READERS


@pytest.mark.slow
def test_the_daemon_says_so_in_its_log_and_waits_for_the_word(
    digest: RestorableInstallation, sink: Sink
) -> None:
    digest("publish")
    digest.copy()
    digest("send")
    digest.put_back()
    digest.environment["DIGEST_SOURCES"] = digest.page("DE")
    daemon = digest.start("daemon", "--no-web")
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
