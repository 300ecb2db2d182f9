"""Patience with a busy store: a call is repeated until it succeeds or the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from digest.errors import StoreBusyError

T = TypeVar("T")

_FIRST_WAIT = 0.05
_LONGEST_WAIT = 2.0


def retry_while_busy(call: Callable[[], T], patience: timedelta) -> T:
    """Call the store again while it is busy or full.

    Raises `StoreBusyError` once it has been so for longer than ``patience``.
    """
    deadline = time.monotonic() + patience.total_seconds()
    wait = _FIRST_WAIT
    while True:
        try:
            return call()
        except StoreBusyError:
            if time.monotonic() + wait > deadline:
                raise
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
