"""What an answer means: sent, refused, to be tried again, or in doubt; and how long to wait."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.channels.exchange import HttpAnswer
from digest.channels.targets import read_targets
from digest.channels.verdict import judge
from digest.model import DeliveryState

S = DeliveryState
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
(SLACK, TELEGRAM, ZULIP) = read_targets(
    [
        "https://hooks.slack.com/services/T0/B0/very-secret",
        "telegram+https://api.telegram.org#token=1:very-secret&chat=@p",
        "zulip+https://z.example.org#bot=b&key=very-secret&channel=p",
    ]
)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, S.ACCEPTED),
        (201, S.ACCEPTED),
        (204, S.ACCEPTED),
        (301, S.REJECTED),
        (307, S.REJECTED),
        (400, S.REJECTED),
        (401, S.REJECTED),
        (403, S.REJECTED),
        (404, S.REJECTED),
        (410, S.REJECTED),
        (408, S.DEFERRED),
        (425, S.DEFERRED),
        (429, S.DEFERRED),
        (500, S.DEFERRED),
        (503, S.DEFERRED),
        (502, S.UNKNOWN),
        (504, S.UNKNOWN),
        (524, S.UNKNOWN),
    ],
)
def test_a_status_decides(status: int, state: DeliveryState) -> None:
    assert judge(HttpAnswer(status, begun=True), SLACK, NOW).state is state


def test_a_silence_is_a_doubt_only_once_something_has_left() -> None:
    assert judge(HttpAnswer(begun=True, trouble="ReadTimeout"), SLACK, NOW).state is S.UNKNOWN
    assert judge(HttpAnswer(begun=False, trouble="refused"), SLACK, NOW).state is S.DEFERRED


def test_a_good_status_with_a_denial_is_a_refusal() -> None:
    denial = HttpAnswer(200, body=b'{"ok": false, "description": "chat not found"}')
    verdict = judge(denial, TELEGRAM, NOW)
    assert (verdict.state, verdict.words) == (S.REJECTED, "chat not found")
    assert judge(HttpAnswer(200, body=b'{"result":"error"}'), ZULIP, NOW).state is S.REJECTED


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "30"}, {}, 30),
        ({"retry-after": "Fri, 20 Nov 2026 08:01:00 GMT"}, {}, 60),
        ({}, {"parameters": {"retry_after": 35}}, 35),
        ({}, {"retry_after": 1.5}, 1.5),
        ({}, {"retry_after_ms": 2500}, 2.5),
        ({}, {"retry-after": 28.7}, 28.7),
        ({"retry-after": "999999999"}, {}, 86_400),
        ({}, {"retry_after": "soon", "parameters": 7}, 0),
    ],
)
def test_the_service_may_say_how_long_to_wait_in_its_own_way(
    headers: dict[str, str], body: dict[str, object], seconds: float
) -> None:
    answer = HttpAnswer(429, headers, json.dumps(body).encode())
    assert judge(answer, SLACK, NOW).wait == timedelta(seconds=seconds)


def test_words_hold_no_secret_no_mail_address_and_nothing_hidden() -> None:
    body = b"no: /services/T0/B0/very-secret of ada@example.org \x1b[31m very-secret"
    words = judge(HttpAnswer(403, body=body), SLACK, NOW).words
    assert "very-secret" not in words
    assert "ada@" not in words
    assert words.startswith("no: (secret) of (address) \\x1b[31m (secret)")


@given(st.binary(max_size=300), st.integers(100, 599))
def test_whatever_comes_back_is_judged_in_a_few_words(body: bytes, status: int) -> None:
    for target in (SLACK, TELEGRAM, ZULIP):
        verdict = judge(HttpAnswer(status, {"retry-after": "x"}, body), target, NOW)
        assert len(verdict.words) <= 200
        assert "\n" not in verdict.words
