"""Hosts are asked one request at a time, with a pause between two."""

from __future__ import annotations

import threading

import pytest

from digest.errors import TemporaryError
from digest.sources.fetching.pace import ProcessPace, host_group


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> ProcessPace:
    return ProcessPace(clock=clock.read, sleep=clock.sleep)


def test_a_pause_is_kept_from_the_end_of_one_request_to_the_next(
    pace: ProcessPace, clock: Clock
) -> None:
    with pace.turn("a.org", 3.0, 60.0):
        clock.now += 2.0
    with pace.turn("a.org", 3.0, 60.0):
        assert clock.now == 1005.0


def test_another_host_is_asked_at_once(pace: ProcessPace, clock: Clock) -> None:
    with pace.turn("a.org", 3.0, 60.0), pace.turn("b.org", 3.0, 60.0):
        assert clock.now == 1000.0


def test_a_request_that_fails_keeps_its_pause_too(pace: ProcessPace, clock: Clock) -> None:
    with pytest.raises(OSError, match="cut"), pace.turn("a.org", 3.0, 60.0):
        raise OSError("cut")
    with pace.turn("a.org", 3.0, 60.0):
        assert clock.now == 1003.0


def test_a_host_that_wants_a_long_rest_is_not_waited_for(pace: ProcessPace) -> None:
    pace.postpone("a.org", 600.0)
    with pytest.raises(TemporaryError, match="not asked for another 600 s"):
        pace.turn("a.org", 3.0, 60.0).__enter__()


def test_a_short_rest_is_waited_for(pace: ProcessPace, clock: Clock) -> None:
    pace.postpone("a.org", 7.0)
    with pace.turn("a.org", 3.0, 60.0):
        assert clock.now == 1007.0


def test_two_threads_never_ask_a_host_at_once() -> None:
    pace, asking, most = ProcessPace(), 0, 0
    lock = threading.Lock()

    def ask() -> None:
        nonlocal asking, most
        with pace.turn("a.org", 0.001, 60.0):
            with lock:
                asking += 1
                most = max(most, asking)
            with lock:
                asking -= 1

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


@pytest.mark.parametrize(
    "host", ["arxiv.org", "rss.arxiv.org", "OAIPMH.arxiv.org", "export.arxiv.org."]
)
def test_all_services_of_arxiv_share_one_pace(host: str) -> None:
    assert host_group(host) == ("arxiv.org", 3.0)


def test_a_name_that_only_ends_like_it_has_its_own() -> None:
    assert host_group("notarxiv.org") == ("notarxiv.org", 1.0)
