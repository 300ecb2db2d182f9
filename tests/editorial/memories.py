"""Two memories with one vocabulary: a dictionary for quick tests, and the real store."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Protocol

from digest.editorial import diff, identity_keys
from digest.model import Assignment, Change, Dump, IdentityKeys, Novelty, Paper, Record
from digest.store import Store

DAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
SOMETHING = Assignment("other", ("other",), 0.0)


class Memory(Protocol):
    """The papers that a dump is compared with, and added to."""

    def ingest(self, records: Sequence[Record]) -> tuple[tuple[Change, ...], tuple[int, ...]]:
        """The changes that ``records`` bring as one dump, and the paper of each."""
        ...


def keep(paper: Paper, change: Change) -> Paper:
    """``paper`` after ``change``: newer or fuller words, more keys, an id where it had none."""
    record, keys = change.record, change.keys
    if change.novelty is Novelty.REVISED or change.fuller:
        paper = replace(paper, title=record.title, abstract=record.abstract)
        paper = replace(paper, keys=replace(paper.keys, content=keys.content))
    lookup = tuple(dict.fromkeys(paper.keys.lookup + keys.lookup))
    return replace(
        paper,
        keys=replace(paper.keys, lookup=lookup),
        external_id=paper.external_id or record.external_id,
    )


@dataclass
class Notebook:
    """Papers in a dictionary, found by key."""

    papers: dict[int, Paper] = field(default_factory=dict)
    index: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def candidates(self, keys: IdentityKeys) -> tuple[Paper, ...]:
        found = set(chain.from_iterable(self.index[key] for key in keys.lookup))
        return tuple(self.papers[paper_id] for paper_id in sorted(found))

    def ingest(self, records: Sequence[Record]) -> tuple[tuple[Change, ...], tuple[int, ...]]:
        keys = [identity_keys.identity_keys(record) for record in records]
        changes = diff.decide_changes(records, keys, [self.candidates(one) for one in keys])
        ids: list[int] = []
        for change in changes:
            ids.append(self._take(change, ids))
        return changes, tuple(ids)

    def _take(self, change: Change, ids: Sequence[int]) -> int:
        if change.novelty is Novelty.NEW:
            paper_id = len(self.papers) + 1
            record = change.record
            empty = IdentityKeys((), change.keys.content)
            paper = Paper(paper_id, record.title, record.abstract, empty, DAY, DAY)
        else:
            paper_id = change.paper_id or ids[change.same_as or 0]
            paper = self.papers[paper_id]
        self.papers[paper_id] = keep(paper, change)
        for key in change.keys.lookup:
            self.index[key].add(paper_id)
        return paper_id


@dataclass
class Shelf:
    """The real store, one day later for every dump."""

    store: Store
    dumps: int = 0

    def ingest(self, records: Sequence[Record]) -> tuple[tuple[Change, ...], tuple[int, ...]]:
        self.dumps += 1
        keys = [identity_keys.identity_keys(record) for record in records]
        name = f"dump {self.dumps}"
        dump = Dump(name, hashlib.sha256(name.encode()).hexdigest(), tuple(records))
        with self.store.begin() as unit:
            changes = diff.decide_changes(records, keys, unit.papers.candidates(keys))
            topics = [SOMETHING if c.novelty is Novelty.NEW else None for c in changes]
            day = DAY + timedelta(days=self.dumps)
            return changes, unit.papers.remember(dump, day, changes, topics, NOW)
