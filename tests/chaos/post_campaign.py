"""Kill senders of posts at every step, against a chat service that misbehaves; count its channels.

At the end each channel has each edition once, if the row says accepted; once or not at all, if it is
unknown; and a target that drops repeats has every edition.
"""

from __future__ import annotations

import multiprocessing
import random
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from chaos import post_sender
from chaos.post_sender import (
    LIMITS,
    STEPS,
    PostKillPoint,
    PostSenderOptions,
    post_until_done,
    poster,
)
from chaos.process_setup import importable_in_fork_server
from chat_server import Answer, ChatServer, Received
from factories import change, edition_of, rendering
from store.steps import remember_dump

from digest.channels.targets import read_targets
from digest.model import DeliveryState
from digest.store import Store, open_store

FIRST_DAY = date(2026, 3, 1)
LATE = LIMITS.silence + 0.25
"""Seconds after which nobody waits for an answer any more."""
SECRET = "whsec_b25seSB0ZXN0cyBrbm93IHRoaXMgc2VjcmV0IGtleSE="
ANSWERS: dict[str, tuple[float, Answer]] = {
    "200": (10, Answer(200, "{}")),
    "slow 200": (2, Answer(200, "{}", delay=0.2)),
    "200 too late": (1.5, Answer(200, "{}", delay=LATE)),
    "hangs, nothing posted": (1, Answer(200, "{}", delay=LATE, posts=False)),
    "500": (2, Answer(500, "internal error")),
    "503": (1, Answer(503)),
    "429 with Retry-After": (2, Answer(429, headers={"Retry-After": "1"})),
    "closes after posting": (1, Answer(close=True)),
    "closes without posting": (1, Answer(close=True, posts=False)),
    "502": (1, Answer(502)),
}
"""How the service answers, each with how often."""
DOUBTFUL = {
    "200 too late",
    "hangs, nothing posted",
    "closes after posting",
    "closes without posting",
    "502",
}


def target_list(url: str) -> tuple[str, ...]:
    """One target of each service, on that server."""
    return (
        f"slack+{url}/slack/T0/B0/XXXXXXXX",
        f"mattermost+{url}/mattermost/hooks/XXXXXXXX",
        f"discord+{url}/discord/api/webhooks/0/XXXXXXXX",
        f"zulip+{url}/zulip#bot=b@example.org&key=XXXXXXXX&channel=papers",
        f"telegram+{url}/telegram#token=1:XXXXXXXX&chat=@papers",
        f"matrix+{url}/matrix#token=XXXXXXXX&room=!room:example.org",
        f"webhook+{url}/webhook#secret={SECRET}",
    )


def post_key(request: Received) -> tuple[str, str]:
    """The target of a request, and the day of its edition."""
    found = re.search(rb"editions(?:%2F|/)(\d{4}-\d\d-\d\d)", request.body)
    assert found, request.body
    return request.path.split("/")[1], found[1].decode()


@dataclass
class PostCampaignResult:
    """Figures of a campaign; ``problems`` are what must not be."""

    problems: list[str] = field(default_factory=list)
    kills: int = 0
    killed_in: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    doubts: int = 0
    standing: int = 0
    duplicates: int = 0
    seconds: float = 0.0


class PostCampaign:
    """One store, one chat server, many kills."""

    def __init__(
        self,
        folder: Path,
        *,
        senders: int = 1,
        seed: int = 1,
        url: str | None = None,
        mutant: str | None = None,
    ) -> None:
        self.folder = folder
        self.url = url or f"sqlite:///{folder / 'posts.db'}"
        self.senders = senders
        self.rng = random.Random(seed)
        self.mutant = mutant
        self.published = 0
        self._ids: tuple[int, ...] = ()
        self.result = PostCampaignResult()
        self._seen: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._lock = threading.Lock()

    def run(self, rounds: int) -> PostCampaignResult:
        """Publish as many editions and kill a sender at each; let the last one finish; compare rows and
        channels.
        """
        started = time.monotonic()
        store = open_store(self.url)
        store.migrate()
        with ChatServer(self._answer) as server, importable_in_fork_server():
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([post_sender.__name__])
            options = PostSenderOptions(
                self.url, target_list(server.url), self.folder / "state", mutant=self.mutant
            )
            self._repeatable = {
                target.name
                for target in read_targets(options.targets)
                if target.service.drops_repeats
            }
            self._kill(context, options, rounds, store)
            store.close()
            last = context.Process(target=post_until_done, args=(options,))
            last.start()
            last.join(600)
            if last.exitcode != 0:
                self.result.problems.append(f"the last sender ended with {last.exitcode}")
                last.kill()
            self._check(store, server)
        store.close()
        self.result.seconds = time.monotonic() - started
        return self.result

    def _publish(self, store: Store, options: PostSenderOptions) -> None:
        """Publish the next day's edition, and plan its posts."""
        now = datetime.now(UTC)
        with store.begin() as unit:
            ids = self._ids or remember_dump(unit, change("Amber"), change("Beacon"))
            edition = edition_of(ids, day=FIRST_DAY + timedelta(days=self.published))
            published = unit.editions.freeze(
                edition, rendering(), published_at=now, expires_at=now + timedelta(days=2)
            )
        self._ids = ids
        self.published += 1
        poster(options, store).plan(published)

    def _answer(self, request: Received) -> Answer:
        with self._lock:
            names = list(ANSWERS)
            (name,) = self.rng.choices(names, [ANSWERS[each][0] for each in names])
            self.result.answers[name] += 1
            self._seen[post_key(request)].append(name)
        return ANSWERS[name][1]

    def _kill(self, context: object, options: PostSenderOptions, rounds: int, store: Store) -> None:
        steps: list[tuple[str, bool]] = [(step, after) for step in STEPS for after in (False, True)]
        for number in range(rounds):
            if number % len(steps) == 0:
                self.rng.shuffle(steps)
            self._publish(store, options)
            step, after = steps[number % len(steps)]
            point = PostKillPoint(
                step, after, self.rng.randint(1, 4), self.rng.choice((0, 0, 0.005, 0.05))
            )
            running = []
            for place in range(self.senders):
                ready = replace(options, kill_point=point if place == 0 else None)
                process = context.Process(  # type: ignore[attr-defined]
                    target=post_until_done, args=(ready,)
                )
                process.start()
                running.append((process, step))
            self._await(running)
            self._check_sums(store)

    def _await(self, running: Sequence[tuple[multiprocessing.Process, str]]) -> None:
        for process, step in running:
            process.join(30)
            if process.is_alive():
                process.kill()
                process.join()
                step = "none of its own: killed when it had run for 30 s"
            if process.exitcode == -9:
                self.result.kills += 1
                self.result.killed_in[step] += 1
            elif process.exitcode != 0:
                self.result.problems.append(f"a sender crashed: {process.exitcode}")

    def _check_sums(self, store: Store) -> None:
        with store.read() as unit:
            for summary in unit.editions.list(1_000, all=True):
                tally = unit.posts.tally(summary.id)
                if tally is None or not tally.balanced:
                    self.result.problems.append(f"{summary.day}: does not add up: {tally}")

    def _check(self, store: Store, server: ChatServer) -> None:
        """Compare every row with its channel."""
        self._check_sums(store)
        time.sleep(LATE)  # what is on its way arrives
        standing = Counter(post_key(request) for request in server.posted)
        self.result.standing = sum(standing.values())
        self.result.duplicates = sum(count - 1 for count in standing.values())
        with store.read() as unit:
            records = [
                post
                for summary in unit.editions.list(1_000, all=True)
                for post in unit.posts.of_edition(summary.id)
            ]
        for post in records:
            key = (post.target, post.day.isoformat())
            self.result.states[str(post.state)] += 1
            problem = self._problem(post.target, post.state, standing[key], self._seen[key])
            if problem:
                self.result.problems.append(f"{key}: {problem} ({self._seen[key]})")

    def _problem(self, target: str, state: DeliveryState, count: int, seen: Sequence[str]) -> str:
        if count > 1:
            return f"stands there {count} times"
        if state is DeliveryState.ACCEPTED and count != 1:
            return "is accepted and does not stand there"
        if target in self._repeatable:
            self.result.doubts += any(each in DOUBTFUL for each in seen)
            return "" if state is DeliveryState.ACCEPTED else f"is {state} in the end"
        if state not in (DeliveryState.ACCEPTED, DeliveryState.UNKNOWN):
            return f"is {state} in the end"
        if any(each in DOUBTFUL for each in seen[:-1]):
            return "was repeated though it was in doubt"
        return ""
