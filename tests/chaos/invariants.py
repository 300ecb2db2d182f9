"""The invariants of a campaign: compares the rows of the outbox with what the SMTP server saw.

The rows are read by `chaos.outbox_reader`, not through the store. What the server noted is taken
*before* the rows where a note demands something of a row, and *after* them where a row demands a
note, so a check is right at any moment, also while senders work and mails arrive.
"""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chaos.outbox_reader import DeliveryRow, OutboxReader, OutboxSnapshot
from smtp_server.behaviours import Attempt, fingerprint
from smtp_server.server import Sink

STATES = (
    "planned", "leased", "sending", "deferred", "accepted", "rejected", "excluded", "unknown",
)  # fmt: skip
UNFINISHED = frozenset(STATES[:4])
MAYBE_STORED = frozenset({"sending", "accepted", "unknown"})
"""States of a delivery that may be in a mailbox."""


@dataclass
class Conversation:
    """All attempts for one recipient, as the server saw them."""

    attempts: list[Attempt] = field(default_factory=list)

    @property
    def copies(self) -> list[Attempt]:
        """The attempts whose mail is in the mailbox."""
        return [attempt for attempt in self.attempts if attempt.stored]


@dataclass
class InvariantChecker:
    """Checks the invariants and collects violations in ``problems``, each once.

    ``message_for`` and ``return_path`` give a delivery's expected content and envelope sender. A
    sender is named by its EHLO name; ``workers`` maps process ids to names. ``killed`` maps senders
    to the monotonic second of their death; ``was_killed`` tells of one that it is dead, noticed or
    not. ``unsubscribed`` maps deliveries to the number of attempts when their subscriber left. With
    ``leases_expire`` a lease may run out while its sender lives; the sender or its journal then
    settles what was recorded as unknown meanwhile.
    """

    reader: OutboxReader
    sink: Sink
    recipients: int
    connections: int
    message_for: Callable[[int, str], bytes]
    return_path: Callable[[int], str]
    journals: Path
    leases_expire: bool
    was_killed: Callable[[str], bool]
    problems: list[str] = field(default_factory=list)
    workers: dict[str, str] = field(default_factory=dict)
    killed: dict[str, float] = field(default_factory=dict)
    unsubscribed: dict[int, int] = field(default_factory=dict)
    checks: int = 0
    checks_beside_senders: int = 0
    reported: set[tuple[str, object]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.addresses = self.reader.addresses()
        self._delivery_ids = {email: delivery_id for delivery_id, email in self.addresses.items()}
        self._conversations: dict[str, Conversation] = defaultdict(Conversation)
        self._attempts_read = 0
        self._unchecked: list[Attempt] = []
        self._changed_recipients: set[str] = set()
        self._expected: dict[int, tuple[int, bool]] = {}
        self._justified: set[int] = set()

    def report(self, kind: str, about: object, message: str) -> None:
        """Add a problem, once for each kind and subject."""
        if (kind, about) not in self.reported:
            self.reported.add((kind, about))
            self.problems.append(f"{kind}: {message}")

    def check(
        self, when: str, *, alive: Collection[str] = (), final: bool = False
    ) -> OutboxSnapshot:
        """Check everything that must hold at any moment; ``alive`` are the senders at work."""
        self.checks += 1
        self.checks_beside_senders += bool(alive)
        unsettled = (
            {*alive, *map(self._sender, abandoned_journals(self.journals))}
            if self.leases_expire
            else ()
        )
        self._read_attempts()
        self._note_expectations()
        snapshot = self.reader.read_rows(undisturbed=not alive)
        self._check_equation(snapshot, when)
        for delivery_id, (bodies, stored) in self._expected.items():
            self._check_row(delivery_id, snapshot.rows.get(delivery_id), bodies, stored, when)
        self._read_attempts()
        self._check_repeats(list(self._conversations) if final else self._changed_recipients, when)
        self._check_contents()
        self._check_final_states(snapshot, when)
        self._check_unknown(snapshot, when, unsettled)
        if final:
            self._check_all(snapshot)
        return snapshot

    def unknown_by_sender(self, snapshot: OutboxSnapshot) -> dict[str, list[int]]:
        """Group by sender the unknown deliveries that no fault of the server explains."""
        found: dict[str, list[int]] = defaultdict(list)
        for delivery_id, row in snapshot.rows.items():
            if row.state == "unknown":
                sender = self._sender(row.worker)
                if not self._caused_by_server(delivery_id, sender):
                    found[sender].append(delivery_id)
        return found

    def _sender(self, worker: str) -> str:
        """Name a worker's sender; a worker's name ends in a process id and a random number."""
        return self.workers.get(worker.split(":")[-2] if ":" in worker else "", worker)

    def _read_attempts(self) -> None:
        """Read the attempts that the server has noted since the last time."""
        count = len(self.sink.attempts)
        for attempt in self.sink.attempts[self._attempts_read : count]:
            self._conversations[attempt.recipient].attempts.append(attempt)
            self._unchecked.append(attempt)
            self._changed_recipients.add(attempt.recipient)
        self._attempts_read = count

    def _note_expectations(self) -> None:
        """Note of each delivery seen so far how many bodies began, and if one was stored."""
        for email in self._changed_recipients:
            delivery_id, attempts = (
                self._delivery_ids.get(email),
                self._conversations[email].attempts,
            )
            if delivery_id is None:
                self.report("a mail to an unknown address", email, email)
            else:
                bodies = sum(attempt.body_begun for attempt in attempts)
                self._expected[delivery_id] = bodies, any(attempt.stored for attempt in attempts)

    def _check_equation(self, snapshot: OutboxSnapshot, when: str) -> None:
        tally = snapshot.tally
        known = sum(tally[state] for state in STATES)
        if not snapshot.planned_at_start == known == len(snapshot.rows) == self.recipients:
            self.report(
                "the equation fails",
                when,
                f"{when}: {self.recipients} frozen, {snapshot.planned_at_start} planned,"
                f" {len(snapshot.rows)} rows, {dict(tally)}",
            )

    def _check_row(
        self, delivery_id: int, row: DeliveryRow | None, bodies: int, stored: bool, when: str
    ) -> None:
        if row is None:
            self.report("a row is gone", delivery_id, f"{when}: delivery {delivery_id}")
            return
        if bodies > row.attempt:
            self.report(
                "a body without a committed attempt",
                delivery_id,
                f"{when}: delivery {delivery_id}, {bodies} bodies, {row}",
            )
        if stored and row.state not in MAYBE_STORED:
            self.report(
                "in the mailbox, and to be sent again",
                delivery_id,
                f"{when}: delivery {delivery_id}, {row}",
            )

    def _check_repeats(self, emails: Iterable[str], when: str) -> None:
        """Nobody gets another envelope after a body that may have been stored."""
        for email in emails:
            conversation = self._conversations[email]
            for index, attempt in enumerate(conversation.attempts[:-1]):
                later = conversation.attempts[index + 1]
                if self._may_be_stored(attempt):
                    self.report(
                        "offered again although it may have been stored",
                        email,
                        f"{when}: {email}, {attempt}, then {later}",
                    )
                if attempt.reply_seen and attempt.reply[:1] == "5" and attempt.reply[4:7] != "5.7":
                    self.report(
                        "tried again after a refusal for good",
                        email,
                        f"{when}: {email}, {attempt}, then {later}",
                    )
        for delivery_id, before in self.unsubscribed.items():
            after = self._conversations[self.addresses[delivery_id]].attempts[before:]
            if any(attempt.body_begun for attempt in after):
                self.report("a mail after unsubscribing", delivery_id, f"{when}: {after}")

    def note_unsubscribed(self, delivery_id: int) -> None:
        """Note that a delivery's subscriber left while no sender was at work."""
        self._read_attempts()
        self.unsubscribed[delivery_id] = len(
            self._conversations[self.addresses[delivery_id]].attempts
        )

    def _may_be_stored(self, attempt: Attempt) -> bool:
        """True if its client must not offer the mail again (RFC 5321 §4.5.3.2.6)."""
        if attempt.body_complete:
            return not attempt.reply or attempt.reply.startswith("250")
        # A sender that died in the middle of a body cannot know that its end did not leave.
        dead = attempt.body_begun and attempt.closed and attempt.client in self.killed
        return dead and not self._server_disconnected(attempt)

    @staticmethod
    def _server_disconnected(attempt: Attempt) -> bool:
        return attempt.fault.startswith(("cut", "lose", "silence"))

    def _caused_by_server(self, delivery_id: int, sender: str) -> bool:
        conversation = self._conversations[self.addresses.get(delivery_id, "")]
        offers = [
            attempt
            for attempt in conversation.attempts
            if attempt.client == sender and attempt.data_accepted
        ]
        return bool(offers) and self._server_disconnected(offers[-1])

    def _check_unknown(
        self, snapshot: OutboxSnapshot, when: str, unsettled: Collection[str]
    ) -> None:
        """A kill leaves at most one unknown delivery per connection: the last on each."""
        for sender, delivery_ids in self.unknown_by_sender(snapshot).items():
            if sender in unsettled:
                continue
            # Asked after the rows were read: who lives now lived then.
            if not self.was_killed(sender):
                self.report("unknown without a reason", sender, f"{when}: {sender}, {delivery_ids}")
            elif len(delivery_ids) > self.connections:
                self.report(
                    "more unknown than connections",
                    sender,
                    f"{when}: {sender} left {len(delivery_ids)}: {delivery_ids}",
                )
            for delivery_id in delivery_ids:
                self._check_unknown_row(delivery_id, sender, snapshot.rows[delivery_id], when)

    def _check_unknown_row(
        self, delivery_id: int, sender: str, row: DeliveryRow, when: str
    ) -> None:
        conversation = self._conversations[self.addresses.get(delivery_id, "")]
        offers = [
            attempt
            for attempt in conversation.attempts
            if attempt.client == sender and attempt.data_accepted
        ]
        if not offers:
            self.report(
                "unknown although the server never accepted DATA",
                delivery_id,
                f"{when}: delivery {delivery_id}, {row}, {conversation.attempts}",
            )
        elif offers[-1].reply_seen:
            self.report(
                "unknown although its sender went on after the reply",
                delivery_id,
                f"{when}: delivery {delivery_id}, {row}, {offers[-1]}",
            )

    def _check_contents(self) -> None:
        """Each mailbox holds its own subscriber's mail, to the byte."""
        attempts, self._unchecked = self._unchecked, []
        # What is over by now may not have been when the rows were read.
        self._changed_recipients = {attempt.recipient for attempt in attempts}
        for attempt in attempts:
            if not attempt.closed:
                self._unchecked.append(attempt)
            elif attempt.stored:
                delivery_id = self._delivery_ids.get(attempt.recipient, 0)
                expected = fingerprint(self.message_for(delivery_id, attempt.recipient))
                if (attempt.digest, attempt.sender) != (expected, self.return_path(delivery_id)):
                    self.report("not this subscriber's mail", delivery_id, f"{attempt}")

    def _check_final_states(self, snapshot: OutboxSnapshot, when: str) -> None:
        """Every final state has a reply of the server, or a reason, behind it."""
        for delivery_id, row in snapshot.rows.items():
            if delivery_id in self._justified or row.state in UNFINISHED or row.state == "unknown":
                continue
            conversation = self._conversations[self.addresses[delivery_id]]
            problem = self._unjustified(row, conversation)
            if problem:
                self.report(
                    problem, delivery_id, f"{when}: delivery {delivery_id}, {row}, {conversation}"
                )
            else:
                self._justified.add(delivery_id)

    @staticmethod
    def _unjustified(row: DeliveryRow, conversation: Conversation) -> str:
        replies = [attempt.reply for attempt in conversation.attempts if attempt.reply]
        if row.state == "accepted":
            if not conversation.copies:
                return "silently missing"
            return (
                ""
                if conversation.copies[-1].reply.startswith("250")
                else "accepted without a reply"
            )
        if row.state == "rejected":
            return "" if replies and replies[-1][0] == "5" else "rejected without a reply"
        return "" if row.reason == "unsubscribed" else f"excluded as {row.reason!r}"

    def _check_all(self, snapshot: OutboxSnapshot) -> None:
        """At the end, compare each delivery's state with its mailbox."""
        for delivery_id, row in snapshot.rows.items():
            conversation = self._conversations[self.addresses[delivery_id]]
            copies = len(conversation.copies)
            allowed = {"accepted": (1,), "unknown": (0, 1), "rejected": (0,), "excluded": (0,)}
            if row.state not in allowed:
                self.report("not in a final state", delivery_id, f"delivery {delivery_id}, {row}")
            elif copies not in allowed[row.state]:
                kind = f"{row.state}, and {copies} copies"
                self.report(kind, delivery_id, f"delivery {delivery_id}, {row}, {conversation}")
        if damage := self.reader.damage():
            self.report("the database is damaged", "", damage)

    def accepted_after_kill(self) -> int:
        """Count the mails that the server took whole after their sender was dead."""
        return sum(
            attempt.at > self.killed.get(attempt.client, attempt.at)
            for conversation in self._conversations.values()
            for attempt in conversation.copies
        )

    def cut_off_bodies(self) -> int:
        """Count the bodies that ended in the middle because their sender died."""
        return sum(
            attempt.body_begun
            and not attempt.body_complete
            and not attempt.fault
            and attempt.client in self.killed
            for conversation in self._conversations.values()
            for attempt in conversation.attempts
        )

    def copies(self) -> Counter[tuple[str, str]]:
        """Count the copies in the mailboxes by recipient and Message-ID."""
        return Counter(
            (attempt.recipient, attempt.message_id)
            for conversation in self._conversations.values()
            for attempt in conversation.copies
        )


def abandoned_journals(folder: Path) -> list[str]:
    """List the workers whose journals nobody has recovered yet."""
    found = []
    for path in folder.glob("*.journal"):
        with contextlib.suppress(FileNotFoundError):
            found.append(path.read_bytes()[8:72].rstrip(b"\0").decode())
    return found
