"""Posts: one row per edition and target, each in exactly one state at every commit.

They move as the rows of the outbox do, and stand apart from these, so that readers are counted
without them::

    planned ─▶ leased ─▶ sending ─▶ accepted, rejected, unknown
       ▲─────────┘          └─▶ deferred ─▶ leased …

What was being sent when a sender died is in doubt. It is not repeated, unless its target drops a
repeat by its id: then it is, for a few hours.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from digest.model import (
    DeliveryState,
    ExclusionReason,
    LeasedPost,
    Outcome,
    PlannedPost,
    PostRecord,
    Tally,
)
from digest.store.blocked import is_blocked
from digest.store.dialect import insert_one_new, many, wait_for
from digest.store.outbox import LEASES_LOCK
from digest.store.post_tables import post_plans, posts
from digest.store.tables import editions

_WAITING = (DeliveryState.PLANNED, DeliveryState.DEFERRED)
_AGAIN = (DeliveryState.REJECTED, DeliveryState.UNKNOWN, DeliveryState.EXCLUDED)
_LONGEST_WORDS = 500


class Posts:
    """The posts of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, edition_id: int, planned: Sequence[PlannedPost], now: datetime) -> bool:
        """Fix where an edition is posted, once; false if that was done before."""
        plan = {"edition_id": edition_id, "frozen_at": now, "planned_at_start": len(planned)}
        if not insert_one_new(self._connection, post_plans, plan):
            return False
        many(
            self._connection,
            posts.insert(),
            [
                {
                    "edition_id": edition_id,
                    "target": post.target,
                    "state": DeliveryState.EXCLUDED if post.excluded else DeliveryState.PLANNED,
                    "next_at": now,
                    "finished_at": now if post.excluded else None,
                    "reason": post.excluded,
                }
                for post in planned
            ],
        )
        return True

    def lease(
        self,
        now: datetime,
        targets: Collection[str],
        *,
        ttl: timedelta,
        edition_ids: Collection[int] | None = None,
    ) -> tuple[LeasedPost, ...]:
        """Hold whatever is due for these targets, for as long as ``ttl``."""
        wait_for(self._connection, LEASES_LOCK, shared=True)
        chosen = [] if edition_ids is None else [posts.c.edition_id.in_(sorted(edition_ids))]
        rows = self._connection.execute(
            select(posts)
            .join(editions, editions.c.id == posts.c.edition_id)
            .where(_is_due(now, targets), *chosen)
            .order_by(posts.c.id)
            .with_for_update(of=posts, skip_locked=True)
        ).all()
        token = secrets.token_hex(16)
        self._connection.execute(
            update(posts)
            .where(posts.c.id.in_([row.id for row in rows]))
            .values(state=DeliveryState.LEASED, lease_token=token, lease_until=now + ttl)
        )
        return tuple(
            LeasedPost(
                row.id, row.edition_id, row.target, row.attempt + 1, token, row.in_doubt_since
            )
            for row in rows
        )

    def begin(self, post: LeasedPost) -> bool:
        """Record that it leaves now; false if the lease is lost, or the edition is held or stopped."""
        wait_for(self._connection, LEASES_LOCK, shared=True)
        result = self._connection.execute(
            update(posts)
            .where(
                _is_held(post),
                posts.c.state == DeliveryState.LEASED,
                ~is_blocked(posts.c.edition_id),
            )
            .values(state=DeliveryState.SENDING, attempt=post.attempt)
        )
        return result.rowcount == 1

    def release(self, post: LeasedPost) -> None:
        """Give back a post of which nothing was sent."""
        self._connection.execute(
            update(posts)
            .where(_is_held(post), posts.c.state == DeliveryState.LEASED)
            .values(state=DeliveryState.PLANNED, lease_token=None, lease_until=None)
        )

    def record(self, post: LeasedPost, outcome: Outcome, in_doubt_since: datetime | None) -> bool:
        """Record the outcome of an attempt; false if the lease is lost.

        A sender that was given up for dead may still tell what became of a post in doubt.
        """
        waits = outcome.state is DeliveryState.DEFERRED
        result = self._connection.execute(
            update(posts)
            .where(
                _is_held(post),
                posts.c.state.in_(
                    (DeliveryState.LEASED, DeliveryState.SENDING, DeliveryState.UNKNOWN)
                ),
            )
            .values(
                state=outcome.state,
                attempt=post.attempt,
                next_at=outcome.next_at or outcome.at,
                in_doubt_since=in_doubt_since,
                code=outcome.code,
                reason=outcome.reply[:_LONGEST_WORDS] or None,
                finished_at=None if waits else outcome.at,
                lease_token=None,
                lease_until=None,
            )
        )
        return result.rowcount == 1

    def recover(
        self, now: datetime, repeatable: Collection[str], *, within: timedelta
    ) -> tuple[int, int]:
        """Take back what dead senders hold: how many are planned again, and how many in doubt.

        One in doubt waits to be repeated where its target is ``repeatable`` and the doubt is not
        older than ``within``; else it is unknown.
        """
        over = posts.c.lease_until < now
        leased = self._connection.execute(
            update(posts)
            .where(posts.c.state == DeliveryState.LEASED, over)
            .values(state=DeliveryState.PLANNED, lease_token=None, lease_until=None)
        ).rowcount
        doubtful = (posts.c.state == DeliveryState.SENDING, over)
        since = func.coalesce(posts.c.in_doubt_since, posts.c.lease_until)
        words = {"reason": "the sender ended before it knew the outcome", "code": None}
        repeated = self._connection.execute(
            update(posts)
            .where(*doubtful, posts.c.target.in_(sorted(repeatable)), since > now - within)
            .values(
                state=DeliveryState.DEFERRED,
                next_at=now,
                in_doubt_since=since,
                lease_token=None,
                lease_until=None,
                **words,
            )
        ).rowcount
        unknown = self._connection.execute(
            update(posts)
            .where(*doubtful)
            .values(
                state=DeliveryState.UNKNOWN, finished_at=now, in_doubt_since=since, **words
            )  # it keeps its token: a slow sender may still know better
        ).rowcount
        return leased, repeated + unknown

    def resend(self, now: datetime) -> int:
        """Plan the unknown posts of fresh editions once more, and only once; how many."""
        fresh = select(editions.c.id).where(editions.c.expires_at >= now)
        return self._connection.execute(
            update(posts)
            .where(
                posts.c.state == DeliveryState.UNKNOWN,
                posts.c.resent.is_(False),
                posts.c.edition_id.in_(fresh),
            )
            .values(resent=True, **_planned_again(now))
        ).rowcount

    def plan_again(self, edition_ids: Collection[int], target: str, now: datetime) -> int:
        """Plan what was refused, left out or in doubt for a target once more, as a person says."""
        return self._connection.execute(
            update(posts)
            .where(
                posts.c.edition_id.in_(sorted(edition_ids)),
                posts.c.target == target,
                posts.c.state.in_(_AGAIN),
            )
            .values(**_planned_again(now))
        ).rowcount

    def expire(self, now: datetime) -> int:
        """Exclude what waits of editions that are stale; how many. What was in doubt stays so."""
        stale = and_(
            posts.c.state.in_(_WAITING),
            posts.c.edition_id.in_(select(editions.c.id).where(editions.c.expires_at < now)),
        )
        self._connection.execute(
            update(posts)
            .where(stale, posts.c.in_doubt_since.is_not(None))
            .values(state=DeliveryState.UNKNOWN, finished_at=now)
        )
        return self._exclude(stale, ExclusionReason.EXPIRED, now)

    def skip(self, reason: str, now: datetime) -> int:
        """Exclude for ``reason`` whatever may still be posted; how many.

        What was in a sender's hands, or in doubt before, is unknown, and not posted again.
        """
        doubtful = or_(
            posts.c.state == DeliveryState.SENDING,
            and_(posts.c.state.in_(_WAITING), posts.c.in_doubt_since.is_not(None)),
        )
        self._connection.execute(
            update(posts)
            .where(doubtful)
            .values(state=DeliveryState.UNKNOWN, finished_at=now, lease_token=None)
        )
        self._connection.execute(
            update(posts).where(posts.c.state == DeliveryState.UNKNOWN).values(resent=True)
        )
        return self._exclude(posts.c.state.in_((*_WAITING, DeliveryState.LEASED)), reason, now)

    def _exclude(self, which: ColumnElement[bool], reason: str, now: datetime) -> int:
        return self._connection.execute(
            update(posts)
            .where(which)
            .values(state=DeliveryState.EXCLUDED, reason=reason, finished_at=now, lease_token=None)
        ).rowcount

    def work_waits(self, now: datetime, targets: Collection[str], *, resend: bool) -> bool:
        """True if a post is due for these targets, is in somebody's hands, or in doubt."""
        held = (DeliveryState.LEASED, DeliveryState.SENDING)
        left = and_(posts.c.state.in_(held), posts.c.lease_until < now)
        stale = and_(posts.c.state.in_(_WAITING), editions.c.expires_at < now)
        unknown = and_(
            posts.c.state == DeliveryState.UNKNOWN,
            posts.c.resent.is_(False),
            editions.c.expires_at >= now,
        )
        waits = or_(_is_due(now, targets), left, stale, *((unknown,) if resend else ()))
        query = (
            select(posts.c.id)
            .join(editions, editions.c.id == posts.c.edition_id)
            .where(waits)
            .limit(1)
        )
        return self._connection.execute(query).first() is not None

    def unfinished(self, now: datetime) -> frozenset[int]:
        """Ids of the editions of which a post may still be sent at ``now``."""
        query = (
            select(posts.c.edition_id)
            .join(editions, editions.c.id == posts.c.edition_id)
            .where(posts.c.state.in_(_WAITING), editions.c.expires_at >= now)
        )
        return frozenset(self._connection.scalars(query))

    def tally(self, edition_id: int) -> Tally | None:
        """Count the posts of an edition by state; ``None`` where no targets were fixed for it."""
        started = self._connection.scalar(
            select(post_plans.c.planned_at_start).where(post_plans.c.edition_id == edition_id)
        )
        if started is None:
            return None
        rows = self._connection.execute(
            select(posts.c.state, func.count().label("number"))
            .where(posts.c.edition_id == edition_id)
            .group_by(posts.c.state)
        )
        return Tally(planned_at_start=started, **{str(row.state): row.number for row in rows})

    def of_edition(
        self, edition_id: int, state: DeliveryState | None = None
    ) -> tuple[PostRecord, ...]:
        """The posts of an edition, or those in that state, in the order of the settings."""
        query = (
            select(
                editions.c.kind,
                editions.c.day,
                posts.c.target,
                posts.c.state,
                posts.c.attempt,
                posts.c.next_at,
                posts.c.finished_at,
                posts.c.code,
                func.coalesce(posts.c.reason, "").label("words"),
            )
            .join_from(posts, editions, editions.c.id == posts.c.edition_id)
            .where(posts.c.edition_id == edition_id)
            .order_by(posts.c.id)
        )
        if state is not None:
            query = query.where(posts.c.state == state)
        return tuple(PostRecord(**row) for row in self._connection.execute(query).mappings())


def _planned_again(now: datetime) -> dict[str, object]:
    """The values of a post that waits as if it had never been tried; its attempts stay counted."""
    return {
        "state": DeliveryState.PLANNED,
        "next_at": now,
        "in_doubt_since": None,
        "finished_at": None,
        "code": None,
        "reason": None,
        "lease_token": None,
        "lease_until": None,
    }


def _is_held(post: LeasedPost) -> ColumnElement[bool]:
    return and_(posts.c.id == post.id, posts.c.lease_token == post.lease_token)


def _is_due(now: datetime, targets: Collection[str]) -> ColumnElement[bool]:
    return and_(
        posts.c.state.in_(_WAITING),
        posts.c.next_at <= now,
        posts.c.target.in_(sorted(targets)),
        editions.c.expires_at >= now,
        ~is_blocked(posts.c.edition_id),
    )
