"""The sender's memory and time per recipient, as the audience grows.

::

    python tests/bench/memory.py                   # 1,000 and 10,000 and 100,000 readers
    python tests/bench/memory.py 1000 1000000      # takes a while

Each size runs in a process of its own: a real store on disk, the journal, small mails, and a
session that accepts everything at once, so that what is measured is the sender and its ledger.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from delivery.campaign import books, compose

from digest.delivery.dispatch import Limits
from digest.delivery.outbox import drain
from digest.delivery.retry import Place, Reply
from digest.delivery.session import Courier, Mail
from digest.model import (
    Edition,
    EditionKind,
    PlannedDelivery,
    Preferences,
    Rendering,
    SubscriberState,
)
from digest.store import Store, open_store

DAY = date(2026, 11, 20)
KEPT = Reply.of(Place.FINAL, 250, "2.0.0 kept")


class Eager:
    """A session that keeps everything."""

    def __init__(self) -> None:
        self.usable, self.sent = True, 0

    def deliver(self, mail: Mail, courier: Courier) -> None:
        current: Mail | None = mail
        while current is not None:
            courier.begin(current)
            self.sent += 1
            courier.settle(current, KEPT)
            current = courier.take()

    def close(self) -> None:
        pass


class EagerTransport:
    """Opens such sessions."""

    def open(self) -> Eager:
        return Eager()

    def closed(self, session: Eager) -> None:
        session.close()


def audience(store: Store, count: int) -> int:
    """An edition for that many readers, made in parts so that making it needs no memory."""
    now = datetime.now(UTC)
    with store.begin() as unit:
        edition = Edition(EditionKind.DAILY, DAY, (DAY, DAY), (), (), ())
        published = unit.editions.freeze(
            edition, Rendering(1, "Papers", "", {}), published_at=now, expires_at=now + timedelta(1)
        )
    for start in range(0, count, 5000):
        with store.begin() as unit:
            for number in range(start, min(start + 5000, count)):
                unit.subscribers.add(
                    f"reader{number}@list.test",
                    state=SubscriberState.ACTIVE,
                    preferences=Preferences(),
                    now=now,
                    origin="bench",
                )
    with store.begin() as unit:
        unit.outbox.freeze_audience(
            published.id, (PlannedDelivery(number, now) for number in range(1, count + 1)), now
        )
    return published.id


def send(url: str, edition_id: int, journals: str) -> None:
    """The process that is measured."""
    store = open_store(url)
    started = time.perf_counter()
    with books(store, Path(journals).with_name("witness")) as ledger:
        report = drain(
            ledger,
            EagerTransport(),
            compose,
            edition_id=edition_id,
            sender=lambda _: "bounces@list.test",
            limits=Limits(connections=4),
            journals=Path(journals),
        )
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(report.accepted, seconds, peak)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    for count in parser.parse_args().sizes:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/bench.db"
            store = open_store(url)
            store.migrate()
            edition_id = audience(store, count)
            store.close()
            command = [
                sys.executable,
                __file__,
                "--send",
                url,
                str(edition_id),
                f"{folder}/journals",
            ]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            accepted, seconds, peak = map(float, done.stdout.split())
            assert accepted == count
            print(f"{count:9,} readers {peak:7.1f} MB peak {1e6 * seconds / count:8.1f} µs each",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--send"]:
        send(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        main()
