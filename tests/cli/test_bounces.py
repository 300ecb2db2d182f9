"""``digest bounce``: from a mail that left by a real relay to what comes of its bounce."""

from __future__ import annotations

import io
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from bounce_samples import bounce, complaint
from bounces.imap_server import PASSWORD, USER, imapd
from cli.conftest import Answer, Terminal
from fakes import parse_message
from installation import page_of
from processes import PROGRAM
from smtp_server.mailboxes import Mailboxes

BOUNCES = "bounces@list.example"


class Pipe:
    """A mail server that pipes messages to the command, in this process."""

    def __init__(self, digest: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        self._digest = digest
        self._monkeypatch = monkeypatch

    def __call__(self, raw: bytes, *arguments: str) -> Answer:
        stdin = SimpleNamespace(buffer=io.BytesIO(raw), isatty=lambda: False)
        self._monkeypatch.setattr(sys, "stdin", stdin)
        return self._digest("bounce", *arguments)


@pytest.fixture
def pipe(digest: Terminal, monkeypatch: pytest.MonkeyPatch) -> Pipe:
    return Pipe(digest, monkeypatch)


@pytest.fixture
def configured(digest: Terminal, relay: Mailboxes) -> Terminal:
    """A list whose bounces go to an address of their own, with a dump to read."""
    digest.set("DIGEST_BOUNCE_ADDRESS", BOUNCES)
    put_dump(digest, "A")
    digest.set("DIGEST_SOURCES", str(digest.folder / "dumps"))
    return digest


def put_dump(digest: Terminal, letter: str) -> None:
    folder = digest.folder / "dumps"
    folder.mkdir(exist_ok=True)
    (folder / f"{letter}.txt").write_text(page_of(letter), encoding="utf-8")


def sent(configured: Terminal, relay: Mailboxes) -> tuple[str, EmailMessage]:
    """A reader's first mail, as it left: its envelope sender, and the message."""
    assert configured("subscribers", "add", "--confirmed", "reader@example.net").code == 0
    assert configured("run").code == 0
    [envelope] = relay.envelopes
    assert isinstance(envelope.content, bytes)
    return envelope.mail_from or "", parse_message(envelope.content)


def test_a_bounce_of_a_mail_that_left_suppresses_its_reader(
    configured: Terminal, relay: Mailboxes, pipe: Pipe
) -> None:
    envelope_sender, _ = sent(configured, relay)
    answer = pipe(bounce(0, to=envelope_sender), "--json")
    assert answer.code == 0
    assert answer.json == {
        "meaning": "no such reader",
        "effect": "suppressed",
        "reason": "bounced: 5.1.1",
        "delivery_id": 1,
        "subscriber_id": 1,
        "status": "5.1.1",
        "file": "",
    }
    shown = configured("subscribers", "show", "reader@example.net").json
    assert (shown["state"], shown["reason"]) == ("suppressed", "bounced: 5.1.1")
    assert shown["bounces"][0]["words"] == "smtp; 550 no such user"
    again = pipe(bounce(0, to=envelope_sender))
    assert again.out == (
        "no such reader (5.1.1 delivery 1): nothing, it was said of this delivery before\n"
    )
    put_dump(configured, "B")
    configured("run")
    assert len(relay.envelopes) == 1


def test_points_show_with_the_reader(configured: Terminal, relay: Mailboxes, pipe: Pipe) -> None:
    envelope_sender, _ = sent(configured, relay)
    assert pipe(bounce(0, "5.2.2", to=envelope_sender)).out.endswith("1 against the mailbox\n")
    shown = configured("subscribers", "show", "reader@example.net").json
    assert (shown["state"], shown["bounce_points"]) == ("active", 1)


def test_the_link_of_a_mail_unsubscribes_by_mail(
    configured: Terminal, relay: Mailboxes, pipe: Pipe
) -> None:
    _, mail = sent(configured, relay)
    address, _, query = str(mail["List-Unsubscribe"]).strip("<>").partition("?")
    assert address == f"mailto:{BOUNCES}"
    subject = query.removeprefix("subject=").replace("%20", " ")
    answer = pipe(f"From: anybody@example.org\nSubject: {subject}\n\n".encode())
    assert answer.out == "asks to leave: unsubscribed\n"
    shown = configured("subscribers", "show", "reader@example.net").json
    assert (shown["state"], shown["reason"]) == ("unsubscribed", "unsubscribed by mail")


def test_a_wish_to_leave_that_anybody_could_have_sent_is_answered_with_a_way_to_leave(
    configured: Terminal, relay: Mailboxes, pipe: Pipe
) -> None:
    """Without pages, a daemon or anybody who vouches: who wants to leave can leave."""
    _, mail = sent(configured, relay)
    forged = f"From: {mail['To']}\nSubject: unsubscribe\n\n".encode()
    assert pipe(forged).out.startswith("asks to leave: answered")
    assert configured("subscribers", "show", "reader@example.net").json["state"] == "active"
    _, envelope = relay.envelopes
    assert isinstance(envelope.content, bytes)
    answer = parse_message(envelope.content)
    assert (answer["To"], answer["Auto-Submitted"]) == (mail["To"], "auto-replied")
    text = answer.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [subject] = re.findall(rf"^mailto:{BOUNCES}\?subject=(\S+)", text, re.MULTILINE)
    assert "http" not in text
    pipe(f"From: {mail['To']}\nSubject: {unquote(subject)}\n\n".encode())
    assert configured("subscribers", "show", "reader@example.net").json["state"] == "unsubscribed"


def test_without_a_bounce_address_the_sender_is_asked_to_unsubscribe(
    configured: Terminal, relay: Mailboxes
) -> None:
    configured.set("DIGEST_BOUNCE_ADDRESS", "")
    _, mail = sent(configured, relay)
    assert str(mail["List-Unsubscribe"]).startswith("<mailto:papers@example.org?")


def test_what_nobody_understands_ends_with_nought_and_shows_in_the_status(
    configured: Terminal, pipe: Pipe, state_folder: Path
) -> None:
    answer = pipe(b"Subject: buy this\n\nNow!", "--json")
    assert answer.code == 0
    assert answer.json["effect"] == "kept"
    kept = state_folder / "quarantine" / answer.json["file"]
    assert kept.read_bytes() == b"Subject: buy this\n\nNow!"
    assert kept.stat().st_mode & 0o077 == 0
    told = configured("status", "--json").json["returned"]["quarantine"]
    assert (told["waiting"], told["reasons"]) == (1, {"no-token": 1})
    assert "quarantine    1 message for a person in" in configured("status").out


def test_the_recipient_may_come_as_an_option_or_in_the_environment(
    configured: Terminal, relay: Mailboxes, pipe: Pipe
) -> None:
    envelope_sender, _ = sent(configured, relay)
    blank = bounce(0, "4.2.2", to="undisclosed-recipients:;")
    assert pipe(blank, "--json").json["effect"] == "kept"
    assert pipe(blank, "--to", envelope_sender, "--json").json["effect"] == "counted"
    configured.set("RECIPIENT", envelope_sender)
    assert pipe(blank, "--json").json["effect"] == "nothing"


def test_a_terminal_is_asked_for_a_message(
    configured: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    answer = configured("bounce")
    assert answer.code == 2
    assert "stdin" in answer.err


def test_a_setting_that_is_wrong_makes_the_mail_server_try_again(
    configured: Terminal, pipe: Pipe
) -> None:
    configured.set("DIGEST_DATABASE_URL", "nonsense://")
    answer = pipe(b"Subject: x\n\n")
    assert answer.code == 75
    assert "DIGEST_DATABASE_URL" in answer.err


def test_a_defect_makes_the_mail_server_try_again(
    configured: Terminal, pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trips(*_: object, **__: object) -> None:
        raise ZeroDivisionError("reader@example.net")

    monkeypatch.setattr("digest.daily.bounces.parse_report", trips)
    answer = pipe(b"Subject: x\n\n")
    assert answer.code == 75
    assert "ZeroDivisionError" in answer.err
    assert "@" not in answer.err


def test_a_full_quarantine_makes_the_mail_server_keep_what_bears_a_token(
    configured: Terminal, relay: Mailboxes, pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope_sender, _ = sent(configured, relay)
    monkeypatch.setattr("digest.bounces.quarantine.Quarantine._files", lambda _: [("x", 10**9)])
    assert pipe(b"Subject: buy this\n\n").code == 0
    answer = pipe(f"To: {envelope_sender}\nSubject: Dear list\n\n".encode())
    assert answer.code == 75
    assert "quarantine is full" in answer.err


def test_a_real_pipe_to_a_real_process(
    configured: Terminal, relay: Mailboxes, state_folder: Path
) -> None:
    envelope_sender, _ = sent(configured, relay)

    def run(raw: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*PROGRAM, "bounce"], input=raw, capture_output=True, timeout=120)

    # More than a pipe holds, and than is looked at: the command must read to the end.
    raw = bounce(0, to=envelope_sender) + b"x" * 2_000_000
    configured.set(
        "DIGEST_DATABASE_URL", f"sqlite:///{configured.folder / 'digest.db'}?timeout=0.1"
    )
    with sqlite3.connect(configured.folder / "digest.db") as other:
        other.execute("BEGIN IMMEDIATE")
        busy = run(raw)
        other.rollback()
    other.close()
    assert busy.returncode == 75
    assert busy.stderr.count(b"\n") == 1
    done = run(raw)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"no such reader")


def test_the_daemons_look_at_a_maildir_by_hand(
    configured: Terminal, relay: Mailboxes, pipe: Pipe
) -> None:
    envelope_sender, _ = sent(configured, relay)
    maildir = configured.folder / "Maildir"
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True)
    (maildir / "new" / "1.host").write_bytes(bounce(0, to=envelope_sender))
    configured.set("DIGEST_BOUNCE_MAILDIR", str(maildir))
    answer = configured("bounce", "--mailbox")
    assert (answer.code, answer.out) == (0, "1 message read, 1 suppressed\n")
    assert list(maildir.glob("*/*")) == []
    assert configured("bounce", "--mailbox", "--json").json["read"] == 0
    assert "last bounces" in configured("status").out
    checked = {
        one["what"]: one for one in configured("check", "--dns", "127.0.0.1:9", "--json").json
    }
    assert "can be read, every 10 minutes" in checked["bounce mailbox"]["says"]


def test_the_daemon_looks_by_itself(configured: Terminal, relay: Mailboxes) -> None:
    envelope_sender, _ = sent(configured, relay)
    maildir = configured.folder / "Maildir"
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True)
    (maildir / "new" / "1.host").write_bytes(bounce(0, to=envelope_sender))
    configured.set("DIGEST_BOUNCE_MAILDIR", str(maildir))
    daemon = subprocess.Popen([*PROGRAM, "daemon", "--no-web"], stderr=subprocess.PIPE, text=True)
    guard = threading.Timer(60, daemon.kill)
    guard.start()
    assert daemon.stderr is not None
    log = ""
    while "1 message read, 1 suppressed" not in log and (line := daemon.stderr.readline()):
        log += line
    daemon.send_signal(signal.SIGTERM)
    daemon.communicate(timeout=60)
    guard.cancel()
    assert f"bounces at {maildir}" in log
    assert "1 message read, 1 suppressed" in log
    assert daemon.returncode == 0
    assert list(maildir.glob("*/*")) == []


def test_the_daemons_look_at_an_imap_server_by_hand(configured: Terminal, relay: Mailboxes) -> None:
    envelope_sender, _ = sent(configured, relay)
    with imapd() as server:
        server.put(complaint(1).replace(b"fbl@list.example", envelope_sender.encode()))
        for name, value in {
            "HOST": "127.0.0.1", "PORT": str(server.port), "SECURITY": "none",
            "USERNAME": USER, "PASSWORD": PASSWORD,
        }.items():  # fmt: skip
            configured.set(f"DIGEST_BOUNCE_IMAP_{name}", value)
        answer = configured("bounce", "--mailbox")
        assert (answer.code, answer.out) == (0, "1 message read, 1 suppressed\n")
        assert server.left() == {}
    answer = configured("bounce", "--mailbox")
    assert answer.code == 1
    assert "refused" in answer.err
    assert "FAILED: INBOX at 127.0.0.1" in configured("status").out


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "no bounce mailbox is set"),
        ({"DIGEST_BOUNCE_IMAP_HOST": "imap.example.org"}, "wants a login"),
        ({"DIGEST_BOUNCE_MAILDIR": "Maildir", "DIGEST_BOUNCE_ADDRESS": ""}, "mailbox of its own"),
        ({"DIGEST_BOUNCE_MAILDIR": "Maildir"}, "is no Maildir"),
    ],
)
def test_what_is_missing_for_a_mailbox_is_said(
    configured: Terminal, given: dict[str, str], says: str
) -> None:
    for name, value in given.items():
        configured.set(name, value)
    answer = configured("bounce", "--mailbox")
    assert answer.code == 1
    assert says in answer.err
    assert answer.err.count("\n") == 1


def test_a_check_says_where_nobody_reads_bounces(configured: Terminal) -> None:
    def told() -> str:
        lines = configured("check", "--dns", "127.0.0.1:9").out.splitlines()
        return next(line for line in lines if " bounce mailbox " in line)

    assert "unless the mail server of bounces@list.example pipes it" in told()
    assert told().startswith("ok ")
    configured.set("DIGEST_BOUNCE_ADDRESS", "")
    assert "nobody reads bounces: set DIGEST_BOUNCE_ADDRESS" in told()
    assert told().startswith("warn ")
