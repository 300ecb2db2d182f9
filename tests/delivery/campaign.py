"""Kill a sender with SIGKILL at random moments, start it again, and count every mailbox.

The sender is a process of its own, on the real store, against a relay with mixed faults. After each
death the equation must hold; at the end every reader is in a final state, whoever was accepted has
the mail exactly once, and no more mails are in doubt than connections times kills and cuts.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import TypeVar

from delivery.sink import Manners, Sink
from sqlalchemy import func, select

from digest.daily.ledger import StoreLedger
from digest.daily.runs import Clock, utc_now
from digest.daily.watch import Watch
from digest.delivery.dispatch import Limits
from digest.delivery.outbox import drain
from digest.delivery.retry import Policy
from digest.delivery.session import Timeouts
from digest.delivery.smtp import Relay, Security, SmtpTransport
from digest.errors import StoreBusyError
from digest.model import (
    DeliveryState,
    Edition,
    EditionKind,
    LeasedDelivery,
    PlannedDelivery,
    Preferences,
    Rendering,
    SubscriberState,
    Tally,
)
from digest.store import Store, Unit, open_store
from digest.store.tables import outbox, subscribers

T = TypeVar("T")

S = DeliveryState
DAY = date(2026, 11, 20)
PATIENCE = Timeouts(greeting=5, mail=5, rcpt=5, data=5, block=5, final=5, quit=1, stall=2)
POLICY = Policy(
    first_wait=timedelta(milliseconds=50),
    longest_wait=timedelta(milliseconds=200),
    refusals_in_a_row=1000,
    relay_strikes=50,
)


@contextmanager
def books(store: Store, witness: Path | None, clock: Clock = utc_now) -> Iterator[StoreLedger]:
    """The ledger as a new sender has it, with what this machine remembers of its senders."""
    watch = Watch(store, witness)
    assert watch.doubt() == ""
    with watch.sender(clock()) as me:
        yield StoreLedger(store, me)


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


def compose(delivery: LeasedDelivery) -> bytes:
    """A mail of two kilobytes that names its reader."""
    head = f"To: {delivery.subscriber.email}\r\nMessage-ID: <{delivery.id}@list.test>\r\n\r\n"
    return head.encode() + b"Papers, papers, papers.\r\n" * 80


@dataclass(frozen=True)
class Orders:
    """What a sender process is told."""

    url: str
    port: int
    journals: Path | None
    edition_id: int
    connections: int
    clock_offset: timedelta = timedelta()
    chunk: int = 200
    witness: Path | None = None


def send_until_done(orders: Orders) -> None:
    """The sender process: until nothing is left, however often the store or the relay fail."""
    store = open_store(orders.url)
    relay = Relay(
        "127.0.0.1",
        orders.port,
        security=Security.NONE,
        timeouts=PATIENCE,
        local_name="sender.test",
    )

    def clock() -> datetime:
        return datetime.now(UTC) + orders.clock_offset

    while True:
        try:
            with books(store, orders.witness, clock) as ledger:
                report = drain(
                    ledger,
                    SmtpTransport(relay),
                    compose,
                    edition_id=orders.edition_id,
                    sender=lambda _: "bounces@list.test",
                    policy=POLICY,
                    limits=Limits(
                        connections=orders.connections,
                        chunk=orders.chunk,
                        store_patience=timedelta(seconds=1),
                    ),
                    clock=clock,
                    journals=orders.journals,
                )
        except StoreBusyError:
            time.sleep(0.05)
            continue
        if not report.tally.unfinished:
            return
        time.sleep(0.02)


@dataclass
class Mischief:
    """Faults of the relay, by chance, one reader in so many."""

    chance: random.Random
    one_in: int = 40
    cuts_after_dot: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def manners(self) -> Manners:
        """The relay's behaviour."""
        return Manners(
            rcpt=self._sometimes("450 4.2.1 later", "451 4.7.1 greylisted", "550 5.1.1 nobody"),
            data=self._sometimes("451 4.3.0 later"),
            final=self._sometimes("452 4.2.2 full", "552 5.2.2 full"),
            cuts_at="final",
            cuts=self._cut,
            mails_per_connection=400,
        )

    def _sometimes(self, *replies: str) -> Callable[[str], str | None]:
        def say(_: str) -> str | None:
            with self.lock:
                hit = self.chance.randrange(self.one_in) == 0
                return self.chance.choice(replies) if hit else None

        return say

    def _cut(self, _: str) -> bool:
        with self.lock:
            hit = self.chance.randrange(self.one_in * 20) == 0
            self.cuts_after_dot += hit
            return hit


@dataclass
class Verdict:
    """What a campaign found. ``problems`` is empty when every promise was kept."""

    recipients: int
    kills: int
    seconds: float
    tally: Tally
    cuts_after_dot: int
    most_unknown_per_kill: int
    copies_beyond_one: int
    problems: list[str]


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
        chunk: int = 200,
    ) -> None:
        self.url = f"sqlite:///{folder / 'campaign.db'}"
        self.folder = folder
        self.recipients = recipients
        self.connections = connections
        self.chunk = chunk
        self.chance = random.Random(seed)
        self.clock_goes_back = clock_goes_back
        self.problems: list[str] = []
        self.kills = 0
        self.most_unknown_per_kill = 0
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["delivery.campaign"])

    def run(self, kills: int, *, after_kill: Callable[[Campaign], None] | None = None) -> Verdict:
        """Kill that many times, then let the last sender finish, and judge."""
        started = time.monotonic()
        store = open_store(self.url)
        store.migrate()
        self.edition_id = audience(store, self.recipients)
        mischief = Mischief(random.Random(self.chance.random()))
        with Sink(mischief.manners(), keep=False) as sink:
            self.sink = sink
            while self.kills < kills:
                before = self._killed_in_doubt(store)
                sender = self._start()
                share = (self.recipients - len(sink.mails)) // (kills - self.kills + 1)
                died = self._kill_after(sender, self.chance.randint(0, max(share, 1)))
                self.kills += died
                self._check(store, before)
                if not died:
                    break
                if after_kill is not None:
                    after_kill(self)
            self.clock_goes_back = False
            sender = self._start()
            sender.join(600)
            if sender.is_alive():
                self.problems.append("the last sender did not finish")
                sender.kill()
                sender.join()
            tally = self._tally(store)
            copies = self._judge(store, sink, tally)
        store.close()
        return Verdict(
            self.recipients,
            self.kills,
            time.monotonic() - started,
            tally,
            mischief.cuts_after_dot,
            self.most_unknown_per_kill,
            copies,
            self.problems,
        )

    def _start(self) -> ForkServerProcess:
        offset = timedelta()
        if self.clock_goes_back:
            offset = timedelta(minutes=self.chance.choice([0, 0, -5, -90, -1440]))
        orders = Orders(
            self.url,
            self.sink.port,
            self.folder / "journals",
            self.edition_id,
            self.connections,
            offset,
            self.chunk,
            self.folder / "witness",
        )
        sender = self._context.Process(target=send_until_done, args=(orders,))
        sender.start()
        return sender

    def _kill_after(self, sender: ForkServerProcess, mails: int) -> bool:
        """SIGKILL once the relay has that many more mails, and a random moment later."""
        goal, deadline = len(self.sink.mails) + mails, time.monotonic() + 3
        while len(self.sink.mails) < goal and sender.is_alive() and time.monotonic() < deadline:
            time.sleep(0.003)
        time.sleep(self.chance.random() * 0.01)
        alive = sender.is_alive()
        sender.kill()
        sender.join()
        return alive

    def _tally(self, store: Store) -> Tally:
        return self._read(store, lambda unit: unit.outbox.tally(self.edition_id))

    @staticmethod
    def _read(store: Store, question: Callable[[Unit], T]) -> T:
        while True:
            try:
                with store.read() as unit:
                    return question(unit)
            except StoreBusyError:
                time.sleep(0.1)

    def _doubt(self, store: Store) -> str:
        while True:
            try:
                return Watch(store, self.folder / "witness").doubt()
            except StoreBusyError:
                time.sleep(0.1)

    def _killed_in_doubt(self, store: Store) -> int:
        """How many mails are in doubt because a sender died, not because the relay hung up."""
        query = select(func.count()).where(
            outbox.c.state == S.UNKNOWN, outbox.c.reply.startswith("the sender ")
        )
        return self._read(store, lambda unit: unit.connection.scalar(query)) or 0

    def _check(self, store: Store, in_doubt_before: int) -> None:
        """The equation, the witness, and how much the death before this one left in doubt."""
        tally = self._tally(store)
        if not tally.balanced:
            self.problems.append(f"after kill {self.kills} the equation fails: {tally}")
        doubt = self._doubt(store)
        if doubt:
            self.problems.append(f"after kill {self.kills}: {doubt}")
        fresh = self._killed_in_doubt(store) - in_doubt_before
        self.most_unknown_per_kill = max(self.most_unknown_per_kill, fresh)
        if fresh > self.connections:
            self.problems.append(f"{fresh} unknown after kill {self.kills}")

    def _judge(self, store: Store, sink: Sink, tally: Tally) -> int:
        """Compare each reader's state with what is in the mailbox."""
        got = Counter(mail.recipient for mail in sink.mails)
        if tally.unfinished or not tally.balanced:
            self.problems.append(f"not everybody is in a final state: {tally}")
        for email, state in self._states(store).items():
            copies = got[email]
            fits = {S.ACCEPTED: copies == 1, S.UNKNOWN: copies <= 1, S.REJECTED: copies == 0}
            if not fits.get(state, False):
                self.problems.append(f"{email} is {state} and has {copies} copies")
        return sum(count - 1 for count in got.values() if count > 1)

    def _states(self, store: Store) -> dict[str, DeliveryState]:
        with store.read() as unit:
            rows = unit.connection.execute(
                select(subscribers.c.email, outbox.c.state).where(
                    outbox.c.subscriber_id == subscribers.c.id,
                    outbox.c.edition_id == self.edition_id,
                )
            )
            return {row.email: S(row.state) for row in rows}
