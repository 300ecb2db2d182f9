"""A store that forgets all when it is dropped: papers and editions in plain memory, for a preview.

It keeps what a dump and an edition need, by the same rules as the database (the merge of a dump
and the choice of candidates are the very same), and needs neither a database's library nor a schema.
For one thread. A transaction that fails leaves what it did: whoever uses it stops there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from digest.errors import AlreadyIngestedError, AlreadyPublishedError
from digest.model import (
    Assignment,
    Change,
    Dump,
    Edition,
    EditionKind,
    Frequency,
    IdentityKeys,
    Job,
    Novelty,
    Paper,
    PreviewHold,
    PublishedEdition,
    Rendering,
    Run,
    Sighting,
)
from digest.store.candidate_choice import PER_KEY, likeliest
from digest.store.dump_merge import DumpMerge
from digest.store.paper_rows import assignment_of, key_digest, paper_of
from digest.store.storable_values import storable
from digest.store.throwaway_readings import ThrowawayHeldReadings, ThrowawayReadings


@dataclass(slots=True)
class _KeptDump:
    fingerprint: str
    day: date
    records: int
    seen: int
    sightings: dict[int, dict[str, Any]]
    covered: bool = False


class ThrowawayPapers:
    """The papers, and when each was seen."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[str, Any]] = {}
        self._dumps: list[_KeptDump] = []
        self._filed: dict[int, set[int]] = defaultdict(set)
        self._unfiled: list[tuple[int, tuple[str, ...]]] = []

    def lock(self) -> None:
        """Nothing: nobody else is here."""

    def known_dumps(self) -> frozenset[str]:
        """The fingerprints of every dump remembered."""
        return frozenset(dump.fingerprint for dump in self._dumps)

    def last_dump(self) -> int:
        """The number of the dump taken in last, 0 before the first."""
        return len(self._dumps)

    def candidates(self, keys: Sequence[IdentityKeys]) -> tuple[tuple[Paper, ...], ...]:
        """The remembered papers that share a key with each of ``keys``, oldest first."""
        if not self._rows:
            return ((),) * len(keys)
        for paper_id, lookup in self._unfiled:
            for key in lookup:
                self._filed[key_digest(key)].add(paper_id)
        self._unfiled.clear()
        candidates = []
        for identity in keys:
            digests = {key_digest(key) for key in identity.lookup}
            holders = {
                digest: sorted(self._filed[digest], reverse=True)[:PER_KEY]
                for digest in digests & self._filed.keys()
            }
            ids = likeliest(digests, holders)
            candidates.append(tuple(paper_of(self._rows[paper_id]) for paper_id in ids))
        return tuple(candidates)

    def remember(
        self,
        dump: Dump,
        day: date,
        changes: Sequence[Change],
        assignments: Sequence[Assignment | None],
        now: datetime,
    ) -> tuple[int, ...]:
        """Take in what was decided of ``dump``, shown on ``day``; one paper id per change.

        Raises `AlreadyIngestedError` if the dump is remembered already.
        """
        if dump.fingerprint in self.known_dumps():
            raise AlreadyIngestedError("this dump was ingested before", where=dump.location)
        merge = DumpMerge(
            dump.location, day, changes, assignments, next_id=max(self._rows, default=0) + 1
        )
        merge.take({paper_id: self._rows[paper_id] for paper_id in merge.known_ids})
        self._rows |= {paper_id: _storable(row) for paper_id, row in merge.rows.items()}
        self._unfiled += merge.lookups.items()
        seen = sum(change.novelty is Novelty.SEEN for change in changes)
        self._dumps.append(_KeptDump(dump.fingerprint, day, len(changes), seen, merge.sightings))
        return merge.ids

    def pending(self) -> tuple[tuple[Paper, Novelty, Assignment], ...]:
        """The new and the revised papers that no daily edition has shown, in order of id."""
        return tuple(
            (paper_of(row), row["pending"], assignment)
            for _, row in sorted(self._rows.items())
            if row["pending"] is not None and (assignment := assignment_of(row)) is not None
        )

    def pending_dumps(self) -> tuple[int, int, date | None, date | None]:
        """Of the dumps that no daily edition covers: records, seen before, first day, last day."""
        dumps = [dump for dump in self._dumps if not dump.covered]
        days = [dump.day for dump in dumps]
        return (
            sum(dump.records for dump in dumps),
            sum(dump.seen for dump in dumps),
            min(days, default=None),
            max(days, default=None),
        )

    def sightings(self, paper_ids: Sequence[int]) -> Mapping[int, tuple[Sighting, ...]]:
        """The sightings of each of those papers, oldest first."""
        dumps = sorted(self._dumps, key=lambda dump: dump.day)
        return {
            paper_id: tuple(
                Sighting(dump.day, place["position"], dump.records, place["votes"])
                for dump in dumps
                if (place := dump.sightings.get(paper_id)) is not None
            )
            for paper_id in paper_ids
        }

    def topic_counts(self, first: date, before: date) -> Mapping[date, Mapping[str, int]]:
        """Papers first seen on each day from ``first`` until ``before``, by primary topic."""
        counts: dict[date, dict[str, int]] = {}
        for row in self._first_seen(first, before):
            if row["topic"] is not None:
                of_day = counts.setdefault(row["first_seen"], {})
                of_day[row["topic"]] = of_day.get(row["topic"], 0) + 1
        return {day: dict(sorted(of_day.items())) for day, of_day in counts.items()}

    def titles(self, first: date, before: date) -> Iterator[tuple[date, str]]:
        """First day and title of the papers first seen from ``first`` until ``before``."""
        for row in self._first_seen(first, before):
            yield row["first_seen"], row["title"]

    def first_day_votes(self, first: date, before: date) -> Mapping[int, int]:
        """Count the papers first seen from ``first`` until ``before`` by their votes of that day."""
        days = {row["id"]: row["first_seen"] for row in self._first_seen(first, before)}
        highest: dict[int, int] = {}
        for dump in self._dumps:
            for paper_id, place in dump.sightings.items():
                if days.get(paper_id) == dump.day and place["votes"] is not None:
                    highest[paper_id] = max(highest.get(paper_id, 0), place["votes"])
        return dict(Counter(highest.values()))

    def _first_seen(self, first: date, before: date) -> list[dict[str, Any]]:
        rows = [row for row in self._rows.values() if first <= row["first_seen"] < before]
        return sorted(rows, key=lambda row: (row["first_seen"], row["id"]))

    def settle(self, paper_ids: Sequence[int]) -> None:
        """Count those papers, and every dump so far, as shown in a daily edition."""
        for paper_id in paper_ids:
            self._rows[paper_id]["pending"] = None
        for dump in self._dumps:
            dump.covered = True


class ThrowawayEditions:
    """The editions that were frozen."""

    def __init__(self, papers: ThrowawayPapers) -> None:
        self._papers = papers
        self._editions: dict[tuple[EditionKind, date], PublishedEdition] = {}

    def freeze(
        self,
        edition: Edition,
        rendering: Rendering,
        *,
        published_at: datetime,
        expires_at: datetime,
    ) -> PublishedEdition:
        """Keep both as they are. A daily edition also settles what it covers.

        Raises `AlreadyPublishedError` if that (kind, day) exists.
        """
        key = (edition.kind, edition.day)
        if key in self._editions:
            raise AlreadyPublishedError(f"the {edition.kind} edition of {edition.day} exists")
        published = PublishedEdition(
            id=len(self._editions) + 1,
            edition=edition,
            rendering=rendering,
            published_at=published_at.astimezone(UTC),
            expires_at=expires_at.astimezone(UTC),
        )
        self._editions[key] = published
        if edition.kind is EditionKind.DAILY:
            self._papers.settle([entry.paper_id for entry in edition.entries])
        return published

    def get(self, kind: EditionKind, day: date) -> PublishedEdition | None:
        """The edition of that kind and day."""
        return self._editions.get((kind, day))

    def latest(self, kind: EditionKind) -> PublishedEdition | None:
        """The edition of that kind with the latest day."""
        return max(self._of(kind), key=lambda published: published.edition.day, default=None)

    def between(self, kind: EditionKind, first: date, last: date) -> tuple[PublishedEdition, ...]:
        """The editions of that kind from ``first`` to ``last``, both included, oldest first."""
        editions = [
            published for published in self._of(kind) if first <= published.edition.day <= last
        ]
        return tuple(sorted(editions, key=lambda published: published.edition.day))

    def _of(self, kind: EditionKind) -> list[PublishedEdition]:
        return [published for (of, _), published in self._editions.items() if of is kind]


class NoSubscribers:
    """Nobody subscribes to what is thrown away."""

    def any_wants(self, frequency: Frequency) -> bool:
        """False."""
        return False


class NoVotes:
    """Nobody votes on what is thrown away."""

    def most_wanted(
        self, paper_ids: Collection[int], *, least: int, limit: int
    ) -> tuple[tuple[int, int], ...]:
        """None."""
        return ()


class NoHolds:
    """Nothing that is thrown away leaves, so nothing of it is held."""

    def hold(self, edition_id: int, terms: PreviewHold, now: datetime) -> None:
        """Hold nothing: nobody is sent this edition."""

    def stopped_days(self) -> frozenset[date]:
        """None."""
        return frozenset()


class ThrowawayRuns:
    """The last run of each job."""

    def __init__(self) -> None:
        self._last: dict[Job, Run] = {}

    def record(self, run: Run) -> None:
        """Keep how a run ended."""
        self._last[run.job] = run

    def last(self, job: Job) -> Run | None:
        """The run of ``job`` that was recorded last."""
        return self._last.get(job)


class ThrowawayUnit:
    """Tables of the store, by kind."""

    def __init__(self) -> None:
        self.papers = ThrowawayPapers()
        self.editions = ThrowawayEditions(self.papers)
        self.holds = NoHolds()
        self.votes = NoVotes()
        self.subscribers = NoSubscribers()
        self.runs = ThrowawayRuns()
        self.readings = ThrowawayReadings()
        self.held_readings = ThrowawayHeldReadings()


class ThrowawayStore:
    """A store for one preview."""

    def __init__(self) -> None:
        self._unit = ThrowawayUnit()

    @contextmanager
    def begin(self) -> Iterator[ThrowawayUnit]:
        """One writing transaction."""
        yield self._unit

    @contextmanager
    def read(self) -> Iterator[ThrowawayUnit]:
        """One reading transaction."""
        yield self._unit


def _storable(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as a database gives it back."""
    return {name: storable(value) if type(value) is str else value for name, value in row.items()}
