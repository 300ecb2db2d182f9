"""Readers whom the relay itself refuses, day after day, are let go in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from installation import PARIS, Installation

from digest.delivery.retry import Reply, RetryPolicy, SmtpStage
from digest.model import Subscriber, SubscriberState

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)
NOBODY = Reply.of(SmtpStage.RCPT, 550, "5.1.1 no such user here")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    installation = Installation(tmp_path, MONDAY)
    installation.subscribe("reader@example.org", "gone@example.org")
    return installation


def day(installation: Installation, number: int, refused: Reply = NOBODY) -> Subscriber:
    """One day's edition, ``gone@example.org`` refused so; that reader afterwards."""
    installation.clock.now = datetime.combine(
        MONDAY.date() + timedelta(days=number), time(8), tzinfo=PARIS
    )
    installation.transport.answers = {"gone@example.org": refused}
    installation.dump("ABCDEFGHI"[number])
    installation.run_day()
    with installation.store.read() as unit:
        found = unit.subscribers.by_email("gone@example.org")
    assert found is not None
    return found


def test_five_days_of_refusals_suppress_and_a_retry_or_a_second_run_counts_nothing(
    installation: Installation,
) -> None:
    for number in range(4):
        assert day(installation, number).state is SubscriberState.ACTIVE
        installation.run_day()
    gone = day(installation, 4)
    assert gone.state is SubscriberState.SUPPRESSED
    assert "5.1.1" in gone.state_reason
    before = len(installation.transport.mails)
    day(installation, 5)
    assert [mail.recipient for mail in installation.transport.mails[before:]] == [
        "reader@example.org"
    ]


def test_a_refusal_of_the_sender_counts_against_nobody(installation: Installation) -> None:
    installation.daily_run = replace(
        installation.daily_run,
        delivery=replace(installation.delivery, policy=RetryPolicy(sender_refusals=1)),
    )
    subscriber = day(installation, 0, Reply.of(SmtpStage.RCPT, 550, "5.7.1 your host is blocked"))
    with installation.store.read() as unit:
        assert unit.runs.paused()
        assert unit.subscribers.bounce_points(subscriber.id)[0] == 0


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
    installation = Installation(tmp_path, MONDAY)
    hostile = [f"m{number}@evil.example" for number in range(30)]
    others = ["alice@a.example", "bob@b.example", "cyd@c.example"]
    installation.subscribe(*hostile, *others)
    installation.transport.answers = dict.fromkeys(hostile, refused)
    installation.dump("A")
    installation.run_day()
    with installation.store.read() as unit:
        assert unit.runs.paused() is None
    # A day later the refused ones are due alone, before anybody else.
    installation.clock.now += timedelta(hours=6)
    installation.run_day()
    with installation.store.read() as unit:
        assert unit.runs.paused() is None
    served = [mail.recipient for mail in installation.transport.mails]
    assert sorted(name for name in served if name in others) == others


def test_a_relay_that_refuses_every_domain_pauses(tmp_path: Path) -> None:
    installation = Installation(tmp_path, MONDAY)
    names = [f"reader@{letter}.example" for letter in "abcdef"]
    installation.subscribe(*names)
    blocked = Reply.of(SmtpStage.RCPT, 550, "5.7.1 your host is blocked")
    installation.transport.answers = dict.fromkeys(names, blocked)
    installation.dump("A")
    installation.run_day()
    with installation.store.read() as unit:
        assert unit.runs.paused() is not None
