"""Against aiosmtpd, a server that somebody else wrote: encryption, login, reuse, refusals."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from delivery.sending import plain_mail, readers, relay, send
from fakes import MemoryOutbox
from smtp_server.mailboxes import Mailboxes, serve

from digest.delivery.smtp import NoSessionError, SmtpTransport
from digest.model import DeliveryState, LeasedDelivery
from digest.tls import Security

ACCEPTED, REJECTED, DEFERRED = (
    DeliveryState.ACCEPTED,
    DeliveryState.REJECTED,
    DeliveryState.DEFERRED,
)


def login(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data == LoginPassword(b"digest", b"secret")
    return AuthResult(success=good, handled=good)


def test_each_reader_gets_one_mail_and_a_second_run_sends_none(journals: Path) -> None:
    mailboxes, ledger = Mailboxes(), MemoryOutbox(readers(500))
    with serve(mailboxes, host="localhost") as port:
        report = send(ledger, relay(port), connections=3, journals=journals)
        again = send(ledger, relay(port), connections=3, journals=journals)
    assert (report.accepted, again.accepted) == (500, 0)
    assert sorted(e.rcpt_tos[0] for e in mailboxes.envelopes) == sorted(readers(500))
    assert len(mailboxes.sessions) <= 3
    assert not list(journals.iterdir())


def test_the_bytes_arrive_as_they_were_composed() -> None:
    mailboxes, ledger = Mailboxes(), MemoryOutbox(readers(3))
    with serve(mailboxes, host="localhost") as port:
        send(ledger, relay(port))
    for envelope in mailboxes.envelopes:
        number = int(envelope.rcpt_tos[0].removeprefix("reader").partition("@")[0])
        lease = LeasedDelivery(number, 1, ledger.rows[number].subscriber, 1, "")
        assert envelope.original_content == plain_mail(lease)
        assert envelope.mail_from == "bounces@list.test"


def test_starttls_and_login(tls: ssl.SSLContext, ca_file: Path) -> None:
    mailboxes, ledger = Mailboxes(), MemoryOutbox(readers(20))
    values: dict[str, Any] = {"tls_context": tls, "require_starttls": True}
    with serve(
        mailboxes, host="localhost", authenticator=login, auth_required=True, **values
    ) as port:
        secured = relay(
            port,
            security=Security.STARTTLS,
            ca_file=ca_file,
            username="digest",
            password="secret",
        )
        report = send(ledger, secured, connections=2)
        facts = SmtpTransport(secured).verify()
    assert report.accepted == len(mailboxes.envelopes) == 20
    assert "certificate verified" in facts[1]
    assert "logged in as digest" in facts


def test_tls_from_the_first_byte(tls: ssl.SSLContext, ca_file: Path) -> None:
    mailboxes, ledger = Mailboxes(), MemoryOutbox(readers(20))
    with serve(mailboxes, host="localhost", ssl_context=tls) as port:
        report = send(ledger, relay(port, security=Security.TLS, ca_file=ca_file))
    assert report.accepted == 20


def test_a_wrong_password_pauses_and_is_tried_once(tls: ssl.SSLContext, ca_file: Path) -> None:
    mailboxes, ledger = Mailboxes(), MemoryOutbox(readers(20))
    tries: list[str] = []

    def refuse(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
        tries.append(mechanism)
        return AuthResult(success=False, handled=False)

    with serve(
        mailboxes, host="localhost", authenticator=refuse, tls_context=tls, auth_required=True
    ) as port:
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
    mailboxes, ledger = Mailboxes(), MemoryOutbox(readers(100))
    mailboxes.refuse_rcpt["reader50@example.test"] = "550 5.1.1 no such user"
    mailboxes.refuse_rcpt["reader60@example.test"] = (
        "451 4.7.1 greylisted, try again in 600 seconds"
    )
    mailboxes.refuse_data["reader70@example.test"] = "552 5.2.2 mailbox full"
    with serve(mailboxes, host="localhost") as port:
        report = send(ledger, relay(port))
    assert (report.accepted, report.rejected, report.deferred) == (97, 2, 1)
    assert ledger.outcome("reader50@example.test").status == "5.1.1"
    assert ledger.outcome("reader70@example.test").code == 552
    assert report.paused is None


def test_a_server_without_certificate_of_ours_is_not_trusted(tls: ssl.SSLContext) -> None:
    mailboxes, ledger = Mailboxes(), MemoryOutbox(readers(2))
    with serve(mailboxes, host="localhost", tls_context=tls) as port:
        report = send(ledger, relay(port, security=Security.STARTTLS))
    assert report.halted is not None
    assert "certificate does not verify" in report.halted
    assert "DIGEST_SMTP_CA_FILE" in report.halted
    assert ledger.states() == {DeliveryState.PLANNED: 2}


def test_without_starttls_nothing_is_sent() -> None:
    mailboxes = Mailboxes()
    with (
        serve(mailboxes, host="localhost") as port,
        pytest.raises(NoSessionError, match="does not offer STARTTLS"),
    ):
        SmtpTransport(relay(port, security=Security.STARTTLS, username="a", password="b")).open()
    assert not mailboxes.envelopes
