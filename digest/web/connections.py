"""Connections to the pages: how long one may dawdle, how many there may be, and which ones go first.

uvicorn ends a connection that idles between two requests, and bounds the headers' size. It has no
deadline for headers or bodies that trickle in, nor for a visitor who does not read the answer, and
past its ``limit_concurrency``, which counts idle connections too, everyone gets a 503. So:

- Every connection is in one `Stage`, with a time for it (`ConnectionLimits`); one sweep each half second
  closes those that took longer.
- Above so many connections, in all or from one network, the oldest that wait for their visitor
  (never one whose request is being answered) are closed: new visitors are let in.

What is read of uvicorn's protocol: ``transport``, ``cycle`` (its ``more_body`` and
``response_complete``), ``client``, and that ``on_response_complete`` begins a pipelined request.
"""

from __future__ import annotations

import asyncio
import enum
import heapq
import logging
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

log = logging.getLogger(__name__)

ACCEPTED_AT_ONCE = 32
"""Connections taken in before the loop looks at those it has."""
SWEEP_EVERY = 0.5
"""Seconds between two looks at every connection."""
LOG_EVERY = 60.0
"""Seconds between two lines in the log about connections that were closed."""

_UNLIMITED = 1_000_000


class Stage(enum.Enum):
    """Stage of a connection, by what it waits for."""

    IDLE = "a request"
    HEADERS = "the rest of a request's headers"
    BODY = "the rest of a request's body"
    READING = "the visitor to read what was sent"
    WORKING = "the pages to answer: never closed for want of room"


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of connections: numbers, seconds, bytes, and bytes a second.

    ``idle`` is the time from connecting, and ``headers`` the time from the first byte, in which a
    request's headers must be complete; ``body`` the time its body has after that. An answer that a
    visitor does not read in ``reading`` seconds must have gone out at ``slowest`` on average.
    ``swallowed`` is what may come in during one request, answered or not.
    """

    in_all: int = 1_000
    per_network: int = 100
    idle: float = 10.0
    headers: float = 10.0
    body: float = 20.0
    reading: float = 20.0
    slowest: float = 2_000.0
    swallowed: int = 1_000_000


@dataclass
class Connections:
    """Every connection of one server. Belongs to its event loop.

    ``network`` names the network of a client's address; ``""`` is not limited.
    """

    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    network: Callable[[str], str] = lambda _: ""
    _open: dict[ClientConnection, None] = field(default_factory=dict)
    _of: Counter[str] = field(default_factory=Counter)
    _closed: Counter[str] = field(default_factory=Counter)
    _next_sweep: asyncio.TimerHandle | None = None
    _said: float = float("-inf")

    def protocol(self) -> type[H11Protocol]:
        """The protocol class for uvicorn's configuration."""
        return type("LimitedConnection", (ClientConnection,), {"limited_by": self})

    def __len__(self) -> int:
        return len(self._open)

    def opened(self, connection: ClientConnection) -> None:
        """Take a new connection in, at the cost of others where there are too many."""
        self._open[connection] = None
        name = connection.network
        self._of[name] += 1
        if name and self._of[name] > self.limits.per_network:
            if not self._evict(1, name):
                self._drop(connection, "from one network")
                return
        # A few at once, so that a storm of new ones does not mean a look at all for each.
        elif len(self._open) > self.limits.in_all and not self._evict(1 + self.limits.in_all // 50):
            self._drop(connection, "over the limit")
            return
        if self._next_sweep is None:
            self._next_sweep = connection.loop.call_later(SWEEP_EVERY, self._sweep)

    def lost(self, connection: ClientConnection) -> None:
        """Forget a connection that is gone."""
        if connection in self._open:
            del self._open[connection]
            self._of[connection.network] -= 1
            if not self._of[connection.network]:
                del self._of[connection.network]

    def _evict(self, count: int, network: str = "") -> bool:
        """Close those that wait longest, of that network if one is named; false if none waits.

        The network with the most connections loses first; the newest connection of all goes last,
        for it has had no time to ask.
        """
        waiting = (
            connection
            for connection in self._open
            if connection.network == network or not network
            if connection.stage is not Stage.WORKING
        )
        oldest = heapq.nsmallest(count, waiting, key=self._usefulness)
        for connection in oldest:
            self._drop(connection, "from one network" if network else "over the limit")
        return bool(oldest)

    def _usefulness(self, connection: ClientConnection) -> tuple[int, float]:
        return -self._of[connection.network] if connection.network else 0, connection.since

    def _drop(self, connection: ClientConnection, why: str) -> None:
        self._closed[why] += 1
        connection.transport.abort()
        # Its descriptor is free only when the loop comes to it, so it is not waited for.
        self.lost(connection)

    def _sweep(self) -> None:
        self._next_sweep = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in list(self._open):
            if connection.is_late(now):
                self._drop(connection, "too slow")
        if self._closed and now >= self._said + LOG_EVERY:
            counts = ", ".join(f"{count} {why}" for why, count in sorted(self._closed.items()))
            log.warning("connections closed: %s; %d are open", counts, len(self._open))
            self._closed.clear()
            self._said = now
        if self._open:
            self._next_sweep = loop.call_later(SWEEP_EVERY, self._sweep)


class ClientConnection(H11Protocol):
    """One connection to the pages, with an eye on how long each stage takes."""

    limited_by: Connections

    network = ""
    since = 0.0
    """Start of the stage, by the loop's clock."""
    _began = False
    """True once bytes of a request's headers have come."""
    _unread = 0
    """The most bytes that lay unread since there are any."""
    _taken = 0
    _stage = Stage.IDLE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection in."""
        super().connection_made(transport)
        self.since = self.loop.time()
        self.network = self.limited_by.network(self.client[0]) if self.client else ""
        self.limited_by.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        self.limited_by.lost(self)

    def data_received(self, data: bytes) -> None:
        """Read on; a visitor who sends without end is cut off."""
        before = self.cycle
        self._began = True
        self._taken += len(data)
        super().data_received(data)
        self._noted(before)
        if self._taken > self.limited_by.limits.swallowed and not self.transport.is_closing():
            self.transport.abort()

    def on_response_complete(self) -> None:
        """Go on to the next request."""
        before = self.cycle
        super().on_response_complete()
        self._noted(before)

    @property
    def stage(self) -> Stage:
        """Stage that the connection is in."""
        if self.transport.get_write_buffer_size():
            return Stage.READING
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and cycle.more_body:
            return Stage.BODY
        if cycle is not None and not cycle.response_complete:
            return Stage.WORKING
        return Stage.HEADERS if self._began else Stage.IDLE

    def is_late(self, now: float) -> bool:
        """Tell whether the stage takes longer than it may."""
        self._noted(self.cycle)
        limits = self.limited_by.limits
        if self._stage is Stage.READING:
            self._unread = max(self._unread, self.transport.get_write_buffer_size())
            allowed = limits.reading + self._unread / limits.slowest
        elif self._stage is Stage.WORKING:
            return False
        else:
            allowed = {
                Stage.IDLE: limits.idle,
                Stage.HEADERS: limits.headers,
                Stage.BODY: limits.body,
            }[self._stage]
        return now > self.since + allowed

    def _noted(self, before: object) -> None:
        """Begin to count anew where a request or a stage has begun."""
        begun = self.cycle is not before
        if begun:
            self._began, self._taken = False, 0
        stage = self.stage
        if stage in (Stage.WORKING, Stage.IDLE):
            self._began = False
        # Whoever asks on without reading gets no more time by it.
        if stage is not self._stage or (begun and stage is not Stage.READING):
            self._stage, self.since, self._unread = stage, self.loop.time(), 0


def most_connections() -> int:
    """Count the connections this process may hold, by its limit of descriptors (``ulimit -n``).

    A quarter is left for the database, the relay and the sources, and twice what is taken in at
    once: what is closed gives its descriptor back when the loop comes to it.
    """
    if sys.platform == "win32":
        return _UNLIMITED
    import resource

    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft == resource.RLIM_INFINITY:
        return _UNLIMITED
    return max(16, soft * 3 // 4 - 2 * ACCEPTED_AT_ONCE)
