"""The hands that send: a thread for each session with the relay, fed from one queue.

Hands compose mails themselves, so that composing the next overlaps with the relay's answer to the
last. The first session is opened alone; only when the relay has welcomed it do others follow, so a
wrong password is tried once and not once per connection.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from queue import Empty, SimpleQueue
from typing import Protocol

from digest.delivery.journal import Journal
from digest.delivery.retry import Reply
from digest.delivery.session import OutgoingMail, SessionClient
from digest.delivery.smtp import NoSessionError
from digest.model import LeasedDelivery

_FIRST_PAUSE = 0.1


class SessionPort(Protocol):
    """What a hand needs of `digest.delivery.session.Session`."""

    usable: bool
    sent: int

    def deliver(self, mail: OutgoingMail, courier: SessionClient) -> None: ...

    def close(self) -> None: ...


class Transport(Protocol):
    """Where sessions come from: `digest.delivery.smtp.SmtpTransport`, or a double in tests."""

    def open(self) -> SessionPort:
        """A session ready for mail. Raises `NoSessionError`."""

    def closed(self, session: SessionPort) -> None:
        """The session is not needed any more."""


class Unsent(Enum):
    """Why a delivery came back without an answer of the relay."""

    UNTOUCHED = "untouched"
    NOTHING = "nothing for this reader"


Result = tuple[LeasedDelivery | None, Reply | Unsent | Exception]
"""What became of a delivery; without one, what became of an attempt to open a session."""


class WorkerPool:
    """Up to ``connections`` hands. `give` and `results` belong to the thread that made the crew.

    ``bell`` rings when that thread should look: no more than ``low_water`` mails wait, or not all
    is well.
    """

    def __init__(
        self,
        transport: Transport,
        write: Callable[[LeasedDelivery], OutgoingMail | None],
        journal: Journal | None,
        *,
        connections: int,
        mails_per_connection: int,
    ) -> None:
        self.transport = transport
        self.write = write
        self.journal = journal
        self.mails_per_connection = mails_per_connection
        self.work: SimpleQueue[tuple[LeasedDelivery, float] | None] = SimpleQueue()
        self.done: deque[Result] = deque()
        self.wakeup = threading.Event()
        self.low_water = -1
        self.ending = threading.Event()
        self._connections = max(connections, 1)
        self._hands: list[_Worker] = []
        self._lock = threading.Lock()
        self._open = 0

    def give(self, deliveries: Iterable[LeasedDelivery], *, until: float) -> None:
        """Send these; a body that has not begun at `uptime` ``until`` must not begin any more."""
        for delivery in deliveries:
            self.work.put((delivery, until))
        self.start_worker()

    def results(self) -> list[Result]:
        """What has come back since the last call."""
        taken = []
        while self.done:
            taken.append(self.done.popleft())
        return taken

    def start_worker(self) -> None:
        """Start one more hand if there is work for it and the relay has welcomed the others."""
        with self._lock:
            alive = sum(hand.is_alive() for hand in self._hands)
            if self.ending.is_set() or alive >= self._connections or self.work.empty():
                return
            if alive == 0 or self._open >= alive:
                hand = _Worker(self)
                self._hands = [other for other in self._hands if other.is_alive()] + [hand]
                hand.start()

    def shut_down(self) -> None:
        """Let the mails in flight finish, hand everything else back, and end all sessions."""
        self.ending.set()
        for _ in range(self._connections):
            self.work.put(None)
        for hand in self._hands:
            hand.join()
        while True:
            try:
                left = self.work.get_nowait()
            except Empty:
                return
            if left is not None:
                self.done.append((left[0], Unsent.UNTOUCHED))

    def opened(self) -> None:
        """A hand has its session."""
        with self._lock:
            self._open += 1
        self.start_worker()

    def closed(self) -> None:
        """A hand has lost its session or is done with it."""
        with self._lock:
            self._open -= 1

    @property
    def open_sessions(self) -> int:
        """How many sessions the relay holds with us now."""
        return self._open


class _Worker(threading.Thread):
    """One session with the relay, reopened as needed. It is the session's courier, too."""

    def __init__(self, crew: WorkerPool) -> None:
        super().__init__(name="delivery", daemon=True)
        self._crew = crew
        self._session: SessionPort | None = None
        self._mine: dict[int, tuple[LeasedDelivery, float]] = {}
        self._stale = False
        self._failures = 0

    def run(self) -> None:
        try:
            while (mail := self._next(wait=True)) is not None:
                if not self._serve(mail):
                    break
        except Exception as error:
            self._crew.done.append((None, error))
        finally:
            self._hang_up()
            self._crew.wakeup.set()

    def _serve(self, mail: OutgoingMail) -> bool:
        """Send that mail and what follows; false if this hand is one too many for the relay."""
        if self._session is None and not self._open():
            self.give_back(mail)
            if self._crew.open_sessions > 0:
                return False
            self._wait()
            return True
        session = self._session
        assert session is not None
        session.deliver(mail, self)
        if not session.usable or session.sent >= self._crew.mails_per_connection:
            self._hang_up()
            if session.sent == 0:
                self._failures += 1
                self._wait()
        return True

    def _wait(self) -> None:
        """Give the relay a moment, and the desk time to see what happened."""
        self._crew.wakeup.set()
        self._crew.ending.wait(_FIRST_PAUSE * 2 ** min(self._failures, 5))

    def _open(self) -> bool:
        try:
            self._session = self._crew.transport.open()
        except NoSessionError as error:
            self._failures += 1
            if self._crew.open_sessions == 0:
                self._crew.done.append((None, error.reply))
                self._crew.wakeup.set()
            return False
        self._crew.opened()
        return True

    def _hang_up(self) -> None:
        if self._session is not None:
            self._crew.transport.closed(self._session)
            self._session = None
            self._crew.closed()

    def _next(self, *, wait: bool) -> OutgoingMail | None:
        """The next mail that has something to say; ``None`` when there is none (any more)."""
        crew = self._crew
        while True:
            try:
                item = crew.work.get_nowait()
            except Empty:
                crew.wakeup.set()
                if not wait:
                    return None
                item = crew.work.get()
            if item is None:
                # Each hand must see the end; whoever waits next sees it, too.
                crew.work.put(None)
                return None
            if crew.work.qsize() <= crew.low_water and not crew.wakeup.is_set():
                crew.wakeup.set()
            delivery, _ = item
            if crew.ending.is_set():
                crew.done.append((delivery, Unsent.UNTOUCHED))
                continue
            try:
                mail = crew.write(delivery)
            except Exception as error:
                crew.done.append((delivery, error))
                continue
            if mail is not None:
                self._mine[delivery.id] = item
                return mail
            crew.done.append((delivery, Unsent.NOTHING))

    def take(self) -> OutgoingMail | None:
        """The next mail, if one is at hand and this session may carry it."""
        session, limit = self._session, self._crew.mails_per_connection
        if self._crew.ending.is_set() or (session is not None and session.sent + 1 >= limit):
            return None
        return self._next(wait=False)

    def begin(self, mail: OutgoingMail) -> bool:
        """Note it in the journal before the first byte, unless the lease is too old by now."""
        if uptime() > self._mine[mail.delivery_id][1]:
            self._stale = True
            return False
        if self._crew.journal is not None:
            self._crew.journal.begin(mail.delivery_id)
        return True

    def settle(self, mail: OutgoingMail, reply: Reply) -> None:
        """Note the answer in the journal before anything else can happen."""
        if self._crew.journal is not None:
            self._crew.journal.answer(mail.delivery_id, reply.about(mail.recipient))
        delivery, _ = self._mine.pop(mail.delivery_id)
        self._crew.done.append((delivery, reply))
        if reply.accepted:
            self._failures = 0
        else:
            self._crew.wakeup.set()

    def give_back(self, mail: OutgoingMail) -> None:
        """To another session, or to the store if there is no time left."""
        item = self._mine.pop(mail.delivery_id)
        if self._crew.ending.is_set() or self._stale:
            self._crew.done.append((item[0], Unsent.UNTOUCHED))
        else:
            self._crew.work.put(item)
        self._stale = False


def uptime() -> float:
    """Seconds on a clock that nobody sets and that goes on while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
