"""The sender of posts that a campaign kills: a process of its own, with the real store and sockets.

It sends as the program does, `Poster.send_due` again and again until nothing is left, and kills itself
in the step that it was told.
"""

from __future__ import annotations

import os
import secrets
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx  # noqa: F401 - loaded before the first sender starts

from digest.channels import exchange
from digest.channels.exchange import ExchangeLimits
from digest.channels.targets import Service, read_targets
from digest.daily import posts
from digest.daily.posts import Poster, PostSettings
from digest.daily.run_record import EditorialSettings, utc_now
from digest.delivery.retry import RetryPolicy
from digest.editorial.topics import load_topics
from digest.errors import StoreBusyError
from digest.mail.list_identity import ListIdentity
from digest.model import LeasedPost
from digest.restore_guard.guard import RestoreGuard
from digest.store import Store, open_store
from digest.store.posts import Posts

TOPICS = load_topics()
IDENTITY = ListIdentity("Daily Papers", "papers@example.org", "https://papers.example.org")
POLICY = RetryPolicy(
    first_wait=timedelta(milliseconds=50), longest_wait=timedelta(milliseconds=200)
)
LIMITS = ExchangeLimits(connect=5, silence=1.0, total=5)

STORE_STEPS = ("recover", "expire", "lease", "begin", "record", "release")
NETWORK_STEPS = (
    "connection.connect_tcp.started",
    "connection.connect_tcp.complete",
    "http11.send_request_headers.started",
    "http11.send_request_headers.complete",
    "http11.send_request_body.started",
    "http11.send_request_body.complete",
    "http11.receive_response_headers.started",
    "http11.receive_response_headers.complete",
    "http11.receive_response_body.complete",
    "http11.response_closed.complete",
)
STEPS = (*STORE_STEPS, *NETWORK_STEPS)


@dataclass(frozen=True)
class PostKillPoint:
    """Moment of a sender's death: before or after the ``nth`` step of that name, and ``delay`` on."""

    step: str
    after: bool = False
    nth: int = 1
    delay: float = 0.0


@dataclass(frozen=True)
class PostSenderOptions:
    """Options of a sender process. ``mutant`` names what is broken in it on purpose."""

    url: str
    targets: tuple[str, ...]
    state_folder: Path
    kill_point: PostKillPoint | None = None
    mutant: str | None = None


def poster(options: PostSenderOptions, store: Store) -> Poster:
    settings = PostSettings(
        read_targets(options.targets),
        IDENTITY,
        POLICY,
        limits=LIMITS,
        lease_for=timedelta(seconds=1),
    )
    editorial = EditorialSettings(TOPICS, ZoneInfo("UTC"))
    guard = RestoreGuard(store, options.state_folder)
    return Poster(store, editorial, settings, guard, utc_now)


def post_until_done(options: PostSenderOptions) -> None:
    """Run until no post is left, however often the store is busy."""
    if options.mutant is not None:
        MUTANTS[options.mutant]()
    if options.kill_point is not None:
        _arm(options.kill_point)
    store = open_store(options.url)
    sender = poster(options, store)
    while True:
        try:
            sender.send_due(threading.Event())
            with store.read() as unit:
                ids = [summary.id for summary in unit.editions.list(1_000, all=True)]
                tallies = [unit.posts.tally(id) for id in ids]
        except StoreBusyError:
            time.sleep(0.05)
            continue
        if not any(tally is not None and tally.unfinished for tally in tallies):
            return
        time.sleep(0.03)


def _arm(kill_point: PostKillPoint) -> None:
    """Wrap every step, so that this process dies in the one that was chosen."""
    counts: Counter[tuple[str, bool]] = Counter()

    def reach(step: str, *, after: bool) -> None:
        counts[step, after] += 1
        if (step, after) == (kill_point.step, kill_point.after) and counts[
            step, after
        ] == kill_point.nth:
            if kill_point.delay:
                threading.Thread(target=_die, args=(kill_point.delay,), daemon=True).start()
            else:
                _die()

    for name in STORE_STEPS:
        setattr(Posts, name, _watched(getattr(Posts, name), name, reach))
    watch = exchange._Exchange._watch

    def watched(self: Any, event: str, info: Any) -> None:
        reach(event, after=False)
        watch(self, event, info)
        reach(event, after=True)

    exchange._Exchange._watch = watched  # type: ignore[assignment,method-assign]


def _watched(method: Callable[..., Any], name: str, reach: Callable[..., None]) -> Any:
    def call(*arguments: Any, **named: Any) -> Any:
        reach(name, after=False)
        result = method(*arguments, **named)
        reach(name, after=True)
        return result

    return call


def _die(delay: float = 0.0) -> None:
    time.sleep(delay)
    os.kill(os.getpid(), signal.SIGKILL)


def _begins_without_a_word() -> None:
    Posts.begin = lambda self, post: True  # type: ignore[method-assign]


def _repeats_every_doubt() -> None:
    Service.drops_repeats = property(lambda self: True)  # type: ignore[assignment,method-assign]


def _makes_new_ids() -> None:
    posts.post_id = lambda *_: f"digest_{secrets.token_hex(8)}"


def _repeats_what_was_taken() -> None:
    record = Posts.record

    def forget(self: Posts, post: LeasedPost, outcome: Any, since: Any) -> bool:
        return post.id % 5 == 0 or record(self, post, outcome, since)

    Posts.record = forget  # type: ignore[assignment,method-assign]
    recover = Posts.recover

    def plan_again(self: Posts, now: Any, repeatable: Sequence[str], *, within: Any) -> Any:
        return recover(self, now, ["slack", "mattermost", *repeatable], within=within)

    Posts.recover = plan_again  # type: ignore[assignment,method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    "begins_without_a_word": _begins_without_a_word,
    "repeats_every_doubt": _repeats_every_doubt,
    "makes_new_ids": _makes_new_ids,
    "repeats_what_was_taken": _repeats_what_was_taken,
}
"""Senders that a campaign must report, or it proves nothing."""
