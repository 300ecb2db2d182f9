"""Keep the taste of subscribers: seeds they name, votes on papers, authors and places they follow.

A seed that is known takes the words of the store's paper; one that is not is kept as it was named,
and becomes that paper when it is seen later (`resolve_seeds`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from digest.editorial.comparable_text import comparable_text
from digest.editorial.identity import match_paper
from digest.editorial.identity_keys import external_key, identity_keys, shares_id
from digest.errors import InputError
from digest.model import (
    Follow,
    FollowKind,
    KeptSeed,
    NewSeed,
    Paper,
    Record,
    Rejected,
    Seed,
    Subscriber,
    Taste,
    Vote,
    VoteDirection,
)
from digest.sources.named_papers import read_named_papers
from digest.store import Store, UnitOfWork
from digest.subscriptions.self_service import ActionResult

MAX_SEEDS = 500
"""Seeds of a subscriber, or of one list."""
MAX_VOTES = 2_000
"""Votes kept of a subscriber; beyond that the oldest go."""
MAX_FOLLOWS = 200
"""Names that a subscriber may follow."""
LONGEST_NAME = 120
"""Characters of a followed name."""
_LONGEST_TITLE = 500
_LONGEST_ABSTRACT = 8_000
_MOST_REFUSALS = 20
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class SeedOwner:
    """The subscriber whose seeds are meant, or the list of that name, which serves everybody."""

    subscriber_id: int | None = None
    seed_list: str = ""


@dataclass(frozen=True, slots=True)
class SeedReport:
    """The outcome of naming papers: how many are new here, were there before, are not known yet.

    ``refused`` says in a line each which lines or entries could not be used, and why.
    """

    added: int = 0
    present: int = 0
    unknown: int = 0
    refused: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """One line for people."""
        parts = [f"{self.added:,} added"]
        if self.present:
            parts.append(f"{self.present:,} there already")
        if self.unknown:
            parts.append(f"{self.unknown:,} not known here yet")
        if self.refused:
            parts.append(f"{len(self.refused):,} could not be used")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class TasteView:
    """All that a subscriber's taste is made of, to be shown to them; votes newest first."""

    subscriber: Subscriber
    seeds: tuple[KeptSeed, ...]
    votes: tuple[Vote, ...]
    follows: tuple[Follow, ...]
    list_seeds: int = 0


def add_seeds(store: Store, text: str, owner: SeedOwner, *, today: date) -> SeedReport:
    """Keep the papers that a text names: ids, DOIs, links or titles, a line each, BibTeX or RIS.

    What cannot be used keeps nothing else from being added.
    """
    named, refused = _read(text, today)
    with store.read() as unit:
        papers = find_papers(unit, named)
    new = {seed.identity: seed for seed in map(_new_seed, named, papers)}
    with store.begin() as unit:
        if owner.subscriber_id is not None and not unit.subscribers.by_id(
            owner.subscriber_id, lock=True
        ):
            return SeedReport(refused=refused)
        before = unit.seeds.of(subscriber_id=owner.subscriber_id, seed_list=owner.seed_list)
        room = max(MAX_SEEDS - len(before), 0)
        known_ids = {kept.seed.paper_id for kept in before} - {None}
        fresh = [seed for seed in new.values() if seed.paper_id not in known_ids]
        added = unit.seeds.add(
            fresh[:room], today, subscriber_id=owner.subscriber_id, seed_list=owner.seed_list
        )
        after = unit.seeds.of(subscriber_id=owner.subscriber_id, seed_list=owner.seed_list)
    old = {kept.id for kept in before}
    fresh_seeds = [kept for kept in after if kept.id not in old]
    if len(fresh) > room:
        refused = (*refused, f"no room for {len(fresh) - room:,} more: {MAX_SEEDS} seeds at most")
    return SeedReport(
        added=added,
        present=max(len(named) - added - max(len(fresh) - room, 0), 0),
        unknown=sum(kept.seed.paper_id is None for kept in fresh_seeds),
        refused=refused,
        ids=tuple(kept.id for kept in fresh_seeds),
    )


def _read(text: str, today: date) -> tuple[list[Record], tuple[str, ...]]:
    named: list[Record] = []
    refused: list[str] = []
    for one in read_named_papers(text, today):
        if isinstance(one, Rejected):
            where = f" ({one.excerpt})" if one.excerpt else ""
            refused.append(f"line {one.line}{where}: {one.reason}")
        else:
            named.append(one)
    if len(refused) > _MOST_REFUSALS:
        more = len(refused) - _MOST_REFUSALS
        refused = [*refused[:_MOST_REFUSALS], f"and {more:,} lines more"]
    return named, tuple(refused)


def find_papers(unit: UnitOfWork, named: Sequence[Record]) -> list[Paper | None]:
    """Find the remembered paper of each record by its id, else by its title; aligned with them."""
    found: list[Paper | None] = []
    for start in range(0, len(named), _AT_ONCE):
        part = named[start : start + _AT_ONCE]
        keys = [identity_keys(record) for record in part]
        for record, own, candidates in zip(part, keys, unit.papers.candidates(keys), strict=True):
            by_id = next((paper for paper in candidates if shares_id(record, paper)), None)
            match = match_paper(record, own, candidates) if record.title and not by_id else None
            found.append(by_id or (match.paper if match is not None else None))
    return found


def _new_seed(record: Record, paper: Paper | None) -> NewSeed:
    if paper is not None:
        identity = f"paper:{paper.id}"
    elif known := external_key(record.external_id):
        identity = known[:300]
    else:
        key = comparable_text(record.title, "").title_key or record.title
        identity = f"title:{sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}"
    return NewSeed(
        identity,
        record.title[:_LONGEST_TITLE],
        record.abstract[:_LONGEST_ABSTRACT],
        record.external_id,
        paper.id if paper is not None else None,
    )


def resolve_seeds(store: Store) -> int:
    """Look for the papers of seeds that were not known when they were named; how many are now."""
    resolved = after = 0
    while True:
        with store.read() as unit:
            waiting = unit.seeds.unknown(after)
            records = [
                Record(kept.seed.title, kept.seed.abstract, external_id=kept.external_id)
                for kept in waiting
            ]
            papers = find_papers(unit, records)
        known = {
            kept.id: paper.id
            for kept, paper in zip(waiting, papers, strict=True)
            if paper is not None
        }
        if known:
            with store.begin() as unit:
                unit.seeds.resolve(known)
        resolved += len(known)
        if not waiting:
            return resolved
        after = waiting[-1].id


def remove_seeds(store: Store, ids: Sequence[int], owner: SeedOwner) -> tuple[KeptSeed, ...]:
    """Take these seeds away from whose they are; those that were there."""
    with store.begin() as unit:
        return unit.seeds.remove(ids, subscriber_id=owner.subscriber_id, seed_list=owner.seed_list)


def seeds_as_text(seeds: Sequence[KeptSeed]) -> str:
    """The text that names these seeds again, a line each: to undo, or to take them elsewhere."""
    return "\n".join(
        " ".join(filter(None, (kept.seed.title, _written(kept.external_id)))) for kept in seeds
    )


def _written(external_id: str | None) -> str:
    if not external_id:
        return ""
    if external_id.startswith("openreview:"):
        return f"https://openreview.net/forum?id={external_id.partition(':')[2]}"
    return external_id


def find_taste(store: Store, subscriber_id: int) -> TasteView | None:
    """The taste of a subscriber, as they may see it; ``None`` if there is no such subscriber."""
    with store.read() as unit:
        subscriber = unit.subscribers.by_id(subscriber_id)
        if subscriber is None:
            return None
        return TasteView(
            subscriber,
            unit.seeds.of(subscriber_id=subscriber_id),
            unit.votes.of_subscribers([subscriber_id]).get(subscriber_id, ()),
            unit.follows.of_subscribers([subscriber_id]).get(subscriber_id, ()),
            sum(unit.seeds.lists().values()),
        )


def tastes_of(
    unit: UnitOfWork, subscriber_ids: Sequence[int], of_lists: tuple[Seed, ...]
) -> Mapping[int, Taste]:
    """The taste of each of those subscribers who has one of their own; the lists' seeds go with it."""
    seeds = unit.seeds.of_subscribers(subscriber_ids)
    votes = unit.votes.of_subscribers(subscriber_ids)
    follows = unit.follows.of_subscribers(subscriber_ids)
    return {
        number: Taste(
            (*seeds.get(number, ()), *of_lists), votes.get(number, ()), follows.get(number, ())
        )
        for number in sorted({*seeds, *votes, *follows})
    }


def cast_vote(
    store: Store,
    subscriber_id: int,
    paper_id: int,
    direction: VoteDirection | None,
    *,
    now: datetime,
) -> ActionResult:
    """Keep a subscriber's word on a paper, the latest counts; ``None`` takes it back."""
    with store.begin() as unit:
        if unit.subscribers.by_id(subscriber_id, lock=True) is None:
            return ActionResult.GONE
        before = unit.votes.on(subscriber_id, [paper_id]).get(paper_id)
        if before is direction:
            return ActionResult.ALREADY
        if direction is None:
            unit.votes.take_back(subscriber_id, paper_id)
            return ActionResult.DONE
        cast = unit.votes.cast(subscriber_id, paper_id, direction, now, most=MAX_VOTES)
        return ActionResult.DONE if cast else ActionResult.GONE


def follow_name(store: Store, subscriber_id: int, follow: Follow, *, now: datetime) -> ActionResult:
    """Follow an author or an institution.

    Raises `digest.errors.InputError` for a name that is none, or one too many.
    """
    follow = Follow(FollowKind(follow.kind), " ".join(follow.name.split()))
    if not any(map(str.isalpha, follow.name)) or len(follow.name) > LONGEST_NAME:
        raise InputError(f"a name has letters, and {LONGEST_NAME} characters at most")
    with store.begin() as unit:
        if unit.subscribers.by_id(subscriber_id, lock=True) is None:
            return ActionResult.GONE
        if unit.follows.count(subscriber_id) >= MAX_FOLLOWS:
            raise InputError(f"{MAX_FOLLOWS} names at most; take one away first")
        added = unit.follows.add(subscriber_id, follow, now)
    return ActionResult.DONE if added else ActionResult.ALREADY


def unfollow_name(store: Store, subscriber_id: int, follow: Follow) -> ActionResult:
    """Follow a name no longer."""
    with store.begin() as unit:
        removed = unit.follows.remove(subscriber_id, follow)
    return ActionResult.DONE if removed else ActionResult.ALREADY


def erase_taste(store: Store, subscriber_id: int) -> int:
    """Delete all that a subscriber's taste is made of; the subscription stays. How many rows."""
    with store.begin() as unit:
        rows = unit.seeds.clear(subscriber_id=subscriber_id)
        rows += unit.votes.clear(subscriber_id) + unit.follows.clear(subscriber_id)
        unit.selections.forget_subscriber(subscriber_id)
    store.clear_log()
    return rows
