"""Outcomes of attempts, written on the rows of the outbox, and in the log of attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Boolean, Connection, bindparam, case, func, select, update

from digest.model import DeliveryState, Outcome
from digest.redaction import without_addresses
from digest.store.columns import spelled
from digest.store.dialect import among, insert_or_replace, listed, many
from digest.store.storable_values import storable
from digest.store.tables import attempts, in_states, outbox

ENDS = frozenset(
    {
        DeliveryState.ACCEPTED,
        DeliveryState.DEFERRED,
        DeliveryState.REJECTED,
        DeliveryState.EXCLUDED,
        DeliveryState.UNKNOWN,
    }
)
"""The states an attempt may end in."""

LONGEST_REPLY = 1_000
"""Characters of a relay's reply that are kept (RFC 5321 §4.5.3.1.5 allows 512 octets a line)."""


def record_outcomes(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Write how attempts ended, as `Outbox.record` says."""
    rows = {row.id: row for row in _rows_in_doubt(connection, outcomes)}
    ended: list[Outcome] = []
    for outcome in sorted(outcomes, key=lambda outcome: outcome.delivery_id):
        if outcome.state not in ENDS:
            raise ValueError(f"an attempt does not end as {outcome.state}")
        row = rows.get(outcome.delivery_id)
        if row is not None and _belongs(row, outcome):
            del rows[outcome.delivery_id]
            ended.append(outcome)
    _accept(connection, [outcome for outcome in ended if outcome.state is DeliveryState.ACCEPTED])
    others = [
        _end_values(outcome) for outcome in ended if outcome.state is not DeliveryState.ACCEPTED
    ]
    many(connection, _END, others)
    if ended:
        _log(connection, ended)


def _rows_in_doubt(connection: Connection, outcomes: Sequence[Outcome]) -> Iterable[Any]:
    """Lock the rows whose attempt has not ended, or ended in doubt."""
    ids = sorted({outcome.delivery_id for outcome in outcomes})
    return connection.execute(
        select(outbox.c.id, outbox.c.state, outbox.c.lease_token)
        .where(
            among(connection, outbox.c.id, ids),
            outbox.c.lease_token.is_not(None),
            in_states(DeliveryState.SENDING, DeliveryState.UNKNOWN),
        )
        .order_by(outbox.c.id)
        .with_for_update()
    )


def _belongs(row: Any, outcome: Outcome) -> bool:
    """True if ``outcome`` is that of the attempt on ``row``."""
    if outcome.lease_token:
        return bool(outcome.lease_token == row.lease_token)
    return row.state is DeliveryState.SENDING


def _accept(connection: Connection, ended: Sequence[Outcome]) -> None:
    """Write the usual end, in one statement for all that ended with the same code.

    ``finished_at`` is that of the last of them; the log of attempts has each one's own, and what
    the relay replied.
    """
    groups: dict[tuple[int | None, str | None], list[Outcome]] = defaultdict(list)
    for outcome in ended:
        groups[outcome.code, outcome.status].append(outcome)
    for (code, status), group in groups.items():
        connection.execute(
            update(outbox)
            .where(among(connection, outbox.c.id, [outcome.delivery_id for outcome in group]))
            .values(
                state=DeliveryState.ACCEPTED,
                finished_at=max(outcome.at for outcome in group),
                code=code,
                status=status,
                reply="",
                reason=None,
                lease_token=None,
            )
        )


_END = (
    update(outbox)
    .where(outbox.c.id == bindparam("delivery"))
    .values(
        state=bindparam("to_state"),
        next_at=func.coalesce(
            bindparam("to_next_at", type_=outbox.c.next_at.type), outbox.c.next_at
        ),
        finished_at=bindparam("to_finished_at"),
        code=bindparam("to_code"),
        status=bindparam("to_status"),
        reply=bindparam("to_reply"),
        reason=bindparam("to_reason"),
        lease_token=case((bindparam("keeps_token", type_=Boolean), outbox.c.lease_token)),
    )
)


def _end_values(outcome: Outcome) -> dict[str, Any]:
    deferred = outcome.state is DeliveryState.DEFERRED
    return {
        "delivery": outcome.delivery_id,
        "to_state": outcome.state,
        "to_next_at": (outcome.next_at or outcome.at) if deferred else None,
        "to_finished_at": None if deferred else outcome.at,
        "to_code": outcome.code,
        "to_status": outcome.status,
        "to_reply": _words(outcome),
        "to_reason": _words(outcome) if outcome.reason else None,
        # A delivery taken for unknown keeps its token: a slow sender may still know better.
        "keeps_token": outcome.state is DeliveryState.UNKNOWN,
    }


def _words(outcome: Outcome) -> str:
    """The program's own reason, or else the relay's reply, as it is kept."""
    return without_addresses(outcome.reason or outcome.reply)[:LONGEST_REPLY]


_LOGGED = ("started_at", "ended_at", "state", "code", "status", "reply", "worker")


def _log(connection: Connection, ended: Sequence[Outcome]) -> None:
    """Write a line for each attempt, with what the outbox knows of when it began."""
    written = {at: spelled(at, connection.dialect) for at in {outcome.at for outcome in ended}}
    new = listed(
        connection,
        [
            (
                outcome.delivery_id,
                written[outcome.at],
                outcome.state,
                outcome.code,
                None if outcome.status is None else storable(outcome.status),
                storable(_words(outcome)),
            )
            for outcome in ended
        ],
        delivery_id=attempts.c.delivery_id.type,
        ended_at=attempts.c.ended_at.type,
        state=attempts.c.state.type,
        code=attempts.c.code.type,
        status=attempts.c.status.type,
        reply=attempts.c.reply.type,
    )
    rows = select(
        outbox.c.id,
        outbox.c.attempt,
        outbox.c.sending_since,
        new.c.ended_at,
        new.c.state,
        new.c.code,
        new.c.status,
        new.c.reply,
        outbox.c.lease_worker,
    ).where(outbox.c.id == new.c.delivery_id)
    statement = insert_or_replace(connection, attempts, _LOGGED)
    connection.execute(statement.from_select(["delivery_id", "attempt", *_LOGGED], rows))
