"""The sender that a campaign kills: a process of its own, with the real store, journal and sockets.

It sends as the program does: `drain` again and again until nothing is left, whatever the store or
the relay do. Beside that it only says, in memory that its murderer can read, what it is doing.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any

from chaos.mutants import SABOTEURS

import digest
from digest.daily.run_record import utc_now
from digest.daily.store_outbox import StoreOutbox
from digest.delivery.journal import Journal
from digest.delivery.outbox import DrainReport, drain
from digest.delivery.rate_limit import RateLimits
from digest.delivery.retry import RetryPolicy
from digest.delivery.send_loop import SendLimits
from digest.delivery.session import Timeouts
from digest.delivery.smtp import RelaySettings, SmtpTransport
from digest.errors import StoreBusyError
from digest.model import LeasedDelivery
from digest.restore_guard.guard import RestoreGuard
from digest.store import Store, open_store
from digest.tls import Security

PATIENCE = Timeouts(greeting=1.5, mail=3, rcpt=3, data=3, block=4, final=8, quit=0.5, stall=1)
POLICY = RetryPolicy(
    first_wait=timedelta(milliseconds=50),
    longest_wait=timedelta(milliseconds=200),
    refusals_in_a_row=50,
)


class Doing(IntEnum):
    """What a sender is at; ``SENDING`` is whatever happens between two calls of the store."""

    STARTING = 0
    RECOVERING = 1
    EXPIRING = 2
    COUNTING = 3
    LEASING = 4
    BEGINNING = 5
    RECORDING = 6
    RELEASING = 7
    SENDING = 8
    RESTING = 9
    WATCHING = 10


_CALLS = {
    "watch": Doing.WATCHING,
    "recover": Doing.RECOVERING,
    "expire": Doing.EXPIRING,
    "tally": Doing.COUNTING,
    "lease": Doing.LEASING,
    "lease_and_begin": Doing.BEGINNING,
    "begin_sending": Doing.BEGINNING,
    "record": Doing.RECORDING,
    "release": Doing.RELEASING,
}

STEPS = {
    **dict.fromkeys(_CALLS, 2),
    **dict.fromkeys(("recover", "release", "record"), 4),
    **dict.fromkeys(("journal.enter", "journal.begin", "journal.answer", "journal.leave"), 2),
}
"""Where a sender can be told to die, and how often it is."""

DOING, DRAINS, PAUSED, HALTED, BUSY = range(5)
"""What stands where on the `Board`."""

DOUBTED = 3
"""The exit code of a sender that takes its store for an older copy."""

Board = Any
"""Five shared whole numbers: what the sender is doing, and how often what happened to it."""


@dataclass(frozen=True)
class Doom:
    """Where a sender shall die: so many seconds after its ``nth`` step of that name began."""

    step: str
    nth: int = 1
    delay: float = 0.0


@dataclass(frozen=True)
class Orders:
    """What a sender is told.

    ``clock`` lists how far its clock is wrong from how many seconds of its life on. ``rate`` is the
    most mails a second; a sender that must hold mails back leases them first and begins them later.
    ``sabotage`` names what is broken in it on purpose (`delivery.saboteurs`). ``program`` is where
    its murderer found the program: it shall send by no other.
    """

    url: str
    port: int
    journals: Path | None
    edition_id: int
    connections: int
    witness: Path | None = None
    name: str = "sender.test"
    clock: tuple[tuple[float, timedelta], ...] = ()
    chunk: int = 200
    lease_for: timedelta = timedelta(minutes=30)
    rate: float = 0.0
    ca_file: Path | None = None
    doom: Doom | None = None
    sabotage: str | None = None
    program: str | None = digest.__file__


class WrongClock:
    """A clock that is set back while it runs."""

    def __init__(self, steps: Sequence[tuple[float, timedelta]]) -> None:
        self._steps = steps
        self._born = time.monotonic()

    def __call__(self) -> datetime:
        age = time.monotonic() - self._born
        past = [wrong for since, wrong in self._steps if since <= age]
        return datetime.now(UTC) + (past[-1] if past else timedelta())


class OldCopyError(Exception):
    """The store is older than this machine remembers, or the witness is wrong."""


@contextmanager
def books(
    store: Store, witness: Path | None, clock: Callable[[], datetime] = utc_now
) -> Iterator[StoreOutbox]:
    """The ledger as a new sender has it, with what this machine remembers of its senders."""
    watch = RestoreGuard(store, witness)
    if doubt := watch.doubt():
        raise OldCopyError(doubt)
    with watch.sender(clock()) as me:
        yield StoreOutbox(store, me)


class Fate:
    """Says on the board what a sender is at, and ends it in the step it was told to die in."""

    def __init__(self, board: Board, doom: Doom | None) -> None:
        self._board, self._doom = board, doom
        self._steps: Counter[str] = Counter()

    def enter(self, step: str) -> None:
        """The sender begins a step."""
        doom = self._doom
        self._board[DOING] = _CALLS[step]
        self._steps[step] += 1
        if doom is not None and (step, self._steps[step]) == (doom.step, doom.nth):
            threading.Thread(target=_die, args=(doom.delay,), daemon=True).start()

    def leave(self) -> None:
        """And has done it."""
        self._board[DOING] = Doing.SENDING


class WatchedLedger:
    """The ledger of the program; every call shows on the board."""

    def __init__(self, ledger: StoreOutbox, fate: Fate) -> None:
        self._ledger, self._fate = ledger, fate

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._ledger, name)

        def call(*arguments: Any, **named: Any) -> Any:
            self._fate.enter(name)
            result = method(*arguments, **named)
            self._fate.leave()
            return result

        return call


def _die(delay: float = 0.0) -> None:
    time.sleep(delay)
    os.kill(os.getpid(), signal.SIGKILL)


def _doom_journal(doom: Doom) -> None:
    """Die right before or right after the journal's ``nth`` note of that kind."""
    name = doom.step.partition(".")[2]
    original = getattr(Journal, name)
    calls = iter(range(1, 1 << 60))

    def note(*arguments: Any) -> Any:
        last = next(calls) == doom.nth
        if last and not doom.delay:
            _die()
        result = original(*arguments)
        if last:
            _die()
        return result

    setattr(Journal, name, note)


_LINES = b"Papers, papers, papers.\r\n.hidden\r\n..\r\n" * 55


def letter(delivery_id: int, email: str) -> bytes:
    """A mail that names its reader: two kilobytes, some of forty, a few of four hundred."""
    size = 200 if delivery_id % 101 == 0 else 20 if delivery_id % 23 == 0 else 1
    head = f"To: {email}\r\nMessage-ID: <{delivery_id}@list.test>\r\n\r\n"
    return head.encode() + _LINES * size + f"Bye, {email}\r\n".encode()


def compose(delivery: LeasedDelivery) -> bytes:
    """The same size for everybody: two kilobytes."""
    head = f"To: {delivery.subscriber.email}\r\nMessage-ID: <{delivery.id}@list.test>\r\n\r\n"
    return head.encode() + _LINES


def return_path(delivery_id: int) -> str:
    """The envelope sender, which names the delivery, too."""
    return f"bounces+{delivery_id}@list.test"


def send_until_done(orders: Orders, board: Board | None = None) -> None:
    """The sender process: until nothing is left, however often the store or the relay fail."""
    board = board if board is not None else [0] * 5
    assert digest.__file__ == orders.program
    if orders.sabotage is not None:
        SABOTEURS[orders.sabotage]()
    if orders.doom is not None and orders.doom.step.startswith("journal."):
        _doom_journal(orders.doom)
    clock = WrongClock(orders.clock)
    fate = Fate(board, orders.doom)
    store = open_store(orders.url)
    while True:
        board[DRAINS] += 1
        try:
            fate.enter("watch")
            with books(store, orders.witness, clock) as ledger:
                report = _drain(orders, ledger, fate, clock)
        except OldCopyError as error:
            print(error, file=sys.stderr)
            sys.exit(DOUBTED)
        except StoreBusyError:
            board[BUSY] += 1
            time.sleep(0.05)
            continue
        board[PAUSED] += report.paused is not None
        board[HALTED] += report.halted is not None
        if not report.tally.unfinished:
            return
        board[DOING] = Doing.RESTING
        time.sleep(0.02)


def _drain(
    orders: Orders, ledger: StoreOutbox, fate: Fate, clock: Callable[[], datetime]
) -> DrainReport:
    relay = RelaySettings(
        "127.0.0.1",
        orders.port,
        security=Security.NONE if orders.ca_file is None else Security.STARTTLS,
        ca_file=orders.ca_file,
        timeouts=PATIENCE,
        local_name=orders.name,
    )

    return drain(
        WatchedLedger(ledger, fate),
        SmtpTransport(relay),
        lambda delivery: letter(delivery.id, delivery.subscriber.email),
        edition_id=orders.edition_id,
        sender=lambda delivery: return_path(delivery.id),
        policy=POLICY,
        limits=SendLimits(
            connections=orders.connections,
            chunk=orders.chunk,
            lease_for=orders.lease_for,
            rates=RateLimits(total=orders.rate),
            store_patience=timedelta(seconds=1),
        ),
        clock=clock,
        journals=orders.journals,
        worker=ledger.sender.worker,
    )
