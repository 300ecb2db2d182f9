"""Compare what was read with the memory: what of it is known, new or revised."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.daily.run_record import plural
from digest.daily.store_ports import EditorialUnit
from digest.editorial import diff, identity_keys
from digest.editorial.arrangement import OTHER
from digest.editorial.paper_limits import Budget, fitted
from digest.editorial.topics import Topics
from digest.model import (
    AnnounceType,
    Assignment,
    Change,
    Dump,
    IdentityKeys,
    Novelty,
    Paper,
    Record,
    Rejected,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Memory:
    """Knowledge of the papers that a dump may have, at one moment."""

    last_dump: int
    has_dump: bool
    candidates: tuple[tuple[Paper, ...], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Papers of a dump, compared with the knowledge of one such moment."""

    changes: tuple[Change, ...]
    assignments: list[Assignment | None]
    rejected: list[Rejected]


def look_up(unit: EditorialUnit, dump: Dump, keys: list[IdentityKeys]) -> Memory:
    """Read what is known under those keys, and of the dump itself."""
    # The number first: what another program adds after it is then seen as a change.
    last = unit.papers.last_dump()
    has_dump = dump.fingerprint in unit.papers.known_dumps()
    return Memory(last, has_dump, unit.papers.candidates(keys))


def compare_dump(
    dump: Dump, keys: list[IdentityKeys], memory: Memory, topics: Topics, budget: Budget
) -> Comparison:
    """Decide of each record what it brings, with topics for what is new or revised."""
    changes = diff.decide_changes(dump.records, keys, memory.candidates, budget)
    changes = _without_old_news(changes)
    if memory.has_dump:
        return Comparison(changes, [], [])
    rejected = [
        _rejection(dump, change.record, f"another paper is known by its id {change.disputed_id}")
        for change in changes
        if change.disputed_id is not None
    ]
    exact = sum(change.exactly for change in changes)
    if exact:
        what = f"comparing took more than {budget.seconds:g} s, so {plural(exact, 'paper')} that"
        rejected.append(Rejected(f"{what} may be known count as new", dump.location))
    return Comparison(
        changes, [_assign(topics, change, dump, rejected) for change in changes], rejected
    )


def _without_old_news(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes without unknown papers that their source does not announce as new ones.

    A cross-list or a replacement of a paper that was never seen here is somebody else's old news.
    """
    old = {
        index
        for index, change in enumerate(changes)
        if change.novelty is Novelty.NEW and _is_old_news(change.record)
    }
    if not old:
        return changes
    places: dict[int, int] = {}
    kept: list[Change] = []
    for index, change in enumerate(changes):
        original = index if change.same_as is None else change.same_as
        if original in old and original not in places:
            if _is_old_news(change.record):
                continue
            # Listed twice, and here as new: this one stands for the paper.
            change = replace(change, novelty=Novelty.NEW, same_as=None, fuller=False)
        elif change.same_as is not None:
            change = replace(change, same_as=places[original])
        places.setdefault(original, len(kept))
        kept.append(change)
    return tuple(kept)


def _is_old_news(record: Record) -> bool:
    return record.announced not in (None, AnnounceType.NEW)


def comparable_records(
    dump: Dump, now: datetime
) -> tuple[list[tuple[Record, IdentityKeys]], list[Rejected]]:
    """The records within the limits of length, with their keys, and what could not be used."""
    comparable: list[tuple[Record, IdentityKeys]] = []
    rejected: list[Rejected] = []
    for whole in dump.records:
        try:
            record, cuts = fitted(whole)
            # Somewhere the next day, and so the next month, has begun.
            if not identity_keys.has_begun(record.external_id, (now + timedelta(days=1)).date()):
                cuts = (
                    *cuts,
                    f"its id {record.external_id} is of a month that has not begun, taken without it",
                )
                record = replace(record, external_id=None)
            comparable.append((record, identity_keys.identity_keys(record)))
        except Exception as error:  # one record's text does not keep the others from being read
            rejected.append(_rejection(dump, whole, f"cannot be compared: {type(error).__name__}"))
            log.warning("record %d of a dump cannot be compared", whole.position, exc_info=True)
            continue
        rejected.extend(_rejection(dump, whole, cut) for cut in cuts)
    return comparable, rejected


def _rejection(dump: Dump, record: Record, reason: str) -> Rejected:
    return Rejected(
        f"paper {record.position} of the list: {reason}", dump.location, excerpt=record.title[:80]
    )


def _assign(
    topics: Topics, change: Change, dump: Dump, rejected: list[Rejected]
) -> Assignment | None:
    if change.novelty is Novelty.SEEN and not change.fuller:
        return None
    record = change.record
    try:
        return topics.assign(record.title, record.abstract)
    except Exception as error:  # it goes under "Other", and everything else goes on
        reason = f"no topic can be found: {type(error).__name__}"
        rejected.append(_rejection(dump, record, reason))
        log.warning("no topic can be found for record %d", record.position, exc_info=True)
        return Assignment(OTHER, (OTHER,), 0.0)
