"""What replies mean, without a clock and without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.delivery.retry import (
    FailureOrigin,
    Reply,
    RetryPolicy,
    SmtpStage,
    decide_retry,
    failure_origin,
    requested_wait,
    says_too_fast,
)
from digest.model import DeliveryState

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
S = DeliveryState


@pytest.mark.parametrize(
    ("place", "code", "text", "state", "fault", "pause"),
    [
        ("final", 250, "2.0.0 kept", S.ACCEPTED, FailureOrigin.NONE, False),
        ("final", None, "", S.UNKNOWN, FailureOrigin.RELAY, False),
        ("body", None, "", S.DEFERRED, FailureOrigin.RELAY, False),
        ("connect", None, "refused", S.DEFERRED, FailureOrigin.RELAY, False),
        ("greeting", 554, "5.7.1 blocked", S.DEFERRED, FailureOrigin.SENDER, False),
        ("greeting", 554, "no service", S.DEFERRED, FailureOrigin.RELAY, False),
        ("tls", 500, "what?", S.DEFERRED, FailureOrigin.RELAY, False),
        ("tls", 454, "4.7.0 later", S.DEFERRED, FailureOrigin.RELAY, False),
        ("login", 535, "5.7.8 wrong", S.DEFERRED, FailureOrigin.SENDER, True),
        ("login", 454, "4.7.0 later", S.DEFERRED, FailureOrigin.RELAY, False),
        ("mail", 550, "5.1.8 bad sender", S.DEFERRED, FailureOrigin.SENDER, True),
        ("mail", 451, "4.3.0 later", S.DEFERRED, FailureOrigin.RELAY, False),
        ("rcpt", 550, "5.1.1 nobody", S.REJECTED, FailureOrigin.RECIPIENT, False),
        ("rcpt", 550, "5.5.0 mailbox unavailable", S.REJECTED, FailureOrigin.RECIPIENT, False),
        ("rcpt", 550, "nobody", S.REJECTED, FailureOrigin.RECIPIENT, False),
        ("rcpt", 550, "5.0.0 listed by spamhaus", S.DEFERRED, FailureOrigin.SENDER, False),
        ("rcpt", 554, "Relay access denied", S.DEFERRED, FailureOrigin.SENDER, False),
        ("rcpt", 550, "5.7.1 denied", S.DEFERRED, FailureOrigin.SENDER, False),
        ("rcpt", 450, "4.7.1 greylisted", S.DEFERRED, FailureOrigin.RECIPIENT, False),
        ("rcpt", 452, "4.3.1 disk full", S.DEFERRED, FailureOrigin.RELAY, False),
        ("rcpt", 421, "4.7.0 too many", S.DEFERRED, FailureOrigin.RELAY, False),
        ("rcpt", 503, "5.5.1 order", S.DEFERRED, FailureOrigin.SENDER, False),
        ("data", 451, "later", S.DEFERRED, FailureOrigin.RELAY, False),
        ("data", 354, "out of step", S.DEFERRED, FailureOrigin.RELAY, False),
        ("final", 552, "5.2.2 full", S.REJECTED, FailureOrigin.RECIPIENT, False),
        ("final", 552, "5.3.4 too big", S.DEFERRED, FailureOrigin.SENDER, False),
        ("final", 452, "4.2.2 full", S.DEFERRED, FailureOrigin.RECIPIENT, False),
    ],
)
def test_the_meaning_of_a_reply(
    place: str, code: int | None, text: str, state: S, fault: FailureOrigin, pause: bool
) -> None:
    reply = (
        Reply(SmtpStage(place), text=text)
        if code is None
        else Reply.of(SmtpStage(place), code, text)
    )
    decision = decide_retry(reply, attempt=1, now=NOW, policy=RetryPolicy())
    assert (decision.state, decision.fault, decision.pause) == (state, fault, pause)
    assert (decision.next_at is not None) == (state is S.DEFERRED)


def test_waits_grow_up_to_a_limit() -> None:
    policy = RetryPolicy(first_wait=timedelta(seconds=60), longest_wait=timedelta(minutes=10))
    waits = [policy.wait(attempt).total_seconds() for attempt in (1, 2, 3, 4, 5, 6, 1000)]
    assert waits == [60, 120, 240, 480, 600, 600, 600]
    assert policy.wait(1, spread=1.0) == timedelta(seconds=66)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4.7.1 Greylisted, try again in 300 seconds", 300),
        ("please retry after 5 minutes", 300),
        ("Greylisting in effect, please come back in 00:05:00", None),
        ("wait 2 hours", 7200),
        ("try again in 90 days", None),
        ("in 99999 hours", 86400),
        ("nothing of the kind", None),
    ],
)
def test_a_time_in_the_reply(text: str, seconds: int | None) -> None:
    asked = requested_wait(text)
    assert (asked.total_seconds() if asked else None) == seconds


def test_a_time_in_the_reply_only_lengthens_the_wait() -> None:
    policy = RetryPolicy(first_wait=timedelta(minutes=5))
    for words, minutes in (("in 10 seconds", 5), ("in 20 minutes", 20)):
        decision = decide_retry(
            Reply(SmtpStage.RCPT, 450, text=words), attempt=1, now=NOW, policy=policy
        )
        assert decision.next_at == NOW + timedelta(minutes=minutes)


def test_what_asks_for_fewer_mails() -> None:
    assert says_too_fast(Reply.of(SmtpStage.RCPT, 421, "4.7.28 unusual rate of mail"))
    assert says_too_fast(Reply.of(SmtpStage.MAIL, 450, "too many connections"))
    assert not says_too_fast(Reply.of(SmtpStage.RCPT, 451, "4.7.1 greylisted"))
    assert not says_too_fast(Reply.of(SmtpStage.RCPT, 550, "too many invalid recipients"))


def test_a_reply_in_words() -> None:
    assert (
        Reply.of(SmtpStage.RCPT, 550, "5.1.1 no\r\n such user").summary == "550 5.1.1 no such user"
    )
    assert Reply(SmtpStage.FINAL).summary == "no reply"
    assert (
        failure_origin(Reply.of(SmtpStage.RCPT, 550, "5.1.1x no code")) is FailureOrigin.RECIPIENT
    )
