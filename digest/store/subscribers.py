"""Subscribers: one per address, with the state they are in and the proof of how they came there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, delete, exists, func, select, type_coerce, update

from digest.email_address import comparable_address
from digest.model import (
    DeliveryState,
    EventKind,
    ExclusionReason,
    Frequency,
    Preferences,
    Subscriber,
    SubscriberEvent,
    SubscriberState,
    SuppressionCause,
)
from digest.store import codec
from digest.store.dialect import insert_one_new, mail_domain
from digest.store.sign_up_tables import arrivals
from digest.store.subscriber_rows import (
    MAILED_COLUMNS,
    STATES,
    SUBSCRIBER_COLUMNS,
    as_text,
    event_of,
    moment_of,
    points_of,
    subscriber_from_row,
)
from digest.store.suppressions import Suppressions
from digest.store.tables import (
    attempts,
    in_states,
    outbox,
    service_mails,
    subscriber_events,
    subscribers,
)

MOST_EVENTS = 1_000
"""Events of one subscriber that are read at once."""


class Subscribers:
    """The subscribers of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._suppressions = Suppressions(connection)

    def add(
        self,
        email: str,
        *,
        state: SubscriberState,
        preferences: Preferences,
        now: datetime,
        origin: str,
    ) -> Subscriber:
        """The reader with that address, added if there was none, else unchanged.

        A new reader whose address is suppressed is added as suppressed, whatever ``state`` says;
        one
        who left before is not added as active, for only they themselves may come back.
        Raises `SubscriberError` for text that is no address.
        """
        address = comparable_address(email)
        state, reason = self._state_of_new(address, state)
        added = insert_one_new(
            self._connection,
            subscribers,
            {
                "email": email.strip(),
                "address": address,
                "state": state,
                "state_reason": reason,
                "state_at": now,
                "preferences": codec.to_json(preferences),
                "origin": origin,
                "created_at": now,
                "confirmed_at": now if state is SubscriberState.ACTIVE else None,
            },
        )
        subscriber = self.by_email(email)
        assert subscriber is not None
        if added:
            self.note(subscriber.id, EventKind.ADDED, now, {"origin": origin, "state": state})
        return subscriber

    def _state_of_new(self, address: str, state: SubscriberState) -> tuple[SubscriberState, str]:
        """The state that a new subscriber with that address gets instead of ``state``, and why."""
        reason = self._suppressions.reason(address)
        if reason is None:
            return state, ""
        if reason != SuppressionCause.LEFT:
            return SubscriberState.SUPPRESSED, reason
        if state is SubscriberState.ACTIVE:
            return SubscriberState.UNSUBSCRIBED, SuppressionCause.LEFT
        return state, ""

    def by_email(self, email: str, *, lock: bool = False) -> Subscriber | None:
        """The reader with that address, however it is written. Raises `SubscriberError` as
        :meth:`add`.

        ``lock`` as in :meth:`by_id`.
        """
        return self._one(subscribers.c.address == comparable_address(email), lock)

    def by_id(self, subscriber_id: int, *, lock: bool = False) -> Subscriber | None:
        """The reader with that number.

        With ``lock`` they stay as they are until the transaction ends: for whoever decides by their
        state what becomes of it, while a complaint may come in elsewhere.
        """
        return self._one(subscribers.c.id == subscriber_id, lock)

    def _one(self, condition: Any, lock: bool) -> Subscriber | None:
        query = select(*SUBSCRIBER_COLUMNS).where(condition)
        rows = self._connection.execute(query.with_for_update() if lock else query)
        row = rows.one_or_none()
        return None if row is None else subscriber_from_row(row)

    def of_delivery(self, delivery_id: int) -> tuple[Subscriber, datetime | None] | None:
        """The subscriber of a delivery, locked until the transaction ends, and when it was last
        tried.

        ``None`` where there is no such delivery, or its reader was erased.
        """
        row = self._connection.execute(
            select(outbox.c.sending_since, *SUBSCRIBER_COLUMNS)
            .join_from(outbox, subscribers, subscribers.c.id == outbox.c.subscriber_id)
            .where(outbox.c.id == delivery_id)
            .with_for_update(of=subscribers)
        ).one_or_none()
        if row is None:
            return None
        sending_since, *subscriber = row
        return subscriber_from_row(subscriber), sending_since

    def email_of_delivery(self, delivery_id: int) -> str | None:
        """The address that a delivery went to; ``None`` as in :meth:`of_delivery`."""
        return self._connection.scalar(
            select(subscribers.c.email)
            .join_from(outbox, subscribers, subscribers.c.id == outbox.c.subscriber_id)
            .where(outbox.c.id == delivery_id)
        )

    def bounce_points(self, subscriber_id: int) -> tuple[float, datetime | None]:
        """The points against a reader's mailbox, and when the last was added."""
        row = self._connection.execute(
            select(
                type_coerce(subscribers.c.bounce_points, Text), as_text(subscribers.c.bounced_at)
            ).where(subscribers.c.id == subscriber_id)
        ).one_or_none()
        return (0.0, None) if row is None else (points_of(row[0]), moment_of(row[1]))

    def set_bounce_points(self, subscriber_id: int, points: float, at: datetime | None) -> None:
        """Keep the points against a reader's mailbox."""
        self._connection.execute(
            update(subscribers)
            .where(subscribers.c.id == subscriber_id)
            .values(bounce_points=points, bounced_at=at)
        )

    def set_state(
        self,
        subscriber_id: int,
        state: SubscriberState,
        reason: str,
        now: datetime,
        *,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Move a reader to ``state``; the same state again keeps the first reason and time, but a
        complaint outweighs a bounce.

        Suppressing also bars the address for good; any other state lifts that bar, and who becomes
        active starts without points, also if the address had left. ``detail`` is kept with the
        event beside the reason.
        """
        row = self._connection.execute(
            select(
                subscribers.c.address,
                type_coerce(subscribers.c.state, Text).label("state"),
                subscribers.c.state_reason,
            )
            .where(subscribers.c.id == subscriber_id)
            .with_for_update()
        ).one_or_none()
        if row is None:
            return
        if row.state == state and not _outweighs(reason, str(row.state_reason)):
            return
        values: dict[str, Any] = {"state": state, "state_reason": reason, "state_at": now}
        if state is SubscriberState.ACTIVE:
            values.update(confirmed_at=now, bounce_points=0.0, bounced_at=None)
        self._connection.execute(
            update(subscribers).where(subscribers.c.id == subscriber_id).values(values)
        )
        if state is SubscriberState.SUPPRESSED:
            self._suppressions.bar(row.address, reason, now)
        elif row.state == SubscriberState.SUPPRESSED or state is SubscriberState.ACTIVE:
            self._suppressions.lift(row.address)
        self.note(subscriber_id, state, now, {"reason": reason, **(detail or {})})

    def set_preferences(self, subscriber_id: int, preferences: Preferences) -> None:
        """Keep what a reader asks for from now on."""
        self._connection.execute(
            update(subscribers)
            .where(subscribers.c.id == subscriber_id)
            .values(preferences=codec.to_json(preferences))
        )

    def set_consent(self, subscriber_id: int, *, network: str, wording: str) -> None:
        """Keep with the reader the hash of the network and the wording's version they agreed to."""
        self._connection.execute(
            update(subscribers)
            .where(subscribers.c.id == subscriber_id)
            .values(consent_network=network, consent_wording=wording)
        )

    def erase(self, subscriber_id: int, *, left_at: datetime | None = None) -> None:
        """Delete a reader and all that is known of them; a suppression stays, as a hash only.

        With ``left_at`` that they left stays, too, as a hash: no import brings them back.
        Their deliveries stay, nameless, so that every edition still adds up; unfinished ones are
        excluded, and replies, which may name the address, are emptied.
        """
        if left_at is not None:
            address = self._connection.scalar(
                select(subscribers.c.address).where(subscribers.c.id == subscriber_id)
            )
            if address is not None:
                self._suppressions.bar(address, SuppressionCause.LEFT, left_at)
        theirs = outbox.c.subscriber_id == subscriber_id
        self._connection.execute(
            update(outbox)
            .where(
                theirs,
                in_states(DeliveryState.PLANNED, DeliveryState.LEASED, DeliveryState.DEFERRED),
            )
            .values(state=DeliveryState.EXCLUDED, reason=ExclusionReason.ERASED, lease_token=None)
        )
        self._connection.execute(
            update(attempts)
            .where(attempts.c.delivery_id.in_(select(outbox.c.id).where(theirs)))
            .values(reply="")
        )
        self._connection.execute(update(outbox).where(theirs).values(reply=""))
        self._connection.execute(delete(subscribers).where(subscribers.c.id == subscriber_id))

    def forget_unconfirmed(self, origin: str, before: datetime) -> int:
        """Delete who last asked by that door before that moment and never confirmed; how many.

        Who confirmed and waits for the operator's approval stays.
        """
        asked_again = exists().where(
            service_mails.c.subscriber_id == subscribers.c.id, service_mails.c.asked_at >= before
        )
        waits = exists().where(
            arrivals.c.subscriber_id == subscribers.c.id, arrivals.c.awaiting_since.is_not(None)
        )
        result = self._connection.execute(
            delete(subscribers).where(
                subscribers.c.state == SubscriberState.PENDING,
                subscribers.c.origin == origin,
                subscribers.c.created_at < before,
                ~asked_again,
                ~waits,
            )
        )
        return result.rowcount

    def forget_departed(self, before: datetime, now: datetime, *, limit: int) -> int:
        """Erase who left or was suppressed before that moment and asked for nothing since.

        Their addresses stay barred, as hashes. At most ``limit``; how many.
        """
        asked_again = exists().where(
            service_mails.c.subscriber_id == subscribers.c.id, service_mails.c.asked_at >= before
        )
        departed = self._connection.scalars(
            select(subscribers.c.id)
            .where(
                subscribers.c.state.in_((SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED)),
                subscribers.c.state_at < before,
                ~asked_again,
            )
            .order_by(subscribers.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for subscriber_id in departed:
            self.erase(subscriber_id, left_at=now)
        return len(departed)

    def list(
        self, state: SubscriberState | None = None, after: int = 0, limit: int = 500
    ) -> tuple[Subscriber, ...]:
        """The next ``limit`` readers with numbers above ``after``, in order."""
        query = select(*SUBSCRIBER_COLUMNS).where(subscribers.c.id > after)
        if state is not None:
            query = query.where(subscribers.c.state == state)
        rows = self._connection.execute(query.order_by(subscribers.c.id).limit(limit))
        return tuple(subscriber_from_row(row) for row in rows)

    def containing(self, part: str, limit: int) -> tuple[Subscriber, ...]:
        """The first ``limit`` readers in whose address ``part`` stands, in any case of letters."""
        rows = self._connection.execute(
            select(*SUBSCRIBER_COLUMNS)
            .where(subscribers.c.email.icontains(part, autoescape=True))
            .order_by(subscribers.c.id)
            .limit(limit)
        )
        return tuple(subscriber_from_row(row) for row in rows)

    def active(self, after: int = 0, limit: int = 500) -> tuple[Subscriber, ...]:
        """The next subscribers who get mail; as :meth:`list`, without moments and reasons.

        An edition's audience is read a million at a time, and planning needs neither.
        """
        rows = self._connection.execute(
            select(*MAILED_COLUMNS)
            .where(subscribers.c.id > after, subscribers.c.state == SubscriberState.ACTIVE)
            .order_by(subscribers.c.id)
            .limit(limit)
        )
        return tuple(subscriber_from_row(row) for row in rows)

    def count_domains(self, limit: int) -> int:
        """Count the mail domains of active subscribers, up to ``limit``."""
        domain = mail_domain(self._connection, subscribers.c.email)
        domains = (
            select(domain).where(subscribers.c.state == SubscriberState.ACTIVE).distinct()
        ).limit(limit)
        return len(self._connection.execute(domains).all())

    def any_wants(self, frequency: Frequency) -> bool:
        """True if an active subscriber may want mail so often; a rare wrong yes does no harm."""
        return bool(
            self._connection.scalar(
                select(
                    exists().where(
                        subscribers.c.state == SubscriberState.ACTIVE,
                        subscribers.c.preferences.contains(f'"{frequency.value}"'),
                    )
                )
            )
        )

    def counts(self) -> Mapping[SubscriberState, int]:
        """Count the subscribers in each state; see `stateless` for the rest."""
        counts = dict.fromkeys(SubscriberState, 0)
        state = type_coerce(subscribers.c.state, Text)
        for name, count in self._connection.execute(
            select(state, func.count()).group_by(subscribers.c.state)
        ):
            if name in STATES:
                counts[STATES[name]] = count
        return counts

    def stateless(self, limit: int = 20) -> tuple[int, tuple[int, ...]]:
        """Count the subscribers in no state that there is, and list the numbers of the first of
        them.
        """
        unknown = type_coerce(subscribers.c.state, Text).not_in(list(STATES))
        count = self._connection.scalar(
            select(func.count()).select_from(subscribers).where(unknown)
        )
        query = select(subscribers.c.id).where(unknown).order_by(subscribers.c.id).limit(limit)
        return count or 0, tuple(self._connection.scalars(query)) if count else ()

    def note(
        self, subscriber_id: int, kind: str, at: datetime, detail: Mapping[str, str] | None = None
    ) -> None:
        """Add to what is kept as proof of a reader's consent."""
        self._connection.execute(
            subscriber_events.insert(),
            {
                "subscriber_id": subscriber_id,
                "at": at,
                "kind": str(kind),
                "detail": json.dumps(dict(detail or {})),
            },
        )

    def keep_last_events(self, subscriber_id: int, kind: str, count: int) -> None:
        """Delete the events of that kind but the last ``count``: for what proves no consent."""
        events = subscriber_events.c
        mine = (events.subscriber_id == subscriber_id) & (events.kind == str(kind))
        newest = select(events.id).where(mine).order_by(events.id.desc()).limit(count).subquery()
        oldest = select(func.min(newest.c.id)).scalar_subquery()
        self._connection.execute(delete(subscriber_events).where(mine, events.id < oldest))

    def history(
        self, subscriber_id: int, *, kinds: Sequence[str] = (), limit: int = MOST_EVENTS
    ) -> tuple[SubscriberEvent, ...]:
        """The last events kept as proof of a subscriber's consent, of those kinds, oldest first."""
        events = subscriber_events.c
        query = select(as_text(events.at), events.kind, events.detail)
        query = query.where(events.subscriber_id == subscriber_id)
        if kinds:
            query = query.where(events.kind.in_([str(kind) for kind in kinds]))
        rows = self._connection.execute(query.order_by(events.id.desc()).limit(limit)).all()
        return tuple(event_of(*row) for row in reversed(rows))

    def count_events(self, subscriber_id: int) -> int:
        """Count the events that are kept of a subscriber."""
        query = select(func.count()).select_from(subscriber_events)
        query = query.where(subscriber_events.c.subscriber_id == subscriber_id)
        return self._connection.scalar(query) or 0

    def last_event_at(self, subscriber_id: int, kind: str) -> datetime | None:
        """The moment at which something of that kind last happened to a subscriber."""
        last: datetime | None = self._connection.scalar(
            select(func.max(subscriber_events.c.at)).where(
                subscriber_events.c.subscriber_id == subscriber_id,
                subscriber_events.c.kind == kind,
            )
        )
        return last

    def suppress(self, email: str, reason: str, now: datetime) -> None:
        """Bar an address for good, whether or not it is a reader's."""
        subscriber = self.by_email(email, lock=True)
        if subscriber is None:
            self._suppressions.bar(comparable_address(email), reason, now)
        else:
            self.set_state(subscriber.id, SubscriberState.SUPPRESSED, reason, now)

    def suppressed(self, email: str) -> str | None:
        """The reason that an address is barred; ``None`` if it is not."""
        return self._suppressions.reason(comparable_address(email))


def _outweighs(reason: str, before: str) -> bool:
    """True if ``reason`` replaces that of before in the same state: a complaint after a bounce."""
    complained = reason == SuppressionCause.COMPLAINED
    return complained and SuppressionCause.of(before) is SuppressionCause.BOUNCED
