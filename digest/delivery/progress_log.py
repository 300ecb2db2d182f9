"""How a delivery comes along, for a log: where no terminal shows a bar."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from digest.delivery.ports import SendProgress

log = logging.getLogger("digest.delivery")

EVERY = 5.0
"""Seconds between two lines. Chunks are recorded up to four times a second, and a line for each
would be all that the log of a large list has; a line every five seconds still shows within a
glance that a relay has slowed down, and when it began to."""


class ProgressLog:
    """Writes ``key=value`` lines about one edition: counts and rates, nobody's address.

    One for the first recorded chunk, then one with a recorded chunk at most every five seconds,
    and one for the last, so that the sums at the end are always there.
    """

    def __init__(self, day: str, kind: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._edition = f"edition={day} kind={kind}"
        self._clock = clock
        self._told_at = float("-inf")
        self._untold: SendProgress | None = None

    def __call__(self, advance: SendProgress) -> None:
        """A chunk was recorded."""
        self._untold = advance
        if self._clock() - self._told_at >= EVERY:
            self._tell(advance)

    def close(self) -> None:
        """The run is over."""
        if self._untold is not None:
            self._tell(self._untold)

    def _tell(self, advance: SendProgress) -> None:
        self._told_at, self._untold = self._clock(), None
        log.info(
            "%s accepted=%d deferred=%d rejected=%d excluded=%d unknown=%d left=%d "
            "per_second=%.1f connections=%d",
            self._edition,
            advance.accepted,
            advance.deferred,
            advance.rejected,
            advance.excluded,
            advance.unknown,
            advance.left,
            advance.per_second,
            advance.connections,
        )
