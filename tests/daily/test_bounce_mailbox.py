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
from bounce_samples import BounceInstallation, bounce, complaint, leave_token, wish
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
def installation(tmp_path: Path) -> BounceInstallation:
    return BounceInstallation(tmp_path)


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


def last_run(installation: BounceInstallation) -> Run:
    with installation.store.read() as unit:
        run = unit.runs.last(Job.BOUNCES)
    assert run is not None
    return run


def test_everything_in_the_mailbox_is_dealt_with_and_told_in_a_line(
    installation: BounceInstallation, maildir: Maildir
) -> None:
    dead, full, angry, leaving = (installation.subscribe(f"{i}@example.net") for i in range(4))
    deliveries = installation.send([dead, full, angry])
    put(
        maildir,
        bounce(deliveries[0], recipient="0@example.net"),
        bounce(deliveries[1], "5.2.2", recipient="1@example.net"),
        complaint(deliveries[2], recipient="2@example.net"),
        wish(f"unsubscribe {leave_token(leaving)}"),
        b"Subject: buy this\n\n",
        b"From: MAILER-DAEMON@a.example\nSubject: Out of office\n\n",
    )
    report = read_mailboxes(installation.returns, [maildir], clock=installation.clock)
    assert report.summary == (
        "6 messages read, 2 suppressed, 1 counted against a mailbox, 1 unsubscribed, "
        "1 changed nothing, 1 kept for a person"
    )
    assert report.as_dict()["quarantine"] == 1
    assert left(maildir) == []
    assert last_run(installation).summary == report.summary
    states = [installation.state(subscriber) for subscriber in (dead, full, angry, leaving)]
    assert states == ["suppressed", "active", "suppressed", "unsubscribed"]


def test_an_empty_mailbox_is_said_so(installation: BounceInstallation, maildir: Maildir) -> None:
    assert (
        read_mailboxes(installation.returns, [maildir], clock=installation.clock).summary
        == "no mail came back"
    )
    assert last_run(installation).ok


def test_a_crash_between_the_store_and_the_mailbox_costs_nothing(
    installation: BounceInstallation, maildir: Maildir, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    put(maildir, bounce(delivery_id, "5.2.2"))

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", dies)
        with pytest.raises(KeyboardInterrupt):
            read_mailboxes(installation.returns, [maildir], clock=installation.clock)
    assert len(left(maildir)) == 1
    before = installation.known(subscriber)
    installation.later(days=1)
    report = read_mailboxes(installation.returns, [maildir], clock=installation.clock)
    assert report.effects == {BounceEffect.NOTHING: 1}
    assert installation.known(subscriber) == before
    assert left(maildir) == []


def test_a_busy_store_leaves_the_rest_for_the_next_look(
    installation: BounceInstallation, maildir: Maildir, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribers = [installation.subscribe(f"{i}@example.net") for i in range(3)]
    deliveries = installation.send(subscribers)
    put(
        maildir,
        *(
            bounce(number, recipient=r.email)
            for number, r in zip(deliveries, subscribers, strict=True)
        ),
    )
    apply, calls = bounces._apply_bounce, []

    def busy_once(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise StoreBusyError("locked by a backup")
        return apply(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(bounces, "_apply_bounce", busy_once)
    with pytest.raises(StoreBusyError):
        read_mailboxes(installation.returns, [maildir], clock=installation.clock)
    assert len(left(maildir)) == 2
    assert not last_run(installation).ok
    read_mailboxes(installation.returns, [maildir], clock=installation.clock)
    assert left(maildir) == []
    assert {installation.state(subscriber) for subscriber in subscribers} == {
        SubscriberState.SUPPRESSED
    }


def test_a_message_that_trips_us_is_kept_and_the_next_is_read(
    installation: BounceInstallation,
    maildir: Maildir,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    put(maildir, b"Subject: trip over this, secret@example.org\n\n", bounce(delivery_id))
    parse = parse_report

    def trips(raw: bytes, **other: Any) -> object:
        if b"trip over" in raw:
            raise ZeroDivisionError("secret@example.org")
        return parse(raw, **other)

    monkeypatch.setattr(bounces, "parse_report", trips)
    read_mailboxes(installation.returns, [maildir], clock=installation.clock)
    assert installation.state(subscriber) is SubscriberState.SUPPRESSED
    assert installation.kept() == ["defect"]
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


def test_what_cannot_be_kept_stays_in_the_mailbox_and_is_not_read_again(
    installation: BounceInstallation, maildir: Maildir
) -> None:
    put(maildir, *(b"Subject: spam %d\n\n" % number for number in range(18)))
    report = read_mailboxes(installation.returns, [maildir], clock=installation.clock)
    assert report.effects == {BounceEffect.QUARANTINED: 16, BounceEffect.NOT_QUARANTINED: 2}
    assert all(name.endswith(":2,F") for name in left(maildir))
    assert read_mailboxes(installation.returns, [maildir], clock=installation.clock).read == 0
    assert len(left(maildir)) == 2


@pytest.mark.parametrize(
    ("limit", "value", "read"), [("MOST_AT_ONCE", 2, 2), ("LONGEST_READING", -1.0, 0)]
)
def test_a_look_ends_in_time_for_other_work(
    installation: BounceInstallation,
    maildir: Maildir,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: float,
    read: int,
) -> None:
    monkeypatch.setattr(bounce_mailbox, limit, value)
    put(maildir, *(b"Subject: %d\n\n" % number for number in range(3)))
    report = read_mailboxes(installation.returns, [maildir], clock=installation.clock)
    assert (report.read, report.more) == (read, True)
    assert len(left(maildir)) == 3 - read


def test_a_look_ends_when_the_daemon_does(
    installation: BounceInstallation, maildir: Maildir
) -> None:
    put(maildir, b"Subject: x\n\n")
    stop = threading.Event()
    stop.set()
    assert (
        read_mailboxes(installation.returns, [maildir], clock=installation.clock, stop=stop).read
        == 0
    )
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
    installation: BounceInstallation, maildir: Maildir
) -> None:
    put(maildir, b"Subject: x\n\n")
    with pytest.raises(MailboxUnavailableError):
        read_mailboxes(installation.returns, [OutOfReach(), maildir], clock=installation.clock)
    assert left(maildir) == []
    assert any(
        line.startswith("last bounces") and "FAILED: INBOX at imap.example.org:993: the ser" in line
        for line in status(installation)
    )


def test_a_mailbox_that_is_none_is_the_reason_too(
    installation: BounceInstallation, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError):
        read_mailboxes(installation.returns, [Maildir(tmp_path)], clock=installation.clock)
    assert any("FAILED" in line and "no Maildir" in line for line in status(installation))


def status(installation: BounceInstallation) -> list[str]:
    return list(stock(installation).lines())


def stock(installation: BounceInstallation):  # type: ignore[no-untyped-def]
    return read_status(
        installation.store,
        EditorialSettings(SHIPPED_TOPICS, ZoneInfo("UTC")),
        clock=installation.clock,
        quarantine=installation.quarantine,
    )


def test_a_status_tells_what_waits_for_a_person_and_who_refuses_us(
    installation: BounceInstallation, maildir: Maildir
) -> None:
    assert stock(installation).as_dict()["returned"] == {
        "quarantine": {
            "folder": str(installation.quarantine.folder), "waiting": 0, "octets": 0, "reasons": {},
        },
        "not_kept": None,
        "alarm": None,
    }  # fmt: skip
    _, delivery_id = installation.subscriber_with_delivery()
    put(
        maildir,
        bounce(delivery_id, "5.7.1", words="550 5.7.1 listed at https://example.org/?192.0.2.10"),
        *(b"Subject: spam %d\n\n" % number for number in range(18)),
    )
    read_mailboxes(installation.returns, [maildir], clock=installation.clock)
    lines = status(installation)
    assert (
        f"quarantine    16 messages for a person in {installation.quarantine.folder} "
        in "\n".join(lines)
    )
    assert "(1 about-us, 15 no-token)" in "\n".join(lines)
    assert any(line.startswith("NOT KEPT      3 messages since 2026-11-20") for line in lines)
    assert any(line.startswith("ALARM         1 message since 2026-11-20: a rec") for line in lines)
    told = stock(installation).as_dict()["returned"]
    assert told["alarm"]["count"] == 1
    assert told["not_kept"]["count"] == 3
    installation.clock.now += timedelta(days=8)
    assert stock(installation).as_dict()["returned"]["alarm"] is None
