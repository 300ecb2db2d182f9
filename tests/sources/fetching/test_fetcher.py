"""Hosts are asked as a good guest would: at their pace, and only for what has changed."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from digest.errors import TemporaryError
from digest.sources.fetching.fetch_cache import FetchCache
from digest.sources.fetching.fetcher import Fetcher
from digest.sources.fetching.pace import ProcessPace

ADDRESS = "https://papers.invented.io/daily"
Answer = Callable[[httpx.Request], httpx.Response]


class Clock:
    """A clock that only sleeping moves, and the pauses that were slept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def fetcher(answer: Answer, clock: Clock, cache: FetchCache | None = None) -> Fetcher:
    return Fetcher(
        pace=ProcessPace(clock=clock.read, sleep=clock.sleep),
        cache=cache,
        user_agent="digest/1 (+https://lab.invented.io)",
        transport=httpx.MockTransport(answer),
        resolve=lambda host, port: ["93.184.216.34"],
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


def page(data: bytes, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=iter([data]), headers=named)


def test_a_host_is_told_who_asks(clock: Clock) -> None:
    fetched = fetcher(lambda request: page(request.headers["User-Agent"].encode()), clock)
    assert fetched.get(ADDRESS).data == b"digest/1 (+https://lab.invented.io)"


def test_what_has_not_changed_is_not_sent_again(clock: Clock, tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("If-None-Match") == '"7"':
            return page(b"", 304)
        return page(b"papers", ETag='"7"', Last_Modified="Wed, 18 Nov 2026 07:00:00 GMT")

    asking = fetcher(answer, clock, FetchCache(tmp_path))
    first, second = asking.get(ADDRESS), asking.get(ADDRESS)
    assert (first.data, first.unchanged) == (b"papers", False)
    assert (second.data, second.unchanged) == (b"papers", True)
    assert first.modified == second.modified


def test_two_requests_to_a_host_keep_its_pause(clock: Clock) -> None:
    asking = fetcher(lambda request: page(b"papers"), clock)
    asking.get(ADDRESS)
    asking.get(ADDRESS)
    assert clock.slept == [1.0]


def test_redirects_keep_it_too(clock: Clock) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/daily":
            return httpx.Response(302, headers={"Location": "/end"})
        return page(b"papers")

    assert fetcher(answer, clock).get(ADDRESS).url.endswith("/end")
    assert clock.slept == [1.0]


def test_a_short_rest_that_a_host_wants_is_waited_for_once(clock: Clock) -> None:
    answers = iter([page(b"", 429, Retry_After="20"), page(b"papers")])
    assert fetcher(lambda request: next(answers), clock).get(ADDRESS).data == b"papers"
    assert clock.slept == [20.0]


def test_a_long_rest_is_left_to_the_next_run_and_nobody_asks_meanwhile(clock: Clock) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return page(b"", 429, Retry_After="900")

    asking = fetcher(answer, clock)
    with pytest.raises(TemporaryError, match="answers 429, and wants 900 s of rest"):
        asking.get(ADDRESS)
    with pytest.raises(TemporaryError, match="not asked for another 900 s"):
        asking.get(ADDRESS)
    assert len(asked) == 1


def test_a_host_that_never_gets_better_is_asked_twice(clock: Clock) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return page(b"", 503, Retry_After="1")

    with pytest.raises(TemporaryError, match="answers 503"):
        fetcher(answer, clock).get(ADDRESS)
    assert len(asked) == 2


def test_a_used_up_limit_is_heeded_before_the_host_has_to_refuse(clock: Clock) -> None:
    asking = fetcher(lambda request: page(b"papers", RateLimit='"api";r=0;t=30'), clock)
    asking.get(ADDRESS)
    asking.get(ADDRESS)
    assert clock.slept == [30.0]


def test_a_packed_answer_that_ends_in_the_middle_is_not_believed(clock: Clock) -> None:
    packed = gzip.compress(b"papers and papers" * 100)
    answer = page(packed[:-20], Content_Encoding="gzip")
    with pytest.raises(TemporaryError, match="ends in the middle"):
        fetcher(lambda request: answer, clock).get(ADDRESS)
