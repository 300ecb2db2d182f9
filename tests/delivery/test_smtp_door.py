"""The relay's door by itself: what `digest check` sees, and configuration that cannot work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from delivery.ledger import MemoryLedger
from delivery.sending import plain_mail, readers, relay, send
from delivery.sink import Manners, Sink

from digest.delivery.dispatch import Limits
from digest.delivery.smtp import NoSessionError, Security, SmtpTransport
from digest.errors import ConfigurationError, RelayUnavailableError
from digest.model import DeliveryState

S = DeliveryState


def test_a_look_at_the_relay() -> None:
    with Sink() as sink:
        facts = SmtpTransport(relay(sink.port)).verify()
    assert facts[0] == f"localhost:{sink.port} answers"
    assert facts[1] == "NOT encrypted, as configured"
    assert "PIPELINING" in facts[2]


def test_a_relay_that_hangs_up_instead_of_saying_goodbye() -> None:
    with Sink(Manners()) as sink:
        sink.manners.features = ()
        facts = SmtpTransport(relay(sink.port)).verify()
    assert facts[-1] == "offers no extensions"


def test_trouble_is_of_the_kind_that_is_tried_again() -> None:
    with Sink(Manners(greeting="421 busy")) as sink:
        with pytest.raises(RelayUnavailableError, match="greeting: 421") as caught:
            SmtpTransport(relay(sink.port)).open()
        assert isinstance(caught.value, NoSessionError)


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no certificates can be read"):
        SmtpTransport(relay(1, security=Security.TLS, ca_file=tmp_path / "none.pem"))


def test_a_password_beyond_ascii_is_named_before_it_is_mangled() -> None:
    with Sink(Manners(users={"digest": "x"})) as sink:
        transport = SmtpTransport(relay(sink.port, username="digest", password="pässword"))
        with pytest.raises(ConfigurationError, match="letters beyond ASCII"):
            transport.open()


def test_the_password_is_in_no_text_of_the_relay() -> None:
    assert "secret" not in repr(relay(1, password="secret"))


def test_a_mail_with_nothing_in_it_is_not_sent() -> None:
    ledger = MemoryLedger(readers(5))
    with Sink() as sink:
        report = send(
            ledger,
            relay(sink.port),
            compose=lambda lease: None if lease.id == 3 else plain_mail(lease),
        )
    assert (report.accepted, report.excluded) == (4, 1)
    assert ledger.rows[3].outcomes[-1].reply == "nothing for this reader"


def test_one_mail_that_cannot_be_composed_harms_no_other() -> None:
    ledger = MemoryLedger(readers(5))

    def compose(lease: Any) -> bytes:
        if lease.id == 3:
            raise KeyError("a piece is missing")
        return plain_mail(lease)

    with Sink() as sink:
        report = send(ledger, relay(sink.port), compose=compose)
    assert (report.accepted, report.deferred) == (4, 1)
    assert "KeyError" in ledger.rows[3].outcomes[-1].reply


def test_many_mails_that_cannot_be_composed_are_a_bug_and_say_so() -> None:
    ledger = MemoryLedger(readers(50))

    def compose(_: Any) -> bytes:
        raise KeyError("a piece is missing")

    with Sink() as sink, pytest.raises(KeyError):
        send(ledger, relay(sink.port), compose=compose)
    assert S.SENDING not in ledger.states()
    assert S.LEASED not in ledger.states()


def test_progress_is_told() -> None:
    told: list[Any] = []
    with Sink() as sink:
        send(MemoryLedger(readers(300)), relay(sink.port), progress=told.append)
    assert told[-1].accepted == told[-1].done == 300
    assert told[-1].left == 0
    assert told[-1].per_second > 0
    assert told[-1].seconds_left == 0
    assert [step.done for step in told] == sorted(step.done for step in told)


def test_a_bug_in_a_session_comes_to_light() -> None:
    class Broken:
        usable, sent = True, 0

        def deliver(self, mail: Any, courier: Any) -> None:
            raise ZeroDivisionError

        def close(self) -> None:
            pass

    class Transport:
        def open(self) -> Broken:
            return Broken()

        def closed(self, session: Broken) -> None:
            session.close()

    from digest.delivery.outbox import drain

    with pytest.raises(ZeroDivisionError):
        drain(
            MemoryLedger(readers(3)),
            Transport(),
            plain_mail,
            edition_id=1,
            sender=lambda _: "b@c.d",
        )


def test_leases_that_grew_old_in_the_queue_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from digest.delivery.pace import Rates

    ledger = MemoryLedger(readers(6))
    limits = Limits(connections=1, rates=Rates(total=5), lease_for=timedelta(seconds=0.5))
    with Sink() as sink:
        report = send(ledger, relay(sink.port), limits=limits)
    assert report.accepted + report.released == 6
    assert report.released > 0
    assert ledger.states()[S.PLANNED] == report.released
