"""Mailboxes that bounces come to: what is handled goes, what is not stays, on disk and over IMAP."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from bounces.imap_server import ENDLESS, PASSWORD, SENSELESS, USER, Imapd, imapd, misbehaving, sound

from digest.bounces.mailboxes import AT_ONCE, Imap, Mailbox, Maildir
from digest.bounces.reports import LARGEST
from digest.errors import ConfigurationError, MailboxUnavailableError
from digest.tls import Security


def message(subject: str, size: int = 10) -> bytes:
    return f"From: a@example.org\r\nSubject: {subject}\r\n\r\n".encode() + b"x" * size


def drained(box: Mailbox) -> list[bytes]:
    """Every message, each taken out as one that was handled."""
    found = []
    with box.opened() as arrived:
        for one in arrived:
            found.append(one.raw)
            one.remove()
    return found


class DeadError(Exception):
    """Something ended the work here."""


def handle_one_and_die(box: Mailbox) -> None:
    with box.opened() as arrived:
        next(arrived).remove()
        next(arrived)
        raise DeadError


# A Maildir.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("tmp", "new", "cur"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    return tmp_path / "Maildir"


def put(folder: Path, name: str, content: bytes, *, age: int = 0) -> Path:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def files(folder: Path) -> list[str]:
    return sorted(f"{path.parent.name}/{path.name}" for path in folder.glob("*/*"))


def test_a_maildir_is_read_oldest_first_both_new_and_seen(folder: Path) -> None:
    put(folder, "new/2.host", message("younger"), age=1)
    put(folder, "cur/1.host:2,S", message("older"), age=9)
    put(folder, "tmp/3.host", message("not delivered yet"))
    assert drained(Maildir(folder)) == [message("older"), message("younger")]
    assert files(folder) == ["tmp/3.host"]


def test_what_was_not_handled_is_read_again(folder: Path) -> None:
    put(folder, "new/1.host", message("one"))
    put(folder, "new/2.host", message("two"))

    with pytest.raises(DeadError):
        handle_one_and_die(Maildir(folder))
    assert drained(Maildir(folder)) == [message("two")]


def test_a_message_that_must_stay_is_flagged_and_not_read_again(folder: Path) -> None:
    put(folder, "new/1.host", message("one"))
    put(folder, "cur/2.host:2,S", message("two"))
    with Maildir(folder).opened() as arrived:
        for one in arrived:
            one.leave()
    assert files(folder) == ["cur/1.host:2,F", "cur/2.host:2,FS"]
    assert drained(Maildir(folder)) == []


def test_only_the_first_part_of_a_huge_file_is_read(folder: Path) -> None:
    put(folder, "new/1.host", b"x" * (LARGEST + 5))
    assert [len(raw) for raw in drained(Maildir(folder))] == [LARGEST]


def test_what_another_reader_took_is_passed_over(folder: Path) -> None:
    first = put(folder, "new/1.host", message("one"), age=3)
    second = put(folder, "new/2.host", message("two"), age=2)
    third = put(folder, "new/3.host", message("three"), age=1)
    with Maildir(folder).opened() as arrived:
        one = next(arrived)
        first.unlink()
        second.unlink()
        one.remove()
        assert next(arrived).raw == message("three")
        third.unlink()
    assert files(folder) == []


def test_what_another_reader_takes_during_the_listing_is_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "new/1.host", message("one"))
    put(folder, "new/2.host", message("two"))
    listing = os.scandir

    @contextlib.contextmanager
    def raced(path: Path) -> Iterator[list[os.DirEntry[str]]]:
        with listing(path) as entries:
            found = list(entries)
        (folder / "new" / "1.host").unlink(missing_ok=True)
        yield found

    monkeypatch.setattr(os, "scandir", raced)
    assert drained(Maildir(folder)) == [message("two")]


def test_folders_links_and_hidden_files_are_no_messages(folder: Path, tmp_path: Path) -> None:
    (folder / "new" / "folder").mkdir()
    (folder / "new" / "link").symlink_to(put(folder, "../secret", b"of somebody else"))
    put(folder, "new/.hidden", b"x")
    assert drained(Maildir(folder)) == []
    assert (tmp_path / "secret").exists()


def test_what_is_no_maildir_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is no Maildir"), Maildir(tmp_path).opened():
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_without_the_right_to_take_out_is_named(folder: Path) -> None:
    put(folder, "new/1.host", message("one"))
    (folder / "new").chmod(0o500)
    with pytest.raises(MailboxUnavailableError, match="Permission denied"):
        drained(Maildir(folder))
    (folder / "new").chmod(0o700)


def test_a_disk_that_fails_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "new/1.host", message("one"))

    def fails(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "unlink", fails)
    with pytest.raises(MailboxUnavailableError, match="Input/output error"):
        drained(Maildir(folder))


def test_a_message_that_cannot_be_read_does_not_keep_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "new/1.host", message("one"), age=1)
    put(folder, "new/2.host", message("two"))
    opened = Path.open

    def fails_once(path: Path, *rest: Any) -> object:
        if path.name == "1.host":
            raise OSError(5, "Input/output error")
        return opened(path, *rest)

    monkeypatch.setattr(Path, "open", fails_once)
    assert drained(Maildir(folder)) == [message("two")]
    assert files(folder) == ["new/1.host"]


# A folder on a real IMAP server.


@pytest.fixture
def trusting(ca_file: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca_file))
    context.check_hostname = False
    return context


@pytest.fixture(params=["none", "starttls", "tls"])
def server(
    request: pytest.FixtureRequest, tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> Iterator[Imapd]:
    if request.param == "none":
        with imapd() as running:
            yield running
    else:
        with imapd(tls, trusting, implicit=request.param == "tls") as running:
            yield running


@pytest.fixture
def box(server: Imapd, request: pytest.FixtureRequest, ca_file: Path) -> Imap:
    security = Security(request.node.callspec.params["server"])
    return at(server.port, security, ca_file=ca_file)


def at(
    port: int, security: Security = Security.NONE, *, ca_file: Path | None = None, **other: str
) -> Imap:
    values = {"username": USER, "password": PASSWORD, **other}
    return Imap("localhost", port, security, ca_file=ca_file, patience=10, **values)


def test_an_imap_folder_is_read_and_emptied(server: Imapd, box: Imap) -> None:
    server.put(message("one"), message("two", size=100_000))
    assert drained(box) == [message("one"), message("two", size=100_000)]
    assert server.left() == {}
    assert drained(box) == []


@pytest.fixture
def plain() -> Iterator[Imapd]:
    with imapd() as running:
        yield running


def test_only_what_was_handled_is_taken_out(plain: Imapd) -> None:
    plain.put(message("handled"), message("left"), message("not reached"))
    with at(plain.port).opened() as arrived:
        next(arrived).remove()
        next(arrived).leave()
    assert plain.left() == {b"left": (b"\\Flagged",), b"not reached": ()}
    assert drained(at(plain.port)) == [message("not reached")]


def test_what_was_handled_before_a_failure_is_taken_out(plain: Imapd) -> None:
    plain.put(message("handled"), message("fails"))
    with pytest.raises(DeadError):
        handle_one_and_die(at(plain.port))
    assert list(plain.left()) == [b"fails"]


def test_what_a_person_marked_is_left_to_them(plain: Imapd) -> None:
    plain.put(message("deleted by them"), flags=[b"\\Deleted"])
    plain.put(message("flagged by them"), flags=[b"\\Flagged"])
    plain.put(message("read by them"), flags=[b"\\Seen"])
    assert drained(at(plain.port)) == [message("read by them")]
    assert set(plain.left()) == {b"deleted by them", b"flagged by them"}


def test_many_are_taken_out_in_several_commands(plain: Imapd) -> None:
    plain.put(*(message(str(number)) for number in range(AT_ONCE + 3)))
    with at(plain.port).opened() as arrived:
        for _ in range(AT_ONCE):
            next(arrived).remove()
        assert len(plain.left()) == 3
    assert len(plain.left()) == 3


def test_only_the_first_part_of_a_huge_message_is_fetched(plain: Imapd) -> None:
    plain.put(message("huge", size=LARGEST * 3))
    assert [len(raw) for raw in drained(at(plain.port))] == [LARGEST]


def test_a_wrong_password_is_a_mistake_of_the_settings_and_is_not_shown(plain: Imapd) -> None:
    wrong = at(plain.port, password="wrong horse")
    with pytest.raises(ConfigurationError, match="refused the login") as failure, wrong.opened():
        pass
    assert "horse" not in str(failure.value) + repr(wrong)


def test_a_password_that_imap_cannot_carry_is_said_so(plain: Imapd) -> None:
    with (
        pytest.raises(ConfigurationError, match="cannot carry"),
        at(plain.port, password="пароль").opened(),
    ):
        pass


def test_a_folder_that_does_not_exist_is_named(plain: Imapd) -> None:
    with (
        pytest.raises(ConfigurationError, match="DIGEST_BOUNCE_IMAP_FOLDER"),
        at(plain.port, folder="Nowhere").opened(),
    ):
        pass


def test_a_certificate_of_somebody_else_is_refused(
    tls_of_another: ssl.SSLContext, trusting: ssl.SSLContext, ca_file: Path
) -> None:
    for security in (Security.TLS, Security.STARTTLS):
        with imapd(tls_of_another, trusting, implicit=security is Security.TLS) as running:
            box = at(running.port, security, ca_file=ca_file)
            with pytest.raises(ConfigurationError, match="does not verify"), box.opened():
                pass


def test_a_certificate_of_an_unknown_authority_is_refused(
    tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    with imapd(tls, trusting, implicit=True) as running:
        box = at(running.port, Security.TLS)
        with pytest.raises(ConfigurationError, match="CA_FILE"), box.opened():
            pass


def test_nothing_is_sent_in_the_clear_where_starttls_is_gone(plain: Imapd) -> None:
    stripped = at(plain.port, Security.STARTTLS)
    with pytest.raises(ConfigurationError, match="does not offer STARTTLS"), stripped.opened():
        pass


# Servers that misbehave, which no real one does on request.


def test_a_server_that_preauthenticates_gets_no_password(ca_file: Path) -> None:
    def preauth(command: bytes) -> bytes | None:
        return sound(command) if command else b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n"

    with misbehaving(preauth) as (port, heard):
        box = at(port, Security.STARTTLS, ca_file=ca_file)
        with pytest.raises((ConfigurationError, MailboxUnavailableError)), box.opened():
            pass
    assert not any(b"LOGIN" in line.upper() for line in heard)


def test_a_folder_with_more_than_an_answer_can_list_is_listed_in_parts() -> None:
    def crowded(command: bytes) -> bytes | None:
        if command.startswith(b"SELECT"):
            return b"* 120000 EXISTS\r\nTAG OK done\r\n"
        if command.startswith(b"UID FETCH"):
            return sound(b"UID FETCH").replace(b"UID 7", b"UID " + command.split()[2])  # type: ignore[union-attr]
        found = re.match(rb"UID SEARCH (?:(\d+):(\d+) )?UNDELETED UNFLAGGED", command)
        if found is None:
            return sound(command)
        first, last = (int(found[1]), int(found[2])) if found[1] else (1, 120_000)
        uids = b" ".join(b"%d" % (4_000_000_000 + number) for number in range(first, last + 1, 10))
        return b"* SEARCH %b\r\nTAG OK done\r\n" % uids

    with misbehaving(crowded) as (port, heard), at(port).opened() as arrived:
        next(arrived, None)
    assert [line.split()[3] for line in heard if b"SEARCH" in line] == [
        b"1:50000",
        b"50001:100000",
        b"100001:120000",
    ]


def test_a_short_message_may_come_quoted_among_other_news() -> None:
    with misbehaving(sound) as (port, _), at(port).opened() as arrived:
        assert [one.raw for one in arrived] == [b"Subject: x"]


def test_without_uidplus_all_that_is_marked_goes_at_once_or_stays() -> None:
    def other_marks(command: bytes) -> bytes | None:
        if b"SEARCH DELETED" in command.upper():
            return b"* SEARCH 5 7\r\nTAG OK done\r\n"
        return sound(command)

    for answers, expunged in ((sound, True), (other_marks, False)):
        with misbehaving(answers) as (port, heard):
            drained(at(port))
        assert any(b"STORE 7 +FLAGS" in line for line in heard)
        assert any(line.endswith(b" EXPUNGE\r\n") for line in heard) is expunged


@pytest.mark.parametrize("answer", [b"TAG NO the index is damaged\r\n", b"TAG OK done\r\n"])
def test_a_message_that_is_damaged_or_gone_does_not_keep_the_next(answer: bytes) -> None:
    def one_broken(command: bytes) -> bytes | None:
        if b"UID SEARCH" in command.upper():
            return b"* SEARCH 6 7\r\nTAG OK done\r\n"
        if b"FETCH 6" in command.upper():
            return answer
        return sound(command)

    with misbehaving(one_broken) as (port, _), at(port).opened() as arrived:
        assert [one.raw for one in arrived] == [b"Subject: x"]


def test_a_folder_that_may_only_be_read_is_refused() -> None:
    def read_only(command: bytes) -> bytes | None:
        if command.upper().startswith(b"SELECT"):
            return b"* 1 EXISTS\r\nTAG OK [READ-ONLY] done\r\n"
        return sound(command)

    refused = pytest.raises(ConfigurationError, match="only be read")
    with misbehaving(read_only) as (port, _), refused, at(port).opened():
        pass


@pytest.mark.parametrize("at_command", [b"", b"LOGIN", b"SELECT", b"UID SEARCH", b"UID FETCH"])
def test_a_server_that_falls_silent_is_out_of_reach(at_command: bytes) -> None:
    def silent(command: bytes) -> bytes | None:
        mute = command.upper().startswith(at_command) if at_command else not command
        return None if mute else sound(command)

    with misbehaving(silent) as (port, _):
        box = Imap("127.0.0.1", port, Security.NONE, USER, PASSWORD, patience=0.3)
        with pytest.raises(MailboxUnavailableError, match="did not answer in time"):
            drained(box)


@pytest.mark.parametrize("at_command", [b"LOGIN", b"SELECT", b"UID SEARCH", b"UID FETCH"])
def test_a_server_that_hangs_up_is_out_of_reach(at_command: bytes) -> None:
    def hangs_up(command: bytes) -> bytes | None:
        if command.upper().startswith(at_command):
            raise ConnectionResetError
        return sound(command)

    with misbehaving(hangs_up) as (port, _), pytest.raises(MailboxUnavailableError):
        drained(at(port))


@pytest.mark.parametrize("name", sorted(ENDLESS))
def test_an_answer_without_an_end_is_given_up_on(name: str) -> None:
    """Soon, after few octets, and with one line that a person understands."""
    at_command, pieces = ENDLESS[name]
    sent = 0

    def endless(command: bytes) -> bytes | Iterator[bytes] | None:
        if command.upper().startswith(at_command) if at_command else not command:
            return counted()
        return sound(command)

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for piece in pieces():
            sent += len(piece)
            yield piece

    begun = time.monotonic()
    with misbehaving(endless) as (port, _):
        box = Imap("127.0.0.1", port, Security.NONE, USER, PASSWORD, patience=1.0)
        with pytest.raises(MailboxUnavailableError) as caught:
            drained(box)
    assert time.monotonic() - begun < 20
    assert sent < 32 * 1024 * 1024
    assert str(caught.value).isprintable()
    assert len(caught.value.what) < 250


@pytest.mark.parametrize("name", sorted(SENSELESS))
def test_an_answer_that_makes_no_sense_is_no_defect_of_ours(name: str) -> None:
    at_command, answer = SENSELESS[name]

    def senseless(command: bytes) -> bytes | None:
        return answer if command.upper().startswith(at_command) else sound(command)

    with misbehaving(senseless) as (port, _), contextlib.suppress(MailboxUnavailableError):
        assert drained(at(port)) == []


def test_a_message_that_comes_whole_though_a_part_was_asked_for_is_cut() -> None:
    def generous(command: bytes) -> bytes | None:
        if command.upper().startswith(b"UID FETCH"):
            return b"* 1 FETCH (UID 7 BODY[] {2000000}\r\n%b)\r\nTAG OK done\r\n" % (
                b"x" * 2_000_000
            )
        return sound(command)

    with misbehaving(generous) as (port, _), at(port).opened() as arrived:
        assert [len(one.raw) for one in arrived] == [LARGEST]


def test_a_look_takes_note_of_as_many_messages_as_it_can_need() -> None:
    def crowded(command: bytes) -> bytes | None:
        if command.startswith(b"SELECT"):
            return b"* 4000000 EXISTS\r\nTAG OK done\r\n"
        if command.startswith(b"UID SEARCH"):
            return b"* SEARCH 7 %b\r\nTAG OK done\r\n" % b" ".join(
                b"%d" % n for n in range(8, 50_001)
            )
        return sound(command)

    with misbehaving(crowded) as (port, heard), at(port).opened() as arrived:
        next(arrived, None)
    assert sum(b"SEARCH" in line for line in heard) == 1


def test_what_a_server_says_cannot_steer_a_terminal() -> None:
    def steering(command: bytes) -> bytes | None:
        if command.upper().startswith(b"LOGIN"):
            return b"TAG NO \x1b]0;me\x07\x1b[2J go away\r\n"
        return sound(command)

    refused = pytest.raises(ConfigurationError, match="refused the login")
    with misbehaving(steering) as (port, _), refused as caught, at(port).opened():
        pass
    assert str(caught.value).isprintable()


def test_what_was_said_before_the_encryption_is_no_answer_under_it(
    tls: ssl.SSLContext, ca_file: Path
) -> None:
    """A man in the middle who puts an answer behind the one to STARTTLS (CVE-2011-0411)."""

    def injecting(command: bytes) -> bytes | None:
        if not command:
            return b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"
        if command.upper().startswith(b"CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n"
        if command.upper().startswith(b"STARTTLS"):
            return b"TAG OK go\r\n* CAPABILITY IMAP4rev1 MITM\r\n"
        return sound(command)

    with misbehaving(injecting, tls) as (port, heard):
        box = Imap("localhost", port, Security.STARTTLS, USER, PASSWORD, ca_file=ca_file)
        with pytest.raises(MailboxUnavailableError, match="before the encryption"), box.opened():
            pass
    assert not any(b"LOGIN" in line.upper() for line in heard)


def test_a_folder_of_a_million_messages_takes_no_memory_to_speak_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.bounces.mailboxes.MOST_LISTED", 3)
    for number in range(10):
        put(folder, f"new/{number}.host", message(str(number)), age=number)
    assert drained(Maildir(folder)) == [message(str(number)) for number in (9, 8, 7)]


def test_a_server_that_talks_nonsense_is_out_of_reach() -> None:
    refused = pytest.raises(MailboxUnavailableError)
    with misbehaving(lambda _: b"220 ESMTP\r\n") as (port, _), refused, at(port).opened():
        pass


def test_nobody_listening_is_out_of_reach() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(MailboxUnavailableError, match="refused"), at(port).opened():
        pass
