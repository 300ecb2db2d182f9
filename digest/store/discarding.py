"""Discarding of editions of which nothing has left: as if they had never been published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, and_, delete, exists, or_, select, update

from digest.model import (
    DeliveryState,
    Edition,
    EditionKind,
    EditionSummary,
    HoldState,
    Novelty,
)
from digest.store.dialect import chunks, wait_for
from digest.store.editions import Editions
from digest.store.outbox import LEASES_LOCK
from digest.store.post_tables import post_plans, posts
from digest.store.tables import (
    attempts,
    dumps,
    edition_holds,
    edition_papers,
    edition_previews,
    editions,
    in_states,
    outbox,
    papers,
)

_MAY_HAVE_LEFT = (
    DeliveryState.LEASED,
    DeliveryState.SENDING,
    DeliveryState.ACCEPTED,
    DeliveryState.UNKNOWN,
)
_RETOLD_WITHIN = timedelta(days=7)
"""A weekly edition, and one for readers without weekend mail, look back so far."""


class Discarding:
    """The editions of one transaction, as far as they are taken back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def may_have_left(self, edition_ids: Sequence[int]) -> bool:
        """True if a mail or post of these editions was sent, is being sent, or may be in somebody's
        hands.

        No sender takes any of them before this transaction ends.
        """
        wait_for(self._connection, LEASES_LOCK)
        return self._have_left(edition_ids)

    def _have_left(self, edition_ids: Sequence[int]) -> bool:
        left = or_(
            in_states(*_MAY_HAVE_LEFT),
            outbox.c.resent.is_(True),
        )
        query = select(outbox.c.id).where(outbox.c.edition_id.in_(edition_ids), left).limit(1)
        if self._connection.execute(query).first() is not None:
            return True
        posted = or_(
            posts.c.state.in_(_MAY_HAVE_LEFT),
            posts.c.resent.is_(True),
            posts.c.in_doubt_since.is_not(None),
        )
        query = select(posts.c.id).where(posts.c.edition_id.in_(edition_ids), posted).limit(1)
        return self._connection.execute(query).first() is not None

    def stopped_days(self) -> frozenset[date]:
        """The days whose daily edition is stopped and may still be taken back, so that no other edition
        should tell of its papers. One of which mails have left can only go on.
        """
        rows = self._connection.execute(
            select(editions.c.id, editions.c.day)
            .join(edition_holds, edition_holds.c.edition_id == editions.c.id)
            .where(editions.c.kind == EditionKind.DAILY, edition_holds.c.state == HoldState.STOPPED)
        ).all()
        return frozenset(
            row.day for row in rows if not self._have_left([row.id]) and not self.told_again(row.id)
        )

    def told_again(self, edition_id: int) -> tuple[EditionSummary, ...]:
        """The later editions of other kinds that hold papers which were new in this daily one."""
        return self._retelling(edition_id, holds_them=True)

    def left_out(self, edition_id: int) -> tuple[EditionSummary, ...]:
        """The later editions that tell of the days around this daily one, but of none of its papers."""
        return self._retelling(edition_id, holds_them=False)

    def _retelling(self, edition_id: int, *, holds_them: bool) -> tuple[EditionSummary, ...]:
        own = self._connection.execute(
            select(editions.c.kind, editions.c.day).where(editions.c.id == edition_id)
        ).one()
        if own.kind is not EditionKind.DAILY:
            return ()
        kinds = [EditionKind.WEEKLY]
        if own.day.weekday() >= 5:
            kinds.append(EditionKind.WEEKDAYS)
        mine = (
            select(edition_papers.c.paper_id)
            .where(
                edition_papers.c.edition_id == edition_id,
                edition_papers.c.novelty == Novelty.NEW,
            )
            .scalar_subquery()
        )
        theirs = edition_papers.alias("theirs")
        shares = exists().where(theirs.c.edition_id == editions.c.id, theirs.c.paper_id.in_(mine))
        rows = self._connection.execute(
            select(editions.c.kind, editions.c.day)
            .where(
                editions.c.id > edition_id,
                editions.c.kind.in_(kinds),
                editions.c.day > own.day,
                editions.c.day <= own.day + _RETOLD_WITHIN,
                shares if holds_them else ~shares,
            )
            .order_by(editions.c.id)
        ).all()
        summaries = (
            Editions(self._connection).summary(row.kind, row.day, all=True) for row in rows
        )
        return tuple(summary for summary in summaries if summary is not None)

    def discard(self, edition_id: int) -> int:
        """Delete an edition; the papers of a daily one wait again, and how many they are.

        Papers that were withdrawn from it do not, nor those that a later daily edition tells of.
        """
        published = Editions(self._connection).by_id(edition_id)
        if published is None:
            return 0
        waiting = self._make_pending(edition_id, published.edition)
        self._connection.execute(
            update(dumps).where(dumps.c.edition_id == edition_id).values(edition_id=None)
        )
        mine = select(outbox.c.id).where(outbox.c.edition_id == edition_id)
        self._connection.execute(delete(attempts).where(attempts.c.delivery_id.in_(mine)))
        for table in (outbox, posts, post_plans, edition_previews, edition_holds, edition_papers):
            self._connection.execute(delete(table).where(table.c.edition_id == edition_id))
        self._connection.execute(delete(editions).where(editions.c.id == edition_id))
        return waiting

    def _make_pending(self, edition_id: int, edition: Edition) -> int:
        """Let the papers wait again: new, unless another daily edition had told of one before."""
        if edition.kind is not EditionKind.DAILY:
            return 0
        revised = frozenset(edition.updated)
        ids = sorted({entry.paper_id for entry in edition.entries})
        waiting = 0
        for part in chunks(ids):
            earlier, later = self._in_other_dailies(edition_id, part)
            again = [paper_id for paper_id in part if paper_id not in later]
            new = [id for id in again if id not in earlier or id not in revised]
            self._connection.execute(
                update(papers).where(papers.c.id.in_(new)).values(pending=Novelty.NEW)
            )
            rest = and_(papers.c.id.in_(set(again) - set(new)), papers.c.pending.is_(None))
            self._connection.execute(update(papers).where(rest).values(pending=Novelty.REVISED))
            waiting += len(again)
        return waiting

    def _in_other_dailies(self, edition_id: int, ids: Sequence[int]) -> tuple[set[int], set[int]]:
        """Of these papers, those that earlier and those that later daily editions hold."""
        earlier: set[int] = set()
        later: set[int] = set()
        rows = self._connection.execute(
            select(edition_papers.c.paper_id, edition_papers.c.edition_id)
            .join(editions, editions.c.id == edition_papers.c.edition_id)
            .where(
                edition_papers.c.paper_id.in_(ids),
                editions.c.kind == EditionKind.DAILY,
                editions.c.id != edition_id,
            )
        )
        for row in rows:
            (later if row.edition_id > edition_id else earlier).add(row.paper_id)
        return earlier, later
