"""Threads for work that waits for the database: so many for each kind, so that none holds up others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class RequestThreads:
    """Threads for one kind of work. Belongs to its event loop.

    Beyond ``waiting`` that wait for one, whoever comes is told to come back; ``None`` lets all of
    them wait.
    """

    def __init__(
        self, threads: int, waiting: int | None = None, *, abandon_on_cancel: bool = False
    ) -> None:
        """``abandon_on_cancel`` lets a cancelled caller go, while its thread works on."""
        self._threads = threads
        self._waiting = waiting
        self._abandon = abandon_on_cancel
        self._limiter: CapacityLimiter | None = None

    async def run(self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """Do it in a thread. Raises a 503 where too many wait already."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._threads)
        waiting = self._limiter.statistics().tasks_waiting
        if self._waiting is not None and waiting >= self._waiting:
            raise HTTPException(503)
        return await to_thread.run_sync(
            work, *args, limiter=self._limiter, abandon_on_cancel=self._abandon
        )
