"""The cost of readers with a taste to sending: mails a second to a plain sink, with and without.

    python tests/bench/taste_sending.py [READERS] [SEEDS] [ROUNDS]

The same readers and editions twice in each round: once nobody has a taste and all share one mail, once
each has so many seeds of their own, ranked when the audience was frozen. Only sending is timed: leases,
composing, SMTP, the ledger and the journal. Needs `smtp-sink` (Debian's package postfix) in the path.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# In place of this folder, where a module of the same name would hide the tests' own.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench.tastes import prepare  # noqa: E402
from factories import NOW  # noqa: E402
from installation import KEYS  # noqa: E402
from mail.sample_editions import LIST  # noqa: E402

from digest.daily.deliver import DeliverOptions, deliver  # noqa: E402
from digest.daily.delivery_settings import DeliverySettings  # noqa: E402
from digest.daily.freeze_audience import freeze_audience  # noqa: E402
from digest.delivery.send_limits import SendLimits  # noqa: E402
from digest.delivery.smtp import RelaySettings, SmtpTransport  # noqa: E402
from digest.tls import Security  # noqa: E402

CONNECTIONS = 4


@contextmanager
def sink() -> Iterator[int]:
    """The port of a server that takes every mail and keeps none."""
    program = shutil.which("smtp-sink") or sys.exit("smtp-sink is not in the path")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = subprocess.Popen([program, "-u", "nobody", f"127.0.0.1:{port}", "100"])
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def sending(port: int, readers: int, seeds: int) -> tuple[float, float]:
    """Mails a second, and milliseconds of this process's processor time a mail."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store, editorial, published = prepare(folder, readers, seeds)
        freeze_audience(store, editorial, published, lambda: NOW)
        relay = RelaySettings("127.0.0.1", port, security=Security.NONE, local_name="bench.test")
        settings = DeliverySettings(
            SmtpTransport(relay), LIST, KEYS, "bounces@list.test",
            limits=SendLimits(connections=CONNECTIONS), journals=folder / "journals",
            sender_files=folder / "senders",
        )  # fmt: skip
        options = DeliverOptions(published.edition.day, ignore_due=True)
        began, used = time.perf_counter(), time.process_time()
        report = deliver(store, editorial, settings, options, clock=lambda: NOW)
        seconds, processor = time.perf_counter() - began, time.process_time() - used
        store.close()
    assert report.sent == readers, report.summary
    return readers / seconds, 1000 * processor / readers


def main(readers: int, seeds: int, rounds: int) -> None:
    with sink() as port:
        for number in range(rounds):
            shared, own = (sending(port, readers, count) for count in (0, seeds))
            print(
                f"round {number + 1}, {readers:,} readers: one mail for all {shared[0]:,.0f} mails/s, "
                f"{shared[1]:.3f} ms of processor each; an order of their own {own[0]:,.0f} mails/s, "
                f"{own[1]:.3f} ms each ({own[0] / shared[0]:.2f} x)",
                flush=True,
            )


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] + ["10000", "20", "2"][len(sys.argv) - 1 :])))
