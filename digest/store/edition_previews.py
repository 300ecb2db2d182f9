"""Preview mails of held editions, written down as a service mail is: leased, begun, and one outcome.

The first preview that is accepted starts the clock of its edition's hold anew; the first of which
anything is known starts it at all, so that a mailbox that takes nothing holds up nobody for ever.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, select, update

from digest.model import DeliveryState, HoldState, LeasedPreview, Outcome
from digest.store.tables import edition_holds, edition_previews, editions

_DROPPED = "the edition is not held any more"


class EditionPreviews:
    """The preview mails of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lease(self, now: datetime, *, ttl: timedelta) -> tuple[LeasedPreview, ...]:
        """Hold every preview that is due of the editions held now, for as long as ``ttl``."""
        rows = self._connection.execute(
            select(edition_previews)
            .join(editions, editions.c.id == edition_previews.c.edition_id)
            .where(
                edition_previews.c.state.in_((DeliveryState.PLANNED, DeliveryState.DEFERRED)),
                edition_previews.c.next_at <= now,
                editions.c.expires_at >= now,
                _still_held(),
            )
            .order_by(edition_previews.c.id)
            .with_for_update(of=edition_previews, skip_locked=True)
        ).all()
        token = secrets.token_hex(16)
        self._connection.execute(
            update(edition_previews)
            .where(edition_previews.c.id.in_([row.id for row in rows]))
            .values(state=DeliveryState.LEASED, lease_token=token, lease_until=now + ttl)
        )
        return tuple(
            LeasedPreview(row.id, row.edition_id, row.number, row.email, row.attempt + 1, token)
            for row in rows
        )

    def begin_sending(self, preview: LeasedPreview) -> bool:
        """Record that the body leaves now; false if the lease is lost, or the hold is over."""
        result = self._connection.execute(
            update(edition_previews)
            .where(
                _is_leased(preview),
                edition_previews.c.state == DeliveryState.LEASED,
                _still_held(),
            )
            .values(state=DeliveryState.SENDING, attempt=preview.attempt)
        )
        return result.rowcount == 1

    def release(self, preview: LeasedPreview) -> None:
        """Give back a preview of which nothing was sent."""
        self._connection.execute(
            update(edition_previews)
            .where(_is_leased(preview), edition_previews.c.state == DeliveryState.LEASED)
            .values(state=DeliveryState.PLANNED, lease_token=None, lease_until=None)
        )

    def record(self, preview: LeasedPreview, outcome: Outcome) -> None:
        """Record the outcome of an attempt, and start the clock of the hold where it is the first.

        Nothing if the lease is lost. What would be tried again is not once the hold is over.
        """
        waits = outcome.state is DeliveryState.DEFERRED
        result = self._connection.execute(
            update(edition_previews)
            .where(_is_leased(preview))
            .values(
                state=outcome.state,
                attempt=preview.attempt,
                next_at=outcome.next_at or outcome.at,
                code=outcome.code,
                status=outcome.status,
                reason=outcome.reply,
                lease_token=None,
                lease_until=None,
                **({} if waits else {"finished_at": outcome.at, "email": None}),
            )
        )
        if result.rowcount != 1:
            return
        if waits:
            self._connection.execute(
                update(edition_previews)
                .where(edition_previews.c.id == preview.id, ~_still_held())
                .values(
                    state=DeliveryState.EXCLUDED,
                    reason=_DROPPED,
                    finished_at=outcome.at,
                    email=None,
                )
            )
        accepted = outcome.state is DeliveryState.ACCEPTED
        self._start_clock(preview.edition_id, outcome.at, accepted=accepted)

    def recover(self, now: datetime) -> None:
        """Take back what dead senders hold: what was leased is planned again, what was being sent is
        in doubt, and not repeated.
        """
        expired = edition_previews.c.lease_until < now
        self._connection.execute(
            update(edition_previews)
            .where(edition_previews.c.state == DeliveryState.LEASED, expired)
            .values(state=DeliveryState.PLANNED, lease_token=None, lease_until=None)
        )
        in_doubt = (edition_previews.c.state == DeliveryState.SENDING, expired)
        begun = self._connection.scalars(
            select(edition_previews.c.edition_id).where(*in_doubt)
        ).all()
        self._connection.execute(
            update(edition_previews)
            .where(*in_doubt)
            .values(
                state=DeliveryState.UNKNOWN,
                reason="the sender ended before it knew the outcome",
                finished_at=now,
                email=None,
                lease_token=None,
                lease_until=None,
            )
        )
        for edition_id in dict.fromkeys(begun):
            self._start_clock(edition_id, now, accepted=False)

    def _start_clock(self, edition_id: int, now: datetime, *, accepted: bool) -> None:
        seconds = self._connection.scalar(
            select(edition_holds.c.seconds).where(edition_holds.c.edition_id == edition_id)
        )
        started = edition_holds.c.previewed_at if accepted else edition_holds.c.held_until
        self._connection.execute(
            update(edition_holds)
            .where(
                edition_holds.c.edition_id == edition_id,
                edition_holds.c.state == HoldState.HELD,
                started.is_(None),
            )
            .values(
                held_until=now + timedelta(seconds=seconds or 0),
                **({"previewed_at": now} if accepted else {}),
            )
        )


def _is_leased(preview: LeasedPreview) -> ColumnElement[bool]:
    return and_(
        edition_previews.c.id == preview.id,
        edition_previews.c.lease_token == preview.lease_token,
    )


def _still_held() -> ColumnElement[bool]:
    return exists().where(
        edition_holds.c.edition_id == edition_previews.c.edition_id,
        edition_holds.c.state == HoldState.HELD,
    )
