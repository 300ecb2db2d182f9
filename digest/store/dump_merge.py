"""Merge one dump into what is known of its papers: the rows as they are to be, before any is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from digest.model import Assignment, Change, Novelty
from digest.store.paper_rows import (
    fact_columns,
    judgement_columns,
    lookup_of,
    lookup_text,
    merge_facts,
    note_wording_source,
    wording_columns,
    wording_digest,
)
from digest.store.storable_values import bounded

MOST_KEYS = 48
"""Keys kept per paper: its text's own, then those of other wordings."""


class DumpMerge:
    """The changes of one dump, from ``source`` and shown on ``day``, on their way into the memory.

    ``ids`` is the paper of each change, new ones numbered from ``next_id``. After :meth:`take`,
    ``rows`` are those of ``papers`` as they are to be and ``before`` as they were; ``topics``,
    ``lookups``, ``variants`` and ``sightings`` are what there is to write beside them. Raises
    `ValueError` for a change that is not new and of no known paper.
    """

    def __init__(
        self,
        source: str,
        day: date,
        changes: Sequence[Change],
        assignments: Sequence[Assignment | None],
        *,
        next_id: int,
    ) -> None:
        self._source = source
        self._day = day
        self._changes = changes
        self._assignments = assignments
        self.ids = _number(changes, next_id)
        self.rows: dict[int, dict[str, Any]] = {}
        self.before: dict[int, dict[str, Any]] = {}
        self.topics: dict[int, Assignment] = {}
        self.lookups: dict[int, tuple[str, ...]] = {}
        self.variants: dict[tuple[int, int], dict[str, Any]] = {}
        self.sightings: dict[int, dict[str, Any]] = {}

    @property
    def known_ids(self) -> tuple[int, ...]:
        """The remembered papers that are in the dump, whose rows :meth:`take` is to be given."""
        return tuple(c.paper_id for c in self._changes if c.paper_id is not None)

    def take(self, known: Mapping[int, Mapping[Any, Any]]) -> None:
        """Work out what the changes do to the ``known`` rows. Raises `ValueError` for a new paper
        without topics.
        """
        self.before = {paper_id: dict(row) for paper_id, row in known.items()}
        self.rows = {paper_id: dict(row) for paper_id, row in known.items()}
        changes = self._changes
        # New papers first: a record that repeats one may stand before it on the page.
        order = sorted(range(len(changes)), key=lambda i: changes[i].novelty is not Novelty.NEW)
        for i in order:
            self._take_one(self.ids[i], changes[i], self._assignments[i])

    def _take_one(self, paper_id: int, change: Change, assignment: Assignment | None) -> None:
        row = self.rows.get(paper_id)
        if row is None:
            self._add(paper_id, change, assignment)
        else:
            self._merge(row, change, assignment)
        place = self.sightings.get(paper_id)
        if place is None or change.record.position < place["position"]:
            self.sightings[paper_id] = {
                "paper_id": paper_id,
                "position": bounded(change.record.position),
                "votes": bounded(change.record.votes),
            }

    def _add(self, paper_id: int, change: Change, assignment: Assignment | None) -> None:
        if change.novelty is not Novelty.NEW or assignment is None:
            raise ValueError(f"paper {paper_id} is not known, so it must be new and have its topic")
        row = {
            "id": paper_id,
            "pending": Novelty.NEW,
            "first_seen": self._day,
            "last_seen": self._day,
            "details": None,
            "field_sources": None,
            **judgement_columns(assignment),
            **dict.fromkeys(fact_columns(change.record)),
            **wording_columns(change.record, change.keys),
        }
        merge_facts(row, change.record, latest=True, source=self._source)
        note_wording_source(row, change.record, self._source)
        self.rows[paper_id] = row
        self.lookups[paper_id] = change.keys.lookup[:MOST_KEYS]
        self.topics[paper_id] = assignment

    def _merge(self, row: dict[str, Any], change: Change, assignment: Assignment | None) -> None:
        """Let a known paper be seen again: its keys, facts and days grow, its text may change.

        A revision in a dump older than the last sighting leaves the text alone: the text stays the
        latest, so dumps read out of order end in the same memory.
        """
        record, paper_id = change.record, row["id"]
        latest = self._day >= row["last_seen"]
        row["first_seen"] = min(row["first_seen"], self._day)
        row["last_seen"] = max(row["last_seen"], self._day)
        merge_facts(row, record, latest=latest, source=self._source)
        known = self.lookups.get(paper_id) or lookup_of(row)
        revised = change.novelty is Novelty.REVISED and latest
        if revised or change.fuller:
            self._keep_variant(paper_id, row["title"], row["abstract"])
            row.update(wording_columns(record, change.keys))
            note_wording_source(row, record, self._source)
            known = change.keys.lookup + known
        else:
            if (record.title, record.abstract) != (row["title"], row["abstract"]):
                self._keep_variant(paper_id, record.title, record.abstract)
            known = known + change.keys.lookup
        self.lookups[paper_id] = tuple(dict.fromkeys(known))[:MOST_KEYS]
        row["lookup_keys"] = lookup_text(self.lookups[paper_id])
        # A fuller abstract is no news to readers, but says better what the paper is about.
        if assignment is not None and (revised or change.fuller):
            row.update(judgement_columns(assignment))
            self.topics[paper_id] = assignment
        if revised:
            row["pending"] = row["pending"] or Novelty.REVISED

    def _keep_variant(self, paper_id: int, title: str, abstract: str) -> None:
        digest = wording_digest(title, abstract)
        self.variants[paper_id, digest] = {
            "paper_id": paper_id,
            "digest": digest,
            "title": title,
            "abstract": abstract,
        }


def _number(changes: Sequence[Change], following: int) -> tuple[int, ...]:
    ids: dict[int, int] = {}
    for i, change in enumerate(changes):
        if change.paper_id is not None:
            ids[i] = change.paper_id
        elif change.same_as is None:
            if change.novelty is not Novelty.NEW:
                raise ValueError(f"change {i} is {change.novelty} but of no known paper")
            ids[i] = following
            following += 1
    for i, change in enumerate(changes):
        if i not in ids:
            ids[i] = ids[change.same_as]  # type: ignore[index]
    return tuple(ids[i] for i in range(len(changes)))
