"""Readers whom the relay itself refuses, day after day, are let go in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from factories import PARIS, Newsroom

from digest.delivery.retry import Reply, RetryPolicy, SmtpStage
from digest.model import Subscriber, SubscriberState

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)
NOBODY = Reply.of(SmtpStage.RCPT, 550, "5.1.1 no such user here")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    room = Newsroom(tmp_path, MONDAY)
    room.subscribe("reader@example.org", "gone@example.org")
    return room


def day(room: Newsroom, number: int, refused: Reply = NOBODY) -> Subscriber:
    """One day's edition, ``gone@example.org`` refused so; that reader afterwards."""
    room.clock.now = datetime.combine(MONDAY.date() + timedelta(days=number), time(8), tzinfo=PARIS)
    room.transport.answers = {"gone@example.org": refused}
    room.dump("ABCDEFGHI"[number])
    room.day.run(clock=room.clock)
    with room.store.read() as unit:
        found = unit.subscribers.by_email("gone@example.org")
    assert found is not None
    return found


def test_five_days_of_refusals_suppress_and_a_retry_or_a_second_run_counts_nothing(
    room: Newsroom,
) -> None:
    for number in range(4):
        assert day(room, number).state is SubscriberState.ACTIVE
        room.day.run(clock=room.clock)
    gone = day(room, 4)
    assert gone.state is SubscriberState.SUPPRESSED
    assert "5.1.1" in gone.state_reason
    before = len(room.transport.mails)
    day(room, 5)
    assert [mail.recipient for mail in room.transport.mails[before:]] == ["reader@example.org"]


def test_a_refusal_of_the_sender_counts_against_nobody(room: Newsroom) -> None:
    room.day = replace(
        room.day, delivery=replace(room.delivery, policy=RetryPolicy(sender_refusals=1))
    )
    reader = day(room, 0, Reply.of(SmtpStage.RCPT, 550, "5.7.1 your host is blocked"))
    with room.store.read() as unit:
        assert unit.runs.paused()
        assert unit.subscribers.bounce_points(reader.id)[0] == 0


@pytest.mark.parametrize(
    "refused",
    [
        Reply.of(SmtpStage.RCPT, 554, "5.7.1 Recipient address rejected: Access denied"),
        Reply.of(SmtpStage.RCPT, 550, "5.1.2 Domain not found"),
    ],
)
def test_one_domain_that_is_refused_pauses_nobody_elses_mail(
    tmp_path: Path, refused: Reply
) -> None:
    room = Newsroom(tmp_path, MONDAY)
    hostile = [f"m{number}@evil.example" for number in range(30)]
    others = ["alice@a.example", "bob@b.example", "cyd@c.example"]
    room.subscribe(*hostile, *others)
    room.transport.answers = dict.fromkeys(hostile, refused)
    room.dump("A")
    room.day.run(clock=room.clock)
    with room.store.read() as unit:
        assert unit.runs.paused() is None
    # A day later the refused ones are due alone, before anybody else.
    room.clock.now += timedelta(hours=6)
    room.day.run(clock=room.clock)
    with room.store.read() as unit:
        assert unit.runs.paused() is None
    served = [mail.recipient for mail in room.transport.mails]
    assert sorted(name for name in served if name in others) == others


def test_a_relay_that_refuses_every_domain_pauses(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, MONDAY)
    names = [f"reader@{letter}.example" for letter in "abcdef"]
    room.subscribe(*names)
    blocked = Reply.of(SmtpStage.RCPT, 550, "5.7.1 your host is blocked")
    room.transport.answers = dict.fromkeys(names, blocked)
    room.dump("A")
    room.day.run(clock=room.clock)
    with room.store.read() as unit:
        assert unit.runs.paused() is not None
