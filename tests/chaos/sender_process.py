"""The sender that a campaign kills: a process of its own, with the real store, journal and sockets.

It sends as the program does: `drain` again and again until nothing is left, whatever the store or
the server do. Beside that it only reports, in memory shared with the campaign, what it is doing.
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

from chaos.mutants import MUTANTS

import digest
from digest.daily.run_record import utc_now
from digest.daily.store_outbox import StoreOutbox
from digest.delivery.drain import DrainReport, drain
from digest.delivery.journal import Journal
from digest.delivery.rate_limit import RateLimits
from digest.delivery.retry import RetryPolicy
from digest.delivery.send_job import SendJob
from digest.delivery.send_limits import SendLimits
from digest.delivery.session import Timeouts
from digest.delivery.smtp import RelaySettings, SmtpTransport
from digest.errors import StoreBusyError
from digest.model import LeasedDelivery
from digest.restore_guard.guard import RestoreGuard
from digest.store import Store, open_store
from digest.tls import Security

TIMEOUTS = Timeouts(greeting=1.5, mail=3, rcpt=3, data=3, block=4, final=8, quit=0.5, stall=1)
RETRY_POLICY = RetryPolicy(
    first_wait=timedelta(milliseconds=50),
    longest_wait=timedelta(milliseconds=200),
    refusals_in_a_row=50,
)


class Activity(IntEnum):
    """Activity of a sender; ``SENDING`` is all that happens between two calls of the store."""

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
    "watch": Activity.WATCHING,
    "recover": Activity.RECOVERING,
    "expire": Activity.EXPIRING,
    "tally": Activity.COUNTING,
    "lease": Activity.LEASING,
    "lease_and_begin": Activity.BEGINNING,
    "begin_sending": Activity.BEGINNING,
    "record": Activity.RECORDING,
    "release": Activity.RELEASING,
}

STEPS = {
    **dict.fromkeys(_CALLS, 2),
    **dict.fromkeys(("recover", "release", "record"), 4),
    **dict.fromkeys(
        ("journal.add", "journal.mark_begun", "journal.mark_answered", "journal.remove"), 2
    ),
}
"""Steps in which a sender can be told to kill itself, with the weight of each."""

ACTIVITY, DRAINS, PAUSED, HALTED, BUSY = range(5)
"""Places on the `Board`."""

EXIT_RESTORED = 3
"""Exit code of a sender that takes its database for a restored older copy."""

Board = Any
"""Five shared integers: the sender's activity, and how often each event happened to it."""


@dataclass(frozen=True)
class KillPoint:
    """Moment of a sender's death: ``delay`` seconds after its ``nth`` step of that name began."""

    step: str
    nth: int = 1
    delay: float = 0.0


@dataclass(frozen=True)
class SenderOptions:
    """Options of a sender process.

    ``clock`` lists (seconds after the start, error of the clock from then on). ``rate`` is the
    most mails a second; a sender that must hold mails back leases them first and begins them later.
    ``mutant`` names what is broken in it on purpose (`chaos.mutants`). ``program`` is where the
    campaign found the program: the sender must run the same one.
    """

    url: str
    port: int
    journals: Path | None
    edition_id: int
    connections: int
    restore_guard_file: Path | None = None
    name: str = "sender.test"
    clock: tuple[tuple[float, timedelta], ...] = ()
    chunk: int = 200
    lease_for: timedelta = timedelta(minutes=30)
    rate: float = 0.0
    ca_file: Path | None = None
    kill_point: KillPoint | None = None
    mutant: str | None = None
    program: str | None = digest.__file__


class SteppedClock:
    """A clock that is set back while it runs."""

    def __init__(self, steps: Sequence[tuple[float, timedelta]]) -> None:
        self._steps = steps
        self._started = time.monotonic()

    def __call__(self) -> datetime:
        age = time.monotonic() - self._started
        past = [wrong for since, wrong in self._steps if since <= age]
        return datetime.now(UTC) + (past[-1] if past else timedelta())


class RestoredDatabaseError(Exception):
    """The database is older than the restore guard's record on this machine."""


@contextmanager
def open_outbox(
    store: Store, restore_guard_file: Path | None, clock: Callable[[], datetime] = utc_now
) -> Iterator[StoreOutbox]:
    """Open the outbox as a new sender does, behind the restore guard."""
    guard = RestoreGuard(store, restore_guard_file)
    if reason := guard.restored_reason():
        raise RestoredDatabaseError(reason)
    with guard.new_sender(clock()) as sender:
        yield StoreOutbox(store, sender)


class StepReporter:
    """Writes the sender's activity on the board, and kills it in the step it was told to."""

    def __init__(self, board: Board, kill_point: KillPoint | None) -> None:
        self._board, self._kill_point = board, kill_point
        self._steps: Counter[str] = Counter()

    def enter(self, step: str) -> None:
        """Report the begin of a step."""
        kill_point = self._kill_point
        self._board[ACTIVITY] = _CALLS[step]
        self._steps[step] += 1
        if kill_point is not None and (step, self._steps[step]) == (
            kill_point.step,
            kill_point.nth,
        ):
            threading.Thread(target=_kill_self, args=(kill_point.delay,), daemon=True).start()

    def leave(self) -> None:
        """Report its end."""
        self._board[ACTIVITY] = Activity.SENDING


class ReportingOutbox:
    """The program's outbox; every call is reported on the board."""

    def __init__(self, outbox: StoreOutbox, steps: StepReporter) -> None:
        self._outbox, self._steps = outbox, steps

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._outbox, name)

        def call(*arguments: Any, **named: Any) -> Any:
            self._steps.enter(name)
            result = method(*arguments, **named)
            self._steps.leave()
            return result

        return call


def _kill_self(delay: float = 0.0) -> None:
    time.sleep(delay)
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_at_journal_call(kill_point: KillPoint) -> None:
    """Kill this process right before or right after the journal's ``nth`` call of that name."""
    name = kill_point.step.partition(".")[2]
    original = getattr(Journal, name)
    calls = iter(range(1, 1 << 60))

    def note(*arguments: Any) -> Any:
        last = next(calls) == kill_point.nth
        if last and not kill_point.delay:
            _kill_self()
        result = original(*arguments)
        if last:
            _kill_self()
        return result

    setattr(Journal, name, note)


_LINES = b"Papers, papers, papers.\r\n.hidden\r\n..\r\n" * 55


def message_for(delivery_id: int, email: str) -> bytes:
    """Compose a mail that names its subscriber: 2 kB, some of 40 kB, a few of 400 kB."""
    size = 200 if delivery_id % 101 == 0 else 20 if delivery_id % 23 == 0 else 1
    head = f"To: {email}\r\nMessage-ID: <{delivery_id}@list.test>\r\n\r\n"
    return head.encode() + _LINES * size + f"Bye, {email}\r\n".encode()


def compose(delivery: LeasedDelivery) -> bytes:
    """Compose a mail of the same size for everybody: 2 kB."""
    head = f"To: {delivery.subscriber.email}\r\nMessage-ID: <{delivery.id}@list.test>\r\n\r\n"
    return head.encode() + _LINES


def return_path(delivery_id: int) -> str:
    """The envelope sender, which names the delivery."""
    return f"bounces+{delivery_id}@list.test"


def send_until_done(options: SenderOptions, board: Board | None = None) -> None:
    """Run the sender process until nothing is left, however often the store or the server fail."""
    board = board if board is not None else [0] * 5
    assert digest.__file__ == options.program
    if options.mutant is not None:
        MUTANTS[options.mutant]()
    if options.kill_point is not None and options.kill_point.step.startswith("journal."):
        _kill_at_journal_call(options.kill_point)
    clock = SteppedClock(options.clock)
    steps = StepReporter(board, options.kill_point)
    store = open_store(options.url)
    while True:
        board[DRAINS] += 1
        try:
            steps.enter("watch")
            with open_outbox(store, options.restore_guard_file, clock) as outbox:
                report = _drain(options, outbox, steps, clock)
        except RestoredDatabaseError as error:
            print(error, file=sys.stderr)
            sys.exit(EXIT_RESTORED)
        except StoreBusyError:
            board[BUSY] += 1
            time.sleep(0.05)
            continue
        board[PAUSED] += report.paused is not None
        board[HALTED] += report.halted is not None
        if not report.tally.unfinished:
            return
        board[ACTIVITY] = Activity.RESTING
        time.sleep(0.02)


def _drain(
    options: SenderOptions, outbox: StoreOutbox, steps: StepReporter, clock: Callable[[], datetime]
) -> DrainReport:
    relay = RelaySettings(
        "127.0.0.1",
        options.port,
        security=Security.NONE if options.ca_file is None else Security.STARTTLS,
        ca_file=options.ca_file,
        timeouts=TIMEOUTS,
        local_name=options.name,
    )

    job = SendJob(
        options.edition_id,
        lambda delivery: message_for(delivery.id, delivery.subscriber.email),
        lambda delivery: return_path(delivery.id),
        policy=RETRY_POLICY,
        limits=SendLimits(
            connections=options.connections,
            chunk=options.chunk,
            lease_for=options.lease_for,
            rates=RateLimits(total=options.rate),
            store_patience=timedelta(seconds=1),
        ),
        clock=clock,
        journals=options.journals,
        worker=outbox.sender.worker,
    )
    return drain(ReportingOutbox(outbox, steps), SmtpTransport(relay), job)
