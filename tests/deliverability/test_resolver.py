"""The door to DNS, with a real name server behind it, good, bad or none."""

from __future__ import annotations

import socket
import time

import dns.rcode
import dns.resolver
import pytest
from deliverability.name_server import ROOT, NameServer

from digest.deliverability import DnsAnswer
from digest.deliverability.resolver import Resolver
from digest.errors import ConfigurationError

ZONE = (
    ROOT
    + """\
text.test. IN TXT "one " "record"
text.test. IN TXT "two"
mail.test. IN MX 20 b.test.
mail.test. IN MX 10 a.test.
mail.test. IN A 9.9.9.1
mail.test. IN AAAA 2620:fe:0:0::fe
null.test. IN MX 0 .
1.9.9.9.in-addr.arpa. IN PTR mail.test.
"""
)
LATE = DnsAnswer(unanswered="the name servers did not answer in time")


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("text.test", "TXT", ("one record", "two")),
        ("TEXT.test.", "TXT", ("one record", "two")),
        ("mail.test", "MX", ("10 a.test", "20 b.test")),
        ("null.test", "MX", ("0 ",)),
        ("mail.test", "A", ("9.9.9.1",)),
        ("mail.test", "AAAA", ("2620:fe::fe",)),
        ("1.9.9.9.in-addr.arpa", "PTR", ("mail.test",)),
        (".", "NS", ("a.root.test",)),
        ("mail.test", "TXT", ()),
        ("none.test", "TXT", ()),
        ("x" * 64 + ".test", "TXT", ()),
        ("a..test", "TXT", ()),
        ("x." * 130 + "test", "TXT", ()),
    ],
)
def test_each_kind_of_record_is_a_text(name: str, kind: str, values: tuple[str, ...]) -> None:
    with NameServer(ZONE) as server:
        assert Resolver(server.address).look_up(name, kind) == DnsAnswer(values)


def test_octets_beyond_ascii_are_told_as_numbers() -> None:
    with NameServer() as server:
        server.publish_octets("x.test", [b"a\xff", b"\x1bb"])
        assert Resolver(server.address).look_up("x.test", "TXT") == DnsAnswer(("a\\xff\x1bb",))


def test_a_question_is_asked_once() -> None:
    with NameServer(ZONE) as server:
        resolver = Resolver(server.address)
        assert resolver.look_up("text.test", "TXT") == resolver.look_up("text.test", "TXT")
    assert len(server.questions) == 1


@pytest.mark.parametrize("rcode", [dns.rcode.REFUSED, dns.rcode.SERVFAIL], ids=["refused", "fails"])
def test_a_server_that_will_not_answer_is_no_answer(rcode: dns.rcode.Rcode) -> None:
    with NameServer(ZONE, rcode=rcode) as server:
        answer = Resolver(server.address, patience=1).look_up("text.test", "TXT")
    assert answer == DnsAnswer(unanswered="the name servers refuse or fail")


def test_a_silent_server_costs_no_more_than_the_patience_for_one_question() -> None:
    with NameServer(silent=True) as server:
        resolver = Resolver(server.address, patience=0.3)
        assert [resolver.look_up(f"{n}.test", "TXT") for n in range(50)] == [LATE] * 50


def test_a_server_that_falls_silent_costs_no_more_than_the_patience_in_all() -> None:
    with NameServer(ZONE, delay=0.2) as server:
        resolver = Resolver(server.address, patience=0.5)
        assert resolver.look_up("text.test", "TXT").values
        answers = [resolver.look_up(f"{n}.test", "TXT") for n in range(50)]
    assert answers[-1] == LATE
    assert len(server.questions) < 10


def test_the_patience_begins_with_the_first_question() -> None:
    with NameServer(ZONE) as server:
        resolver = Resolver(server.address, patience=0.5)
        time.sleep(0.6)
        assert resolver.look_up("text.test", "TXT").values


def test_a_port_where_nobody_is_counts_as_silence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert Resolver(f"127.0.0.1:{port}", patience=0.3).look_up("x.test", "A").unanswered


def test_a_machine_without_name_servers_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", none)
    answer = Resolver().look_up("text.test", "TXT")
    assert answer == DnsAnswer(unanswered="no name server is configured here")


@pytest.mark.parametrize("server", ["", "localhost", "1.2.3", "1.2.3.4:0", "1.2.3.4:x", "[::1]:-1"])
def test_a_server_that_is_no_address_is_refused(server: str) -> None:
    with pytest.raises(ConfigurationError, match="not the address of a name server"):
        Resolver(server)


@pytest.mark.parametrize(
    "server", ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53"]
)
def test_a_server_that_is_one_is_not(server: str) -> None:
    Resolver(server)
