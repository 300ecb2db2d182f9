"""Mutants: senders broken on purpose. A campaign that misses one of them proves nothing.

Each is a function that changes the sender in its own process, before it starts.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select, update

from digest.delivery import journal, journal_recovery, send_loop, worker_pool
from digest.delivery.retry import decide_retry
from digest.model import DeliveryState, LeasedDelivery, LeaseRequest, Outcome, SubscriberState
from digest.store import attempt_outcomes, leasing
from digest.store.outbox import Outbox
from digest.store.tables import attempts, editions, subscribers
from digest.store.tables import outbox as rows

S = DeliveryState
_numbers = itertools.count(1)


def _one_in(number: int) -> bool:
    return next(_numbers) % number == 0


def commits_attempts_after_bodies() -> None:
    begin, record = Outbox.begin_sending, Outbox.record
    late: dict[int, tuple[LeasedDelivery, Any]] = {}

    def lease_only(self: Outbox, request: LeaseRequest, enter: Any) -> Any:
        leases = self.lease(request)
        enter(leases)
        late.update({lease.id: (lease, request.now) for lease in leases})
        return leases, 0

    def record_late(self: Outbox, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.delivery_id in late:
                lease, now = late.pop(outcome.delivery_id)
                begin(self, [lease], now)
        record(self, outcomes)

    Outbox.lease_and_begin = lease_only  # type: ignore[method-assign]
    Outbox.record = record_late  # type: ignore[method-assign]


def never_journals_a_body() -> None:
    journal.Journal.mark_begun = lambda *_: None  # type: ignore[method-assign]


def never_journals_a_reply() -> None:
    journal.Journal.mark_answered = lambda *_: None  # type: ignore[method-assign]


def writes_no_journal() -> None:
    for name in ("add", "mark_begun", "mark_answered"):
        setattr(journal.Journal, name, lambda *_: None)


def clears_journal_before_recording() -> None:
    answer = journal.Journal.mark_answered

    def forget(self: journal.Journal, delivery_id: int, reply: Any) -> None:
        answer(self, delivery_id, reply)
        self.remove(delivery_id)

    journal.Journal.mark_answered = forget  # type: ignore[method-assign]


def releases_begun_deliveries() -> None:
    read_entry = journal._entry

    def untouched(content: bytes, offset: int) -> journal.JournalEntry:
        entry = read_entry(content, offset)
        if entry.progress is journal.EntryProgress.BEGUN:
            return replace(entry, progress=journal.EntryProgress.UNTOUCHED)
        return entry

    journal._entry = untouched


def _decide_by(mutated: Callable[..., Any]) -> None:
    for module in (send_loop, journal_recovery):
        assert vars(module)["decide_retry"] is decide_retry
        vars(module)["decide_retry"] = mutated


def retries_unknown_deliveries() -> None:
    def retrying(*arguments: Any, **named: Any) -> Any:
        decision = decide_retry(*arguments, **named)
        if decision.state is S.UNKNOWN:
            return replace(decision, state=S.DEFERRED, next_at=named["now"])
        return decision

    _decide_by(retrying)


def rejects_deferred_deliveries() -> None:
    def rejecting(*arguments: Any, **named: Any) -> Any:
        decision = decide_retry(*arguments, **named)
        return replace(decision, state=S.REJECTED) if decision.state is S.DEFERRED else decision

    _decide_by(rejecting)


def loses_outcomes() -> None:
    record = Outbox.record

    def lossy(self: Outbox, outcomes: Sequence[Outcome]) -> None:
        record(self, [outcome for outcome in outcomes if not _one_in(20)])

    Outbox.record = lossy  # type: ignore[method-assign]


def loses_rows() -> None:
    record = Outbox.record

    def destructive(self: Outbox, outcomes: Sequence[Outcome]) -> None:
        record(self, outcomes)
        for outcome in outcomes:
            if _one_in(50):
                _delete(self, outcome.delivery_id)

    Outbox.record = destructive  # type: ignore[method-assign]


def removes_rows_and_their_count() -> None:
    begin = Outbox.lease_and_begin

    def skip(self: Outbox, request: LeaseRequest, enter: Any) -> Any:
        leases, excluded = begin(self, request, enter)
        if not leases:
            return leases, excluded
        _delete(self, leases[0].id)
        one_less = {"planned_at_start": editions.c.planned_at_start - 1}
        self._connection.execute(
            update(editions).where(editions.c.id == request.edition_id).values(one_less)
        )
        return leases[1:], excluded

    Outbox.lease_and_begin = skip  # type: ignore[method-assign]


def _delete(self: Outbox, delivery_id: int) -> None:
    self._connection.execute(delete(attempts).where(attempts.c.delivery_id == delivery_id))
    self._connection.execute(delete(rows).where(rows.c.id == delivery_id))


def accepts_unsent_deliveries() -> None:
    begin = Outbox.lease_and_begin

    def claim(self: Outbox, request: LeaseRequest, enter: Any) -> Any:
        leases, excluded = begin(self, request, enter)
        for lease in leases[:1]:
            done = {"state": S.ACCEPTED, "lease_token": None}
            self._connection.execute(update(rows).where(rows.c.id == lease.id).values(done))
        return leases[1:], excluded

    Outbox.lease_and_begin = claim  # type: ignore[method-assign]


def ignores_lease_tokens() -> None:
    query = leasing._HELD

    def held(connection: Any, leases: Any, *states: DeliveryState) -> Any:
        ids = [lease.id for lease in leases]
        matching = query.where(rows.c.id.in_(ids), rows.c.state.in_(states))
        return list(connection.execute(matching).mappings())

    leasing.held = held
    attempt_outcomes._belongs = lambda row, outcome: row.state in (S.SENDING, S.UNKNOWN)


def recovers_journals_in_use() -> None:
    journal._lock = lambda path: os.open(path, os.O_RDWR)


def swaps_mails() -> None:
    from chaos import sender_process

    message_for = sender_process.message_for
    last: list[bytes] = []

    def swap(delivery_id: int, email: str) -> bytes:
        last.append(message_for(delivery_id, email))
        return last.pop(0) if len(last) > 1 and not _one_in(2) else last[-1]

    sender_process.message_for = swap


def opens_too_many_connections() -> None:
    start = worker_pool.WorkerPool.__init__

    def greedy(self: worker_pool.WorkerPool, *arguments: Any, **named: Any) -> None:
        named["connections"] += 3
        start(self, *arguments, **named)

    worker_pool.WorkerPool.__init__ = greedy  # type: ignore[method-assign]


def mails_unsubscribed() -> None:
    begin = Outbox.lease_and_begin
    gone = subscribers.c.state == SubscriberState.UNSUBSCRIBED

    def ignore(self: Outbox, *arguments: Any, **named: Any) -> Any:
        left = self._connection.scalars(select(subscribers.c.id).where(gone)).all()
        those = update(subscribers).where(subscribers.c.id.in_(left))
        self._connection.execute(those.values(state=SubscriberState.ACTIVE))
        result = begin(self, *arguments, **named)
        self._connection.execute(those.values(state=SubscriberState.UNSUBSCRIBED))
        return result

    Outbox.lease_and_begin = ignore  # type: ignore[method-assign]


def crashes() -> None:
    record = Outbox.record

    def fail(self: Outbox, outcomes: Sequence[Outcome]) -> None:
        if _one_in(2):
            raise RuntimeError("mutant")
        record(self, outcomes)

    Outbox.record = fail  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    mutant.__name__: mutant
    for mutant in (
        commits_attempts_after_bodies,
        never_journals_a_body,
        never_journals_a_reply,
        writes_no_journal,
        clears_journal_before_recording,
        releases_begun_deliveries,
        retries_unknown_deliveries,
        rejects_deferred_deliveries,
        loses_outcomes,
        loses_rows,
        removes_rows_and_their_count,
        accepts_unsent_deliveries,
        ignores_lease_tokens,
        recovers_journals_in_use,
        swaps_mails,
        opens_too_many_connections,
        mails_unsubscribed,
        crashes,
    )
}
"""Every mutant, by name."""
