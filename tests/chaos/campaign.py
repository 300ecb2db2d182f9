"""Kill a sender with SIGKILL at random moments, start it again, and count every mailbox.

The sender (`delivery.victim`) is a process of its own, on the real store, against a relay in
changing moods (`delivery.mischief`). It dies after so many mails, after so many milliseconds, or in
the middle of a step it was told to die in. While it lives and after each death the referee
(`delivery.auditor`) compares the rows with what the relay saw; at the end it opens every mailbox.
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

from chaos.auditor import Auditor, testators
from chaos.fault_injection import Mischief, Odds
from chaos.ledger_audit import Books, Page
from chaos.process_registry import certificates, findable
from chaos.sender_process import (
    BUSY,
    DOING,
    DOUBTED,
    DRAINS,
    HALTED,
    PAUSED,
    STEPS,
    Doing,
    Doom,
    Orders,
    books,
    compose,
    letter,
    return_path,
    send_until_done,
)
from chaos.verdict import Verdict
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

__all__ = ["Campaign", "Life", "audience", "books", "compose"]

DAY = date(2026, 11, 20)
SET_BACK = tuple(timedelta(minutes=minutes) for minutes in (0, -5, -45, -90, -1440))
"""How wrong a clock is that was set back; a lease lasts 30 minutes."""

FROZEN = 2.0
"""Seconds for which a sender is stopped; then a lease lasts less."""


def audience(store: Store, count: int) -> int:
    """An edition for that many new readers, all due; its id."""
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
class Life:
    """One sender, and what it was told."""

    name: str
    process: ForkServerProcess
    board: Any
    goal: int
    seconds: float
    steps_to_doom: str
    born: float = field(default_factory=time.monotonic)


class Campaign:
    """One store, one relay, many deaths."""

    def __init__(
        self,
        folder: Path,
        *,
        recipients: int,
        connections: int = 3,
        seed: int = 1,
        clock_goes_back: bool = False,
        freezes: bool = False,
        senders: int = 1,
        chunk: int = 200,
        url: str | None = None,
        odds: Odds | None = None,
        sabotage: str | None = None,
        scratch: Path | None = None,
        idle: float = 5.0,
    ) -> None:
        """``folder`` holds the journals and, without ``url``, an SQLite file; ``scratch`` copies.

        With ``freezes`` senders are stopped for longer than their leases last, and go on. A sender
        from which no mail comes for ``idle`` seconds is killed.
        """
        self.url = url or f"sqlite:///{folder / 'campaign.db'}"
        self.folder = folder
        self.scratch = scratch or folder
        self.recipients = recipients
        self.connections = connections
        self.senders = senders
        self.chunk = chunk
        self.chance = random.Random(seed)
        self.clock_goes_back = clock_goes_back
        self.freezes = freezes
        self.odds = odds
        self.idle = idle
        self.sabotage = sabotage
        self.kills = 0
        self.lives = 0
        self.killed_while: Counter[str] = Counter()
        self.sums: Counter[str] = Counter()
        self._alive: list[Life] = []
        self._processes: dict[str, ForkServerProcess] = {}
        self._context = multiprocessing.get_context("forkserver")

    def run(
        self,
        kills: int,
        *,
        after_kill: Callable[[Campaign], None] | None = None,
        until_broken: bool = False,
    ) -> Verdict:
        """Kill that many times, then let the last sender finish, and judge.

        ``until_broken`` ends it as soon as there is something to report.
        """
        self._until_broken = until_broken
        started = time.monotonic()
        self.store = open_store(self.url)
        self.store.migrate()
        self.edition_id = audience(self.store, self.recipients)
        self.store.close()
        with contextlib.ExitStack() as stack:
            tls, self._ca_file = stack.enter_context(certificates(self.scratch))
            mischief = Mischief(
                random.Random(self.chance.random()), odds=self.odds, stranger=tls["stranger"]
            )
            self.sink = stack.enter_context(Sink(mischief.manners, tls=tls["relay"], keep=False))
            self.auditor = Auditor(
                Books(self.url, self.edition_id, self.scratch),
                self.sink,
                self.recipients,
                self.connections,
                letter,
                return_path,
                self.folder / "journals",
                lapses=self.clock_goes_back or self.freezes,
                died=self._died,
            )
            stack.enter_context(findable())
            stack.callback(self._leave_nobody)
            self._kill_all(kills, after_kill)
            page = self._judge(kills)
        self.store.close()
        return Verdict.of(
            self.auditor,
            page,
            seconds=time.monotonic() - started,
            killed_while=self.killed_while,
            senders=self.sums,
        )

    def _judge(self, kills: int) -> Page:
        if self._broken:
            return self.auditor.look("at the end")
        self._finish()
        page = self.auditor.look("at the end", final=True)
        if self.kills < kills:
            self._complain("the campaign is short", f"{self.kills} kills of {kills}")
        if left := testators(self.folder / "journals"):
            self._complain("journals are left", f"{left}")
        if self.sink.most_of_one_client > self.connections:
            self._complain("too many connections", f"{self.sink.most_of_one_client}")
        return page

    @property
    def _broken(self) -> bool:
        return self._until_broken and bool(self.auditor.problems)

    def _complain(self, kind: str, words: str) -> None:
        self.auditor.complain(kind, words, words)

    def _kill_all(self, kills: int, after_kill: Callable[[Campaign], None] | None) -> None:
        while self.kills < kills and not self._broken:
            while len(self._alive) < self.senders:
                self._alive.append(self._start(kills))
            victim = self.chance.choice(self._alive)
            audit_at = self.chance.random() * 0.25
            self._wait(victim, audit_at)
            if self.freezes and self.kills % 8 == 2:
                self._freeze(victim)
            self._alive.remove(victim)
            if not self._bury(victim):
                break
            self.auditor.look(f"after kill {self.kills}", alive={life.name for life in self._alive})
            if not self._alive:
                self._somebody_leaves()
            if after_kill is not None:
                after_kill(self)

    def _start(self, kills: int) -> Life:
        """A new sender, and how it shall end: by a count, by the clock or in a step."""
        chance = self.chance
        share = self._share(kills)
        goal = len(self.sink.mails) + chance.randint(0, max(int(share * 1.7), 1))
        way = chance.random()
        doom, seconds = None, 8.0
        if way < 0.35:
            step = chance.choices(list(STEPS), list(STEPS.values()))[0]
            several = 60 if step.startswith("journal.") else 4
            nth = 1 if chance.random() < 0.5 else chance.randint(1, several)
            doom = Doom(step, nth, chance.random() * 0.006 if chance.random() < 0.8 else 0.0)
        elif way < 0.55:
            seconds = chance.random() * 0.4
        return self._born(goal, seconds, doom, self._rate(share))

    def _share(self, kills: int) -> int:
        """How many mails there are to a kill."""
        return int((self.recipients - len(self.sink.mails)) // (kills - self.kills + 1))

    def _rate(self, share: int) -> float:
        """The limit on mails a second: of some senders, and of most that are not alone or freeze,
        or there would be nothing left to kill for.
        """
        if self.freezes or (self.senders > 1 and self.chance.random() < 0.8):
            return max(10.0, 3.0 * share / self.senders)
        return 500.0 if self.chance.random() < 0.2 else 0.0

    def _born(self, goal: int, seconds: float, doom: Doom | None, rate: float = 0.0) -> Life:
        self.lives += 1
        name = f"life{self.lives}.test"
        clock: tuple[tuple[float, timedelta], ...] = ()
        if self.clock_goes_back:
            # Set back before it started, and perhaps again while it runs.
            first, second = sorted(self.chance.choices(SET_BACK, k=2), reverse=True)
            clock = ((0.0, first), (self.chance.random(), second))
        orders = Orders(
            self.url,
            self.sink.port,
            self.folder / "journals",
            self.edition_id,
            self.connections,
            self.folder / "witness",
            name,
            clock,
            self.chunk,
            timedelta(seconds=FROZEN * 0.75) if self.freezes else timedelta(minutes=30),
            rate,
            self._ca_file if self.chance.random() < 0.25 else None,
            doom,
            self.sabotage,
            digest.__file__,
        )
        board = self._context.RawArray("i", 5)
        process = self._context.Process(target=send_until_done, args=(orders, board))
        process.start()
        self.auditor.workers[str(process.pid)] = name
        self._processes[name] = process
        return Life(name, process, board, goal, seconds, doom.step if doom else "")

    def _wait(self, life: Life, audit_at: float) -> None:
        """Until the sender's moment has come, with an audit while it works."""
        audited = False
        moved, mails = time.monotonic(), len(self.sink.mails)
        while life.process.is_alive():
            now = time.monotonic()
            if len(self.sink.mails) != mails:
                moved, mails = now, len(self.sink.mails)
            if mails >= life.goal or now - life.born > life.seconds or now - moved > self.idle:
                break
            if not audited and now - life.born >= audit_at:
                audited = True
                self._look_at_work(life)
            time.sleep(0.002)
        if not life.steps_to_doom:
            time.sleep(self.chance.random() * 0.01)

    def _freeze(self, life: Life) -> None:
        """Stop it until others must take it for dead, and let it go on for a moment."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(life.process.pid or 0, signal.SIGSTOP)
            time.sleep(FROZEN)
            self.sums["frozen"] += 1
            os.kill(life.process.pid or 0, signal.SIGCONT)
        time.sleep(self.chance.random() * 0.1)

    def _died(self, name: str) -> bool:
        process = self._processes.get(name)
        return process is not None and process.exitcode not in (None, 0)

    def _look_at_work(self, life: Life) -> None:
        names = {one.name for one in self._alive}
        self.auditor.look(f"while {life.name} works", alive=names)

    def _bury(self, life: Life) -> bool:
        """Kill it if it is not dead yet; whether it died of SIGKILL."""
        life.process.kill()
        life.process.join()
        code = life.process.exitcode
        self._add_up(life)
        if code == 0:
            return False
        self.kills += 1
        self.auditor.killed[life.name] = time.monotonic()
        doing = Doing(life.board[DOING]).name.lower()
        self.killed_while[f"{doing}, doomed" if life.steps_to_doom else doing] += 1
        if code == DOUBTED:
            self._complain("a sender takes its store for an older copy", life.name)
        elif code != -signal.SIGKILL:
            self._complain("a sender broke down", f"{life.name}, exit code {code}")
        self._let_the_relay_see(life.name)
        return True

    def _leave_nobody(self) -> None:
        for life in self._alive:
            life.process.kill()
            life.process.join()

    def _let_the_relay_see(self, name: str) -> None:
        """What a dead sender had written must have reached the relay before anybody counts."""
        deadline = time.monotonic() + 10
        while self.sink.talks_to(name) and time.monotonic() < deadline:
            time.sleep(0.001)
        if self.sink.talks_to(name):
            self._complain("the relay still talks to the dead", name)

    def _add_up(self, life: Life) -> None:
        for name, place in (
            ("runs", DRAINS), ("paused", PAUSED), ("halted", HALTED), ("store busy", BUSY),
        ):  # fmt: skip
            self.sums[name] += life.board[place]

    def _somebody_leaves(self) -> None:
        """Now and then a reader unsubscribes while no sender is at work."""
        if self.chance.randrange(4):
            return
        number = self.chance.choice(sorted(self.auditor.addresses))
        try:
            with self.store.begin() as unit:
                reader = unit.subscribers.by_email(self.auditor.addresses[number])
                assert reader is not None
                unit.subscribers.set_state(
                    reader.id, SubscriberState.UNSUBSCRIBED, "asked", datetime.now(UTC)
                )
        except StoreBusyError:
            return
        finally:
            self.store.close()
        self.auditor.leave(number)

    def _finish(self) -> None:
        """The last senders die, too; then one finishes with a true clock."""
        while self._alive:
            self._bury(self._alive.pop())
        self.clock_goes_back = False
        last = self._born(self.recipients * 2, 600, None)
        last.process.join(max(120, self.recipients / 50))
        if last.process.is_alive():
            self._complain("the last sender did not finish", last.name)
        elif last.process.exitcode:
            self._complain("the last sender broke down", f"exit code {last.process.exitcode}")
        last.process.kill()
        last.process.join()
        self._add_up(last)
        self._let_the_relay_see(last.name)
