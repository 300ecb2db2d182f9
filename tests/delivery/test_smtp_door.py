"""The relay's door by itself: what `digest check` sees, and configuration that cannot work."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any

import pytest
from delivery.sending import HASTY, plain_mail, readers, relay, send
from fakes import MemoryOutbox
from smtp_server.behaviours import Behaviour
from smtp_server.server import Sink

from digest.delivery.send_limits import SendLimits
from digest.delivery.smtp import NoSessionError, SmtpTransport
from digest.errors import ConfigurationError, RelayUnavailableError
from digest.model import DeliveryState
from digest.tls import Security

S = DeliveryState


def test_a_look_at_the_relay() -> None:
    with Sink() as sink:
        facts = SmtpTransport(relay(sink.port)).verify()
    assert facts[0] == f"localhost:{sink.port} answers"
    assert facts[1] == "NOT encrypted, as configured"
    assert "PIPELINING" in facts[2]


def test_a_relay_that_hangs_up_instead_of_saying_goodbye() -> None:
    with Sink(Behaviour()) as sink:
        sink.behaviour.features = ()
        facts = SmtpTransport(relay(sink.port)).verify()
    assert facts[-1] == "offers no extensions"


def test_trouble_is_of_the_kind_that_is_tried_again() -> None:
    with Sink(Behaviour(greeting="421 busy")) as sink:
        with pytest.raises(RelayUnavailableError, match="greeting: 421") as caught:
            SmtpTransport(relay(sink.port)).open()
        assert isinstance(caught.value, NoSessionError)


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no certificates can be read"):
        SmtpTransport(relay(1, security=Security.TLS, ca_file=tmp_path / "none.pem"))


def test_a_password_beyond_ascii_is_named_before_it_is_mangled() -> None:
    with Sink(Behaviour(users={"digest": "x"})) as sink:
        transport = SmtpTransport(relay(sink.port, username="digest", password="pässword"))
        with pytest.raises(ConfigurationError, match="letters beyond ASCII"):
            transport.open()


def test_the_password_is_in_no_text_of_the_relay() -> None:
    assert "secret" not in repr(relay(1, password="secret"))


def test_a_mail_with_nothing_in_it_is_not_sent() -> None:
    ledger = MemoryOutbox(readers(5))
    with Sink() as sink:
        report = send(
            ledger,
            relay(sink.port),
            compose=lambda lease: None if lease.id == 3 else plain_mail(lease),
        )
    assert (report.accepted, report.excluded) == (4, 1)
    assert ledger.rows[3].outcomes[-1].reason == "nothing for this reader"


def test_one_mail_that_cannot_be_composed_harms_no_other() -> None:
    ledger = MemoryOutbox(readers(5))

    def compose(lease: Any) -> bytes:
        if lease.id == 3:
            raise KeyError("a piece is missing")
        return plain_mail(lease)

    with Sink() as sink:
        report = send(ledger, relay(sink.port), compose=compose)
    assert (report.accepted, report.deferred) == (4, 1)
    assert "KeyError" in ledger.rows[3].outcomes[-1].reason


def test_many_mails_that_cannot_be_composed_are_a_bug_and_say_so() -> None:
    ledger = MemoryOutbox(readers(50))

    def compose(_: Any) -> bytes:
        raise KeyError("a piece is missing")

    with Sink() as sink, pytest.raises(KeyError):
        send(ledger, relay(sink.port), compose=compose)
    assert S.SENDING not in ledger.states()
    assert S.LEASED not in ledger.states()


def test_progress_is_told() -> None:
    told: list[Any] = []
    with Sink() as sink:
        send(MemoryOutbox(readers(300)), relay(sink.port), progress=told.append)
    assert told[-1].accepted == told[-1].done == 300
    assert told[-1].left == 0
    assert told[-1].per_second > 0
    assert told[-1].seconds_left == 0
    assert [step.done for step in told] == sorted(step.done for step in told)


def test_a_bug_in_a_session_comes_to_light() -> None:
    class Broken:
        usable, sent = True, 0

        def deliver(self, mail: Any, client: Any) -> None:
            raise ZeroDivisionError

        def close(self) -> None:
            pass

    class Transport:
        def open(self) -> Broken:
            return Broken()

        def closed(self, session: object) -> None:
            pass

    from digest.delivery.drain import drain
    from digest.delivery.send_job import SendJob

    with pytest.raises(ZeroDivisionError):
        drain(MemoryOutbox(readers(3)), Transport(), SendJob(1, plain_mail, lambda _: "b@c.d"))


def test_leases_that_grew_old_in_the_queue_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from digest.delivery.rate_limit import RateLimits

    ledger = MemoryOutbox(readers(6))
    limits = SendLimits(connections=1, rates=RateLimits(total=5), lease_for=timedelta(seconds=0.5))
    with Sink() as sink:
        report = send(ledger, relay(sink.port), limits=limits)
    assert report.accepted + report.released == 6
    assert report.released > 0
    assert ledger.states()[S.PLANNED] == report.released


# Relays that never come to an end, or to the point.


@contextmanager
def talking(*chapters: Iterable[bytes], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A relay that begins with the first of these, and says the next after each line it hears.

    With ``tls`` it is encrypted after the second.
    """
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            while True:
                try:
                    connection = listening.accept()[0]
                except OSError:
                    return
                with contextlib.suppress(OSError), connection:
                    converse(connection)

        def converse(connection: socket.socket) -> None:
            for number, chapter in enumerate(chapters):
                for piece in chapter:
                    connection.sendall(piece)
                if number == 2 and tls is not None:
                    with tls.wrap_socket(connection, server_side=True) as encrypted:
                        encrypted.recv(4096)
                    return
                if not connection.recv(4096):
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]


def drip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        time.sleep(0.05)


GREETING = (b"220 relay.test ESMTP\r\n",)
NEVER_ENDING: dict[str, Callable[[], tuple[Iterable[bytes], ...]]] = {
    "greeting": lambda: (repeat(b"220-" + b"welcome " * 60 + b"\r\n"),),
    "line": lambda: (repeat(b"220" + b"x" * 5000),),
    "slow greeting": lambda: (drip(repeat(b"220-w\r\n")),),
    "slow line": lambda: (drip(chain([b"220 "], repeat(b"x"))),),
    "keywords": lambda: (GREETING, (b"250-KEYWORD%d of many\r\n" % n for n in count())),
    "slow keywords": lambda: (GREETING, drip(repeat(b"250-SIZE\r\n"))),
    "answers before questions": lambda: (repeat(b"220 hi\r\n250 SIZE\r\n250 ok\r\n", 1),),
    "answers behind the keywords": lambda: (
        GREETING,
        (b"250 SIZE\r\n250 ok\r\n250 ok\r\n354 go\r\n",),
    ),
}


@pytest.mark.parametrize("name", sorted(NEVER_ENDING))
def test_a_relay_without_an_end_is_one_that_is_out_of_reach(name: str) -> None:
    ledger = MemoryOutbox(readers(3))
    impatient = replace(HASTY, greeting=0.5)
    begun = time.monotonic()
    with talking(*NEVER_ENDING[name]()) as port:
        report = send(ledger, relay(port, timeouts=impatient))
    assert time.monotonic() - begun < 20
    assert report.halted is not None
    assert report.halted.isprintable()
    assert len(report.halted) < 300
    assert ledger.states() == {S.PLANNED: 3}


def test_a_farewell_that_steers_a_terminal_is_shown_as_what_it_is() -> None:
    with talking((b"554 no\x1b[2J\x1b]0;me\x07\xe2\x80\xae\r\n",)) as port:
        with pytest.raises(NoSessionError) as caught:
            SmtpTransport(relay(port)).open()
        assert str(caught.value).isprintable()
        assert r"no\x1b[2J" in str(caught.value)


def test_what_was_said_before_the_encryption_is_no_reply_under_it(
    tls: ssl.SSLContext, ca_file: Path
) -> None:
    """A man in the middle who puts a reply behind the one to STARTTLS (CVE-2011-0411)."""
    injected = b"220 go\r\n250-relay\r\n250 AUTH PLAIN\r\n"
    with talking(GREETING, (b"250-relay\r\n250 STARTTLS\r\n",), (injected,), tls=tls) as port:
        transport = SmtpTransport(relay(port, security=Security.STARTTLS, ca_file=ca_file))
        with pytest.raises(NoSessionError, match="before it is asked"):
            transport.open()
