"""How attempts ended: their outcomes on the rows of the outbox, and in the log of attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from digest.model import DeliveryState, Outcome
from digest.store.dialect import chunks, insert_or_replace, many
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

Ended = tuple[Any, Outcome]
"""A row of the outbox, and how its attempt ended."""


def record(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """See ``Outbox.record``."""
    rows = {row.id: row for row in _open(connection, outcomes)}
    ended: list[Ended] = []
    for outcome in sorted(outcomes, key=lambda one: one.delivery_id):
        if outcome.state not in ENDS:
            raise ValueError(f"an attempt does not end as {outcome.state}")
        row = rows.get(outcome.delivery_id)
        if row is not None and _counts(row, outcome):
            del rows[outcome.delivery_id]
            ended.append((row, outcome))
    _accept(connection, [one for one in ended if one[1].state is DeliveryState.ACCEPTED])
    others = [_ended(*one) for one in ended if one[1].state is not DeliveryState.ACCEPTED]
    many(connection, _END, others)
    logged = [_logged(*one) for one in ended]
    many(connection, insert_or_replace(connection, attempts, _LOGGED), logged)


def _open(connection: Connection, outcomes: Sequence[Outcome]) -> Iterable[Any]:
    """The rows whose attempt has not ended, or ended in doubt, locked."""
    for part in chunks(sorted({outcome.delivery_id for outcome in outcomes})):
        yield from connection.execute(
            select(
                outbox.c.id,
                outbox.c.state,
                outbox.c.attempt,
                outbox.c.next_at,
                outbox.c.lease_token,
                outbox.c.lease_worker,
                outbox.c.sending_since,
            )
            .where(
                outbox.c.id.in_(part),
                outbox.c.lease_token.is_not(None),
                in_states(DeliveryState.SENDING, DeliveryState.UNKNOWN),
            )
            .order_by(outbox.c.id)
            .with_for_update()
        )


def _counts(row: Any, outcome: Outcome) -> bool:
    """Whether ``outcome`` is of the attempt that ``row`` tells of."""
    if outcome.lease_token:
        return bool(outcome.lease_token == row.lease_token)
    return row.state is DeliveryState.SENDING


def _accept(connection: Connection, ended: Sequence[Ended]) -> None:
    """The usual end, in one statement for all that ended with the same code.

    ``finished_at`` is that of the last of them; the log of attempts has each one's own, and what
    the relay replied.
    """
    groups: dict[tuple[int | None, str | None], list[Ended]] = defaultdict(list)
    for row, outcome in ended:
        groups[outcome.code, outcome.status].append((row, outcome))
    for (code, status), group in groups.items():
        last = max(outcome.at for _, outcome in group)
        for part in chunks([row.id for row, _ in group]):
            connection.execute(
                update(outbox)
                .where(outbox.c.id.in_(part))
                .values(
                    state=DeliveryState.ACCEPTED,
                    finished_at=last,
                    code=code,
                    status=status,
                    reply="",
                    lease_token=None,
                )
            )


_END = (
    update(outbox)
    .where(outbox.c.id == bindparam("delivery"))
    .values(
        state=bindparam("to_state"),
        next_at=bindparam("to_next_at"),
        finished_at=bindparam("to_finished_at"),
        code=bindparam("to_code"),
        status=bindparam("to_status"),
        reply=bindparam("to_reply"),
        reason=bindparam("to_reason"),
        lease_token=bindparam("to_token"),
    )
)


def _ended(row: Any, outcome: Outcome) -> dict[str, Any]:
    again = outcome.state is DeliveryState.DEFERRED
    reply = outcome.reply[:LONGEST_REPLY]
    return {
        "delivery": row.id,
        "to_state": outcome.state,
        "to_next_at": (outcome.next_at or outcome.at) if again else row.next_at,
        "to_finished_at": None if again else outcome.at,
        "to_code": outcome.code,
        "to_status": outcome.status,
        "to_reply": reply,
        "to_reason": reply if outcome.state is DeliveryState.EXCLUDED else None,
        # A delivery taken for unknown keeps its token: a slow sender may still know better.
        "to_token": row.lease_token if outcome.state is DeliveryState.UNKNOWN else None,
    }


_LOGGED = ("started_at", "ended_at", "state", "code", "status", "reply", "worker")


def _logged(row: Any, outcome: Outcome) -> dict[str, Any]:
    return {
        "delivery_id": row.id,
        "attempt": row.attempt,
        "started_at": row.sending_since,
        "ended_at": outcome.at,
        "state": outcome.state,
        "code": outcome.code,
        "status": outcome.status,
        "reply": outcome.reply[:LONGEST_REPLY],
        "worker": row.lease_worker,
    }
