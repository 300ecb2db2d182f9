"""Post editions: plan one post for each target, send what is due, write down what came of each.

::

    plan      with the edition's audience, before anything of it is sent
    recover   what a dead sender held: planned again, or in doubt
    lease ─▶ begin (committed before the first octet leaves) ─▶ one outcome

A post that is in doubt is repeated only where its target drops repeats by its id (Matrix, signed
webhooks), and for `REPEAT_WITHIN`; elsewhere it stays ``unknown``, or is sent once more if
``DIGEST_UNKNOWN_POLICY`` says so, as a mail is.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from digest.channels.exchange import ExchangeLimits, HttpAnswer, NotBegunError, exchange
from digest.channels.services import PostKey, post_request
from digest.channels.targets import PostTarget
from digest.channels.verdict import PostVerdict, judge
from digest.daily.post_content import post_content
from digest.daily.run_record import Clock, EditorialSettings
from digest.daily.subscriber_mail import selector
from digest.delivery.audience import EditionSchedule, is_meant_for
from digest.delivery.retry import RetryPolicy
from digest.delivery.store_retry import retry_while_busy
from digest.errors import InputError, error_location
from digest.mail.list_identity import ListIdentity
from digest.model import (
    DeliveryState,
    EditionKind,
    ExclusionReason,
    LeasedPost,
    Outcome,
    PlannedPost,
    Preferences,
    PublishedEdition,
    Selection,
)
from digest.restore_guard.guard import RecordedSender, RestoreGuard
from digest.store import Store, UnitOfWork

log = logging.getLogger(__name__)

LEASE_TIME = timedelta(minutes=5)
"""Much longer than a post may take (`ExchangeLimits`)."""
REPEAT_WITHIN = timedelta(hours=12)
"""A post in doubt is repeated no longer than that: Matrix servers forget transactions after a day."""
STORE_PATIENCE = timedelta(minutes=1)
"""Time for which an outcome waits for a busy database."""
_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class PostSettings:
    """Targets of posts, and the terms on which they are posted to. ``repeats`` is the policy for what
    is in doubt: true for once more.
    """

    targets: tuple[PostTarget, ...]
    list_identity: ListIdentity
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    repeats: bool = False
    limits: ExchangeLimits = field(default_factory=ExchangeLimits)
    lease_for: timedelta = LEASE_TIME

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the targets."""
        return tuple(target.name for target in self.targets)

    @property
    def repeatable(self) -> tuple[str, ...]:
        """The names of those that drop a repeat."""
        return tuple(target.name for target in self.targets if target.service.drops_repeats)

    def work_waits(self, unit: UnitOfWork, now: datetime) -> bool:
        """True if a post is due or in doubt."""
        return unit.posts.work_waits(now, self.names, resend=self.repeats)


@dataclass(frozen=True, slots=True)
class PostReport:
    """Report of a run: the name of each target that was tried, and how its post stands now."""

    ended: tuple[tuple[str, DeliveryState], ...] = ()

    @property
    def summary(self) -> str:
        """The report in words; ``""`` where nothing was due."""
        words = {DeliveryState.ACCEPTED: "posted to", DeliveryState.DEFERRED: "waiting to post to"}
        return ", ".join(
            f"{words.get(state, f'{state} at')} {target}" for target, state in self.ended
        )


class Poster:
    """Plans and sends the posts of a store."""

    def __init__(
        self,
        store: Store,
        editorial: EditorialSettings,
        settings: PostSettings,
        guard: RestoreGuard,
        clock: Clock,
    ) -> None:
        self._store = store
        self._editorial = editorial
        self._settings = settings
        self._guard = guard
        self._clock = clock

    def plan(self, published: PublishedEdition) -> None:
        """Fix where an edition is posted, unless its audience is fixed already.

        So a target that is added later gets the editions that follow.
        """
        with self._store.read() as unit:
            if unit.outbox.is_frozen(published.id):
                return
        with self._store.begin() as unit:
            schedule = self._schedule(unit, published)
            planned = [
                PlannedPost(target.name)
                if select_for_target(published, self._editorial, target) is not None
                else PlannedPost(target.name, ExclusionReason.NOTHING_ASKED_FOR)
                for target in self._settings.targets
                if is_meant_for(target.frequency, schedule)
            ]
            unit.posts.plan(published.id, planned, self._clock())

    def _schedule(self, unit: UnitOfWork, published: PublishedEdition) -> EditionSchedule:
        kind, day = published.edition.kind, published.edition.day
        return EditionSchedule(
            kind,
            day,
            published_at=published.published_at,
            send_at=self._editorial.send_at,
            zone=self._editorial.zone,
            has_weekdays_edition=kind is EditionKind.DAILY
            and unit.editions.get(EditionKind.WEEKDAYS, day) is not None,
        )

    def send_due(
        self, stop: threading.Event, edition_ids: Collection[int] | None = None
    ) -> PostReport:
        """Send what is due, each target at the same time as the others."""
        settings, now = self._settings, self._clock()
        with self._store.read() as unit:
            if not settings.work_waits(unit, now):
                return PostReport()
        with self._store.begin() as unit:
            unit.posts.recover(now, settings.repeatable, within=REPEAT_WITHIN)
            unit.posts.expire(now)
            if settings.repeats:
                unit.posts.resend(now)
        with self._guard.new_sender(now) as sender:
            leased = self._lease(sender, edition_ids)
            try:
                return PostReport(self._send_all(sender, leased, stop))
            finally:
                with self._store.begin() as unit:
                    for post in leased:
                        unit.posts.release(post)

    def _lease(
        self, sender: RecordedSender, edition_ids: Collection[int] | None
    ) -> tuple[LeasedPost, ...]:
        with self._store.begin() as unit:
            if not sender.store_is_current(unit) or unit.runs.paused() is not None:
                return ()
            return unit.posts.lease(
                self._clock(),
                self._settings.names,
                ttl=self._settings.lease_for,
                edition_ids=edition_ids,
            )

    def _send_all(
        self, sender: RecordedSender, leased: Sequence[LeasedPost], stop: threading.Event
    ) -> tuple[tuple[str, DeliveryState], ...]:
        if not leased:
            return ()
        editions = self._editions(leased)
        ended = []
        with ThreadPoolExecutor(_AT_ONCE, "posts") as threads:
            tries = {
                threads.submit(self._try, post, editions[post.edition_id], sender, stop): post
                for post in leased
            }
            for attempt in as_completed(tries):
                verdict, post = attempt.result(), tries[attempt]
                if verdict is not None:
                    ended.append((post.target, self._record(sender, post, verdict)))
        return tuple(ended)

    def _editions(self, leased: Sequence[LeasedPost]) -> dict[int, PublishedEdition | None]:
        with self._store.read() as unit:
            return {post.edition_id: unit.editions.by_id(post.edition_id) for post in leased}

    def _try(
        self,
        post: LeasedPost,
        published: PublishedEdition | None,
        sender: RecordedSender,
        stop: threading.Event,
    ) -> PostVerdict | None:
        """Send one post; ``None`` where it was not begun. What fails costs no other post."""
        if stop.is_set() or published is None:
            return None
        target = next(each for each in self._settings.targets if each.name == post.target)
        try:
            answer = self._send(post, published, target, sender)
        except NotBegunError:
            return None
        except Exception as error:
            # A defect, and perhaps of this edition only. Its words may hold a secret.
            where = f"{type(error).__name__} ({error_location(error)})"
            log.error("the post to %s could not be made: %s", target.name, where)
            return PostVerdict(DeliveryState.DEFERRED, f"could not be made: {where}")
        if answer is None:
            return PostVerdict(DeliveryState.EXCLUDED, ExclusionReason.NOTHING_ASKED_FOR)
        return judge(answer, target, self._clock())

    def _send(
        self,
        post: LeasedPost,
        published: PublishedEdition,
        target: PostTarget,
        sender: RecordedSender,
    ) -> HttpAnswer | None:
        selection = select_for_target(published, self._editorial, target)
        if selection is None:
            return None
        content = post_content(published, selection, self._settings.list_identity)
        with self._store.read() as unit:
            key = PostKey(
                post_id(unit.senders.store_id() or "", published, target), published.published_at
            )

        def begin() -> bool:
            with self._store.begin() as unit:
                return sender.store_is_current(unit) and unit.posts.begin(post)

        request = post_request(target, content, key, self._clock())
        return exchange(request, begin, self._settings.limits)

    def _record(
        self, sender: RecordedSender, post: LeasedPost, verdict: PostVerdict
    ) -> DeliveryState:
        """Write down the outcome of an attempt; the state that it is in now."""
        now = self._clock()
        state, since = self._settled(post, verdict, now)
        next_at = None
        if state is DeliveryState.DEFERRED:
            next_at = now + max(self._settings.policy.wait(post.attempt), verdict.wait)
        outcome = Outcome(0, state, now, code=verdict.code, reply=verdict.words, next_at=next_at)

        def write() -> int | None:
            with self._store.begin() as unit:
                unit.posts.record(post, outcome, since)
                return unit.senders.add_recorded(sender.token, 1)

        # An outcome that is lost leaves the post in doubt, so a busy database is waited for.
        sender.note_recorded(retry_while_busy(write, STORE_PATIENCE))
        if state is not DeliveryState.ACCEPTED:
            code = f"{verdict.code} " if verdict.code else ""
            log.warning("the post to %s is %s: %s%s", post.target, state, code, verdict.words)
        return state

    def _settled(
        self, post: LeasedPost, verdict: PostVerdict, now: datetime
    ) -> tuple[DeliveryState, datetime | None]:
        """The state of a post after an attempt, and since when it is in doubt.

        Whatever was in doubt once stays so until it is accepted: a later refusal says nothing of
        the earlier attempt.
        """
        if verdict.state is DeliveryState.ACCEPTED:
            return verdict.state, None
        doubtful = verdict.state is DeliveryState.UNKNOWN
        since = post.in_doubt_since or (now if doubtful else None)
        if since is None:
            return verdict.state, None
        tried_again = doubtful or verdict.state is DeliveryState.DEFERRED
        fresh = now - since < REPEAT_WITHIN
        if tried_again and fresh and post.target in self._settings.repeatable:
            return DeliveryState.DEFERRED, since
        return DeliveryState.UNKNOWN, since


def select_for_target(
    published: PublishedEdition, editorial: EditorialSettings, target: PostTarget
) -> Selection | None:
    """Choose the part of an edition that a target asked for; ``None`` if nothing of it."""
    return selector(published, editorial)(Preferences(topics=target.only))


def post_id(store_id: str, published: PublishedEdition, target: PostTarget) -> str:
    """The id of an edition's post to a target: the same for every attempt, on every machine."""
    edition = published.edition
    parts = (store_id, str(edition.kind), edition.day.isoformat(), str(published.id), target.name)
    return f"digest_{hashlib.sha256('/'.join(parts).encode()).hexdigest()[:40]}"


def plan_posts_again(
    store: Store, settings: PostSettings | None, name: str, day: date | None, now: datetime
) -> str:
    """Plan the posts to a target once more that were refused, left out or in doubt; say so.

    Of the editions of that day, by default of the newest. Raises `InputError` for a name that no
    target has, and where there is no such post.
    """
    names = () if settings is None else settings.names
    if name not in names:
        raise InputError(
            f"no target is named {name[:40]!r}",
            where="--post-again",
            mend=f"There are {', '.join(names)}" if names else "DIGEST_POST_TO is not set",
        )
    with store.begin() as unit:
        editions = [each for each in unit.editions.of_day(day) if each.expires_at > now]
        planned = unit.posts.plan_again([edition.id for edition in editions], name, now)
    if not planned:
        raise InputError(
            f"no post to {name} was refused, left out or is in doubt",
            where=f"the edition of {day}" if day else "the newest edition",
            mend="See: digest deliveries",
        )
    return f"the post to {name} is planned once more"
