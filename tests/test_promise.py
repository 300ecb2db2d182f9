"""The promise at the front door: five hundred readers, a real server, real processes, real kills."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from installation import ABOUTS, abstract

READERS = 500
CONNECTIONS = 2


class SlowMailboxes:
    """Counts the mails for each reader; takes a moment for each, so that a kill finds work."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()
        self.pause = 0.0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        import asyncio

        self.got.update(envelope.rcpt_tos)
        if self.pause:
            await asyncio.sleep(self.pause)
        return "250 2.0.0 kept"


class House:
    """``digest`` as an operator runs it: one process a command, settings in the environment."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DIGEST_DATABASE_URL": f"sqlite:///{folder / 'digest.db'}",
            "DIGEST_STATE_FOLDER": str(folder / "state"),
            "DIGEST_SMTP_HOST": "127.0.0.1",
            "DIGEST_SMTP_PORT": str(port),
            "DIGEST_SMTP_SECURITY": "none",
            "DIGEST_SMTP_CONNECTIONS": str(CONNECTIONS),
            "DIGEST_SENDER": "papers@example.org",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", "from digest.cli import main; main()", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out

    def deliveries(self) -> dict[str, Any]:
        (edition,) = json.loads(self("status", "--json"))["editions"]
        assert edition["balanced"]
        return dict(edition["deliveries"])


@pytest.fixture
def boxes() -> SlowMailboxes:
    return SlowMailboxes()


@pytest.fixture
def house(tmp_path: Path, boxes: SlowMailboxes) -> Iterator[House]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(boxes, hostname="127.0.0.1", port=port)
    server.start()
    house = House(tmp_path, port)
    page = ["Daily Papers", ""]
    for letter in "ABCDEF":
        page += [ABOUTS[letter][0], "", abstract(letter), ""]
    (tmp_path / "page.txt").write_text("\n".join(page), encoding="utf-8")
    readers = [f"reader{number}@example.org" for number in range(READERS)]
    (tmp_path / "readers.csv").write_text("\n".join(["email", *readers]), encoding="utf-8")
    house("subscribers", "import", "--confirmed", "readers.csv")
    house("ingest", "page.txt")
    house("publish")
    yield house
    server.stop()


def test_everyone_gets_one_mail_and_a_second_send_sends_none(
    house: House, boxes: SlowMailboxes
) -> None:
    first = json.loads(house("send", "--json"))
    assert (first["planned_at_start"], first["accepted"]) == (READERS, READERS)
    house("send", "--json")
    assert len(boxes.got) == READERS
    assert set(boxes.got.values()) == {1}


@pytest.mark.slow
def test_kills_in_mid_run_lose_nobody_and_leave_at_most_one_in_doubt_for_each_connection(
    house: House, boxes: SlowMailboxes
) -> None:
    boxes.pause = 0.01
    chance = random.Random(20261120)
    kills = 0
    while len(boxes.got) < READERS - 60 and kills < 6:
        before = len(boxes.got)
        sender = house.start("send")
        until = time.monotonic() + 60
        some = chance.randint(20, 80)
        while len(boxes.got) < before + some and time.monotonic() < until:
            assert sender.poll() is None, sender.communicate()
            time.sleep(0.002)
        sender.send_signal(signal.SIGKILL)
        sender.communicate()
        kills += 1
    boxes.pause = 0.0
    assert kills >= 3
    house("send")
    now = house.deliveries()
    assert now["accepted"] + now["unknown"] == READERS == now["planned_at_start"]
    assert now["unknown"] <= kills * CONNECTIONS
    assert sum(count > 1 for count in boxes.got.values()) == 0
    missing = READERS - len(boxes.got)
    assert missing <= now["unknown"]
    if now["unknown"]:
        assert f"{now['unknown']} mail" in house("status")


@pytest.mark.slow
def test_a_sender_that_is_asked_to_stop_finishes_the_mail_in_flight(
    house: House, boxes: SlowMailboxes
) -> None:
    boxes.pause = 0.01
    house.environment["DIGEST_SOURCES"] = str(house.folder / "page.txt")
    daemon = house.start("daemon", "--no-web")
    until = time.monotonic() + 60
    while len(boxes.got) < 30 and time.monotonic() < until:
        assert daemon.poll() is None, daemon.communicate()
        time.sleep(0.01)
    daemon.send_signal(signal.SIGTERM)
    _, log = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, log
    assert "Traceback" not in log
    assert "@example.org" not in log
    now = house.deliveries()
    assert now["accepted"] == len(boxes.got) < READERS
    assert now["unknown"] == now["sending"] == now["leased"] == 0
    boxes.pause = 0.0
    house("send")
    assert set(boxes.got.values()) == {1}
    assert len(boxes.got) == READERS
