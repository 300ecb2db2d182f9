"""The part of a store that editions are made with: `digest.store.Store` is one, so is a throwaway."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from digest.model import (
    Assignment,
    Change,
    Dump,
    Edition,
    EditionKind,
    Frequency,
    HeldReading,
    HoldReason,
    IdentityKeys,
    Job,
    Novelty,
    Paper,
    PreviewHold,
    PublishedEdition,
    Rendering,
    Run,
    Sighting,
    SourceReading,
)


class PaperMemory(Protocol):
    """The papers, as `digest.store.papers.Papers` describes each method."""

    def lock(self) -> None: ...

    def known_dumps(self) -> frozenset[str]: ...

    def last_dump(self) -> int: ...

    def candidates(self, keys: Sequence[IdentityKeys]) -> tuple[tuple[Paper, ...], ...]: ...

    def remember(
        self,
        dump: Dump,
        day: date,
        changes: Sequence[Change],
        assignments: Sequence[Assignment | None],
        now: datetime,
    ) -> tuple[int, ...]: ...

    def pending(self) -> tuple[tuple[Paper, Novelty, Assignment], ...]: ...

    def pending_dumps(self) -> tuple[int, int, date | None, date | None]: ...

    def sightings(self, paper_ids: Sequence[int]) -> Mapping[int, tuple[Sighting, ...]]: ...

    def topic_counts(self, first: date, before: date) -> Mapping[date, Mapping[str, int]]: ...

    def titles(self, first: date, before: date) -> Iterator[tuple[date, str]]: ...

    def first_day_votes(self, first: date, before: date) -> Mapping[int, int]: ...


class EditionMemory(Protocol):
    """The editions, as `digest.store.editions.Editions` describes each method."""

    def freeze(
        self,
        edition: Edition,
        rendering: Rendering,
        *,
        published_at: datetime,
        expires_at: datetime,
    ) -> PublishedEdition: ...

    def get(self, kind: EditionKind, day: date) -> PublishedEdition | None: ...

    def latest(self, kind: EditionKind) -> PublishedEdition | None: ...

    def between(
        self, kind: EditionKind, first: date, last: date
    ) -> tuple[PublishedEdition, ...]: ...


class SubscriberWishes(Protocol):
    """Preferences of subscribers."""

    def any_wants(self, frequency: Frequency) -> bool: ...


class VoteMemory(Protocol):
    """The votes, as `digest.store.votes.Votes` describes each method."""

    def most_wanted(
        self, paper_ids: Collection[int], *, least: int, limit: int
    ) -> tuple[tuple[int, int], ...]: ...


class HoldMemory(Protocol):
    """The held editions, as `digest.store.holds.Holds` describes each method."""

    def hold(self, edition_id: int, terms: PreviewHold, now: datetime) -> None: ...

    def stopped_days(self) -> frozenset[date]: ...


class RunMemory(Protocol):
    """The runs of jobs."""

    def record(self, run: Run) -> None: ...

    def last(self, job: Job) -> Run | None: ...


class ReadingMemory(Protocol):
    """The figures of each source's readings, as `digest.store.readings.Readings` has them."""

    def history(self, source: str) -> tuple[SourceReading, ...]: ...

    def record(self, reading: SourceReading) -> None: ...

    def forget(self, source: str) -> None: ...


class HeldReadingMemory(Protocol):
    """Held readings, as `digest.store.held_readings.HeldReadings` describes each method."""

    def hold(
        self, reading: SourceReading, dump: Dump, reason: HoldReason, words: str
    ) -> HeldReading: ...

    def held(self, source: str | None = None) -> tuple[HeldReading, ...]: ...

    def with_bytes(self, fingerprint: str) -> HeldReading | None: ...

    def dump(self, held_id: int) -> Dump: ...

    def fingerprints(self) -> frozenset[str]: ...

    def mark_passed(self, held_id: int, unconfirmed: int, now: datetime) -> None: ...

    def decide(self, held_id: int) -> None: ...


class EditorialUnit(Protocol):
    """One transaction, and what it holds by kind."""

    @property
    def papers(self) -> PaperMemory: ...

    @property
    def editions(self) -> EditionMemory: ...

    @property
    def holds(self) -> HoldMemory: ...

    @property
    def subscribers(self) -> SubscriberWishes: ...

    @property
    def votes(self) -> VoteMemory: ...

    @property
    def runs(self) -> RunMemory: ...

    @property
    def readings(self) -> ReadingMemory: ...

    @property
    def held_readings(self) -> HeldReadingMemory: ...


class EditorialStore(Protocol):
    """A store that dumps are ingested into and editions are made from."""

    def begin(self) -> AbstractContextManager[EditorialUnit]: ...

    def read(self) -> AbstractContextManager[EditorialUnit]: ...
