"""The promise at the front door: five hundred readers, a real server, real processes, real kills."""

from __future__ import annotations

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from installation import page_of
from processes import CommandLine
from smtp_server.mailboxes import Mailboxes, serve

READERS = 500
CONNECTIONS = 2


@pytest.fixture
def mailboxes() -> Mailboxes:
    return Mailboxes()


@pytest.fixture
def digest(tmp_path: Path, mailboxes: Mailboxes) -> Iterator[CommandLine]:
    with serve(mailboxes) as port:
        digest = CommandLine(tmp_path, port, connections=CONNECTIONS)
        (tmp_path / "page.txt").write_text(page_of("ABCDEF"), encoding="utf-8")
        digest.import_subscribers(READERS)
        digest("ingest", "page.txt")
        digest("publish")
        yield digest


def test_everyone_gets_one_mail_and_a_second_send_sends_none(
    digest: CommandLine, mailboxes: Mailboxes
) -> None:
    first = json.loads(digest("send", "--json"))
    assert (first["planned_at_start"], first["accepted"]) == (READERS, READERS)
    digest("send", "--json")
    assert len(set(mailboxes.recipients)) == READERS
    assert set(Counter(mailboxes.recipients).values()) == {1}


@pytest.mark.slow
def test_kills_in_mid_run_lose_nobody_and_leave_at_most_one_in_doubt_for_each_connection(
    digest: CommandLine, mailboxes: Mailboxes
) -> None:
    mailboxes.pause = 0.01
    chance = random.Random(20261120)
    kills = 0
    while len(set(mailboxes.recipients)) < READERS - 60 and kills < 6:
        before = len(set(mailboxes.recipients))
        sender = digest.start("send")
        until = time.monotonic() + 60
        some = chance.randint(20, 80)
        while len(set(mailboxes.recipients)) < before + some and time.monotonic() < until:
            assert sender.poll() is None, sender.communicate()
            time.sleep(0.002)
        sender.send_signal(signal.SIGKILL)
        sender.communicate()
        kills += 1
    mailboxes.pause = 0.0
    assert kills >= 3
    digest("send")
    now = digest.deliveries()
    assert now["accepted"] + now["unknown"] == READERS == now["planned_at_start"]
    assert now["unknown"] <= kills * CONNECTIONS
    assert sum(count > 1 for count in Counter(mailboxes.recipients).values()) == 0
    missing = READERS - len(set(mailboxes.recipients))
    assert missing <= now["unknown"]
    if now["unknown"]:
        assert f"{now['unknown']} mail" in digest("status")


@pytest.mark.slow
def test_a_sender_that_is_asked_to_stop_finishes_the_mail_in_flight(
    digest: CommandLine, mailboxes: Mailboxes
) -> None:
    mailboxes.pause = 0.01
    digest.environment["DIGEST_SOURCES"] = str(digest.folder / "page.txt")
    daemon = digest.start("daemon", "--no-web")
    until = time.monotonic() + 60
    while len(set(mailboxes.recipients)) < 30 and time.monotonic() < until:
        assert daemon.poll() is None, daemon.communicate()
        time.sleep(0.01)
    daemon.send_signal(signal.SIGTERM)
    _, log = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, log
    assert "Traceback" not in log
    assert "@example.org" not in log
    now = digest.deliveries()
    assert now["accepted"] == len(set(mailboxes.recipients)) < READERS
    assert now["unknown"] == now["sending"] == now["leased"] == 0
    mailboxes.pause = 0.0
    digest("send")
    assert set(Counter(mailboxes.recipients).values()) == {1}
    assert len(set(mailboxes.recipients)) == READERS
