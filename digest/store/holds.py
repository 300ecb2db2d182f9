"""Held editions: who may see them first, who stopped them, and when they go to everybody.

::

    held ──its time is over, or a person──▶ released ◀──a person──┐
      └──the link in a preview, or a person──▶ stopped ───────────┘
                                    └── discarded: its papers wait again

What is held or stopped is neither leased nor begun (see `digest.store.blocked`); the same transaction
that publishes an edition holds it. An edition without a row here is not held.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select, update

from digest.model import (
    DeliveryState,
    EditionHold,
    EditionKind,
    ExclusionReason,
    HoldState,
    PreviewHold,
)
from digest.store.blocked import blocked_editions
from digest.store.dialect import insert_one_new, many, wait_for
from digest.store.discarding import Discarding
from digest.store.editions import Editions
from digest.store.outbox import LEASES_LOCK
from digest.store.tables import edition_holds, edition_previews, editions

_TOGETHER = (EditionKind.DAILY, EditionKind.WEEKDAYS)
"""Kinds whose editions of one day have the same new papers: both are stopped, or none."""
_UNFINISHED = (DeliveryState.PLANNED, DeliveryState.DEFERRED, DeliveryState.LEASED)


class Holds:
    """The held editions, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self, edition_id: int, terms: PreviewHold, now: datetime) -> None:
        """Hold an edition that this transaction publishes, and plan its previews."""
        self._connection.execute(
            edition_holds.insert(),
            {
                "edition_id": edition_id,
                "state": HoldState.HELD,
                "seconds": int(terms.span.total_seconds()),
                "changed_at": now,
            },
        )
        many(
            self._connection,
            edition_previews.insert(),
            [
                {
                    "edition_id": edition_id,
                    "number": number,
                    "email": address,
                    "state": DeliveryState.PLANNED,
                    "next_at": now,
                }
                for number, address in enumerate(terms.addresses, 1)
            ],
        )

    def blocked(self, edition_ids: Collection[int]) -> frozenset[int]:
        """Of these editions, those of which nothing may leave."""
        return blocked_editions(self._connection, edition_ids)

    def of(self, edition_id: int) -> EditionHold | None:
        """The hold of that edition; ``None`` if it was never held nor stopped."""
        return next(iter(self._holds(_HOLDS.where(editions.c.id == edition_id))), None)

    def of_day(self, day: date, kinds: Iterable[EditionKind]) -> tuple[EditionHold, ...]:
        """The holds of the editions of that day and those kinds."""
        return self._holds(_HOLDS.where(editions.c.day == day, editions.c.kind.in_(list(kinds))))

    def of_preview(self, preview_id: int) -> tuple[EditionHold, int] | None:
        """The hold of the edition that this preview shows, and the preview's number in it."""
        row = self._connection.execute(
            select(edition_previews.c.edition_id, edition_previews.c.number).where(
                edition_previews.c.id == preview_id
            )
        ).one_or_none()
        hold = None if row is None else self.of(row.edition_id)
        return None if row is None or hold is None else (hold, row.number)

    def blocking(self, now: datetime) -> tuple[EditionHold, ...]:
        """The editions held or stopped at ``now`` that could still be sent, oldest first."""
        blocked = edition_holds.c.state.in_((HoldState.HELD, HoldState.STOPPED))
        return self._holds(_HOLDS.where(blocked, editions.c.expires_at >= now))

    def stopped_days(self) -> frozenset[date]:
        """The days whose stopped daily edition no other one should tell of, as
        `Discarding.stopped_days` says.
        """
        return Discarding(self._connection).stopped_days()

    def end(self, now: datetime) -> tuple[EditionHold, ...]:
        """Release the editions whose time is over; those that were released now.

        An edition that may not be sent any more is shown to nobody either.
        """
        over = (edition_holds.c.state == HoldState.HELD, edition_holds.c.held_until <= now)
        ids = self._connection.scalars(select(edition_holds.c.edition_id).where(*over)).all()
        ended = []
        for edition_id in ids:
            # A stop that was quicker changes the row first, and then it is not released.
            result = self._connection.execute(
                update(edition_holds)
                .where(edition_holds.c.edition_id == edition_id, *over)
                .values(state=HoldState.RELEASED, changed_at=now)
            )
            if result.rowcount == 1:
                self._drop_previews([edition_id], "the hold is over", now)
                ended.append(edition_id)
        stale = self._connection.scalars(
            select(editions.c.id)
            .join(edition_previews, edition_previews.c.edition_id == editions.c.id)
            .where(edition_previews.c.state.in_(_UNFINISHED), editions.c.expires_at < now)
        ).all()
        self._drop_previews(stale, ExclusionReason.EXPIRED, now)
        return tuple(hold for edition_id in ended if (hold := self.of(edition_id)) is not None)

    def stop(
        self, edition_ids: Sequence[int], reason: str, now: datetime, *, told: bool
    ) -> tuple[EditionHold, ...]:
        """Let nothing more of these editions leave; those that were stopped now.

        Mails that a sender has begun are finished. ``told`` is true where the operator knows.
        """
        # Whoever leases has seen the edition free: what they took is known after this.
        wait_for(self._connection, LEASES_LOCK)
        stopped = []
        for edition_id in edition_ids:
            row = {
                "state": HoldState.STOPPED,
                "changed_at": now,
                "reason": reason,
                "link_works": False,
                "told_at": now if told else None,
            }
            new = {"edition_id": edition_id, "seconds": 0, **row}
            if not insert_one_new(self._connection, edition_holds, new):
                changed = self._connection.execute(
                    update(edition_holds)
                    .where(
                        edition_holds.c.edition_id == edition_id,
                        edition_holds.c.state != HoldState.STOPPED,
                    )
                    .values(row)
                )
                if changed.rowcount != 1:
                    continue
            stopped.append(edition_id)
        self._drop_previews(stopped, "the edition was stopped", now)
        return tuple(hold for edition_id in stopped if (hold := self.of(edition_id)) is not None)

    def stop_by_link(self, preview_id: int, now: datetime) -> bool:
        """Stop the edition that this preview shows, with that of the same day and papers.

        True once: never again after it was stopped or decided about, and not where nothing of the
        edition is left to be sent.
        """
        wait_for(self._connection, LEASES_LOCK)
        shown = self.of_preview(preview_id)
        if shown is None:
            return False
        hold, number = shown
        waiting = Editions(self._connection).undelivered(now)
        if not hold.link_works or hold.edition_id not in waiting:
            return False
        group = self._together(hold)
        reason = f"by the link in preview mail {number}"
        self.stop([id for id in group if id in waiting], reason, now, told=False)
        return True

    def _together(self, hold: EditionHold) -> tuple[int, ...]:
        if hold.kind not in _TOGETHER:
            return (hold.edition_id,)
        query = select(editions.c.id).where(
            editions.c.day == hold.day, editions.c.kind.in_(_TOGETHER)
        )
        return tuple(self._connection.scalars(query))

    def release(self, edition_ids: Sequence[int], now: datetime) -> None:
        """Let these editions go to everybody; no link in a preview stops them any more."""
        self._connection.execute(
            update(edition_holds)
            .where(edition_holds.c.edition_id.in_(edition_ids))
            .values(state=HoldState.RELEASED, changed_at=now, reason="", link_works=False)
        )
        self._drop_previews(edition_ids, "the edition was released", now)

    def claim_untold(self, now: datetime) -> tuple[EditionHold, ...]:
        """The stopped editions of which the operator is to be told, each given to one caller."""
        ids = self._connection.scalars(
            select(edition_holds.c.edition_id).where(*_UNTOLD).with_for_update(skip_locked=True)
        ).all()
        self._connection.execute(
            update(edition_holds).where(edition_holds.c.edition_id.in_(ids)).values(told_at=now)
        )
        return tuple(hold for edition_id in ids if (hold := self.of(edition_id)) is not None)

    def work_waits(self, now: datetime, *, tells: bool) -> bool:
        """True if a hold is over, a preview is due or left in hand, or, where the sender ``tells``
        the operator, of a stopped edition they were not told yet.
        """
        over = (edition_holds.c.state == HoldState.HELD, edition_holds.c.held_until <= now)
        if self._any(select(edition_holds.c.edition_id).where(*over)):
            return True
        if tells and self._any(select(edition_holds.c.edition_id).where(*_UNTOLD)):
            return True
        return self.previews_wait(now)

    def previews_wait(self, now: datetime) -> bool:
        """True if a preview is due, or was left in the hands of a sender that is gone."""
        waiting = edition_previews.c.state.in_((DeliveryState.PLANNED, DeliveryState.DEFERRED))
        held = edition_previews.c.state.in_((DeliveryState.LEASED, DeliveryState.SENDING))
        due = select(edition_previews.c.id).where(
            (waiting & (edition_previews.c.next_at <= now))
            | (held & (edition_previews.c.lease_until < now))
        )
        may_be_sent = (
            select(editions.c.id)
            .where(editions.c.id == edition_previews.c.edition_id, editions.c.expires_at >= now)
            .exists()
        )
        return self._any(due.where(may_be_sent))

    def _any(self, query: Select[Any]) -> bool:
        return self._connection.execute(query.limit(1)).first() is not None

    def _drop_previews(self, edition_ids: Sequence[int], reason: str, now: datetime) -> None:
        """Send no preview of these any more: there is nothing left to decide."""
        self._connection.execute(
            update(edition_previews)
            .where(
                edition_previews.c.edition_id.in_(edition_ids),
                edition_previews.c.state.in_(_UNFINISHED),
            )
            .values(
                state=DeliveryState.EXCLUDED,
                reason=reason,
                finished_at=now,
                email=None,
                lease_token=None,
            )
        )

    def _holds(self, query: Select[Any]) -> tuple[EditionHold, ...]:
        rows = self._connection.execute(query).mappings().all()
        return tuple(_hold(row, self._counts(row["edition_id"])) for row in rows)

    def _counts(self, edition_id: int) -> dict[DeliveryState, int]:
        rows = self._connection.execute(
            select(edition_previews.c.state, func.count())
            .where(edition_previews.c.edition_id == edition_id)
            .group_by(edition_previews.c.state)
        )
        counts: dict[DeliveryState, int] = {}
        for state, count in rows:
            counts[state] = count
        return counts


_HOLDS = (
    select(edition_holds, editions.c.kind, editions.c.day, editions.c.expires_at)
    .join_from(edition_holds, editions)
    .order_by(editions.c.day, editions.c.id)
)
_UNTOLD = (edition_holds.c.state == HoldState.STOPPED, edition_holds.c.told_at.is_(None))


def _hold(row: RowMapping, previews: dict[DeliveryState, int]) -> EditionHold:
    return EditionHold(
        edition_id=row["edition_id"],
        kind=row["kind"],
        day=row["day"],
        state=row["state"],
        span=timedelta(seconds=row["seconds"]),
        until=row["held_until"],
        expires_at=row["expires_at"],
        changed_at=row["changed_at"],
        reason=row["reason"],
        link_works=row["link_works"],
        previews=previews,
    )
