"""``digest check`` and DNS: what to publish, what is there, and what is not to be known."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import dns.rcode
import dns.zonefile
import httpx
import pytest
from cli.conftest import Terminal
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from deliverability.name_server import NameServer
from smtp_server.mailboxes import Mailboxes

from digest.wiring.application import open_application

PAPERS = "Daily Papers\n\nBeacon: Finding Objects by Lamplight\n\nWe find objects in dark images.\n"


@pytest.fixture
def server() -> Iterator[NameServer]:
    with NameServer() as server:
        yield server


@pytest.fixture
def configured(digest: Terminal, relay: Mailboxes) -> Terminal:
    """A configuration in which nothing is to be mended, apart from what DNS says."""
    digest.set("DIGEST_SOURCES", digest.text_file("page.txt", PAPERS))
    return digest


def save_keys(folder: Path) -> str:
    """Two keys in files, as ``DIGEST_DKIM_KEYS`` names them."""
    for name, key in (
        ("r1", rsa.generate_private_key(65537, 2048)),
        ("e1", ed25519.Ed25519PrivateKey.generate()),
    ):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.pem").write_bytes(pem)
        (folder / f"{name}.pem").chmod(0o600)
    return f"r1:{folder}/r1.pem, e1:{folder}/e1.pem"


def marks(out: str) -> dict[str, str]:
    """``ok``, ``warn`` or ``MEND`` of each finding; of several of one name, the last."""
    lines = [line.split(maxsplit=2) for line in out.partition("\n;")[0].splitlines() if line]
    return {what: mark for mark, what, _ in lines}


def test_a_sender_without_records_is_told_which_to_publish(
    configured: Terminal, server: NameServer
) -> None:
    configured.set("DIGEST_DKIM_KEYS", save_keys(configured.folder))
    answer = configured("check", "--dns", server.address)
    assert answer.code == 1
    found = marks(answer.out)
    assert {found["dkim"], found["spf"], found["dmarc"], found["bounces"]} == {"MEND", "warn"}
    assert found["dkim"] == "MEND"
    records = answer.out.partition("; DNS records")[2].splitlines()[1:]
    assert [line.split(" IN ")[0] for line in records[1::2]] == [
        "r1._domainkey.example.org.",
        "e1._domainkey.example.org.",
        "; example.org.",
        "_dmarc.example.org.",
        "; example.org.",
    ]
    assert {line for line in records[::2] if "; " in line[2:]} == {
        "; to publish; ADDRESS is the public one that the relay sends from:",
        "; to publish; SERVER is the one that takes mail for example.org:",
    }


def test_the_printed_lines_can_be_pasted_into_a_zone_and_are_then_found(
    configured: Terminal, server: NameServer
) -> None:
    configured.set("DIGEST_DKIM_KEYS", save_keys(configured.folder))
    printed = configured("check", "--dns", server.address).out
    zone = "; DNS records" + printed.partition("; DNS records")[2]
    assert len(dns.zonefile.read_rrsets(zone, rdclass=None, default_ttl=60)) == 3
    server.publish(zone)
    server.publish('example.org. IN TXT "v=spf1 ip4:9.9.9.1 ~all"\nexample.org. IN MX 10 m.test.\n')
    again = configured("check", "--dns", server.address)
    assert again.code == 0, again.out
    found = marks(again.out)
    assert found.pop("bounce") == "warn"  # no mailbox is set, which no record mends
    assert set(found.values()) == {"ok"}
    assert again.out.count("; published:") == 2
    assert "_dmarc.example.org. IN TXT" not in again.out


def test_warnings_alone_do_not_fail(configured: Terminal, server: NameServer) -> None:
    answer = configured("check", "--dns", server.address, "--json")
    assert answer.code == 0, answer.out
    found = {finding["what"]: finding for finding in answer.json}
    assert found["spf"]["ok"] is True
    assert found["spf"]["warns"] is True
    assert found["dmarc"]["records"] == [
        {
            "name": "_dmarc.example.org",
            "type": "TXT",
            "value": "v=DMARC1; p=none; rua=mailto:postmaster@example.org",
            "blank": "",
            "status": "to publish",
        }
    ]
    assert found["relay"]["records"] == []


def test_the_operator_gets_the_reports_where_the_address_is_of_the_domain(
    configured: Terminal, server: NameServer
) -> None:
    for operator, reports in (
        ("Ops <ops@example.org>", "ops@example.org"),
        ("ops@elsewhere.test", "postmaster@example.org"),
    ):
        configured.set("DIGEST_OPERATOR_EMAIL", operator)
        assert f"rua=mailto:{reports}" in configured("check", "--dns", server.address).out


def test_domains_of_other_alphabets_are_asked_for_as_dns_knows_them(
    configured: Terminal, server: NameServer
) -> None:
    configured.set("DIGEST_SENDER", "papers@bücher.example")
    configured.set("DIGEST_BOUNCE_ADDRESS", "bounces@Bücher.example")
    configured("check", "--dns", server.address)
    assert ("xn--bcher-kva.example.", "TXT") in server.questions


@pytest.mark.parametrize("rcode", [dns.rcode.REFUSED, dns.rcode.NXDOMAIN], ids=["refused", "blind"])
def test_a_name_server_that_cannot_tell_is_one_line_and_no_fault(
    configured: Terminal, rcode: dns.rcode.Rcode
) -> None:
    configured.set("DIGEST_DKIM_KEYS", save_keys(configured.folder))
    with NameServer(rcode=rcode) as server:
        answer = configured("check", "--dns", server.address)
    assert answer.code == 0, answer.out
    lines = [line for line in answer.out.splitlines() if "could not be asked" in line]
    assert len(lines) == 1
    assert lines[0].startswith("warn dns            dkim, spf, dmarc, bounces could not be asked")
    assert answer.out.count("; to publish, if it is not there yet") == 5


def test_a_machine_without_name_servers_is_no_fault(configured: Terminal) -> None:
    answer = configured("check")
    assert answer.code == 0, answer.out
    assert "no name server is configured here" in answer.out


def test_a_key_that_cannot_be_used_is_told_once(configured: Terminal, server: NameServer) -> None:
    configured.set("DIGEST_DKIM_KEYS", "r1:nowhere.pem")
    answer = configured("check", "--dns", server.address)
    assert answer.code == 1
    assert answer.out.count("nowhere.pem") == 1
    assert "dkim" not in marks(answer.out)


def test_a_bounce_address_without_room_for_a_token_is_told_once(
    configured: Terminal, server: NameServer
) -> None:
    configured.set("DIGEST_BOUNCE_ADDRESS", f"{'b' * 60}@example.org")
    answer = configured("check", "--dns", server.address)
    assert answer.code == 1
    assert marks(answer.out)["relay"] == "MEND"
    assert "spf" not in marks(answer.out)


def test_without_a_sender_there_is_nothing_to_ask_for(digest: Terminal, server: NameServer) -> None:
    digest("check", "--dns", server.address)
    assert server.questions == []


def test_a_name_server_that_is_no_address_is_one_line(digest: Terminal) -> None:
    answer = digest("check", "--dns", "dns.example.org")
    assert (answer.code, answer.out) == (1, "")
    assert "is not the address of a name server" in answer.err


def test_pages_behind_a_proxy_that_nobody_declared_are_a_warning(
    configured: Terminal, server: NameServer
) -> None:
    def pages() -> tuple[str, str]:
        answer = configured("check", "--dns", server.address, "--json")
        found = next(one for one in answer.json if one["what"] == "pages")
        assert found["ok"]
        return "warn" if found["warns"] else "ok", found["says"]

    assert pages()[0] == "ok"
    configured.set("DIGEST_BASE_URL", "https://papers.example.org")
    mark, says = pages()
    assert mark == "warn"
    assert "for example DIGEST_TRUSTED_PROXIES=127.0.0.1" in says
    configured.set("DIGEST_WEB_HOST", "localhost")
    assert pages()[0] == "warn"
    configured.set("DIGEST_TRUSTED_PROXIES", "127.0.0.1")
    assert pages()[0] == "ok"


def test_a_check_tells_what_the_pages_noticed_of_their_proxy_since_they_started(
    configured: Terminal, server: NameServer
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name, value in {
        "BASE_URL": "https://papers.example.org", "TRUSTED_PROXIES": "127.0.0.1", "WEB_PORT": str(port),
    }.items():  # fmt: skip
        configured.set(f"DIGEST_{name}", value)

    def says() -> str:
        answer = configured("check", "--dns", server.address, "--json")
        return str(next(one["says"] for one in answer.json if one["what"] == "pages"))

    told = "the proxy 127.0.0.1 sends no X-Forwarded-For"
    with open_application().web_server().running():
        assert told not in says()
        httpx.post(f"http://127.0.0.1:{port}/subscribe", data={"email": "x"}, timeout=30)
        end = time.monotonic() + 30
        while told not in says():
            assert time.monotonic() < end
    with open_application().web_server().running():
        assert told not in says()


def test_tokens_that_would_cross_the_network_unencrypted_are_a_warning(
    configured: Terminal, server: NameServer
) -> None:
    def tells() -> bool:
        answer = configured("check", "--dns", server.address, "--json")
        found = next(one for one in answer.json if one["what"] == "pages")
        return "DIGEST_API_TOKEN cross the network unencrypted" in found["says"]

    configured.set("DIGEST_BASE_URL", "http://papers.example.org")
    assert not tells()
    configured.set("DIGEST_API_TOKEN", "5b1f0c7e94d2a86b3f70c1d2e8a94b6f")
    assert tells()
    for encrypted_or_here in ("https://papers.example.org", "http://localhost:8000"):
        configured.set("DIGEST_BASE_URL", encrypted_or_here)
        assert not tells()
