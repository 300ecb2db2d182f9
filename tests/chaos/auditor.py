"""The referee of a campaign: compares the rows of the outbox with what the relay saw.

The rows are read as a stranger would: over a connection opened for the purpose, in plain SQL, not
through the store. What the relay noted is taken *before* the rows where a note demands something of
a row, and *after* them where a row demands a note, so an audit is true at any moment, also while
senders work and mails arrive.
"""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chaos.ledger_audit import Books, Page, Row
from smtp_server.behaviours import Attempt, fingerprint
from smtp_server.server import Sink

STATES = (
    "planned", "leased", "sending", "deferred", "accepted", "rejected", "excluded", "unknown",
)  # fmt: skip
UNFINISHED = frozenset(STATES[:4])
WENT_OUT = frozenset({"sending", "accepted", "unknown"})
"""The states of a delivery that may be in a mailbox."""


@dataclass
class History:
    """What the relay saw of one reader."""

    attempts: list[Attempt] = field(default_factory=list)

    @property
    def copies(self) -> list[Attempt]:
        """What is in the mailbox."""
        return [one for one in self.attempts if one.kept]


@dataclass
class Auditor:
    """Keeps what was found wrong in ``problems``, each thing once.

    ``letter`` and ``return_path`` say what a delivery must look like on the wire. A sender is named
    as it calls itself to the relay; ``workers`` knows each by the number of its process. ``killed``
    says when (monotonic seconds) which sender was dead, ``died`` whether one is, noticed or not;
    ``left`` how many attempts there had been to whom when that reader left. With ``lapses`` a lease
    may run out while its sender lives, which then clears up itself what was taken for unknown
    meanwhile, or its journal does.
    """

    books: Books
    sink: Sink
    recipients: int
    connections: int
    letter: Callable[[int, str], bytes]
    return_path: Callable[[int], str]
    journals: Path
    lapses: bool
    died: Callable[[str], bool]
    problems: list[str] = field(default_factory=list)
    workers: dict[str, str] = field(default_factory=dict)
    killed: dict[str, float] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    looks: int = 0
    looks_at_work: int = 0
    reported: set[tuple[str, object]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.addresses = self.books.addresses()
        self._numbers = {email: number for number, email in self.addresses.items()}
        self._histories: dict[str, History] = defaultdict(History)
        self._read = 0
        self._unread: list[Attempt] = []
        self._changed: set[str] = set()
        self._demanded: dict[int, tuple[int, bool]] = {}
        self._explained: set[int] = set()

    def complain(self, kind: str, about: object, words: str) -> None:
        """Report that once."""
        if (kind, about) not in self.reported:
            self.reported.add((kind, about))
            self.problems.append(f"{kind}: {words}")

    def look(self, when: str, *, alive: Collection[str] = (), final: bool = False) -> Page:
        """Check everything that must hold at any moment; ``alive`` are the senders at work."""
        self.looks += 1
        self.looks_at_work += bool(alive)
        unsettled = {*alive, *map(self._sender, testators(self.journals))} if self.lapses else ()
        self._gather()
        self._demand()
        page = self.books.look(undisturbed=not alive)
        self._check_equation(page, when)
        for number, (bodies, kept) in self._demanded.items():
            self._check_row(number, page.rows.get(number), bodies, kept, when)
        self._gather()
        self._check_histories(list(self._histories) if final else self._changed, when)
        self._check_letters()
        self._check_ends(page, when)
        self._check_doubts(page, when, unsettled)
        if final:
            self._check_all(page)
        return page

    def doubts(self, page: Page) -> dict[str, list[int]]:
        """The deliveries in doubt for which the relay is not to blame, by sender."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, row in page.rows.items():
            if row.state == "unknown":
                sender = self._sender(row.worker)
                if not self._blamed_on_relay(number, sender):
                    found[sender].append(number)
        return found

    def _sender(self, worker: str) -> str:
        """Whose worker that was; its name ends in the number of a process and a random number."""
        return self.workers.get(worker.split(":")[-2] if ":" in worker else "", worker)

    def _gather(self) -> None:
        """Take what the relay has noted since the last time."""
        count = len(self.sink.attempts)
        for attempt in self.sink.attempts[self._read : count]:
            self._histories[attempt.recipient].attempts.append(attempt)
            self._unread.append(attempt)
            self._changed.add(attempt.recipient)
        self._read = count

    def _demand(self) -> None:
        """Of each delivery seen so far: how many bodies have begun, whether one was kept."""
        for email in self._changed:
            number, attempts = self._numbers.get(email), self._histories[email].attempts
            if number is None:
                self.complain("a mail to a stranger", email, email)
            else:
                bodies = sum(one.begun for one in attempts)
                self._demanded[number] = bodies, any(one.kept for one in attempts)

    def _check_equation(self, page: Page, when: str) -> None:
        tally = page.tally
        known = sum(tally[state] for state in STATES)
        if not page.planned_at_start == known == len(page.rows) == self.recipients:
            self.complain(
                "the equation fails",
                when,
                f"{when}: {self.recipients} frozen, {page.planned_at_start} planned at the start,"
                f" {len(page.rows)} rows, {dict(tally)}",
            )

    def _check_row(self, number: int, row: Row | None, bodies: int, kept: bool, when: str) -> None:
        if row is None:
            self.complain("a row is gone", number, f"{when}: delivery {number}")
            return
        if bodies > row.attempt:
            self.complain(
                "a body without a committed attempt",
                number,
                f"{when}: delivery {number}, {bodies} bodies, {row}",
            )
        if kept and row.state not in WENT_OUT:
            self.complain(
                "in the mailbox, and to be sent again",
                number,
                f"{when}: delivery {number}, {row}",
            )

    def _check_histories(self, emails: Iterable[str], when: str) -> None:
        """Nobody gets another envelope after a body that may have been kept."""
        for email in emails:
            history = self._histories[email]
            for index, attempt in enumerate(history.attempts[:-1]):
                later = history.attempts[index + 1]
                if self._may_be_kept(attempt):
                    self.complain(
                        "offered again although it may have been kept",
                        email,
                        f"{when}: {email}, {attempt}, then {later}",
                    )
                if attempt.heard and attempt.reply[:1] == "5" and attempt.reply[4:7] != "5.7":
                    self.complain(
                        "tried again after a refusal for good",
                        email,
                        f"{when}: {email}, {attempt}, then {later}",
                    )
        for number, before in self.left.items():
            after = self._histories[self.addresses[number]].attempts[before:]
            if any(attempt.begun for attempt in after):
                self.complain("a mail to somebody who had left", number, f"{when}: {after}")

    def leave(self, number: int) -> None:
        """That delivery's reader has left, while no sender was at work."""
        self._gather()
        self.left[number] = len(self._histories[self.addresses[number]].attempts)

    def _may_be_kept(self, attempt: Attempt) -> bool:
        """Whether its client had to leave it at that (RFC 5321 §4.5.3.2.6)."""
        if attempt.whole:
            return not attempt.reply or attempt.reply.startswith("250")
        # A sender that died in the middle of a body cannot know that its end did not leave.
        dead = attempt.begun and attempt.over and attempt.client in self.killed
        return dead and not self._hung_up(attempt)

    @staticmethod
    def _hung_up(attempt: Attempt) -> bool:
        return attempt.fault.startswith(("cut", "lose", "silence"))

    def _blamed_on_relay(self, number: int, sender: str) -> bool:
        history = self._histories[self.addresses.get(number, "")]
        tries = [one for one in history.attempts if one.client == sender and one.agreed]
        return bool(tries) and self._hung_up(tries[-1])

    def _check_doubts(self, page: Page, when: str, unsettled: Collection[str]) -> None:
        """What is in doubt by a death: not more than its connections, and the last on each."""
        for sender, numbers in self.doubts(page).items():
            if sender in unsettled:
                continue
            # Asked after the rows were read: who lives now lived then.
            if not self.died(sender):
                self.complain("in doubt without a reason", sender, f"{when}: {sender}, {numbers}")
            elif len(numbers) > self.connections:
                self.complain(
                    "more in doubt than connections",
                    sender,
                    f"{when}: {sender} left {len(numbers)}: {numbers}",
                )
            for number in numbers:
                self._check_doubt(number, sender, page.rows[number], when)

    def _check_doubt(self, number: int, sender: str, row: Row, when: str) -> None:
        history = self._histories[self.addresses.get(number, "")]
        tries = [one for one in history.attempts if one.client == sender and one.agreed]
        if not tries:
            self.complain(
                "in doubt although the relay never agreed to take it",
                number,
                f"{when}: delivery {number}, {row}, {history.attempts}",
            )
        elif tries[-1].heard:
            self.complain(
                "in doubt although its sender went on after the answer",
                number,
                f"{when}: delivery {number}, {row}, {tries[-1]}",
            )

    def _check_letters(self) -> None:
        """Each reader's mailbox holds that reader's letter, to the byte."""
        unread, self._unread = self._unread, []
        # What is over by now may not have been when the rows were read.
        self._changed = {attempt.recipient for attempt in unread}
        for attempt in unread:
            if not attempt.over:
                self._unread.append(attempt)
            elif attempt.kept:
                number = self._numbers.get(attempt.recipient, 0)
                letter = fingerprint(self.letter(number, attempt.recipient))
                if (attempt.digest, attempt.sender) != (letter, self.return_path(number)):
                    self.complain("not this reader's letter", number, f"{attempt}")

    def _check_ends(self, page: Page, when: str) -> None:
        """Whatever has ended, ended by a word of the relay."""
        for number, row in page.rows.items():
            if number in self._explained or row.state in UNFINISHED or row.state == "unknown":
                continue
            history = self._histories[self.addresses[number]]
            wrong = self._unexplained(row, history)
            if wrong:
                self.complain(wrong, number, f"{when}: delivery {number}, {row}, {history}")
            else:
                self._explained.add(number)

    @staticmethod
    def _unexplained(row: Row, history: History) -> str:
        replies = [one.reply for one in history.attempts if one.reply]
        if row.state == "accepted":
            if not history.copies:
                return "silently missing"
            return "" if history.copies[-1].reply.startswith("250") else "accepted without a word"
        if row.state == "rejected":
            return "" if replies and replies[-1][0] == "5" else "rejected without a word"
        return "" if row.reason == "unsubscribed" else f"excluded as {row.reason!r}"

    def _check_all(self, page: Page) -> None:
        """Each reader's state against the mailbox, at the end."""
        for number, row in page.rows.items():
            history = self._histories[self.addresses[number]]
            copies = len(history.copies)
            allowed = {"accepted": (1,), "unknown": (0, 1), "rejected": (0,), "excluded": (0,)}
            if row.state not in allowed:
                self.complain("not in a final state", number, f"delivery {number}, {row}")
            elif copies not in allowed[row.state]:
                kind = f"{row.state}, and {copies} copies"
                self.complain(kind, number, f"delivery {number}, {row}, {history}")
        if damage := self.books.damage():
            self.complain("the database is damaged", "", damage)

    def taken_from_the_dead(self) -> int:
        """How many mails the relay took when their sender was dead already."""
        return sum(
            one.at > self.killed.get(one.client, one.at)
            for history in self._histories.values()
            for one in history.copies
        )

    def torn(self) -> int:
        """How many bodies ended in the middle because their sender died."""
        return sum(
            one.begun and not one.whole and not one.fault and one.client in self.killed
            for history in self._histories.values()
            for one in history.attempts
        )

    def copies(self) -> Counter[tuple[str, str]]:
        """How many copies of each letter, by reader and Message-ID, are in the mailboxes."""
        return Counter(
            (one.recipient, one.message_id)
            for history in self._histories.values()
            for one in history.copies
        )


def testators(folder: Path) -> list[str]:
    """The workers whose journals nobody has executed yet."""
    found = []
    for path in folder.glob("*.journal"):
        with contextlib.suppress(FileNotFoundError):
            found.append(path.read_bytes()[8:72].rstrip(b"\0").decode())
    return found
