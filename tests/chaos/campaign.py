"""Kill a sender with SIGKILL at random moments, start it again, and count every mailbox.

The sender (`chaos.sender_process`) is a process of its own, on the real store, against an SMTP
server with random faults (`chaos.fault_injection`). It is killed after so many mails, after so many
milliseconds, or in the middle of a chosen step. While it lives and after each kill,
`chaos.invariants` compares the rows with what the server saw; at the end, with every mailbox.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from chaos.campaign_result import CampaignResult
from chaos.fault_injection import FaultInjector, FaultOdds
from chaos.invariants import InvariantChecker, abandoned_journals
from chaos.outbox_reader import OutboxReader, OutboxSnapshot
from chaos.process_setup import importable_in_fork_server, server_certificates
from chaos.sender_process import (
    ACTIVITY,
    BUSY,
    DRAINS,
    EXIT_RESTORED,
    HALTED,
    PAUSED,
    STEPS,
    Activity,
    KillPoint,
    SenderOptions,
    message_for,
    return_path,
    send_until_done,
)
from smtp_server.server import Sink

import digest
from digest.errors import StoreBusyError
from digest.model import (
    Edition,
    EditionKind,
    PlannedDelivery,
    Preferences,
    Rendering,
    SubscriberState,
)
from digest.store import Store, open_store

DAY = date(2026, 11, 20)
CLOCK_STEPS = tuple(timedelta(minutes=minutes) for minutes in (0, -5, -45, -90, -1440))
"""Errors of a clock that was set back; a lease lasts 30 minutes."""

CRASHED = "a sender crashed"
"""The kind of problem that a sender is which ended by itself and not well."""

SUSPENDED_SECONDS = 2.0
"""Seconds for which a sender is suspended; leases then last less."""


def create_audience(store: Store, count: int) -> int:
    """Publish an edition for that many new subscribers, all due; give its id."""
    now = datetime.now(UTC)
    edition = Edition(EditionKind.DAILY, DAY, (DAY, DAY), (), (), ())
    with store.begin() as unit:
        published = unit.editions.freeze(
            edition,
            Rendering(1, "Papers", "", {}),
            published_at=now - timedelta(days=2),
            expires_at=now + timedelta(days=2),
        )
        planned = [
            PlannedDelivery(
                unit.subscribers.add(
                    f"reader{number}@{number % 7}.test",
                    state=SubscriberState.ACTIVE,
                    preferences=Preferences(),
                    now=now,
                    origin="campaign",
                ).id,
                now - timedelta(days=2),
            )
            for number in range(count)
        ]
        unit.outbox.freeze_audience(published.id, planned, now)
    return published.id


@dataclass
class RunningSender:
    """A sender at work, and when it shall be killed."""

    name: str
    process: ForkServerProcess
    board: Any
    kill_after_mails: int
    seconds: float
    kill_step: str
    started: float = field(default_factory=time.monotonic)


class Campaign:
    """One store, one SMTP server, many kills."""

    def __init__(
        self,
        folder: Path,
        *,
        recipients: int,
        connections: int = 3,
        seed: int = 1,
        clock_goes_back: bool = False,
        suspends: bool = False,
        senders: int = 1,
        chunk: int = 200,
        url: str | None = None,
        odds: FaultOdds | None = None,
        mutant: str | None = None,
        scratch: Path | None = None,
        idle: float = 5.0,
    ) -> None:
        """``folder`` holds the journals and, without ``url``, an SQLite file; ``scratch`` copies.

        With ``suspends`` senders are stopped for longer than their leases last, then continued.
        A sender from which no mail comes for ``idle`` seconds is killed.
        """
        self.url = url or f"sqlite:///{folder / 'campaign.db'}"
        self.folder = folder
        self.scratch = scratch or folder
        self.recipients = recipients
        self.connections = connections
        self.senders = senders
        self.chunk = chunk
        self.rng = random.Random(seed)
        self.clock_goes_back = clock_goes_back
        self.suspends = suspends
        self.odds = odds
        self.idle = idle
        self.mutant = mutant
        self.kills = 0
        self.senders_started = 0
        self.killed_while: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        self._running: list[RunningSender] = []
        self._processes: dict[str, ForkServerProcess] = {}
        self._context = multiprocessing.get_context("forkserver")

    def run(
        self,
        kills: int,
        *,
        after_kill: Callable[[Campaign], None] | None = None,
        stop_at_problem: bool = False,
    ) -> CampaignResult:
        """Kill that many times, let the last sender finish, and check the end.

        ``stop_at_problem`` ends it as soon as there is something to report.
        """
        self._stop_at_problem = stop_at_problem
        started = time.monotonic()
        self.store = open_store(self.url)
        self.store.migrate()
        self.edition_id = create_audience(self.store, self.recipients)
        self.store.close()
        with contextlib.ExitStack() as stack:
            tls, self._ca_file = stack.enter_context(server_certificates(self.scratch))
            fault_injector = FaultInjector(
                random.Random(self.rng.random()),
                odds=self.odds,
                other_certificate=tls["untrusted"],
            )
            self.sink = stack.enter_context(
                Sink(fault_injector.behaviour, tls=tls["trusted"], keep_content=False)
            )
            self.invariants = InvariantChecker(
                OutboxReader(self.url, self.edition_id, self.scratch),
                self.sink,
                self.recipients,
                self.connections,
                message_for,
                return_path,
                self.folder / "journals",
                leases_expire=self.clock_goes_back or self.suspends,
                was_killed=self._was_killed,
            )
            stack.enter_context(importable_in_fork_server())
            stack.callback(self._kill_everyone)
            self._kill_repeatedly(kills, after_kill)
            snapshot = self._check_end(kills)
        self.store.close()
        return CampaignResult.of(
            self.invariants,
            snapshot,
            seconds=time.monotonic() - started,
            killed_while=self.killed_while,
            senders=self.totals,
        )

    def _check_end(self, kills: int) -> OutboxSnapshot:
        if self._problem_found:
            return self.invariants.check("at the end")
        self._finish()
        snapshot = self.invariants.check("at the end", final=True)
        if self.kills < kills:
            self._report("the campaign is short", f"{self.kills} kills of {kills}")
        if left := abandoned_journals(self.folder / "journals"):
            self._report("journals are left", f"{left}")
        if self.sink.most_connections_of_one_client > self.connections:
            self._report("too many connections", f"{self.sink.most_connections_of_one_client}")
        return snapshot

    @property
    def _problem_found(self) -> bool:
        return self._stop_at_problem and bool(self.invariants.problems)

    def _report(self, kind: str, message: str) -> None:
        self.invariants.report(kind, message, message)

    def _kill_repeatedly(self, kills: int, after_kill: Callable[[Campaign], None] | None) -> None:
        while self.kills < kills and not self._problem_found:
            while len(self._running) < self.senders:
                self._running.append(self._start(kills))
            sender = self.rng.choice(self._running)
            check_at = self.rng.random() * 0.25
            self._wait(sender, check_at)
            if self.suspends and self.kills % 8 == 2:
                self._suspend(sender)
            self._running.remove(sender)
            if not self._kill(sender):
                break
            self.invariants.check(
                f"after kill {self.kills}", alive={each.name for each in self._running}
            )
            if not self._running:
                self._maybe_unsubscribe_someone()
            if after_kill is not None:
                after_kill(self)

    def _start(self, kills: int) -> RunningSender:
        """Start a sender, to be killed after a count of mails, after a time or in a step."""
        rng = self.rng
        share = self._share(kills)
        kill_after_mails = len(self.sink.mails) + rng.randint(0, max(int(share * 1.7), 1))
        way = rng.random()
        kill_point, seconds = None, 8.0
        if way < 0.35:
            step = rng.choices(list(STEPS), list(STEPS.values()))[0]
            several = 60 if step.startswith("journal.") else 4
            nth = 1 if rng.random() < 0.5 else rng.randint(1, several)
            kill_point = KillPoint(step, nth, rng.random() * 0.006 if rng.random() < 0.8 else 0.0)
        elif way < 0.55:
            seconds = rng.random() * 0.4
        return self._start_process(kill_after_mails, seconds, kill_point, self._rate(share))

    def _share(self, kills: int) -> int:
        """Divide the mails left by the kills left."""
        return int((self.recipients - len(self.sink.mails)) // (kills - self.kills + 1))

    def _rate(self, share: int) -> float:
        """Choose a limit on mails a second, 0 for none.

        Most senders that are suspended or not alone get one, or nothing would be left to send.
        """
        if self.suspends or (self.senders > 1 and self.rng.random() < 0.8):
            return max(10.0, 3.0 * share / self.senders)
        return 500.0 if self.rng.random() < 0.2 else 0.0

    def _start_process(
        self, kill_after_mails: int, seconds: float, kill_point: KillPoint | None, rate: float = 0.0
    ) -> RunningSender:
        self.senders_started += 1
        name = f"sender{self.senders_started}.test"
        clock: tuple[tuple[float, timedelta], ...] = ()
        if self.clock_goes_back:
            # Set back before it started, and perhaps again while it runs.
            first, second = sorted(self.rng.choices(CLOCK_STEPS, k=2), reverse=True)
            clock = ((0.0, first), (self.rng.random(), second))
        options = SenderOptions(
            self.url,
            self.sink.port,
            self.folder / "journals",
            self.edition_id,
            self.connections,
            self.folder / "restore_guard",
            name,
            clock,
            self.chunk,
            timedelta(seconds=SUSPENDED_SECONDS * 0.75) if self.suspends else timedelta(minutes=30),
            rate,
            self._ca_file if self.rng.random() < 0.25 else None,
            kill_point,
            self.mutant,
            digest.__file__,
        )
        board = self._context.RawArray("i", 5)
        process = self._context.Process(target=send_until_done, args=(options, board))
        process.start()
        self.invariants.workers[str(process.pid)] = name
        self._processes[name] = process
        return RunningSender(
            name, process, board, kill_after_mails, seconds, kill_point.step if kill_point else ""
        )

    def _wait(self, sender: RunningSender, check_at: float) -> None:
        """Wait until the sender's moment to die, with one check while it works."""
        checked = False
        moved, mails = time.monotonic(), len(self.sink.mails)
        while sender.process.is_alive():
            now = time.monotonic()
            if len(self.sink.mails) != mails:
                moved, mails = now, len(self.sink.mails)
            if (
                mails >= sender.kill_after_mails
                or now - sender.started > sender.seconds
                or now - moved > self.idle
            ):
                break
            if not checked and now - sender.started >= check_at:
                checked = True
                self._check_beside_senders(sender)
            time.sleep(0.002)
        if not sender.kill_step:
            time.sleep(self.rng.random() * 0.01)

    def _suspend(self, sender: RunningSender) -> None:
        """Stop it until others must take it for dead, and let it continue for a moment."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(sender.process.pid or 0, signal.SIGSTOP)
            time.sleep(SUSPENDED_SECONDS)
            self.totals["suspended"] += 1
            os.kill(sender.process.pid or 0, signal.SIGCONT)
        time.sleep(self.rng.random() * 0.1)

    def _was_killed(self, name: str) -> bool:
        process = self._processes.get(name)
        return process is not None and process.exitcode not in (None, 0)

    def _check_beside_senders(self, sender: RunningSender) -> None:
        names = {each.name for each in self._running}
        self.invariants.check(f"while {sender.name} works", alive=names)

    def _kill(self, sender: RunningSender) -> bool:
        """Kill it if it still lives; true if it had not finished."""
        sender.process.kill()
        sender.process.join()
        code = sender.process.exitcode
        self._add_counters(sender)
        if code == 0:
            return False
        self.kills += 1
        self.invariants.killed[sender.name] = time.monotonic()
        activity = Activity(sender.board[ACTIVITY]).name.lower()
        self.killed_while[f"{activity}, by itself" if sender.kill_step else activity] += 1
        if code == EXIT_RESTORED:
            self._report("a sender takes its database for a restored copy", sender.name)
        elif code != -signal.SIGKILL:
            self._report(CRASHED, f"{sender.name}, exit code {code}")
        self._wait_for_server(sender.name)
        return True

    def _kill_everyone(self) -> None:
        for sender in self._running:
            sender.process.kill()
            sender.process.join()

    def _wait_for_server(self, name: str) -> None:
        """Wait until all that a dead sender had written has reached the server."""
        deadline = time.monotonic() + 10
        while self.sink.has_session_with(name) and time.monotonic() < deadline:
            time.sleep(0.001)
        if self.sink.has_session_with(name):
            self._report("the server still talks to a dead sender", name)

    def _add_counters(self, sender: RunningSender) -> None:
        for name, place in (
            ("runs", DRAINS), ("paused", PAUSED), ("halted", HALTED), ("store busy", BUSY),
        ):  # fmt: skip
            self.totals[name] += sender.board[place]

    def _maybe_unsubscribe_someone(self) -> None:
        """Now and then, while no sender is at work, a subscriber leaves."""
        if self.rng.randrange(4):
            return
        delivery_id = self.rng.choice(sorted(self.invariants.addresses))
        try:
            with self.store.begin() as unit:
                subscriber = unit.subscribers.by_email(self.invariants.addresses[delivery_id])
                assert subscriber is not None
                unit.subscribers.set_state(
                    subscriber.id, SubscriberState.UNSUBSCRIBED, "asked", datetime.now(UTC)
                )
        except StoreBusyError:
            return
        finally:
            self.store.close()
        self.invariants.note_unsubscribed(delivery_id)

    def _finish(self) -> None:
        """Kill the last senders, then let one with a right clock finish."""
        while self._running:
            self._kill(self._running.pop())
        self.clock_goes_back = False
        last = self._start_process(self.recipients * 2, 600, None)
        last.process.join(max(120, self.recipients / 50))
        if last.process.is_alive():
            self._report("the last sender did not finish", last.name)
        elif last.process.exitcode:
            self._report("the last sender broke down", f"exit code {last.process.exitcode}")
        last.process.kill()
        last.process.join()
        self._add_counters(last)
        self._wait_for_server(last.name)
