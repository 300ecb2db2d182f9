"""Progress of a run: how far it came, as a value, and as lines of a log where no terminal is."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger("digest.delivery")

EVERY = 5.0
"""Seconds between two lines. Chunks are recorded up to four times a second, and a line for each
would be all that the log of a large list has; a line every five seconds still shows within a
glance that a relay has slowed down, and when it began to."""


@dataclass(frozen=True, slots=True)
class SendProgress:
    """Progress of a run: mails by outcome, those still to go, the speed in mails a second, and
    the connections that carry them.
    """

    accepted: int
    deferred: int
    rejected: int
    excluded: int
    unknown: int
    left: int
    per_second: float
    connections: int = 0

    @property
    def done(self) -> int:
        """Mails that have an outcome."""
        return self.accepted + self.deferred + self.rejected + self.excluded + self.unknown

    @property
    def seconds_left(self) -> float | None:
        """Seconds to go at this speed; ``None`` where there is none."""
        return self.left / self.per_second if self.per_second > 0 else None


class ProgressLog:
    """Writer of ``key=value`` lines about one edition: counts and rates, nobody's address.

    One line for the first recorded chunk, then one with a recorded chunk at most every five
    seconds, and one for the last, so that the sums at the end are always there.
    """

    def __init__(self, day: str, kind: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._edition = f"edition={day} kind={kind}"
        self._clock = clock
        self._logged_at = float("-inf")
        self._unlogged: SendProgress | None = None

    def __call__(self, progress: SendProgress) -> None:
        """Take the progress after a recorded chunk."""
        self._unlogged = progress
        if self._clock() - self._logged_at >= EVERY:
            self._log(progress)

    def close(self) -> None:
        """Log the last progress: the run is over."""
        if self._unlogged is not None:
            self._log(self._unlogged)

    def _log(self, progress: SendProgress) -> None:
        self._logged_at, self._unlogged = self._clock(), None
        log.info(
            "%s accepted=%d deferred=%d rejected=%d excluded=%d unknown=%d left=%d "
            "per_second=%.1f connections=%d",
            self._edition,
            progress.accepted,
            progress.deferred,
            progress.rejected,
            progress.excluded,
            progress.unknown,
            progress.left,
            progress.per_second,
            progress.connections,
        )
