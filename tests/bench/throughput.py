"""Mails a second to a plain sink, beside other senders, in one run on the same machine.

::

    python tests/bench/throughput.py --postfix DIR --nodemailer DIR

``--postfix`` is where Debian's package was unpacked (``apt-get download postfix; dpkg-deb -x``); it
brings the sink, ``smtp-sink``, and ``smtp-source`` to compare with. ``--nodemailer`` is a folder in
which ``npm install nodemailer`` was run. Ours sends personal mails from the real composer, from a
real store, its ledger and journal written; the others only send.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.crowd import crowd, freeze
from chaos.sender_process import open_outbox
from mail import sample_editions

from digest.daily.subscriber_mail import mail_recipient
from digest.delivery.drain import drain
from digest.delivery.send_job import SendJob
from digest.delivery.send_limits import SendLimits
from digest.delivery.smtp import RelaySettings, SmtpTransport
from digest.mail.tokens import sign_token
from digest.model import LeasedDelivery
from digest.store import open_store
from digest.tls import Security

SIZE = 40_000
KEYS = ("bench-key-bench-key-bench-key-00",)

NODE = """
const nodemailer = require('nodemailer');
const [port, count, connections, size] = process.argv.slice(1).map(Number);
const pool = nodemailer.createTransport({host: '127.0.0.1', port, pool: true, secure: false,
  ignoreTLS: true, maxConnections: connections, maxMessages: Infinity});
const text = 'A line of an abstract that is about seventy characters long, as usual.\\n';
const part = text.repeat(Math.floor(size * 0.45 / text.length));
const started = process.hrtime.bigint();
let next = 0;
async function one() {
  while (next < count) {
    const number = next++;
    const link = `https://list.test/unsubscribe/${number}`;
    await pool.sendMail({from: 'list@list.test', to: `reader${number}@list.test`,
      envelope: {from: 'bounces@list.test', to: `reader${number}@list.test`},
      subject: 'Papers', text: part + link, html: '<pre>' + part + link + '</pre>',
      headers: {'List-Unsubscribe': `<${link}>`}});
  }
}
Promise.all(Array.from({length: connections * 2}, one)).then(() => {
  console.log(count / (Number(process.hrtime.bigint() - started) / 1e9));
  pool.close();
});
"""


@dataclass(frozen=True)
class Speed:
    """Mails a second, and seconds of processor a mail: other load does not count in the latter."""

    rate: float
    processor: float


class Watch:
    """What this process and its finished children use from now on."""

    def __init__(self) -> None:
        self._started, self._used = time.perf_counter(), self._processor()

    def speed(self, count: int) -> Speed:
        seconds = time.perf_counter() - self._started
        return Speed(count / seconds, (self._processor() - self._used) / count)

    @staticmethod
    def _processor() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime


class Bench:
    """One sink, and every sender in turn."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.connections = asked.connections
        edition = sample_editions.edition(papers=asked.papers)
        self.composer = sample_editions.composer(edition)
        self.selection = sample_editions.general_selection(edition)
        line = b"A line of an abstract that is about seventy characters long, as usual.\r\n"
        self.half = line * (SIZE // 2 // len(line))

    def _mail(self, delivery: LeasedDelivery) -> bytes:
        letterhead = sample_editions.LIST
        return self.composer.compose(
            self.selection, mail_recipient(delivery.subscriber, letterhead, KEYS)
        )

    def _joined(self, delivery: LeasedDelivery) -> bytes:
        """The same sizes with the least that a composer can do: join frozen pieces."""
        subscriber, token = (
            delivery.subscriber,
            sign_token("unsubscribe", delivery.subscriber.id, KEYS),
        )
        link = f"https://list.test/unsubscribe/{token}"
        head = (
            f"From: list@list.test\r\nTo: {subscriber.email}\r\nSubject: Papers\r\n"
            f"Message-ID: <1.{subscriber.id}@list.test>\r\nList-Unsubscribe: <{link}>\r\n\r\n"
        ).encode()
        return b"".join((head, self.half, link.encode(), self.half, link.encode(), b"\r\n"))

    def ours(self, port: int, count: int) -> Speed:
        return self._drained(port, count, self._mail)

    def ours_joined(self, port: int, count: int) -> Speed:
        return self._drained(port, count, self._joined)

    def _drained(self, port: int, count: int, compose: Callable[[LeasedDelivery], bytes]) -> Speed:
        with tempfile.TemporaryDirectory() as folder:
            store = open_store(f"sqlite:///{folder}/bench.db")
            store.migrate()
            edition_id = crowd(store, count)
            freeze(store, edition_id)
            relay = RelaySettings(
                "127.0.0.1", port, security=Security.NONE, local_name="bench.test"
            )
            watch = Watch()
            with open_outbox(store, Path(folder) / "witness") as ledger:
                report = drain(
                    ledger,
                    SmtpTransport(relay),
                    SendJob(
                        edition_id,
                        compose,
                        lambda lease: f"bounces+{lease.id}@list.test",
                        limits=SendLimits(connections=self.connections),
                        journals=Path(folder) / "journals",
                    ),
                )
            speed = watch.speed(count)
            store.close()
        assert report.accepted == count, report
        return speed

    def _message(self, number: int) -> EmailMessage:
        line = "A line of an abstract that is about seventy characters long, as usual.\n"
        part = line * int(SIZE * 0.45 / len(line))
        link = f"https://list.test/unsubscribe/{number}"
        message = EmailMessage()
        message["From"], message["To"] = "list@list.test", f"reader{number}@list.test"
        message["Subject"], message["List-Unsubscribe"] = "Papers", f"<{link}>"
        message.set_content(part + link)
        message.add_alternative(f"<pre>{part}{link}</pre>", subtype="html")
        return message

    def smtplib_each(self, port: int, count: int) -> Speed:
        watch = Watch()
        for number in range(count):
            with smtplib.SMTP("127.0.0.1", port, "bench.test") as smtp:
                smtp.send_message(self._message(number), from_addr="bounces@list.test")
        return watch.speed(count)

    def smtplib_one(self, port: int, count: int) -> Speed:
        watch = Watch()
        with smtplib.SMTP("127.0.0.1", port, "bench.test") as smtp:
            for number in range(count):
                smtp.send_message(self._message(number), from_addr="bounces@list.test")
        return watch.speed(count)

    def nodemailer(self, port: int, count: int) -> Speed:
        command = [
            "node",
            "-e",
            NODE,
            "--",
            str(port),
            str(count),
            str(self.connections),
            str(SIZE),
        ]
        environment = {**os.environ, "NODE_PATH": str(self.asked.nodemailer / "node_modules")}
        watch = Watch()
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=300
        )
        return Speed(float(done.stdout), watch.speed(count).processor)

    def smtp_source(self, port: int, count: int) -> Speed:
        command = [
            str(self.asked.postfix / "usr/sbin/smtp-source"), "-d", "-s", str(self.connections),
            "-m", str(count), "-l", str(SIZE), "-f", "a@list.test", "-t", "b@list.test",
            f"127.0.0.1:{port}",
        ]  # fmt: skip
        watch = Watch()
        subprocess.run(command, env=self._libraries(), check=True, timeout=300)
        return watch.speed(count)

    def _libraries(self) -> dict[str, str]:
        return {**os.environ, "LD_LIBRARY_PATH": str(self.asked.postfix / "usr/lib/postfix")}

    @contextlib.contextmanager
    def sink(self) -> Iterator[int]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        command = [str(self.asked.postfix / "usr/sbin/smtp-sink")]
        command += ["-u", "nobody"] if os.getuid() == 0 else []
        process = subprocess.Popen([*command, f"127.0.0.1:{port}", "100"], env=self._libraries())
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postfix", type=Path, required=True)
    parser.add_argument("--nodemailer", type=Path)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--papers", type=int, default=18)
    asked = parser.parse_args()
    bench = Bench(asked)
    senders: list[tuple[str, Callable[[int, int], Speed], int]] = [
        ("ours", bench.ours, asked.count),
        ("ours, mails only joined", bench.ours_joined, asked.count),
        ("smtp-source", bench.smtp_source, asked.count),
        ("smtplib, a connection each", bench.smtplib_each, asked.count // 20),
        ("smtplib, one connection", bench.smtplib_one, asked.count // 20),
    ]
    if asked.nodemailer is not None:
        senders.append(("nodemailer pool", bench.nodemailer, asked.count // 4))
    speeds: dict[str, list[Speed]] = {name: [] for name, _, _ in senders}
    with bench.sink() as port:
        for number in range(asked.rounds):
            for name, send, count in senders:
                speed = send(port, count)
                speeds[name].append(speed)
                print(f"round {number + 1}  {name:28} {speed.rate:9.0f} mails/s", flush=True)
    print(f"\nmedian of {asked.rounds}, {asked.connections} connections")
    ours = statistics.median(speed.rate for speed in speeds["ours"])
    for name, seen in speeds.items():
        rate = statistics.median(speed.rate for speed in seen)
        processor = 1000 * min(speed.processor for speed in seen)
        print(
            f"{name:28} {rate:9.0f} mails/s   ours is {ours / rate:5.2f} ×"
            f"   {processor:7.3f} ms of processor a mail"
        )


if __name__ == "__main__":
    main()
