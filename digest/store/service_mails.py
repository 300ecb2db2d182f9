"""Service mails: the outbox of mails about a subscription. At most one of a kind per subscriber
and day.

They take the same way as the deliveries of an edition: planned, leased, sending (noted before the
first byte of the body), and one recorded outcome.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from digest.model import DeliveryState, ExclusionReason, Outcome, ServiceMail, ServiceMailKind
from digest.store.dialect import insert_or_replace_where
from digest.store.subscriber_rows import (
    SUBSCRIBER_COLUMNS,
    as_text,
    moment_of,
    subscriber_from_row,
)
from digest.store.tables import (
    service_mails,
    subscribers,
)

_WAITING = (DeliveryState.PLANNED, DeliveryState.DEFERRED)


class ServiceMails:
    """The service mails of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(
        self,
        subscriber_id: int,
        kind: ServiceMailKind,
        *,
        now: datetime,
        not_since: datetime,
        expires_at: datetime,
    ) -> bool:
        """Plan a mail unless one of its kind was planned for the subscriber after ``not_since``.

        Atomic, as `SignUps.add`. After ``expires_at`` it is not sent any more.
        """
        row = {
            "subscriber_id": subscriber_id,
            "kind": kind,
            "asked_at": now,
            "expires_at": expires_at,
            "next_at": now,
            "state": DeliveryState.PLANNED,
            "attempt": 0,
            "lease_token": None,
            "lease_until": None,
            "finished_at": None,
            "code": None,
            "status": None,
            "reason": None,
        }
        statement = insert_or_replace_where(
            self._connection,
            service_mails,
            [service_mails.c.subscriber_id, service_mails.c.kind],
            [name for name in row if name not in ("subscriber_id", "kind")],
            service_mails.c.asked_at <= not_since,
        )
        return self._connection.execute(statement, [row]).rowcount == 1

    def lease(self, now: datetime, *, limit: int, ttl: timedelta) -> tuple[ServiceMail, ...]:
        """Hold the next service mails that are due, for as long as ``ttl``."""
        ids = list(
            self._connection.scalars(
                select(service_mails.c.id)
                .where(service_mails.c.state.in_(_WAITING), service_mails.c.next_at <= now)
                .order_by(service_mails.c.next_at)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
        )
        if not ids:
            return ()
        token = secrets.token_hex(16)
        self._connection.execute(
            update(service_mails)
            .where(service_mails.c.id.in_(ids))
            .values(state=DeliveryState.LEASED, lease_token=token, lease_until=now + ttl)
        )
        return tuple(self._leased(ids, token, now))

    def _leased(self, ids: list[int], token: str, now: datetime) -> Iterator[ServiceMail]:
        rows = self._connection.execute(
            select(
                service_mails.c.id.label("service_mail_id"),
                service_mails.c.kind,
                as_text(service_mails.c.asked_at),
                service_mails.c.attempt,
                *SUBSCRIBER_COLUMNS,
            )
            .join_from(service_mails, subscribers)
            .where(service_mails.c.id.in_(ids))
            .order_by(service_mails.c.next_at)
        )
        for service_mail_id, kind, asked_at, attempt, *subscriber in rows:
            yield ServiceMail(
                id=service_mail_id,
                subscriber=subscriber_from_row(subscriber),
                kind=ServiceMailKind(kind),
                asked_at=moment_of(asked_at) or now,
                attempt=attempt + 1,
                lease_token=token,
            )

    def begin_sending(self, service_mail: ServiceMail) -> bool:
        """Record that the mail's body leaves now; false if its lease is lost."""
        return self._move(
            service_mail, DeliveryState.LEASED, DeliveryState.SENDING, service_mail.attempt
        )

    def release(self, service_mail: ServiceMail) -> None:
        """Release a mail of which nothing was sent."""
        self._move(
            service_mail, DeliveryState.LEASED, DeliveryState.PLANNED, service_mail.attempt - 1
        )

    def _move(
        self, service_mail: ServiceMail, before: DeliveryState, after: DeliveryState, attempt: int
    ) -> bool:
        result = self._connection.execute(
            update(service_mails)
            .where(_is_held(service_mail), service_mails.c.state == before)
            .values(state=after, attempt=attempt)
        )
        return result.rowcount == 1

    def record(self, service_mail: ServiceMail, outcome: Outcome) -> None:
        """Record the outcome of an attempt; nothing if another worker holds the mail by now."""
        waits = outcome.state is DeliveryState.DEFERRED
        self._connection.execute(
            update(service_mails)
            .where(_is_held(service_mail))
            .values(
                state=outcome.state,
                attempt=service_mail.attempt,
                next_at=outcome.next_at or outcome.at,
                finished_at=None if waits else outcome.at,
                code=outcome.code,
                status=outcome.status,
                reason=outcome.reason or outcome.reply,
                lease_token=None,
                lease_until=None,
            )
        )

    def recover(self, now: datetime) -> tuple[int, int]:
        """Recover mails of dead workers: how many go back to planned, how many are in doubt."""
        counts = []
        for before, after in (
            (DeliveryState.LEASED, DeliveryState.PLANNED),
            (DeliveryState.SENDING, DeliveryState.UNKNOWN),
        ):
            result = self._connection.execute(
                update(service_mails)
                .where(service_mails.c.state == before, service_mails.c.lease_until < now)
                .values(state=after, lease_token=None, lease_until=None)
            )
            counts.append(result.rowcount)
        return counts[0], counts[1]

    def redate_future(self, now: datetime, slack: timedelta, lasts: timedelta) -> int:
        """Date what was asked later than ``now`` and that slack as asked now; return how many.

        See `SignUps.redate_future`; those that wait are due now, for as long as ``lasts``.
        """
        ahead = service_mails.c.asked_at > now + slack
        self._connection.execute(
            update(service_mails)
            .where(ahead, service_mails.c.state.in_(_WAITING))
            .values(next_at=now, expires_at=now + lasts)
        )
        self._connection.execute(
            update(service_mails)
            .where(ahead, service_mails.c.lease_until.is_not(None))
            .values(lease_until=now)
        )
        result = self._connection.execute(update(service_mails).where(ahead).values(asked_at=now))
        return result.rowcount

    def expire(self, now: datetime) -> int:
        """Exclude mails that waited too long to still make sense; return how many."""
        result = self._connection.execute(
            update(service_mails)
            .where(service_mails.c.state.in_(_WAITING), service_mails.c.expires_at <= now)
            .values(state=DeliveryState.EXCLUDED, reason=ExclusionReason.EXPIRED, finished_at=now)
        )
        return result.rowcount

    def waiting(self) -> int:
        """Count the service mails that may still be sent or have no recorded outcome yet."""
        held = (DeliveryState.LEASED, DeliveryState.SENDING)
        query = select(func.count()).where(service_mails.c.state.in_((*_WAITING, *held)))
        return self._connection.scalar(query) or 0

    def counts(self) -> Mapping[DeliveryState, int]:
        """Count the service mails in each state; states without any are left out."""
        rows = self._connection.execute(
            select(service_mails.c.state, func.count()).group_by(service_mails.c.state)
        )
        counts: dict[DeliveryState, int] = {}
        for state, count in rows:
            counts[state] = count
        return counts


def _is_held(service_mail: ServiceMail) -> ColumnElement[bool]:
    return and_(
        service_mails.c.id == service_mail.id,
        service_mails.c.lease_token == service_mail.lease_token,
    )
