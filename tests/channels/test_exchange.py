"""A request on its way: begun right before its first octet, bounded, sent once, no redirect followed."""

from __future__ import annotations

import logging
import time

import pytest
from chat_server import Answer, ChatServer

from digest.channels.exchange import (
    ExchangeLimits,
    HttpRequest,
    NotBegunError,
    exchange,
)

LIMITS = ExchangeLimits(connect=5, silence=0.5, total=20)


def post(url: str) -> HttpRequest:
    return HttpRequest("POST", url, {"Content-Type": "application/json"}, b"{}")


def test_an_answer_is_given_as_it_came() -> None:
    with ChatServer(lambda _: Answer(201, "kept", {"X-Some": "thing"})) as server:
        answer = exchange(post(server.url), limits=LIMITS)
    assert (answer.status, answer.body, answer.begun) == (201, b"kept", True)
    assert answer.headers["x-some"] == "thing"
    assert server.received[0].body == b"{}"


def test_what_begin_refuses_never_leaves() -> None:
    with ChatServer() as server, pytest.raises(NotBegunError):
        exchange(post(server.url), lambda: False, LIMITS)
    assert server.received == []


def test_an_error_of_begin_is_the_caller_s_and_nothing_leaves() -> None:
    def busy() -> bool:
        raise RuntimeError("the database is full")

    with ChatServer() as server, pytest.raises(RuntimeError, match="full"):
        exchange(post(server.url), busy, LIMITS)
    assert server.received == []


def test_nothing_has_begun_where_nobody_listens() -> None:
    with ChatServer() as gone:
        url = gone.url

    def begin() -> bool:
        pytest.fail("nothing can be sent there")

    answer = exchange(post(url), begin, LIMITS)
    assert (answer.status, answer.begun) == (None, False)
    assert "ConnectError" in answer.trouble


def test_nothing_has_begun_where_no_encryption_is_agreed_on() -> None:
    with ChatServer() as server:
        answer = exchange(post(server.url.replace("http://", "https://")), limits=LIMITS)
    assert (answer.status, answer.begun) == (None, False)
    assert server.received == []


@pytest.mark.parametrize("answer", [Answer(close=True), Answer(delay=1.5)])
def test_after_the_whole_request_a_silence_has_begun(answer: Answer) -> None:
    with ChatServer(lambda _: answer) as server:
        came = exchange(post(server.url), limits=LIMITS)
    assert (came.status, came.begun) == (None, True)
    assert len(server.received) == 1


def test_a_redirect_is_an_answer_like_others() -> None:
    with ChatServer() as other:
        away = Answer(307, headers={"Location": other.url}, posts=False)
        with ChatServer(lambda _: away) as server:
            assert exchange(post(server.url), limits=LIMITS).status == 307
    assert other.received == []


def test_the_time_in_all_is_bounded_whatever_trickles_in() -> None:
    started = time.monotonic()
    with ChatServer(lambda _: Answer(delay=30)) as server:
        answer = exchange(post(server.url), limits=ExchangeLimits(5, 60, 1.0))
    assert (answer.status, answer.begun) == (None, True)
    assert time.monotonic() - started < 15


def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    with ChatServer(lambda _: Answer(500, "x" * 1_000_000)) as server:
        answer = exchange(post(server.url), limits=LIMITS)
    assert answer.status == 500
    assert len(answer.body) == 64 * 1024


def test_no_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ChatServer() as server:
        exchange(post(f"{server.url}/secret-path"), limits=LIMITS)
    assert "secret-path" not in caplog.text
    assert "secret-path" not in repr(post(f"{server.url}/secret-path"))
