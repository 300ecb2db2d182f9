"""Against aiosmtpd, a server that somebody else wrote: encryption, login, reuse, refusals."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from delivery.sending import plain_mail, readers, relay, send
from fakes import MemoryOutbox
from smtp_server.server import closed_port

from digest.delivery.smtp import NoSessionError, SmtpTransport
from digest.model import DeliveryState, LeasedDelivery
from digest.tls import Security

ACCEPTED, REJECTED, DEFERRED = (
    DeliveryState.ACCEPTED,
    DeliveryState.REJECTED,
    DeliveryState.DEFERRED,
)


class Mailboxes:
    """Keeps what it gets, unless told to refuse."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.sessions: set[int] = set()
        self.refuse_rcpt: dict[str, str] = {}
        self.refuse_data: dict[str, str] = {}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse_rcpt:
            return self.refuse_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        recipient = envelope.rcpt_tos[0]
        if recipient in self.refuse_data:
            return self.refuse_data[recipient]
        self.sessions.add(id(session))
        self.envelopes.append(envelope)
        return "250 2.0.0 kept"


@contextmanager
def server(boxes: Mailboxes, **values: Any) -> Iterator[int]:
    with closed_port() as free:
        port = free
    controller = Controller(boxes, hostname="localhost", port=port, **values)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def login(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data == LoginPassword(b"digest", b"secret")
    return AuthResult(success=good, handled=good)


def test_each_reader_gets_one_mail_and_a_second_run_sends_none(journals: Path) -> None:
    boxes, ledger = Mailboxes(), MemoryOutbox(readers(500))
    with server(boxes) as port:
        report = send(ledger, relay(port), connections=3, journals=journals)
        again = send(ledger, relay(port), connections=3, journals=journals)
    assert (report.accepted, again.accepted) == (500, 0)
    assert sorted(e.rcpt_tos[0] for e in boxes.envelopes) == sorted(readers(500))
    assert len(boxes.sessions) <= 3
    assert not list(journals.iterdir())


def test_the_bytes_arrive_as_they_were_composed() -> None:
    boxes, ledger = Mailboxes(), MemoryOutbox(readers(3))
    with server(boxes) as port:
        send(ledger, relay(port))
    for envelope in boxes.envelopes:
        number = int(envelope.rcpt_tos[0].removeprefix("reader").partition("@")[0])
        lease = LeasedDelivery(number, 1, ledger.rows[number].subscriber, 1, "")
        assert envelope.original_content == plain_mail(lease)
        assert envelope.mail_from == "bounces@list.test"


def test_starttls_and_login(tls: ssl.SSLContext, ca_file: Path) -> None:
    boxes, ledger = Mailboxes(), MemoryOutbox(readers(20))
    values: dict[str, Any] = {"tls_context": tls, "require_starttls": True}
    with server(boxes, authenticator=login, auth_required=True, **values) as port:
        secured = relay(
            port,
            security=Security.STARTTLS,
            ca_file=ca_file,
            username="digest",
            password="secret",
        )
        report = send(ledger, secured, connections=2)
        facts = SmtpTransport(secured).verify()
    assert report.accepted == len(boxes.envelopes) == 20
    assert "certificate verified" in facts[1]
    assert "logged in as digest" in facts


def test_tls_from_the_first_byte(tls: ssl.SSLContext, ca_file: Path) -> None:
    boxes, ledger = Mailboxes(), MemoryOutbox(readers(20))
    with server(boxes, ssl_context=tls) as port:
        report = send(ledger, relay(port, security=Security.TLS, ca_file=ca_file))
    assert report.accepted == 20


def test_a_wrong_password_pauses_and_is_tried_once(tls: ssl.SSLContext, ca_file: Path) -> None:
    boxes, ledger = Mailboxes(), MemoryOutbox(readers(20))
    tries: list[str] = []

    def refuse(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
        tries.append(mechanism)
        return AuthResult(success=False, handled=False)

    with server(boxes, authenticator=refuse, tls_context=tls, auth_required=True) as port:
        wrong = relay(
            port, security=Security.STARTTLS, ca_file=ca_file, username="digest", password="x"
        )
        report = send(ledger, wrong, connections=4)
    assert report.paused is not None
    assert "535" in report.paused
    # smtplib offers each mechanism that both sides know once.
    assert len(tries) == len(set(tries))
    assert ledger.states() == {DeliveryState.PLANNED: 20}


def test_one_bad_recipient_harms_nobody_else() -> None:
    boxes, ledger = Mailboxes(), MemoryOutbox(readers(100))
    boxes.refuse_rcpt["reader50@example.test"] = "550 5.1.1 no such user"
    boxes.refuse_rcpt["reader60@example.test"] = "451 4.7.1 greylisted, try again in 600 seconds"
    boxes.refuse_data["reader70@example.test"] = "552 5.2.2 mailbox full"
    with server(boxes) as port:
        report = send(ledger, relay(port))
    assert (report.accepted, report.rejected, report.deferred) == (97, 2, 1)
    assert ledger.outcome("reader50@example.test").status == "5.1.1"
    assert ledger.outcome("reader70@example.test").code == 552
    assert report.paused is None


def test_a_server_without_certificate_of_ours_is_not_trusted(tls: ssl.SSLContext) -> None:
    boxes, ledger = Mailboxes(), MemoryOutbox(readers(2))
    with server(boxes, tls_context=tls) as port:
        report = send(ledger, relay(port, security=Security.STARTTLS))
    assert report.halted is not None
    assert "certificate does not verify" in report.halted
    assert ledger.states() == {DeliveryState.PLANNED: 2}


def test_without_starttls_nothing_is_sent() -> None:
    boxes = Mailboxes()
    with server(boxes) as port, pytest.raises(NoSessionError, match="does not offer STARTTLS"):
        SmtpTransport(relay(port, security=Security.STARTTLS, username="a", password="b")).open()
    assert not boxes.envelopes
