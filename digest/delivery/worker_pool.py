"""Worker pool: a thread for each session with the relay, fed from one queue.

Workers compose mails themselves, so that composing the next overlaps with the relay's answer to the
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

from digest.delivery.envelope import OutgoingMail
from digest.delivery.journal import Journal
from digest.delivery.ports import SessionPort, Transport
from digest.delivery.retry import Reply
from digest.delivery.smtp import NoSessionError
from digest.model import LeasedDelivery

_FIRST_PAUSE = 0.1


class Unsent(Enum):
    """Reason that a delivery came back without an answer of the relay.

    The text of ``NOTHING`` is what the outbox keeps as the reason of the exclusion.
    """

    UNTOUCHED = "untouched"
    NOTHING = "nothing for this reader"


Result = tuple[LeasedDelivery | None, Reply | Unsent | Exception]
"""A delivery and what became of it; without one, what became of an attempt to open a session."""


class WorkerPool:
    """Up to ``connections`` workers. `submit` and `take_results` belong to the thread that made it.

    ``wakeup`` is set when that thread should look: no more than ``low_water`` mails wait, or not
    all is well.
    """

    def __init__(
        self,
        transport: Transport,
        make_mail: Callable[[LeasedDelivery], OutgoingMail | None],
        journal: Journal | None,
        *,
        connections: int,
        mails_per_connection: int,
    ) -> None:
        self.transport = transport
        self.make_mail = make_mail
        self.journal = journal
        self.mails_per_connection = mails_per_connection
        self.queue: SimpleQueue[tuple[LeasedDelivery, float] | None] = SimpleQueue()
        self.done: deque[Result] = deque()
        self.wakeup = threading.Event()
        self.low_water = -1
        self.ending = threading.Event()
        self._connections = max(connections, 1)
        self._workers: list[_Worker] = []
        self._lock = threading.Lock()
        self._open_sessions = 0

    def submit(self, deliveries: Iterable[LeasedDelivery], *, until: float) -> None:
        """Send these; a body that has not begun at `uptime` ``until`` must not begin any more."""
        for delivery in deliveries:
            self.queue.put((delivery, until))
        self.start_worker()

    def take_results(self) -> list[Result]:
        """Take what has come back since the last call."""
        taken = []
        while self.done:
            taken.append(self.done.popleft())
        return taken

    def start_worker(self) -> None:
        """Start one more worker if there is work for it and the relay has welcomed the others."""
        with self._lock:
            alive = sum(worker.is_alive() for worker in self._workers)
            if self.ending.is_set() or alive >= self._connections or self.queue.empty():
                return
            if alive == 0 or self._open_sessions >= alive:
                worker = _Worker(self)
                self._workers = [other for other in self._workers if other.is_alive()] + [worker]
                worker.start()

    def shut_down(self) -> None:
        """Let the mails in flight finish, hand everything else back, and end all sessions."""
        self.ending.set()
        for _ in range(self._connections):
            self.queue.put(None)
        for worker in self._workers:
            worker.join()
        while True:
            try:
                item = self.queue.get_nowait()
            except Empty:
                return
            if item is not None:
                self.done.append((item[0], Unsent.UNTOUCHED))

    def session_opened(self) -> None:
        """Count a session that a worker has opened."""
        with self._lock:
            self._open_sessions += 1
        self.start_worker()

    def session_closed(self) -> None:
        """Count a session that a worker has lost or is done with."""
        with self._lock:
            self._open_sessions -= 1

    @property
    def open_sessions(self) -> int:
        """Sessions that the relay holds with us now."""
        return self._open_sessions


class _Worker(threading.Thread):
    """One session with the relay, reopened as needed. It is the session's client, too."""

    def __init__(self, pool: WorkerPool) -> None:
        super().__init__(name="delivery", daemon=True)
        self._pool = pool
        self._session: SessionPort | None = None
        self._in_session: dict[int, tuple[LeasedDelivery, float]] = {}
        self._lease_too_old = False
        self._failures = 0

    def run(self) -> None:
        try:
            while (mail := self._next(wait=True)) is not None:
                if not self._deliver(mail):
                    break
        except Exception as error:
            self._pool.done.append((None, error))
        finally:
            self._hang_up()
            self._pool.wakeup.set()

    def _deliver(self, mail: OutgoingMail) -> bool:
        """Send that mail and what follows; false if this worker is one too many for the relay."""
        if self._session is None and not self._open():
            self.hand_back(mail)
            if self._pool.open_sessions > 0:
                return False
            self._wait()
            return True
        session = self._session
        assert session is not None
        session.deliver(mail, self)
        if not session.usable or session.sent >= self._pool.mails_per_connection:
            self._hang_up()
            if session.sent == 0:
                self._failures += 1
                self._wait()
        return True

    def _wait(self) -> None:
        """Give the relay a moment, and the send loop time to see what happened."""
        self._pool.wakeup.set()
        self._pool.ending.wait(_FIRST_PAUSE * 2 ** min(self._failures, 5))

    def _open(self) -> bool:
        try:
            self._session = self._pool.transport.open()
        except NoSessionError as error:
            self._failures += 1
            if self._pool.open_sessions == 0:
                self._pool.done.append((None, error.reply))
                self._pool.wakeup.set()
            return False
        self._pool.session_opened()
        return True

    def _hang_up(self) -> None:
        if self._session is not None:
            self._pool.transport.closed(self._session)
            self._session = None
            self._pool.session_closed()

    def _next(self, *, wait: bool) -> OutgoingMail | None:
        """Make the next mail that has something to say; ``None`` when there is none (any more)."""
        pool = self._pool
        while True:
            try:
                item = pool.queue.get_nowait()
            except Empty:
                pool.wakeup.set()
                if not wait:
                    return None
                item = pool.queue.get()
            if item is None:
                # Each worker must see the end; whoever waits next sees it, too.
                pool.queue.put(None)
                return None
            if pool.queue.qsize() <= pool.low_water and not pool.wakeup.is_set():
                pool.wakeup.set()
            delivery, _ = item
            if pool.ending.is_set():
                pool.done.append((delivery, Unsent.UNTOUCHED))
                continue
            try:
                mail = pool.make_mail(delivery)
            except Exception as error:
                pool.done.append((delivery, error))
                continue
            if mail is not None:
                self._in_session[delivery.id] = item
                return mail
            pool.done.append((delivery, Unsent.NOTHING))

    def next_mail(self) -> OutgoingMail | None:
        """Return the next mail, if one is at hand and this session may carry it."""
        session, limit = self._session, self._pool.mails_per_connection
        if self._pool.ending.is_set() or (session is not None and session.sent + 1 >= limit):
            return None
        return self._next(wait=False)

    def begin_body(self, mail: OutgoingMail) -> bool:
        """Note it in the journal before the first byte, unless the lease is too old by now."""
        if uptime() > self._in_session[mail.delivery_id][1]:
            self._lease_too_old = True
            return False
        if self._pool.journal is not None:
            self._pool.journal.mark_begun(mail.delivery_id)
        return True

    def record_reply(self, mail: OutgoingMail, reply: Reply) -> None:
        """Note the answer in the journal before anything else can happen."""
        if self._pool.journal is not None:
            redacted = reply.without_address(mail.recipient)
            self._pool.journal.mark_answered(mail.delivery_id, redacted)
        delivery, _ = self._in_session.pop(mail.delivery_id)
        self._pool.done.append((delivery, reply))
        if reply.accepted:
            self._failures = 0
        else:
            self._pool.wakeup.set()

    def hand_back(self, mail: OutgoingMail) -> None:
        """Pass it to another session, or back to the store if there is no time left."""
        item = self._in_session.pop(mail.delivery_id)
        if self._pool.ending.is_set() or self._lease_too_old:
            self._pool.done.append((item[0], Unsent.UNTOUCHED))
        else:
            self._pool.queue.put(item)
        self._lease_too_old = False


def uptime() -> float:
    """Seconds on a clock that nobody sets and that goes on while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
