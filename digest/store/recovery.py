"""Recovery of deliveries whose sender died, whose edition expired, or which may not be sent after all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, case, exists, or_, select, update

from digest.model import DeliveryState, ExclusionReason
from digest.store.dialect import among, insert_new
from digest.store.tables import attempts, editions, in_states, outbox


def exclude(connection: Connection, reasons: Mapping[int, str], now: datetime) -> None:
    """Exclude each delivery named in ``reasons``, for its reason."""
    by_reason: dict[str, list[int]] = defaultdict(list)
    for delivery_id, reason in reasons.items():
        by_reason[reason].append(delivery_id)
    for reason, ids in by_reason.items():
        connection.execute(
            update(outbox)
            .where(among(connection, outbox.c.id, ids))
            .values(state=DeliveryState.EXCLUDED, reason=reason, finished_at=now, lease_token=None)
        )


def plan_again(connection: Connection, ids: Sequence[int]) -> None:
    """Plan those deliveries again, as if nobody had leased them."""
    connection.execute(
        update(outbox)
        .where(among(connection, outbox.c.id, ids))
        .values(
            state=DeliveryState.PLANNED,
            lease_token=None,
            lease_until=None,
            finished_at=None,
            reply=case((in_states(DeliveryState.UNKNOWN), ""), else_=outbox.c.reply),
        )
    )


def recover(
    connection: Connection, now: datetime, *, resend: bool, workers: Collection[str]
) -> tuple[int, int]:
    """Take back what dead senders hold, as `Outbox.recover` says."""
    abandoned = outbox.c.lease_until < now
    if workers:
        abandoned = or_(abandoned, outbox.c.lease_worker.in_(sorted(workers)))
    # Without an order SQLite reads the index of what is held, with one the whole table.
    held = connection.execute(
        select(outbox.c.id, outbox.c.state)
        .where(in_states(DeliveryState.LEASED, DeliveryState.SENDING), abandoned)
        .with_for_update(skip_locked=True)
    ).all()
    leased = [row.id for row in held if row.state is DeliveryState.LEASED]
    sending = [row.id for row in held if row.state is DeliveryState.SENDING]
    plan_again(connection, leased)
    _leave_unknown(connection, sending, now)
    if resend:
        _resend(connection, now)
    return len(leased), len(sending)


def _leave_unknown(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    reply = "the sender ended before it knew the outcome"
    in_doubt = among(connection, outbox.c.id, ids)
    connection.execute(
        update(outbox)
        .where(in_doubt)
        .values(state=DeliveryState.UNKNOWN, finished_at=now, reply=reply)
    )
    attempts_ended = select(
        outbox.c.id,
        outbox.c.attempt,
        outbox.c.sending_since,
        outbox.c.finished_at,
        outbox.c.state,
        outbox.c.reply,
        outbox.c.lease_worker,
    ).where(in_doubt)
    connection.execute(
        insert_new(connection, attempts).from_select(
            ["delivery_id", "attempt", "started_at", "ended_at", "state", "reply", "worker"],
            attempts_ended,
        )
    )


def _resend(connection: Connection, now: datetime) -> None:
    """Plan each unknown delivery once more: the mail has the same Message-ID, so copies show."""
    ids = connection.scalars(
        select(outbox.c.id)
        .where(
            in_states(DeliveryState.UNKNOWN),
            outbox.c.resent.is_(False),
            outbox.c.subscriber_id.is_not(None),
            outbox.c.edition_id.in_(select(editions.c.id).where(editions.c.expires_at >= now)),
        )
        .order_by(outbox.c.id)
        .with_for_update(skip_locked=True)
    ).all()
    connection.execute(
        update(outbox)
        .where(among(connection, outbox.c.id, ids))
        .values(state=DeliveryState.PLANNED, resent=True, next_at=now, lease_token=None, reply="")
    )


def expire(connection: Connection, now: datetime) -> int:
    """Exclude what may no longer be sent, as `Outbox.expire` says."""
    waiting = in_states(DeliveryState.PLANNED, DeliveryState.DEFERRED)
    expired = connection.scalars(
        select(editions.c.id).where(
            editions.c.expires_at < now,
            exists().where(outbox.c.edition_id == editions.c.id, waiting),
        )
    ).all()
    excluded = 0
    for edition_id in expired:
        excluded += connection.execute(
            update(outbox)
            .where(outbox.c.edition_id == edition_id, waiting)
            .values(state=DeliveryState.EXCLUDED, reason=ExclusionReason.EXPIRED, finished_at=now)
        ).rowcount
    return excluded


def skip(connection: Connection, reason: str, now: datetime) -> int:
    """Exclude what may still be sent, as `Outbox.skip` says."""
    fresh = outbox.c.edition_id.in_(select(editions.c.id).where(editions.c.expires_at >= now))
    waiting = in_states(DeliveryState.PLANNED, DeliveryState.DEFERRED, DeliveryState.LEASED)
    skipped = connection.execute(
        update(outbox)
        .where(fresh, waiting)
        .values(state=DeliveryState.EXCLUDED, reason=reason, finished_at=now, lease_token=None)
    ).rowcount
    sending = select(outbox.c.id).where(fresh, in_states(DeliveryState.SENDING))
    _leave_unknown(connection, connection.scalars(sending).all(), now)
    connection.execute(
        update(outbox).where(fresh, in_states(DeliveryState.UNKNOWN)).values(resent=True)
    )
    return skipped
