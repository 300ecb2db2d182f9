"""What leaves: return paths that name their mail, and signatures that verify."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest
from cli.conftest import Terminal
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from installation import ABOUTS, abstract, page_of
from smtp_server.behaviours import Behaviour, Received
from smtp_server.server import Sink

from digest.mail.dkim import read_signer
from digest.mail.tokens import read_bounce_token
from digest.wiring.application import open_application

SECRET = "a secret that only these tests know"
BOUNCES = "bounces@list.example"


@pytest.fixture
def sink(digest: Terminal) -> Iterator[Sink]:
    """A relay that keeps what it gets, and the settings that lead to it."""
    with Sink() as relay:
        digest.set("DIGEST_SMTP_HOST", "127.0.0.1")
        digest.set("DIGEST_SMTP_PORT", str(relay.port))
        digest.set("DIGEST_SMTP_SECURITY", "none")
        digest.set("DIGEST_SENDER", "Daily Papers <papers@list.example>")
        digest.set("DIGEST_SECRET_KEY", SECRET)
        yield relay


def publish_for(digest: Terminal, *subscribers: str) -> None:
    """An edition of two papers, and confirmed readers who wait for it."""
    page = digest.text_file("page.txt", page_of("AB"))
    assert digest("subscribers", "add", "--confirmed", *subscribers).code == 0
    assert digest("ingest", page).code == 0
    assert digest("publish").code == 0


def delivery_of(mail: Received) -> int | None:
    local, _, domain = mail.sender.rpartition("@")
    name, plus, token = local.partition("+")
    assert (name, plus, domain) == ("bounces", "+", "list.example")
    assert len(local) <= 64
    return read_bounce_token(token, [SECRET])


def test_every_mail_has_a_return_path_that_names_its_delivery(digest: Terminal, sink: Sink) -> None:
    digest.set("DIGEST_BOUNCE_ADDRESS", BOUNCES)
    publish_for(digest, "a@example.org", "b@example.org")
    assert digest("send").code == 0
    named = {mail.recipient: delivery_of(mail) for mail in sink.mails}
    assert sorted(named) == ["a@example.org", "b@example.org"]
    assert None not in named.values()
    assert len(set(named.values())) == 2
    assert b"bounces+" not in b"".join(mail.content for mail in sink.mails)


def test_without_a_token_or_a_bounce_address_the_return_path_is_plain(
    digest: Terminal, sink: Sink
) -> None:
    publish_for(digest, "a@example.org")
    assert digest("send").code == 0
    digest.set("DIGEST_BOUNCE_ADDRESS", BOUNCES)
    digest.set("DIGEST_VERP", "false")
    assert digest("subscribers", "add", "--confirmed", "b@example.org").code == 0
    more = digest.text_file("more.txt", f"{ABOUTS['C'][0]}\n\n{abstract('C')}")
    assert digest("ingest", more).code == 0
    assert digest("publish", "--date", "2030-01-01").code == 0
    assert digest("send").code == 0
    senders = [mail.sender for mail in sink.mails]
    assert senders[0] == "papers@list.example"
    assert set(senders[1:]) == {BOUNCES}
    assert len(senders) == 3


@pytest.mark.parametrize("command", ["send", "run", "check"])
def test_a_bounce_mailbox_without_room_for_a_token_is_told_before_any_mail(
    digest: Terminal, sink: Sink, command: str
) -> None:
    publish_for(digest, "a@example.org")
    digest.set("DIGEST_SOURCES", "page.txt")
    digest.set("DIGEST_BOUNCE_ADDRESS", "the-bounces-of-our-daily-papers@list.example")
    answer = digest(command)
    assert answer.code == 1
    told = answer.out if command == "check" else answer.err
    (line,) = [line for line in told.splitlines() if "no room for a token" in line]
    assert "DIGEST_BOUNCE_ADDRESS" in line
    assert "at most 27 letters" in line
    assert sink.mails == []


def key_file(folder: Path, kind: str) -> Path:
    made = (
        rsa.generate_private_key(65537, 2048)
        if kind == "rsa"
        else ed25519.Ed25519PrivateKey.generate()
    )
    path = folder / f"{kind}.pem"
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


class Zone:
    """The DNS records that an operator would publish for these keys."""

    def __init__(self, domain: str, **keys: Path) -> None:
        self.records = dict(
            read_signer(domain, selector, path).public_record() for selector, path in keys.items()
        )

    def __call__(self, name: bytes, timeout: int = 5) -> bytes:
        return self.records[name.decode().rstrip(".")].encode()

    def signatures(self, content: bytes) -> list[bool]:
        """For each signature whether an independent verifier agrees with it."""
        count = content.partition(b"\r\n\r\n")[0].count(b"DKIM-Signature:")
        return [dkim.DKIM(content).verify(idx=at, dnsfunc=self) for at in range(count)]


def test_every_mail_verifies_under_every_key(digest: Terminal, sink: Sink) -> None:
    keys = {"r2026": key_file(digest.folder, "rsa"), "e2026": key_file(digest.folder, "ed25519")}
    digest.set("DIGEST_DKIM_KEYS", ", ".join(f"{name}:{path}" for name, path in keys.items()))
    digest.set("DIGEST_BOUNCE_ADDRESS", BOUNCES)
    zone = Zone("list.example", **keys)
    publish_for(digest, "a@example.org", "jörg@exämple.org")
    assert digest("send").code == 0
    assert len(sink.mails) == 2
    for mail in sink.mails:
        assert zone.signatures(mail.content) == [True, True]
        changed = mail.content.replace(b"List-Id:", b"List-Xd:")
        assert zone.signatures(changed) == [False, False]


def test_letters_verify_too_and_come_back_to_the_plain_address(
    digest: Terminal, sink: Sink
) -> None:
    key = key_file(digest.folder, "ed25519")
    digest.set("DIGEST_DKIM_KEYS", f"e2026:{key}")
    digest.set("DIGEST_BOUNCE_ADDRESS", BOUNCES)
    digest.set("DIGEST_BASE_URL", "https://papers.list.example")
    assert digest("subscribers", "add", "a@example.org").code == 0
    report = open_application().service_mail_worker.process_due()
    assert report is not None
    assert report.sent == 1
    (service_mail,) = sink.mails
    assert Zone("list.example", e2026=key).signatures(service_mail.content) == [True]
    assert service_mail.sender == BOUNCES


def test_another_domain_may_sign(digest: Terminal, sink: Sink) -> None:
    key = key_file(digest.folder, "ed25519")
    digest.set("DIGEST_DKIM_KEYS", f"e2026:{key}")
    digest.set("DIGEST_DKIM_DOMAIN", "Example")
    publish_for(digest, "a@example.org")
    assert digest("send").code == 0
    (mail,) = sink.mails
    assert Zone("example", e2026=key).signatures(mail.content) == [True]


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("e2026", "is not selector:PATH"),
        ("two words:/key.pem", "is not selector:PATH"),
        ("e2026:nowhere.pem", "nowhere.pem: the DKIM key cannot be read"),
        ("e2026:page.txt", "page.txt: the DKIM key is no private key in PEM"),
    ],
)
@pytest.mark.parametrize("command", ["send", "check"])
def test_a_key_that_cannot_sign_is_told_before_any_mail(
    digest: Terminal, sink: Sink, command: str, keys: str, says: str
) -> None:
    publish_for(digest, "a@example.org")
    digest.set("DIGEST_DKIM_KEYS", keys)
    answer = digest(command)
    assert answer.code == 1
    told = answer.out if command == "check" else answer.err
    assert len([line for line in told.splitlines() if says in line]) == 1
    assert sink.mails == []


def test_a_key_without_the_library_for_it_is_told_before_any_mail(
    digest: Terminal, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_for(digest, "a@example.org")
    digest.set("DIGEST_DKIM_KEYS", f"e2026:{key_file(digest.folder, 'ed25519')}")
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)
    answer = digest("send")
    assert answer.code == 1
    assert "pip install cryptography" in answer.err
    assert sink.mails == []


def test_a_machine_keeps_the_memories_of_two_databases_apart(
    digest: Terminal, sink: Sink, state_folder: Path
) -> None:
    publish_for(digest, "a@example.org")
    assert digest("send").code == 0
    digest.set("DIGEST_DATABASE_URL", f"sqlite:///{digest.folder / 'another.db'}")
    publish_for(digest, "a@example.org")
    assert digest("send").code == 0
    assert digest("send").code == 0
    assert len(list((state_folder / "journals").iterdir())) == 2


@pytest.mark.parametrize("command", ["send", "check"])
def test_a_state_folder_that_cannot_be_used_is_told_before_any_mail(
    digest: Terminal, sink: Sink, command: str
) -> None:
    publish_for(digest, "a@example.org")
    digest.set("DIGEST_STATE_FOLDER", digest.text_file("in the way", ""))
    answer = digest(command)
    assert answer.code == 1
    told = answer.out if command == "check" else answer.err
    assert len([line for line in told.splitlines() if "DIGEST_STATE_FOLDER" in line]) == 1
    assert sink.mails == []


def test_a_relay_that_refuses_the_sender_stops_everything_until_a_person_resumes(
    digest: Terminal, sink: Sink
) -> None:
    digest.set("DIGEST_OPERATOR_EMAIL", "Operator <ops@list.example>")
    digest.set("DIGEST_RETRY_AFTER", "0.01")
    publish_for(digest, *(f"r{number}@example.org" for number in range(12)))
    sink.behaviour = Behaviour(mail=lambda _: "550 5.7.1 you may not send from here")
    answer = digest("send")
    assert answer.code == 1
    assert "5.7.1 you may not send from here" in answer.err.splitlines()[-1]
    assert answer.err.endswith("Go on with: digest resume\n")
    tried = [command for command in sink.commands if command.startswith("MAIL")]

    # Once it is paused, the relay is left alone: by deliveries and by the alarm, which was refused.
    assert "could not be told" in answer.err
    again = digest("send")
    assert again.code == 1
    assert "could not be told" not in again.err
    assert [command for command in sink.commands if command.startswith("MAIL")] == tried
    status = digest("status", "--json").json
    assert "5.7.1" in status["paused"]
    assert status["silence"] == f"sending is paused: {status['paused']}"
    assert status["editions"][0]["deliveries"]["rejected"] == 0
    assert "12 active" in digest("status").out
    check = digest("check")
    assert check.code == 1
    assert "MEND sending        is paused: the relay refuses this sender" in check.out

    sink.behaviour = Behaviour()
    resumed = digest("resume")
    assert resumed.code == 0
    assert "is paused" not in digest("check").out
    assert "next delivery 20" in resumed.out
    status = digest("status", "--json").json
    assert status["paused"] is None
    assert status["silence"] == "sending was resumed, and no run has followed yet"
    time.sleep(0.05)  # the wait before a retry, as set above
    assert digest("send").code == 0
    recipients = sorted(mail.recipient for mail in sink.mails)
    assert recipients == sorted(f"r{number}@example.org" for number in range(12))
    assert digest("status", "--json").json["editions"][0]["deliveries"]["accepted"] == 12


def test_the_operator_gets_one_signed_mail_where_the_relay_takes_it(
    digest: Terminal, sink: Sink
) -> None:
    key = key_file(digest.folder, "ed25519")
    digest.set("DIGEST_DKIM_KEYS", f"e2026:{key}")
    digest.set("DIGEST_OPERATOR_EMAIL", "ops@list.example")
    digest.set("DIGEST_BOUNCE_ADDRESS", BOUNCES)
    publish_for(digest, *(f"r{number}@example.org" for number in range(12)))
    blocked = "554 5.7.1 on a blocklist"
    sink.behaviour = Behaviour(rcpt=lambda to: None if to == "ops@list.example" else blocked)
    for _ in range(3):
        assert digest("send").code == 1
    (mail,) = sink.mails
    assert (mail.recipient, mail.sender) == ("ops@list.example", BOUNCES)
    assert Zone("list.example", e2026=key).signatures(mail.content) == [True]
    assert b"on a blocklist" in mail.content


@pytest.mark.parametrize("command", ["send", "check"])
def test_an_operator_without_an_address_is_told_before_any_mail(
    digest: Terminal, sink: Sink, command: str
) -> None:
    publish_for(digest, "a@example.org")
    digest.set("DIGEST_OPERATOR_EMAIL", "op s@list.example.-")
    answer = digest(command)
    assert answer.code == 1
    told = answer.out if command == "check" else answer.err
    assert len([line for line in told.splitlines() if "DIGEST_OPERATOR_EMAIL" in line]) == 1
    assert sink.mails == []


def test_where_no_terminal_shows_a_bar_the_log_tells_how_it_goes(
    digest: Terminal, sink: Sink
) -> None:
    publish_for(digest, *(f"r{number}@example.org" for number in range(12)))
    answer = digest("send")
    told = [line for line in answer.err.splitlines() if " edition=" in line]
    assert "level=INFO digest.delivery edition=" in told[0]
    assert "accepted=12 deferred=0 rejected=0 excluded=0 unknown=0 left=0" in told[-1]
    assert "@example.org" not in answer.err
    assert digest("send", "--json").err == ""


def test_a_worker_without_a_relay_says_what_to_set(digest: Terminal) -> None:
    answer = digest("worker")
    assert answer.code == 1
    assert "DIGEST_SMTP_HOST is missing" in answer.err
    assert answer.err.count("\n") == 1
