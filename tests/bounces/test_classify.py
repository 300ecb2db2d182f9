"""Messages that came back, as mail systems of all kinds write them, and what follows from each."""

from __future__ import annotations

import base64
import csv
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.bounces.classify import (
    Bounce,
    BounceKind,
    BounceScore,
    Consequence,
    classify_message,
    decide_consequence,
)
from digest.bounces.reports import ReportKind, parse_report
from digest.bounces.verp import delivery_named, return_path
from digest.errors import ConfigurationError

FOLDER = Path(__file__).parent / "corpus"
ADDRESS = "bounces@list.example"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def read_token(token: str) -> int | None:
    """Tokens of this test: ``good-17`` is delivery 17, signed; everything else is forged."""
    found = re.fullmatch(r"good-(\d+)", token)
    return int(found.group(1)) if found else None


def corpus() -> list[dict[str, str]]:
    with (FOLDER / "expected.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def understood(raw: bytes) -> Bounce:
    return classify_message(
        raw, address=ADDRESS, read_token=read_token, recipient_of=lambda _: "reader@example.net"
    )


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case["message"])
def test_each_message_is_understood(case: dict[str, str]) -> None:
    bounce = understood((FOLDER / f"{case['message']}.eml").read_bytes())
    assert bounce.meaning == case["meaning"]
    assert str(bounce.delivery_id or "-") == case["delivery"]
    assert (bounce.status or "-") == case["status"]


def test_line_ends_of_the_wire_change_nothing() -> None:
    for case in corpus():
        raw = (FOLDER / f"{case['message']}.eml").read_bytes()
        assert understood(raw.replace(b"\n", b"\r\n")).meaning == case["meaning"], case["message"]


def test_the_corpus_is_large_and_nothing_mild_ends_a_subscription() -> None:
    cases = corpus()
    assert len(cases) >= 60
    suppressed = set()
    for case in cases:
        bounce = understood((FOLDER / f"{case['message']}.eml").read_bytes())
        follows = decide_consequence(bounce, BounceScore(), NOON)
        if follows.suppress:
            suppressed.add(case["message"])
            assert case["status"][:4] in ("5.1.", "5.2.", "-"), case
        if case["delivery"] == "-":
            assert follows == Consequence(BounceScore(), keep=True)
    assert suppressed == {
        case["message"]
        for case in cases
        if case["meaning"] in ("no such reader", "complaint") and case["delivery"] != "-"
    }


FAILED = Bounce(BounceKind.FAILED, 1, "4.2.2", "reader@example.net", "mailbox full")


def test_five_bad_days_end_a_subscription_but_five_bounces_on_one_day_do_not() -> None:
    score = BounceScore()
    for _ in range(5):
        score = decide_consequence(FAILED, score, NOON).score
    assert score.points == 1
    for day in range(1, 4):
        follows = decide_consequence(FAILED, score, NOON + timedelta(days=day))
        assert not follows.suppress
        score = follows.score
    last = decide_consequence(FAILED, score, NOON + timedelta(days=4))
    assert last.suppress == "bounced on 5 days, the last: 4.2.2"


def test_a_quiet_week_clears_the_score() -> None:
    score = BounceScore(4.0, NOON)
    assert score.points_at(NOON + timedelta(days=7)) == 4
    assert score.points_at(NOON + timedelta(days=7, seconds=1)) == 0
    assert decide_consequence(FAILED, score, NOON + timedelta(days=8)).score.points == 1


def test_a_clock_set_back_counts_nothing_twice() -> None:
    score = BounceScore(2.0, NOON)
    assert score.with_bounce(NOON - timedelta(days=1)) == score


def test_what_is_about_us_is_an_alarm_and_harms_nobody() -> None:
    bounce = Bounce(BounceKind.ABOUT_US, 1, "5.7.1", "reader@example.net", "blocked")
    follows = decide_consequence(bounce, BounceScore(4.0, NOON), NOON)
    assert follows == Consequence(
        BounceScore(4.0, NOON), alarm="a receiver refuses this sender: 5.7.1 blocked"
    )


def test_a_complaint_ends_it_at_once_and_a_delay_means_nothing() -> None:
    assert (
        decide_consequence(Bounce(BounceKind.COMPLAINT, 1), BounceScore(), NOON).suppress
        == "complained"
    )
    assert decide_consequence(
        Bounce(BounceKind.NOT_A_FAILURE, 1), BounceScore(), NOON
    ) == Consequence(BounceScore())


def test_the_token_stands_in_the_envelope_sender() -> None:
    assert return_path(ADDRESS, "good-7") == "bounces+good-7@list.example"
    assert delivery_named(["<bounces+good-7@list.example>"], ADDRESS, read_token) == 7
    assert (
        delivery_named(
            ["bounces+bad@list.example bounces+good-8@list.example"], ADDRESS, read_token
        )
        == 8
    )
    with pytest.raises(ConfigurationError, match="at most 14 letters"):
        return_path("a-very-long-mailbox-name@list.example", "x" * 49)


def test_the_address_it_was_delivered_to_counts_too() -> None:
    raw = (FOLDER / "forged-without-token.eml").read_bytes()
    bounce = classify_message(
        raw,
        address=ADDRESS,
        read_token=read_token,
        envelope_recipient="bounces+good-9@list.example",
    )
    assert bounce.delivery_id == 9


def test_a_message_within_a_message_a_thousand_times() -> None:
    raw = b"Content-Type: message/rfc822\n\n" * 1000 + b"x"
    assert understood(raw).meaning is BounceKind.UNREADABLE


def test_a_message_of_ten_thousand_parts_is_not_searched() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\nx\n" * 10_000
    assert understood(raw).meaning is BounceKind.UNREADABLE


@pytest.mark.parametrize(
    "words", ["", "The address to which the message has not yet been delivered is"]
)
@pytest.mark.parametrize("letter", ["-", " ", "<", "a"])
@pytest.mark.parametrize("encoded", [False, True])
def test_one_endless_line_keeps_nobody_busy(words: str, letter: str, encoded: bool) -> None:
    body = f"{words}\n{letter * 180_000}\n".encode()
    head = "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n"
    if encoded:
        head += "Content-Transfer-Encoding: base64\n"
        body = base64.b64encode(body)
    program = "import sys; from digest.bounces.reports import parse_report; parse_report(sys.stdin.buffer.read())"
    # A pattern that tries each place of the line for each place of it needs many minutes.
    subprocess.run(
        [sys.executable, "-c", program],
        input=f"{head}\n".encode() + body,
        check=True,
        timeout=30,
    )


def multiparts(depth: int) -> bytes:
    return b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth)
    )


KEEPING_US_BUSY = {
    "open multiparts": multiparts(900) + b"x\n" * 100_000,
    "fewer multiparts, more lines": multiparts(90) + b"x\n" * 120_000,
    "parts far inside": multiparts(29) + b"--b28\n\nx\n" * 2_600,
    "empty lines": b"From: MAILER-DAEMON@a.example\n" + b"\n" * 250_000,
    "bare carriage returns": b"A:\r" * 80_000,
    "headers": b"A: b\n" * 50_000 + b"\nx",
    "a header of many lines": b"Subject: x\n" + b" x\n" * 80_000 + b"\nx",
    "quotation marks": b"Content-Type: multipart/mixed; boundary=" + b'"\\' * 125_000 + b"\n\nx",
    "parameters": b"Content-Type: text/plain" + b";a=b" * 60_000 + b"\n\nx",
    "groups of fields": b"Content-Type: message/delivery-status\n\n" + b"A: b\n\n" * 40_000,
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 30_000,
    "NULs": b"Subject: \0" + b"\0\n" * 120_000,
    "charsets": b"Content-Type: text/plain; charset=punycode\n\n" + b"9" * 250_000,
    "encoded words": b"Subject: " + b"=?punycode?q?999?= " * 12_000 + b"\n\nx",
}


@pytest.mark.parametrize("name", sorted(KEEPING_US_BUSY))
def test_no_message_keeps_us_busy_for_long(name: str) -> None:
    begun = time.process_time()
    understood(KEEPING_US_BUSY[name])
    assert time.process_time() - begun < 5.0


def test_the_token_of_a_message_that_is_not_read_still_says_whom_it_may_concern() -> None:
    raw = b"To: bounces+good-7@list.example\n" + KEEPING_US_BUSY["open multiparts"]
    found = understood(raw)
    assert (found.meaning, found.delivery_id) == (BounceKind.UNREADABLE, 7)
    assert found.for_a_person


def test_a_report_within_the_limits_is_read_however_it_is_wrapped() -> None:
    """Long lines of recipients, returned mails within returned mails: real ones have them."""
    raw = (FOLDER / "postfix-user-unknown.eml").read_bytes()
    long = b"X-Recipients: " + b"someone@example.org,\n " * 1_000 + b"x\n"
    assert understood(long + raw).meaning is BounceKind.NO_SUCH_READER


def test_a_bounce_without_a_sender_is_read_all_the_same() -> None:
    raw = (FOLDER / "qmail.eml").read_bytes()
    for sender in (b"", b"From: <>\n", b"From: " + b"(" * 20_000 + b"\n"):
        without = re.sub(rb"^From: .*\n", sender, raw, count=1, flags=re.MULTILINE)
        assert without != raw
        assert understood(without).meaning is BounceKind.NO_SUCH_READER


def test_the_token_of_a_message_that_nothing_can_read_is_found() -> None:
    token = b"To: bounces+good-9@list.example\n"
    raw = token + b"Content-Type: message/rfc822\n\n" * 2_000 + b"x"
    assert understood(raw).delivery_id == 9


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        ("unsubscribe\n\tabc", "unsubscribe abc"),
        ("=?utf-8?q?unsubscribe_a=C3=A9?=", "unsubscribe aé"),
        ("=?no-such-charset?q?unsubscribe?=", "=?no-such-charset?q?unsubscribe?="),
    ],
)
def test_a_subject_is_read_in_clear_text(raw: str, subject: str) -> None:
    assert parse_report(f"Subject: {raw}\n\n".encode()).subject == subject


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_never_a_bounce(noise: bytes) -> None:
    assert parse_report(noise).form in (ReportKind.OTHER, ReportKind.AUTOMATIC)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_bounce_raises_nothing(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(corpus()))
    raw = bytearray((FOLDER / f"{case['message']}.eml").read_bytes())
    for _ in range(data.draw(st.integers(0, 6))):
        if raw:
            at = data.draw(st.integers(0, len(raw) - 1))
            del raw[at : at + data.draw(st.integers(1, 80))]
    understood(bytes(raw))
