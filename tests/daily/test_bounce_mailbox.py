"""A look at the mailboxes: each message once, whatever happens to the others or to us."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bounce_samples import ReturnDesk, bounce, complaint, leave_token, wish
from installation import SHIPPED_TOPICS

from digest.bounces.mailboxes import Maildir, ReceivedMessage
from digest.bounces.reports import parse_report
from digest.daily import bounce_mailbox, bounces
from digest.daily.bounce_mailbox import read_mailboxes
from digest.daily.bounces import BounceEffect
from digest.daily.run_record import EditorialSettings
from digest.daily.status import read_status
from digest.errors import ConfigurationError, MailboxUnavailableError, StoreBusyError
from digest.model import Job, Run, SubscriberState


@pytest.fixture
def desk(tmp_path: Path) -> ReturnDesk:
    return ReturnDesk(tmp_path)


@pytest.fixture
def maildir(tmp_path: Path) -> Maildir:
    for part in ("tmp", "new", "cur"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    return Maildir(tmp_path / "Maildir")


def put(maildir: Maildir, *messages: bytes) -> None:
    begun = len(left(maildir))
    for number, raw in enumerate(messages):
        (maildir.path / "new" / f"{begun + number:04}.host").write_bytes(raw)


def left(maildir: Maildir) -> list[str]:
    return sorted(path.name for path in maildir.path.glob("*/*"))


def last_run(desk: ReturnDesk) -> Run:
    with desk.store.read() as unit:
        run = unit.runs.last(Job.BOUNCES)
    assert run is not None
    return run


def test_everything_in_the_mailbox_is_dealt_with_and_told_in_a_line(
    desk: ReturnDesk, maildir: Maildir
) -> None:
    dead, full, angry, leaving = (desk.subscribe(f"{i}@example.net") for i in range(4))
    deliveries = desk.send([dead, full, angry])
    put(
        maildir,
        bounce(deliveries[0], recipient="0@example.net"),
        bounce(deliveries[1], "5.2.2", recipient="1@example.net"),
        complaint(deliveries[2], recipient="2@example.net"),
        wish(f"unsubscribe {leave_token(leaving)}"),
        b"Subject: buy this\n\n",
        b"From: MAILER-DAEMON@a.example\nSubject: Out of office\n\n",
    )
    report = read_mailboxes(desk.returns, [maildir], clock=desk.clock)
    assert report.summary == (
        "6 messages read, 2 suppressed, 1 counted against a mailbox, 1 unsubscribed, "
        "1 changed nothing, 1 kept for a person"
    )
    assert report.as_dict()["quarantine"] == 1
    assert left(maildir) == []
    assert last_run(desk).summary == report.summary
    states = [desk.state(reader) for reader in (dead, full, angry, leaving)]
    assert states == ["suppressed", "active", "suppressed", "unsubscribed"]


def test_an_empty_mailbox_is_said_so(desk: ReturnDesk, maildir: Maildir) -> None:
    assert read_mailboxes(desk.returns, [maildir], clock=desk.clock).summary == "no mail came back"
    assert last_run(desk).ok


def test_a_crash_between_the_store_and_the_mailbox_costs_nothing(
    desk: ReturnDesk, maildir: Maildir, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, delivery_id = desk.reader()
    put(maildir, bounce(delivery_id, "5.2.2"))

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", dies)
        with pytest.raises(KeyboardInterrupt):
            read_mailboxes(desk.returns, [maildir], clock=desk.clock)
    assert len(left(maildir)) == 1
    before = desk.known(reader)
    desk.later(days=1)
    report = read_mailboxes(desk.returns, [maildir], clock=desk.clock)
    assert report.effects == {BounceEffect.NOTHING: 1}
    assert desk.known(reader) == before
    assert left(maildir) == []


def test_a_busy_store_leaves_the_rest_for_the_next_look(
    desk: ReturnDesk, maildir: Maildir, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = [desk.subscribe(f"{i}@example.net") for i in range(3)]
    deliveries = desk.send(readers)
    put(
        maildir,
        *(bounce(number, recipient=r.email) for number, r in zip(deliveries, readers, strict=True)),
    )
    apply, calls = bounces._apply_bounce, []

    def busy_once(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise StoreBusyError("locked by a backup")
        return apply(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(bounces, "_apply_bounce", busy_once)
    with pytest.raises(StoreBusyError):
        read_mailboxes(desk.returns, [maildir], clock=desk.clock)
    assert len(left(maildir)) == 2
    assert not last_run(desk).ok
    read_mailboxes(desk.returns, [maildir], clock=desk.clock)
    assert left(maildir) == []
    assert {desk.state(reader) for reader in readers} == {SubscriberState.SUPPRESSED}


def test_a_message_that_trips_us_is_kept_and_the_next_is_read(
    desk: ReturnDesk,
    maildir: Maildir,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    reader, delivery_id = desk.reader()
    put(maildir, b"Subject: trip over this, secret@example.org\n\n", bounce(delivery_id))
    parse = parse_report

    def trips(raw: bytes, **other: Any) -> object:
        if b"trip over" in raw:
            raise ZeroDivisionError("secret@example.org")
        return parse(raw, **other)

    monkeypatch.setattr(bounces, "parse_report", trips)
    read_mailboxes(desk.returns, [maildir], clock=desk.clock)
    assert desk.state(reader) is SubscriberState.SUPPRESSED
    assert desk.kept() == ["defect"]
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


def test_what_cannot_be_kept_stays_in_the_mailbox_and_is_not_read_again(
    desk: ReturnDesk, maildir: Maildir
) -> None:
    put(maildir, *(b"Subject: spam %d\n\n" % number for number in range(18)))
    report = read_mailboxes(desk.returns, [maildir], clock=desk.clock)
    assert report.effects == {BounceEffect.QUARANTINED: 16, BounceEffect.NOT_QUARANTINED: 2}
    assert all(name.endswith(":2,F") for name in left(maildir))
    assert read_mailboxes(desk.returns, [maildir], clock=desk.clock).read == 0
    assert len(left(maildir)) == 2


@pytest.mark.parametrize(
    ("limit", "value", "read"), [("MOST_AT_ONCE", 2, 2), ("LONGEST_READING", -1.0, 0)]
)
def test_a_look_ends_in_time_for_other_work(
    desk: ReturnDesk,
    maildir: Maildir,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: float,
    read: int,
) -> None:
    monkeypatch.setattr(bounce_mailbox, limit, value)
    put(maildir, *(b"Subject: %d\n\n" % number for number in range(3)))
    report = read_mailboxes(desk.returns, [maildir], clock=desk.clock)
    assert (report.read, report.more) == (read, True)
    assert len(left(maildir)) == 3 - read


def test_a_look_ends_when_the_daemon_does(desk: ReturnDesk, maildir: Maildir) -> None:
    put(maildir, b"Subject: x\n\n")
    stop = threading.Event()
    stop.set()
    assert read_mailboxes(desk.returns, [maildir], clock=desk.clock, stop=stop).read == 0
    assert len(left(maildir)) == 1


@dataclass(frozen=True)
class OutOfReach:
    """A mailbox that cannot be opened."""

    name: str = "INBOX at imap.example.org:993"

    @contextmanager
    def opened(self) -> Iterator[Iterator[ReceivedMessage]]:
        raise MailboxUnavailableError("the server did not answer in time", where=self.name)
        yield iter(())


def test_a_mailbox_out_of_reach_does_not_keep_the_next_and_is_the_reason_in_the_status(
    desk: ReturnDesk, maildir: Maildir
) -> None:
    put(maildir, b"Subject: x\n\n")
    with pytest.raises(MailboxUnavailableError):
        read_mailboxes(desk.returns, [OutOfReach(), maildir], clock=desk.clock)
    assert left(maildir) == []
    assert any(
        line.startswith("last bounces") and "FAILED: INBOX at imap.example.org:993: the ser" in line
        for line in status(desk)
    )


def test_a_mailbox_that_is_none_is_the_reason_too(desk: ReturnDesk, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        read_mailboxes(desk.returns, [Maildir(tmp_path)], clock=desk.clock)
    assert any("FAILED" in line and "no Maildir" in line for line in status(desk))


def status(desk: ReturnDesk) -> list[str]:
    return list(stock(desk).lines())


def stock(desk: ReturnDesk):  # type: ignore[no-untyped-def]
    return read_status(
        desk.store,
        EditorialSettings(SHIPPED_TOPICS, ZoneInfo("UTC")),
        clock=desk.clock,
        quarantine=desk.quarantine,
    )


def test_a_status_tells_what_waits_for_a_person_and_who_refuses_us(
    desk: ReturnDesk, maildir: Maildir
) -> None:
    assert stock(desk).as_dict()["returned"] == {
        "quarantine": {
            "folder": str(desk.quarantine.folder), "waiting": 0, "octets": 0, "reasons": {},
        },
        "not_kept": None,
        "alarm": None,
    }  # fmt: skip
    _, delivery_id = desk.reader()
    put(
        maildir,
        bounce(delivery_id, "5.7.1", words="550 5.7.1 listed at https://example.org/?192.0.2.10"),
        *(b"Subject: spam %d\n\n" % number for number in range(18)),
    )
    read_mailboxes(desk.returns, [maildir], clock=desk.clock)
    lines = status(desk)
    assert f"quarantine    16 messages for a person in {desk.quarantine.folder} " in "\n".join(
        lines
    )
    assert "(1 about-us, 15 no-token)" in "\n".join(lines)
    assert any(line.startswith("NOT KEPT      3 messages since 2026-11-20") for line in lines)
    assert any(line.startswith("ALARM         1 message since 2026-11-20: a rec") for line in lines)
    told = stock(desk).as_dict()["returned"]
    assert told["alarm"]["count"] == 1
    assert told["not_kept"]["count"] == 3
    desk.clock.now += timedelta(days=8)
    assert stock(desk).as_dict()["returned"]["alarm"] is None
