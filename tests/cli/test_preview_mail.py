"""``digest preview --to``: the mail to oneself, through the delivery's own code, and what the relay said."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from email.utils import parseaddr
from pathlib import Path

import pytest
from cli.conftest import Terminal
from cli.test_sending import Zone, key_file
from fakes import parse_message
from installation import ABOUTS, page_of
from smtp_server.behaviours import Behaviour
from smtp_server.server import Sink

from digest.cli.preview_arrivals import PreviewArrival, PreviewArrivals
from digest.delivery.envelope import OutgoingMail
from digest.mail.tokens import read_token
from digest.model import MOST_PREVIEWS

ME, YOU = "me@example.org", "you@example.org"
SECRET = "a secret that only these tests know"


@pytest.fixture
def sink(digest: Terminal) -> Iterator[Sink]:
    """A relay that keeps what it gets, and the settings that lead to it."""
    with Sink() as relay:
        lead_to(digest, relay)
        yield relay


def lead_to(digest: Terminal, relay: Sink) -> None:
    digest.set("DIGEST_SMTP_HOST", "127.0.0.1")
    digest.set("DIGEST_SMTP_PORT", str(relay.port))
    digest.set("DIGEST_SMTP_SECURITY", "none")
    digest.set("DIGEST_SENDER", "Daily Papers <papers@list.example>")
    digest.set("DIGEST_SECRET_KEY", SECRET)


def page(digest: Terminal, letters: str = "AB", name: str = "page.txt") -> str:
    return digest.text_file(name, page_of(letters))


def rows(digest: Terminal) -> dict[str, int]:
    """How many rows each table of the memory has."""
    with closing(sqlite3.connect(digest.folder / "digest.db")) as memory:
        names = [
            row[0] for row in memory.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        return {n: memory.execute(f"SELECT count(*) FROM {n}").fetchone()[0] for n in names}


def test_the_mail_comes_to_oneself_marked_and_signed_and_nothing_is_remembered(
    digest: Terminal, sink: Sink
) -> None:
    key = key_file(digest.folder, "ed25519")
    digest.set("DIGEST_DKIM_KEYS", f"e2026:{key}")
    digest.set("DIGEST_BOUNCE_ADDRESS", "bounces@list.example")
    answer = digest("preview", page(digest), "--to", ME, "--to", YOU, "--to", ME)
    assert answer.code == 0, answer.err
    assert [mail.recipient for mail in sink.mails] == [ME, YOU]
    for mail in sink.mails:
        assert mail.sender == "bounces@list.example"
        assert Zone("list.example", e2026=key).signatures(mail.content) == [True]
        message = parse_message(mail.content)
        assert message["Subject"].startswith("[Preview] ")
        assert parseaddr(message["To"])[1] == mail.recipient
        for part in ("plain", "html"):
            body = message.get_body((part,))
            assert body is not None
            words = " ".join(re.sub(r"<[^>]+>", " ", body.get_content()).split())
            # Above everything that the edition itself says.
            assert 0 < words.lower().index("this mail is a test") < words.index(ABOUTS["A"][0])
            assert "unsubscribe" in words.lower()
    assert len({parse_message(mail.content)["Message-ID"] for mail in sink.mails}) == 2
    assert f"{ME}: taken by the relay: 250" in answer.out
    assert not (digest.folder / "digest.db").exists()


def test_what_is_pending_is_sent_and_counts_as_delivered_to_nobody(
    digest: Terminal, sink: Sink
) -> None:
    digest("subscribers", "add", "--confirmed", ME)
    digest.set("DIGEST_SOURCES", page(digest))
    before = rows(digest)
    assert digest("preview", "--to", ME).code == 0
    assert rows(digest) == before
    assert digest("run").code == 0
    trial, real = sink.mailbox(ME)
    assert parse_message(trial.content)["Message-ID"] != parse_message(real.content)["Message-ID"]
    assert (
        parse_message(trial.content)["Subject"]
        == f"[Preview] {parse_message(real.content)['Subject']}"
    )
    again = digest("preview", "--to", ME)
    assert again.code == 0
    messages = {parse_message(mail.content)["Message-ID"] for mail in sink.mailbox(ME)}
    assert len(messages) == 3


def test_its_links_open_nothing_of_anybodys(digest: Terminal, sink: Sink) -> None:
    digest.set("DIGEST_BASE_URL", "https://papers.list.example")
    digest("subscribers", "add", "--confirmed", ME)
    assert digest("preview", page(digest), "--for", ME, "--to", ME).code == 0
    (mail,) = sink.mails
    tokens = re.findall(
        r"(unsubscribe|preferences)/([\w.~-]+)", str(parse_message(mail.content)).replace("=\n", "")
    )
    assert {purpose for purpose, _ in tokens} == {"unsubscribe", "preferences"}
    assert [read_token(purpose, token, (SECRET,)) for purpose, token in tokens] == [None] * len(
        tokens
    )


def test_a_subscribers_wishes_choose_the_papers(digest: Terminal, sink: Sink) -> None:
    digest("subscribers", "add", "--confirmed", "--topics", "graphs", "g@example.org")
    answer = digest("preview", page(digest, "ABCD"), "--for", "g@example.org", "--to", ME)
    assert answer.code == 0, answer.err
    (mail,) = sink.mails
    assert mail.recipient == ME
    content = str(parse_message(mail.content).get_body(("plain",)))
    assert ABOUTS["D"][0] in content
    assert ABOUTS["A"][0] not in content


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        (
            Behaviour(rcpt=lambda _: f"550 5.1.1 <{ME}> is unknown here"),
            "refused by the relay: 550 5.1.1 <(address)> is unknown here",
        ),
        (
            Behaviour(final=lambda _: "554 5.7.1 we do not like it"),
            "refused by the relay: 554 5.7.1 we do not like it",
        ),
        (
            Behaviour(rcpt=lambda _: "451 4.7.1 greylisted, try later"),
            "could not be sent now; try again later: 451 4.7.1 greylisted",
        ),
        (Behaviour(disconnects_at="final"), "in doubt: it may or may not arrive"),
        (
            Behaviour(greeting="554 5.7.1 go away"),
            "could not be sent now; try again later: 127.0.0.1",
        ),
    ],
    ids=["refused", "content", "greylisted", "cut", "greeting"],
)
def test_what_the_relay_says_is_one_clear_line_and_exit_code_1(
    digest: Terminal, behaviour: Behaviour, says: str
) -> None:
    with Sink(behaviour) as relay:
        lead_to(digest, relay)
        answer = digest("preview", page(digest), "--to", ME)
        assert answer.code == 1
        (line,) = answer.err.splitlines()
        assert f"digest: {ME}: {says}" in line
        answer = digest("preview", page(digest), "--to", ME, "--json")
        assert answer.code == 1
        assert answer.json["sent"][0]["state"] in ("rejected", "deferred", "unknown")
        assert ME not in answer.json["sent"][0]["reply"]


def test_one_that_is_refused_costs_the_others_nothing(digest: Terminal) -> None:
    def rcpt(address: str) -> str | None:
        return "550 5.1.1 nobody" if ME in address else None

    with Sink(Behaviour(rcpt=rcpt)) as relay:
        lead_to(digest, relay)
        answer = digest("preview", page(digest), "--to", ME, "--to", YOU, "--json")
        assert answer.code == 1
        assert [one["state"] for one in answer.json["sent"]] == ["rejected", "accepted"]
        assert [mail.recipient for mail in relay.mails] == [YOU]


def test_a_relay_out_of_reach_is_said_once_and_not_waited_for_again(
    digest: Terminal, sink: Sink, unused_port: int
) -> None:
    digest.set("DIGEST_SMTP_PORT", str(unused_port))
    answer = digest("preview", page(digest), "--to", ME, "--to", YOU)
    assert answer.code == 1
    first, second = answer.err.splitlines()
    assert "refused" in first
    assert (
        second
        == f"digest: {YOU}: could not be sent now; try again later: not tried: the relay is out of reach"
    )


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--to", "no address"), "not an e-mail address"),
        (("--to", "a@example.org\nRCPT TO:<b@example.org>"), "not an e-mail address"),
        (("--to", ""), "not an e-mail address"),
        (("--to", ME, "--serve"), "without --output and --serve"),
        (("--to", ME, "--output", "out"), "without --output and --serve"),
        (
            tuple(word for n in range(MOST_PREVIEWS + 1) for word in ("--to", f"{n}@example.org")),
            f"{MOST_PREVIEWS} addresses at most",
        ),
    ],
)
def test_wrong_usage_is_told_and_nothing_is_sent(
    digest: Terminal, sink: Sink, arguments: tuple[str, ...], says: str
) -> None:
    answer = digest("preview", page(digest), *arguments)
    assert answer.code == 2
    assert says in answer.err
    assert sink.attempts == []


def test_without_a_relay_it_says_which_setting_is_missing(digest: Terminal) -> None:
    answer = digest("preview", page(digest), "--to", ME)
    assert answer.code == 1
    assert "DIGEST_SMTP_HOST is missing" in answer.err


def test_an_edition_that_would_be_empty_is_not_sent(digest: Terminal, sink: Sink) -> None:
    digest.set("DIGEST_SOURCES", page(digest))
    digest("subscribers", "add", "--confirmed", "--keywords", "zymurgy", "z@example.org")
    answer = digest("preview", "--for", "z@example.org", "--to", ME)
    assert answer.code == 1
    assert "no mail would go out: this subscriber gets no mail" in answer.out
    assert sink.mails == []


def test_no_file_and_no_browser_is_left_behind(
    digest: Terminal, sink: Sink, cache_folder: Path
) -> None:
    page_file = cache_folder / "digest" / "preview.html"
    page_file.unlink(missing_ok=True)
    assert digest("preview", page(digest), "--to", ME).code == 0
    assert not page_file.exists()


HEAD = (
    b"Return-Path: <papers@list.example>\r\n"
    b"Received: from relay.list.example by mx.example.org with ESMTPS\r\n"
    b"Authentication-Results: mx.example.org;\r\n dkim=pass header.d=list.example\r\n"
)


@contextmanager
def delivering(relay: Sink, place: Path) -> Iterator[None]:
    """Let what the relay takes land in a Maildir or an mbox, as a mail server of this machine does."""
    done = threading.Event()

    def deliver() -> None:
        while not done.wait(0.05):
            if relay.mails:
                content = HEAD + relay.mails[0].content
                if place.is_dir():
                    (place / "new" / "1.mail").write_bytes(content)
                else:
                    old = b"From somebody Fri Nov 20 07:00:00 2026\nSubject: older\n\nHello.\n\n"
                    mail = b"From papers@list.example Fri Nov 20 07:00:00 2026\n" + content
                    place.write_bytes(old + mail.replace(b"\r\n", b"\n"))
                return

    thread = threading.Thread(target=deliver)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def maildir(folder: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.mark.parametrize("kind", ["maildir", "mbox", "bounce mailbox"])
def test_how_it_arrived_is_shown_where_the_mailbox_can_be_read(
    digest: Terminal, sink: Sink, kind: str
) -> None:
    place = digest.folder / "mailbox"
    if kind == "mbox":
        place.write_bytes(b"")
    else:
        maildir(place)
    to, options = ME, ["--mailbox", str(place)]
    if kind == "bounce mailbox":
        to, options = "bounces@list.example", []
        digest.set("DIGEST_BOUNCE_ADDRESS", to)
        digest.set("DIGEST_BOUNCE_MAILDIR", str(place))
    with delivering(sink, place):
        answer = digest("preview", page(digest), "--to", to, *options)
    assert answer.code == 0, answer.err
    _, relay, arrived, *head = answer.out.splitlines()
    assert relay.startswith(f"{to}: taken by the relay: 250")
    assert arrived == f"  arrived in {place}, with this head:"
    assert head == [
        "    Received: from relay.list.example by mx.example.org with ESMTPS",
        "    Authentication-Results: mx.example.org; dkim=pass header.d=list.example",
    ]
    if kind != "mbox":
        assert [file.name for file in (place / "new").iterdir()] == ["1.mail"]


def test_where_it_cannot_be_seen_how_it_arrives_words_say_so(
    digest: Terminal, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.cli.preview_arrivals.PreviewArrivals.look", look_briefly)
    answer = digest("preview", page(digest), "--to", ME)
    assert "how it arrives cannot be seen from here" in answer.out
    assert "--mailbox PATH" in answer.out
    empty = maildir(digest.folder / "empty")
    answer = digest("preview", page(digest), "--to", ME, "--mailbox", str(empty))
    assert answer.code == 0
    assert f"not in {empty} after 1 s: it may still come" in answer.out
    answer = digest("preview", page(digest), "--to", ME, "--mailbox", "nowhere", "--json")
    arrival = answer.json["sent"][0]["arrival"]
    assert arrival["arrived"] is False
    assert arrival["words"] == (
        "how it arrived cannot be seen: nowhere: is no Maildir and no mbox file. Check the path"
    )
    answer = digest("preview", "--mailbox", str(empty))
    assert answer.code == 2
    assert "with --to" in answer.err


def look_briefly(arrivals: PreviewArrivals, mail: OutgoingMail) -> PreviewArrival:
    """Look for a second, and not for as long as a relay may take."""
    return LOOK(replace(arrivals, wait=1.0), mail)


LOOK = PreviewArrivals.look


def test_a_reader_with_a_taste_is_shown_their_own_order_as_their_mail_has_it(
    digest: Terminal, sink: Sink
) -> None:
    digest("subscribers", "add", "--confirmed", ME)
    named = digest.text_file("named.txt", ABOUTS["I"][0] + "\n")
    assert digest("seeds", "add", named, "--for", ME).code == 0
    elsewhere = page(digest, "DEFGHI", "elsewhere.txt")
    digest.set("DIGEST_SOURCES", page(digest, "DEFGHI"))
    before = rows(digest)
    for folder, arguments in (("here", ()), ("there", (elsewhere,))):
        answer = digest("preview", *arguments, "--for", ME, "--output", folder)
        assert answer.code == 0, answer.err
        text = " ".join((digest.folder / folder / "digest.txt").read_text("utf-8").split())
        assert "which you named" in text
        first = min(text.find(title) for title, _ in ABOUTS.values() if title in text)
        assert text[first:].startswith(ABOUTS["I"][0])
    assert digest("preview", "--for", ME, "--to", YOU).code == 0
    assert "which you named" in _plain(sink.mailbox(YOU)[0].content)
    assert rows(digest) == before
    assert digest("run").code == 0
    shown = (digest.folder / "here" / "digest.txt").read_text("utf-8")
    assert _plain(sink.mailbox(ME)[0].content) == " ".join(shown.split())


def _plain(content: bytes) -> str:
    return " ".join(str(parse_message(content).get_body(("plain",)).get_content()).split())  # type: ignore[union-attr]
