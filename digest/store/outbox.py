"""The outbox: one row per subscriber and edition, each in exactly one state at every commit.

::

    planned ─▶ leased(worker, token, until) ─▶ sending(attempt n) ─▶ accepted
       ▲──────────────┘  expired, released            │             ├─▶ deferred(next_at) ─▶ leased …
       └─▶ excluded(reason)                           │             ├─▶ rejected(code)
                                                      └─────────────┴─▶ unknown

A row only moves under the token of its lease, so two senders on one store never send the same row,
and a sender that was given up for dead changes nothing when it wakes. A move touches a chunk of
rows in a handful of statements; the caller's transaction makes it last. Where nothing has to wait,
a row is leased and its sending begun in the same transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, tuple_, update

from digest.model import (
    AddressedDelivery,
    DeliveryRecord,
    DeliveryState,
    LeasedDelivery,
    LeaseRequest,
    Outcome,
    PlannedDelivery,
    SetAsideCause,
    Tally,
    UnknownPolicy,
)
from digest.store import attempt_outcomes, leasing, recovery
from digest.store.blocked import is_blocked
from digest.store.dialect import insert_new, many, wait_for
from digest.store.tables import editions, in_states, outbox, subscribers

FROZEN_AT_ONCE = 1_000
"""Rows of an audience inserted in one round."""

SENDERS_LOCK = 0x6469_6765_7374_0003
"""PostgreSQL advisory lock: senders that share a day's number of mails take turns at the lease."""

LEASES_LOCK = 0x6469_6765_7374_0004
"""PostgreSQL advisory lock: taking is shared, taking back is not. The server may still be busy with
the last commit of a sender whose process is gone, and whoever recovers must see what that took."""


class Outbox:
    """Deliveries, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def freeze_audience(
        self, edition_id: int, planned: Iterable[PlannedDelivery], now: datetime
    ) -> Tally:
        """Fix who gets an edition, once; a second call changes nothing.

        A subscriber named twice counts once. ``planned`` is read a few thousand at a time, so a
        generator that reads subscribers from the same transaction needs little memory.
        Raises `LookupError` for an unknown edition.
        """
        frozen = self._connection.execute(
            update(editions)
            .where(editions.c.id == edition_id, editions.c.audience_frozen_at.is_(None))
            .values(audience_frozen_at=now)
        )
        if frozen.rowcount == 0:
            return self.tally(edition_id)
        deliveries = iter(planned)
        while chunk := list(islice(deliveries, FROZEN_AT_ONCE)):
            rows = [_planned_row(edition_id, delivery) for delivery in chunk]
            many(self._connection, insert_new(self._connection, outbox), rows)
        count = (
            select(func.count()).select_from(outbox).where(outbox.c.edition_id == edition_id)
        ).scalar_subquery()
        self._connection.execute(
            update(editions).where(editions.c.id == edition_id).values(planned_at_start=count)
        )
        return self.tally(edition_id)

    def is_frozen(self, edition_id: int) -> bool:
        """True if it is fixed who gets an edition."""
        frozen = select(editions.c.id).where(
            editions.c.id == edition_id, editions.c.audience_frozen_at.is_not(None)
        )
        return self._connection.execute(frozen).first() is not None

    def lease(self, request: LeaseRequest) -> tuple[LeasedDelivery, ...]:
        """Take due deliveries of an edition for one worker.

        Nothing is due of an edition that is expired, held or stopped.
        """
        wait_for(self._connection, LEASES_LOCK, shared=True)
        return leasing.lease(self._connection, request)

    def lease_and_begin(
        self, request: LeaseRequest, enter: Callable[[Sequence[LeasedDelivery]], object]
    ) -> tuple[tuple[LeasedDelivery, ...], int]:
        """Do what `lease` and `begin_sending` do, in one move, for mails that leave at once.

        ``enter`` is called with them while the transaction is open: what must be known elsewhere
        before an attempt counts. Returns those that may be sent, and how many were excluded instead.
        """
        wait_for(self._connection, LEASES_LOCK, shared=True)
        return leasing.lease_and_begin(self._connection, request, enter)

    def begin_sending(
        self, leases: Sequence[LeasedDelivery], now: datetime
    ) -> tuple[LeasedDelivery, ...]:
        """Count an attempt for each lease; commit before writing a body; return those that may be sent.

        Left out, and excluded with the reason: subscribers no longer active, editions past their
        expiry. Left out: leases lost to recovery, and those of an edition that was stopped since. The subscribers returned are as they are now, and
        the lease runs its full time again.
        """
        wait_for(self._connection, LEASES_LOCK, shared=True)
        return leasing.begin_sending(self._connection, leases, now)

    def record(self, outcomes: Sequence[Outcome]) -> None:
        """Write how attempts ended, and log them.

        An outcome counts only while its delivery is ``sending`` under its token (or was taken for
        unknown while that sender was slow); any other is ignored, so recording twice changes
        nothing. Raises `ValueError` for a state in which no attempt ends.
        """
        attempt_outcomes.record_outcomes(self._connection, outcomes)

    def release(self, leases: Sequence[LeasedDelivery]) -> None:
        """Give deliveries back, due at once. The sender vouches that no body of them was begun.

        Only what is still ``leased`` or ``sending`` under its token moves, or was taken for
        unknown while that sender was slow or its journal unread.
        """
        wait_for(self._connection, LEASES_LOCK)
        states = (DeliveryState.LEASED, DeliveryState.SENDING, DeliveryState.UNKNOWN)
        rows = leasing.held(self._connection, leases, *states)
        recovery.plan_again(self._connection, [row["delivery_id"] for row in rows])

    def recover(
        self,
        now: datetime,
        *,
        unknown_policy: UnknownPolicy,
        workers: Collection[str] = (),
    ) -> tuple[int, int]:
        """Take back what expired leases hold, and all that the dead ``workers`` hold.

        What was leased is planned again; what was sending is unknown. With ``RESEND`` an unknown
        delivery is planned once more. Returns how many were (leased, sending).
        """
        wait_for(self._connection, LEASES_LOCK)
        return recovery.recover(
            self._connection, now, resend=unknown_policy is UnknownPolicy.RESEND, workers=workers
        )

    def expire(self, now: datetime) -> int:
        """Exclude what is unfinished of editions that may no longer be sent; return how many."""
        return recovery.expire(self._connection, now)

    def skip(self, reason: str, now: datetime) -> int:
        """Exclude for ``reason`` whatever may still be sent, except what was in a sender's hands:
        that is unknown, and not sent again. Returns how many were excluded.
        """
        return recovery.skip(self._connection, reason, now)

    def tally(self, edition_id: int) -> Tally:
        """Count the deliveries of an edition by state. Raises `LookupError` for an unknown one."""
        # One statement, so that both sides of the equation are of one moment.
        row = (
            self._connection.execute(
                select(
                    editions.c.planned_at_start,
                    *(
                        select(func.count())
                        .select_from(outbox)
                        .where(outbox.c.edition_id == edition_id, in_states(state))
                        .scalar_subquery()
                        .label(state.value)
                        for state in DeliveryState
                    ),
                ).where(editions.c.id == edition_id)
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise LookupError(f"there is no edition {edition_id}")
        return Tally(**row)

    def lock_day_limit(self) -> None:
        """Let no other sender that asks for this lock go on before this transaction ends."""
        wait_for(self._connection, SENDERS_LOCK)

    def count_sent_or_held(self, since: datetime) -> int:
        """Count the mails of all editions that have left since then or that a sender holds now.

        One in doubt counts as one that left.
        """
        left = and_(
            in_states(DeliveryState.ACCEPTED, DeliveryState.UNKNOWN), outbox.c.finished_at >= since
        )
        held = in_states(DeliveryState.LEASED, DeliveryState.SENDING)
        query = (
            select(func.count())
            .select_from(outbox)
            .join(editions, editions.c.id == outbox.c.edition_id)
            .where(editions.c.expires_at >= since, or_(left, held))
        )
        return self._connection.scalar(query) or 0

    def count_rows(self, edition_id: int) -> int:
        """Count the rows of an edition, in whatever state."""
        query = select(func.count()).where(outbox.c.edition_id == edition_id)
        return self._connection.scalar(query) or 0

    def next_due(self, now: datetime) -> datetime | None:
        """Moment at which the next delivery is due; not after ``now`` if one is waiting already.

        What is held or stopped is not due.
        """
        # One seek in the index of waiting rows for each edition that may still be sent.
        earliest = (
            select(func.min(outbox.c.next_at))
            .where(
                outbox.c.edition_id == editions.c.id,
                in_states(DeliveryState.PLANNED, DeliveryState.DEFERRED),
            )
            .scalar_subquery()
        )
        due: datetime | None = self._connection.scalar(
            select(func.min(earliest)).where(
                editions.c.expires_at >= now, ~is_blocked(editions.c.id)
            )
        )
        return due

    def reasons(self, edition_id: int) -> Mapping[str, int]:
        """Reasons that deliveries of an edition did not arrive, and how many for each.

        For an excluded one the reason, for one that the relay turned away or put off its code and
        enhanced status (never its words, which may name the address).
        """
        unserved = in_states(DeliveryState.EXCLUDED, DeliveryState.REJECTED, DeliveryState.DEFERRED)
        kind = (outbox.c.state, outbox.c.reason, outbox.c.code, outbox.c.status)
        rows = self._connection.execute(
            select(*kind, func.count().label("number"))
            .where(outbox.c.edition_id == edition_id, unserved)
            .group_by(*kind)
        )
        counts: Counter[str] = Counter()
        for row in rows:
            codes = " ".join(str(part) for part in (row.code, row.status) if part)
            excluded = row.state is DeliveryState.EXCLUDED
            kept = row.reason or ""
            cause = kept if codes == "" and kept else codes or "no answer"
            reason = kept if excluded else f"{row.state}: {cause}"
            counts[reason] += row.number
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def set_aside(self, edition_id: int, limit: int = 20) -> tuple[int, Mapping[int, str]]:
        """Count the subscribers who alone get nothing of an edition, or not yet, as their record or a
        defect is in the way; and name the first of them, each with the reason.
        """
        set_aside = and_(
            outbox.c.edition_id == edition_id,
            in_states(DeliveryState.EXCLUDED, DeliveryState.DEFERRED),
            or_(*(outbox.c.reason.startswith(cause.prefix) for cause in SetAsideCause)),
        )
        count = self._connection.scalar(select(func.count()).select_from(outbox).where(set_aside))
        rows = self._connection.execute(
            select(outbox.c.subscriber_id, outbox.c.reason)
            .where(set_aside, outbox.c.subscriber_id.is_not(None))
            .order_by(outbox.c.id)
            .limit(limit)
        )
        return count or 0, {row.subscriber_id: row.reason for row in rows}

    def refused(self, edition_id: int) -> tuple[tuple[int, str], ...]:
        """Deliveries of an edition that the relay turned away, each with its status code.

        The status is the enhanced one where the relay gave it, else the basic one.
        """
        rows = self._connection.execute(
            select(outbox.c.id, outbox.c.status, outbox.c.code)
            .where(outbox.c.edition_id == edition_id, in_states(DeliveryState.REJECTED))
            .order_by(outbox.c.id)
        )
        return tuple((row.id, row.status or str(row.code or "")) for row in rows)

    def of_subscriber(
        self, subscriber_id: int, *, limit: int | None = None
    ) -> tuple[DeliveryRecord, ...]:
        """Deliveries to one subscriber, newest first, with the relay's own words."""
        rows = self._connection.execute(
            select(*_RECORD_COLUMNS)
            .join_from(outbox, editions, editions.c.id == outbox.c.edition_id)
            .where(outbox.c.subscriber_id == subscriber_id)
            .order_by(outbox.c.id.desc())
            .limit(limit)
        )
        return tuple(DeliveryRecord(**row) for row in rows.mappings())

    def of_editions(
        self,
        edition_ids: Sequence[int],
        state: DeliveryState | None,
        after: tuple[int, int] = (0, 0),
        limit: int = 500,
    ) -> tuple[tuple[tuple[int, int], AddressedDelivery], ...]:
        """The next ``limit`` deliveries of some editions, in that ``state`` or in any, with places.

        A place is the number of the edition and of the subscriber; deliveries come in the order of
        their places, from the one that follows ``after`` on.
        """
        place = tuple_(outbox.c.edition_id, outbox.c.subscriber_id)
        query = (
            select(
                *_RECORD_COLUMNS, outbox.c.edition_id, outbox.c.subscriber_id, subscribers.c.email
            )
            .join_from(outbox, editions, editions.c.id == outbox.c.edition_id)
            .outerjoin(subscribers, subscribers.c.id == outbox.c.subscriber_id)
            .where(outbox.c.edition_id.in_(edition_ids), place > after)
            .order_by(outbox.c.edition_id, outbox.c.subscriber_id)
            .limit(limit)
        )
        if state is not None:
            query = query.where(outbox.c.state == state)
        found = []
        for row in self._connection.execute(query).mappings():
            values = dict(row)
            edition_id, subscriber_id = values.pop("edition_id"), values.pop("subscriber_id")
            email = values.pop("email")
            delivery = AddressedDelivery(subscriber_id, email, DeliveryRecord(**values))
            found.append(((edition_id, subscriber_id), delivery))
        return tuple(found)


_RECORD_COLUMNS = (
    editions.c.kind,
    editions.c.day,
    outbox.c.state,
    outbox.c.attempt,
    outbox.c.finished_at,
    outbox.c.code,
    outbox.c.status,
    func.coalesce(outbox.c.reason, outbox.c.reply, "").label("words"),
)


def _planned_row(edition_id: int, delivery: PlannedDelivery) -> dict[str, Any]:
    return {
        "edition_id": edition_id,
        "subscriber_id": delivery.subscriber_id,
        "state": DeliveryState.PLANNED if delivery.excluded is None else DeliveryState.EXCLUDED,
        "due_at": delivery.due_at,
        "next_at": delivery.due_at,
        "reason": delivery.excluded,
    }
