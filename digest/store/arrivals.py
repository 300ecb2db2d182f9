"""Arrivals: the name a subscriber gave, the invitation they came by, their wait for approval."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from digest.model import Subscriber, SubscriberState
from digest.store.dialect import insert_new, insert_one_new
from digest.store.sign_up_tables import arrivals
from digest.store.subscriber_rows import SUBSCRIBER_COLUMNS, subscriber_from_row
from digest.store.tables import flags, subscribers

TOLD = "approvals-told"


class Arrivals:
    """The arrivals of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set_invitation(self, subscriber_id: int, invitation_id: int | None) -> None:
        """Keep the invitation by which a subscriber asked last; ``None`` for none."""
        if invitation_id is not None:
            self._set(subscriber_id, invitation_id=invitation_id)
            return
        self._connection.execute(
            update(arrivals)
            .where(arrivals.c.subscriber_id == subscriber_id)
            .values(invitation_id=None)
        )

    def set_name(self, subscriber_id: int, name: str) -> None:
        """Keep the name that a subscriber gave."""
        self._set(subscriber_id, name=name)

    def begin_wait(self, subscriber_id: int, now: datetime) -> None:
        """Let a subscriber wait for the operator's approval from now on."""
        self._set(subscriber_id, awaiting_since=now)

    def end_wait(self, subscriber_id: int) -> None:
        """End the wait of a subscriber, whatever was decided."""
        self._connection.execute(
            update(arrivals)
            .where(arrivals.c.subscriber_id == subscriber_id)
            .values(awaiting_since=None)
        )

    def name(self, subscriber_id: int) -> str:
        """The name that a subscriber gave; ``""`` for none."""
        query = select(arrivals.c.name).where(arrivals.c.subscriber_id == subscriber_id)
        return self._connection.scalar(query) or ""

    def invitation(self, subscriber_id: int) -> int | None:
        """The number of the invitation by which a subscriber asked last; ``None`` for none."""
        query = select(arrivals.c.invitation_id).where(arrivals.c.subscriber_id == subscriber_id)
        number: int | None = self._connection.scalar(query)
        return number

    def awaits(self, subscriber_id: int) -> bool:
        """True if a subscriber has confirmed and waits for the operator's approval."""
        query = select(func.count()).where(_WAITS, arrivals.c.subscriber_id == subscriber_id)
        return bool(self._connection.scalar(query.select_from(_JOINED)))

    def waiting(self, limit: int = 500) -> tuple[tuple[Subscriber, str, datetime], ...]:
        """The first ``limit`` who wait: each with their name and since when, longest first."""
        rows = self._connection.execute(
            select(arrivals.c.name, arrivals.c.awaiting_since, *SUBSCRIBER_COLUMNS)
            .select_from(_JOINED)
            .where(_WAITS)
            .order_by(arrivals.c.awaiting_since, arrivals.c.subscriber_id)
            .limit(limit)
        )
        return tuple((subscriber_from_row(row[2:]), row[0], row[1]) for row in rows)

    def count_waiting(self, since: datetime | None = None) -> int:
        """Count those who wait; with ``since`` only who began after that moment."""
        query = select(func.count()).select_from(_JOINED).where(_WAITS)
        if since is not None:
            query = query.where(arrivals.c.awaiting_since > since)
        return self._connection.scalar(query) or 0

    def told_at(self) -> datetime | None:
        """The moment at which the operator was last told of those who wait; ``None`` if never."""
        value = self._connection.scalar(select(flags.c.value).where(flags.c.name == TOLD))
        return None if value is None else datetime.fromisoformat(value)

    def claim_alert(self, last: datetime | None, now: datetime) -> bool:
        """Note that the operator is told now; false if somebody did so since ``last``."""
        row = {"name": TOLD, "value": now.isoformat(), "at": now}
        if last is None:
            return insert_one_new(self._connection, flags, row)
        result = self._connection.execute(
            update(flags)
            .where(flags.c.name == TOLD, flags.c.value == last.isoformat())
            .values(value=now.isoformat(), at=now)
        )
        return result.rowcount == 1

    def return_alert(self, last: datetime | None) -> None:
        """Take back a claim whose mail was not sent."""
        if last is None:
            self._connection.execute(delete(flags).where(flags.c.name == TOLD))
            return
        self._connection.execute(
            update(flags).where(flags.c.name == TOLD).values(value=last.isoformat(), at=last)
        )

    def _set(self, subscriber_id: int, **values: object) -> None:
        row = {"subscriber_id": subscriber_id}
        self._connection.execute(insert_new(self._connection, arrivals), row)
        self._connection.execute(
            update(arrivals).where(arrivals.c.subscriber_id == subscriber_id).values(values)
        )


_JOINED = arrivals.join(subscribers, subscribers.c.id == arrivals.c.subscriber_id)
_WAITS = arrivals.c.awaiting_since.is_not(None) & (subscribers.c.state == SubscriberState.PENDING)
