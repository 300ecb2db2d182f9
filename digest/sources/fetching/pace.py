"""Pace at which each host is asked: one request at a time, and a pause between two.

The providers' own words: arXiv asks for one request in three seconds over one connection, for all
machines of one operator and all its services together (arXiv API Terms of Use); Hugging Face allows
500 calls in five minutes. Elsewhere a second is kept between two requests.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from digest.errors import TemporaryError

USUAL_INTERVAL = 1.0
"""Seconds from the end of one request to a host to the start of the next."""
_INTERVALS = {"arxiv.org": 3.0, "huggingface.co": 0.7, "biorxiv.org": 1.0, "medrxiv.org": 1.0}


class Pace(Protocol):
    """The turns in which hosts are asked; shared by everything that asks them."""

    def turn(self, host: str, interval: float, patience: float) -> AbstractContextManager[None]:
        """Wait for this host's turn, and keep others from asking it meanwhile.

        ``interval`` is the pause, in seconds, that others keep after this request.

        Raises `TemporaryError` if the turn would come after more than ``patience`` seconds.
        """
        ...

    def postpone(self, host: str, seconds: float) -> None:
        """Let nobody ask this host for some seconds: it said so."""
        ...


def host_group(host: str) -> tuple[str, float]:
    """The name under which a host's requests are counted together, and their interval in seconds."""
    host = host.lower().rstrip(".")
    for domain, interval in _INTERVALS.items():
        if host == domain or host.endswith(f".{domain}"):
            return domain, interval
    return host, USUAL_INTERVAL


def too_long(host: str, seconds: float) -> TemporaryError:
    """The error of a turn that would come too late."""
    return TemporaryError(
        f"is not asked for another {seconds:,.0f} s, as it wants",
        where=host,
        mend="The next run tries again",
    )


class ProcessPace:
    """The turns of one process. ``clock`` (in seconds) and ``sleep`` are those of `time` usually."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._next: dict[str, float] = {}

    @contextmanager
    def turn(self, host: str, interval: float, patience: float) -> Iterator[None]:
        """See `Pace.turn`."""
        with self._lock:
            turn = self._turns.setdefault(host, threading.Lock())
        started = self._clock()
        if not turn.acquire(timeout=max(patience, 0.0)):
            raise too_long(host, patience)
        try:
            wait = self._next.get(host, started) - self._clock()
            if wait > patience - (self._clock() - started):
                raise too_long(host, wait)
            if wait > 0:
                self._sleep(wait)
            try:
                yield
            finally:
                with self._lock:
                    self._next[host] = max(self._next.get(host, 0.0), self._clock() + interval)
        finally:
            turn.release()

    def postpone(self, host: str, seconds: float) -> None:
        """See `Pace.postpone`."""
        with self._lock:
            self._next[host] = max(self._next.get(host, 0.0), self._clock() + seconds)
