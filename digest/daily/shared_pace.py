"""Hosts are asked in turns that every process on one database shares: ten machines are one guest."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from digest.errors import StoreBusyError
from digest.sources.fetching.pace import too_long
from digest.store import Store

_LEASE = timedelta(seconds=60)
"""Longer than any fetch may take (30 s), and shorter than others wait for their turn (120 s): a turn
that is not given back by then is of a process that died."""
_LOOK_AGAIN = 0.2
"""Seconds between two looks while somebody else has the turn."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SharedPace:
    """The turns in the database of ``store``; see `digest.sources.fetching.pace.Pace`.

    ``lease`` is how long a turn is kept for a process that does not give it back.
    """

    store: Store
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    lease: timedelta = _LEASE

    @contextmanager
    def turn(self, host: str, interval: float, patience: float) -> Iterator[None]:
        """Wait for this host's turn; see `Pace.turn`.

        Raises `TemporaryError` if the turn would come after more than ``patience`` seconds.
        """
        holder = secrets.token_hex(16)
        last = self.clock() + patience
        while (wait := self._take(host, holder)) is not None:
            if self.clock() + wait > last:
                raise too_long(host, max(wait, patience))
            self.sleep(max(wait, _LOOK_AGAIN))
        try:
            yield
        finally:
            self._give_back(host, holder, interval)

    def postpone(self, host: str, seconds: float) -> None:
        """Let nobody ask this host for some seconds: it said so."""
        with self.store.begin() as unit:
            unit.host_turns.postpone(host, timedelta(seconds=seconds))

    def _take(self, host: str, holder: str) -> float | None:
        """Seconds to wait, `None` if the turn is ours."""
        with self.store.begin() as unit:
            wait = unit.host_turns.take(host, holder, self.lease)
        return None if wait is None else wait.total_seconds()

    def _give_back(self, host: str, holder: str, interval: float) -> None:
        try:
            with self.store.begin() as unit:
                unit.host_turns.give_back(host, holder, timedelta(seconds=interval))
        except StoreBusyError as error:
            # It ends by itself; what was fetched is not lost for that.
            log.warning("the turn at a host cannot be given back yet (%s)", error)
