"""Whatever is held, stopped, released, taken back or killed, each reader gets each paper exactly once."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from daily.held_installation import EDITORS, OPERATOR, HeldInstallation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from installation import ABOUTS, PARIS, papers_named

from digest.daily.edition_previews import LEASE_TIME
from digest.daily.held_editions import (
    ALL,
    DAILY,
    WEEKLY,
    discard_editions,
    release_editions,
    stop_editions,
)
from digest.errors import InputError
from digest.model import Frequency, HoldState

THURSDAY = datetime(2026, 11, 12, 8, tzinfo=PARIS)
READERS = {
    "daily@example.org": Frequency.DAILY,
    "weekdays@example.org": Frequency.WEEKDAYS,
    "weekly@example.org": Frequency.WEEKLY,
}
_numbers = itertools.count(1)

STEPS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1, 20, 61, 180])),
    st.tuples(st.just("press"), st.integers(0, 40)),
    st.tuples(
        st.sampled_from(["stop", "release", "discard"]), st.sampled_from([ALL, DAILY, WEEKLY])
    ),
    st.tuples(st.sampled_from(["deliver", "leased", "begun", "again"]), st.none()),
)
DAYS = st.lists(st.lists(STEPS, max_size=5), min_size=4, max_size=len(ABOUTS))


class Walk:
    """Some days of a list, and what its readers get."""

    def __init__(self, folder: Path, address: str) -> None:
        folder.mkdir(parents=True)
        self.list = HeldInstallation(folder, THURSDAY, address)
        for subscriber, frequency in READERS.items():
            self.list.subscribe(subscriber, frequency=frequency)
        self._mornings = 0
        self._papers = iter(ABOUTS)

    def morning(self, *, with_paper: bool) -> None:
        """The next day at eight: what would grow stale is decided first, as an operator does."""
        self.list.clock.now = max(self.list.clock.now, THURSDAY + timedelta(days=self._mornings))
        self._mornings += 1
        self._decide(older_than=timedelta(hours=12))
        if with_paper:
            self.list.dump(next(self._papers))
        self.list.ingest()
        self.list.publish_editions()
        self.list.pulse()

    def _decide(self, older_than: timedelta) -> None:
        with self.list.store.read() as unit:
            blocking = unit.holds.blocking(self.list.clock())
            published = {hold.edition_id: unit.editions.by_id(hold.edition_id) for hold in blocking}
        for hold in reversed(blocking):
            edition = published[hold.edition_id]
            assert edition is not None
            if self.list.clock() - edition.published_at < older_than:
                continue
            kinds = DAILY if hold.kind in DAILY else WEEKLY
            try:
                release_editions(self.list.store, hold.day, kinds, clock=self.list.clock)
            except InputError:
                with self.list.store.read() as unit:
                    still = unit.holds.of(hold.edition_id)
                if still is not None and still.blocks:
                    discard_editions(self.list.store, hold.day, kinds, clock=self.list.clock)
        self.list.pulse()

    def take(self, step: str, how: object) -> None:
        """One thing that somebody does, or that happens."""
        act: dict[str, Callable[[], object]] = {
            "wait": lambda: self._wait(int(str(how))),
            "press": lambda: self._press(int(str(how))),
            "stop": lambda: self._command(stop_editions, how),
            "release": lambda: self._command(release_editions, how),
            "discard": lambda: self._command(discard_editions, how),
            "deliver": self.list.pulse,
            "leased": lambda: self._die(begun=False),
            "begun": lambda: self._die(begun=True),
            "again": lambda: (self.list.ingest(), self.list.publish_editions()),
        }
        act[step]()
        self._look()

    def _wait(self, minutes: int) -> None:
        self.list.later(minutes=minutes)
        self.list.pulse()

    def _press(self, number: int) -> None:
        mails = self.list.transport.to(EDITORS[number % 2])
        if mails:
            self.list.stop_by_link(EDITORS[number % 2], number % len(mails))

    def _command(self, decide: Callable[..., object], kinds: object) -> None:
        day = self.list.clock().astimezone(PARIS).date()
        with suppress(InputError):
            decide(self.list.store, day, kinds, clock=self.list.clock)

    def _die(self, *, begun: bool) -> None:
        """Be killed with previews in hand."""
        with self.list.store.begin() as unit:
            for preview in unit.edition_previews.lease(self.list.clock(), ttl=LEASE_TIME):
                if begun:
                    unit.edition_previews.begin_sending(preview)

    def _look(self) -> None:
        """Nothing of what is held has left; nobody has a paper twice; every delivery is counted."""
        with self.list.store.read() as unit:
            for hold in unit.holds.blocking(self.list.clock()):
                tally = unit.outbox.tally(hold.edition_id)
                assert tally.balanced
                assert hold.state is HoldState.STOPPED or not tally.planned_at_start
        for subscriber in READERS:
            assert max(self.papers_of(subscriber).values(), default=0) <= 1

    def papers_of(self, subscriber: str) -> Counter[str]:
        """How often a reader got each paper."""
        bodies = (mail.get_body(("plain",)) for mail in self.list.transport.to(subscriber))
        return Counter(
            letter
            for body in bodies
            if body is not None
            for letter in papers_named(body.get_content())
        )

    def end(self) -> None:
        """Two more weeks on which nobody stops anything."""
        for _ in range(16):
            self.morning(with_paper=False)
            self._wait(61)
            self._decide(older_than=timedelta(0))
            self._wait(61)
            self._look()


def walk(folder: Path, address: str, days: list[list[tuple[str, object]]]) -> None:
    """Live through those days, and check what everybody has in the end."""
    lived = Walk(folder, address)
    try:
        for steps in days:
            lived.morning(with_paper=True)
            for step, how in steps:
                lived.take(step, how)
        lived.end()
        everything = dict.fromkeys(list(ABOUTS)[: len(days)], 1)
        got = {subscriber: dict(lived.papers_of(subscriber)) for subscriber in READERS}
        assert got == dict.fromkeys(READERS, everything)
        previews = Counter(
            mail.content for mail in lived.list.transport.mails if mail.recipient in EDITORS
        )
        assert set(previews.values()) <= {1}
        told = {mail["Subject"] for mail in lived.list.transport.to(OPERATOR)}
        assert told <= {"An edition is stopped: Daily Papers"}
    finally:
        lived.list.store.close()


def examples(number: int) -> settings:
    """So many random walks, each of some seconds."""
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=number, deadline=None, suppress_health_check=checks)


@examples(4)
@given(DAYS)
def test_every_reader_gets_every_paper_once_whatever_is_decided(
    tmp_path: Path, days: list[list[tuple[str, object]]]
) -> None:
    folder = tmp_path / str(next(_numbers))
    walk(folder, f"sqlite:///{folder / 'digest.db'}", days)


@pytest.mark.slow
@examples(60)
@given(DAYS)
def test_the_same_over_many_walks(tmp_path: Path, days: list[list[tuple[str, object]]]) -> None:
    folder = tmp_path / str(next(_numbers))
    walk(folder, f"sqlite:///{folder / 'digest.db'}", days)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
@examples(15)
@given(DAYS)
def test_the_same_on_postgresql(
    tmp_path: Path, postgres: Callable[[], str], days: list[list[tuple[str, object]]]
) -> None:
    walk(tmp_path / str(next(_numbers)), postgres(), days)
