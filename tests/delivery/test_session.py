"""The bytes on the wire."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from delivery.sending import HASTY, readers, relay, send
from fakes import MemoryOutbox
from hypothesis import given, settings
from hypothesis import strategies as st
from smtp_server.behaviours import Behaviour
from smtp_server.server import Sink

from digest.delivery import connection as channel_module
from digest.delivery import session as session_module
from digest.delivery.envelope import OutgoingMail
from digest.delivery.retry import Reply, SmtpStage
from digest.delivery.session import Session
from digest.delivery.smtp_wire import dot_stuffed
from digest.model import DeliveryState

S = DeliveryState


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"a", b"\r\n.\r\n", b"\xff"])))
def test_no_body_can_end_early_or_hide_a_command(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    wire = dot_stuffed(content)
    assert re.search(rb"\r(?!\n)|(?<!\r)\n", wire) is None
    assert wire.endswith(b"\r\n.\r\n") or wire == b".\r\n"
    assert wire.find(b"\r\n.\r\n") in (-1, len(wire) - 5)
    body = wire.removesuffix(b".\r\n")
    unstuffed = re.sub(rb"(?m)^\.", b"", body)
    expected = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    assert unstuffed in (expected, expected + b"\r\n")


def test_dots_are_doubled_once_however_often_a_mail_is_tried() -> None:
    content = b".a\r\n..b\r\nc"
    assert dot_stuffed(content) == dot_stuffed(content) == b"..a\r\n...b\r\nc\r\n.\r\n"


def test_hostile_headers_arrive_byte_for_byte() -> None:
    url = b"https://list.test/unsubscribe/" + b"x" * 300
    head = (
        b"From: =?utf-8?q?=3C=22J=C3=B6rg=22=3E?= <list@list.test>\r\n"
        b"To: reader1@example.test\r\nSubject: .=?utf-8?q?_From=20?=\r\n"
    )
    content = head + b"List-Unsubscribe: <" + url + b">\r\n\r\n.\r\n..\r\nFrom me\r\n"
    with Sink() as sink:
        send(MemoryOutbox(readers(1)), relay(sink.port), compose=lambda _: content)
    assert sink.mails[0].content == content


@pytest.mark.parametrize(
    "address",
    ["a b@example.test", "x@y.test>\r\nDATA\r\n", "a\0@b.test", "<>@b.test", f"{'l' * 250}@b.test"],
)
def test_an_address_that_would_break_a_command_never_leaves(address: str) -> None:
    ledger = MemoryOutbox([address, *readers(2)])
    with Sink() as sink:
        report = send(ledger, relay(sink.port))
    assert (report.accepted, report.rejected) == (2, 1)
    assert ledger.rows[1].outcomes[-1].status == "5.1.3"
    assert all(c == "DATA" or "DATA" not in c for c in sink.commands)


def test_international_addresses_need_smtputf8() -> None:
    addresses = ["jörg@exempel.test", "reader@bücher.test"]
    with Sink(Behaviour(features=("PIPELINING", "8BITMIME"))) as plain:
        ledger = MemoryOutbox(addresses)
        send(ledger, relay(plain.port))
    assert [row.state for row in ledger.rows.values()] == [S.REJECTED, S.ACCEPTED]
    assert ledger.rows[1].outcomes[-1].status == "5.6.7"
    assert plain.mails[0].recipient == "reader@xn--bcher-kva.test"
    with Sink() as modern:
        send(MemoryOutbox(addresses), relay(modern.port))
    assert [mail.recipient for mail in modern.mails] == addresses
    assert all("SMTPUTF8" in mail.options for mail in modern.mails)


def test_a_domain_that_cannot_be_spelled_in_ascii() -> None:
    with Sink(Behaviour(features=())) as sink:
        ledger = MemoryOutbox(["reader@ü" + "b" * 70 + ".test"])
        send(ledger, relay(sink.port))
    assert ledger.rows[1].state is S.REJECTED


def test_eight_bit_mail_needs_8bitmime() -> None:
    ledger = MemoryOutbox(readers(2))
    bodies = {1: b"To: a\r\n\r\n\xc3\xa9\r\n", 2: b"To: a\r\n\r\ne\r\n"}
    with Sink(Behaviour(features=("PIPELINING",))) as sink:
        send(ledger, relay(sink.port), compose=lambda lease: bodies[lease.id])
    assert [row.state for row in ledger.rows.values()] == [S.REJECTED, S.ACCEPTED]
    with Sink() as sink:
        send(MemoryOutbox(readers(2)), relay(sink.port), compose=lambda lease: bodies[lease.id])
    assert all("BODY=8BITMIME" in mail.options for mail in sink.mails)


def test_the_size_is_said_and_the_relays_limit_is_kept() -> None:
    ledger = MemoryOutbox(readers(3))
    sizes = {1: 100, 2: 5000, 3: 100}
    with Sink(Behaviour(features=("PIPELINING", "SIZE 4000"))) as sink:
        report = send(
            ledger, relay(sink.port), compose=lambda lease: b"x" * sizes[lease.id] + b"\r\n"
        )
    assert [row.state for row in ledger.rows.values()] == [S.ACCEPTED, S.DEFERRED, S.ACCEPTED]
    assert {mail.options for mail in sink.mails} == {"SIZE=102"}
    assert "longer than the relay takes" in ledger.rows[2].outcomes[-1].reply
    assert report.paused is not None


class Basket:
    """A client with a fixed list of mails."""

    def __init__(self, *mails: OutgoingMail, refuses: int = 0) -> None:
        self.mails, self.refuses = list(mails), refuses
        self.settled: list[tuple[int, Reply]] = []
        self.returned: list[int] = []

    def next_mail(self) -> OutgoingMail | None:
        return self.mails.pop(0) if self.mails else None

    def begin_body(self, mail: OutgoingMail) -> bool:
        return mail.delivery_id != self.refuses

    def record_reply(self, mail: OutgoingMail, reply: Reply) -> None:
        self.settled.append((mail.delivery_id, reply))

    def hand_back(self, mail: OutgoingMail) -> None:
        self.returned.append(mail.delivery_id)


def mail(number: int, content: bytes = b"To: a\r\n\r\nx\r\n") -> OutgoingMail:
    return OutgoingMail(number, "b@list.test", f"r{number}@a.test", content)


@contextmanager
def scripted(*replies: bytes, features: dict[str, str] | None = None) -> Iterator[Session]:
    """A session with a relay that says these things, each after something was written to it."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with contextlib.suppress(OSError):
            for reply in replies:
                if not theirs.recv(1 << 20):
                    break
                theirs.sendall(reply)
            theirs.shutdown(socket.SHUT_WR)
            while theirs.recv(1 << 20):
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    original = channel_module._QUICK_ACK
    channel_module._QUICK_ACK = None
    session = Session(ours, features or {"pipelining": ""}, timeouts=HASTY)
    try:
        yield session
    finally:
        session.close()
        thread.join()
        theirs.close()
        channel_module._QUICK_ACK = original


def test_a_mail_whose_lease_ran_out_is_not_written() -> None:
    basket = Basket(mail(2), refuses=1)
    with scripted(b"250 ok\r\n250 ok\r\n354 go\r\n") as session:
        session.deliver(mail(1), basket)
    assert basket.returned == [1, 2]
    assert basket.settled == []
    assert not session.usable


def test_replies_of_many_lines_and_in_small_pieces() -> None:
    basket = Basket()
    with scripted(
        b"250-a\r\n250-b\r\n250 ok\r\n250 ok\r\n354 go\r\n", b"250-one\r\n250 two\r\n"
    ) as s:
        s.deliver(mail(1), basket)
    assert basket.settled == [(1, Reply(SmtpStage.FINAL, 250, None, "one two"))]


@pytest.mark.parametrize(
    "noise",
    [b"hello\r\n", b"25\r\n", b"250_ok\r\n", b"\xff\xfe\r\n", b"250-\r\n" * 1100, b"2" * 70000],
    ids=["words", "short", "joined", "bytes", "endless", "line"],
)
def test_a_relay_that_does_not_speak_smtp_is_left(noise: bytes) -> None:
    basket = Basket()
    with scripted(noise) as session:
        session.deliver(mail(1), basket)
    assert not session.usable
    ((_, reply),) = basket.settled
    assert (reply.stage, reply.code) == (SmtpStage.MAIL, None)


@pytest.mark.parametrize("features", [{"pipelining": ""}, {"size": ""}], ids=["group", "single"])
def test_an_acceptance_from_before_the_body_is_none(features: dict[str, str]) -> None:
    """Else the "250" of a relay that runs ahead would be taken for that of a mail still to be sent."""
    basket = Basket()
    group = b"250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n"
    one_by_one = (b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n250 queued\r\n")
    replies = (group,) if "pipelining" in features else one_by_one
    with scripted(*replies, features=features) as session:
        session.deliver(mail(1), basket)
    ((_, reply),) = basket.settled
    assert (reply.stage, reply.code) == (SmtpStage.DATA, None)
    assert "before it is asked" in reply.text
    assert not session.usable


def test_replies_to_the_next_mail_before_it_is_offered_end_the_session() -> None:
    basket = Basket(mail(2))
    go = (b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")
    with scripted(*go, b"250 queued\r\n250 ok\r\n250 ok\r\n354 go\r\n", features={"size": ""}) as s:
        s.deliver(mail(1), basket)
    assert [(reply.stage, reply.code) for _, reply in basket.settled] == [
        (SmtpStage.FINAL, 250),
        (SmtpStage.MAIL, None),
    ]
    assert not s.usable


def test_a_farewell_behind_a_reply_is_the_relays_right() -> None:
    basket = Basket(mail(2))
    go = (b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")
    with scripted(*go, b"250 queued\r\n421 4.4.2 bye\r\n", features={"size": ""}) as session:
        session.deliver(mail(1), basket)
    assert [reply.code for _, reply in basket.settled] == [250, 421]


@contextmanager
def dripping(*before: bytes, drip: bytes = b"250-a\r\n") -> Iterator[Session]:
    """A session with a relay that says these things, and then one octet after the other for ever."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with contextlib.suppress(OSError):
            for reply in before:
                theirs.recv(1 << 20)
                theirs.sendall(reply)
            theirs.recv(1 << 20)
            for number in range(10_000):
                theirs.sendall(drip[number % len(drip) :][:1])
                time.sleep(0.05)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    original = channel_module._QUICK_ACK
    channel_module._QUICK_ACK = None
    short = replace(HASTY, mail=0.4, final=0.4, stall=5.0)
    try:
        yield Session(ours, {"pipelining": ""}, timeouts=short)
    finally:
        ours.close()
        thread.join(5)
        theirs.close()
        channel_module._QUICK_ACK = original


def test_a_reply_that_drips_in_for_ever_is_given_up_on() -> None:
    agreed = b"250 ok\r\n250 ok\r\n354 go\r\n"
    for before, place in (((), SmtpStage.MAIL), ((agreed,), SmtpStage.FINAL)):
        basket = Basket()
        begun = time.monotonic()
        with dripping(*before) as session:
            session.deliver(mail(1), basket)
        assert time.monotonic() - begun < 5
        assert not session.usable
        if place is SmtpStage.MAIL:
            assert basket.returned == [1]
        else:
            ((_, reply),) = basket.settled
            assert (reply.stage, reply.code) == (SmtpStage.FINAL, None)


def test_what_a_relay_says_cannot_steer_a_terminal() -> None:
    basket = Basket()
    hostile = b"550-5.1.1 no\x1b[2J\x1b]0;me\x07\r\n550 5.1.1 \xe2\x80\xaegnorw\x9b2J\x00\r\n"
    with scripted(b"250 ok\r\n" + hostile + b"503 no\r\n") as session:
        session.deliver(mail(1), basket)
    ((_, reply),) = basket.settled
    assert (reply.code, reply.status) == (550, "5.1.1")
    assert reply.text.isprintable()
    assert reply.text.startswith("5.1.1 no\\x1b[2J")


def test_a_relay_that_is_out_of_step_after_the_body_leaves_doubt() -> None:
    basket = Basket()
    with scripted(b"250 ok\r\n250 ok\r\n354 go\r\n", b"354 go\r\n") as session:
        session.deliver(mail(1), basket)
    ((_, reply),) = basket.settled
    assert (reply.stage, reply.code) == (SmtpStage.FINAL, None)
    assert not session.usable


def test_421_after_the_body_ends_the_session_and_returns_what_rode_along() -> None:
    basket = Basket(mail(2))
    with scripted(b"250 ok\r\n250 ok\r\n354 go\r\n", b"421 4.3.0 bye\r\n") as session:
        session.deliver(mail(1), basket)
    assert [(number, reply.code) for number, reply in basket.settled] == [(1, 421)]
    assert basket.returned == [2]


def test_a_relay_that_refuses_to_start_over() -> None:
    basket = Basket(mail(2))
    features = {"size": ""}
    with scripted(b"250 ok\r\n", b"550 5.1.1 no\r\n", b"500 no\r\n", features=features) as session:
        session.deliver(mail(1), basket)
    assert [reply.code for _, reply in basket.settled] == [550, None]
    assert not session.usable


def test_a_connection_that_lay_idle_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "_IDLE_BEFORE_NOOP", -1.0)
    for noop, returned in ((b"250 still here\r\n", []), (b"421 gone\r\n", [1]), (b"", [1])):
        basket = Basket()
        with scripted(noop, b"250 ok\r\n550 5.1.1 no\r\n503 no\r\n") as session:
            session.deliver(mail(1), basket)
        assert basket.returned == returned
        assert len(basket.settled) == 1 - len(returned)


def test_the_last_words_of_a_relay_that_hangs_up_in_the_body() -> None:
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    basket: Any = Basket()

    def serve() -> None:
        theirs.recv(4096)
        theirs.sendall(b"250 ok\r\n250 ok\r\n354 go\r\n")
        theirs.recv(10)
        theirs.sendall(b"552 5.3.4 too much\r\n")
        theirs.shutdown(socket.SHUT_RD)

    thread = threading.Thread(target=serve)
    thread.start()
    original = channel_module._QUICK_ACK
    channel_module._QUICK_ACK = None
    impatient = replace(HASTY, block=0.3)
    session = Session(ours, {"pipelining": ""}, timeouts=impatient)
    session.deliver(mail(1, b"x" * 70 + b"\r\n" * 500_000), basket)
    thread.join()
    session.close()
    theirs.close()
    channel_module._QUICK_ACK = original
    ((_, reply),) = basket.settled
    assert (reply.stage, reply.code, reply.status) == (SmtpStage.BODY, 552, "5.3.4")
