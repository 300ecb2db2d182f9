"""Selections by taste: the readers who have one are ranked before an audience is frozen.

Nothing is written here, so no transaction waits for it, and where nobody has a taste it costs three
queries. Readers of equal taste and preferences share one selection.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digest.daily.run_record import EditorialSettings
from digest.daily.subscriber_mail import content_preferences
from digest.editorial.personal_selection import select_by_taste
from digest.editorial.selection import indexed
from digest.errors import error_location
from digest.model import (
    Edition,
    Paper,
    Preferences,
    PublishedEdition,
    Seed,
    Subscriber,
    Taste,
)
from digest.ranking.background import learn_background
from digest.ranking.offer import Offer, OfferedPaper, prepare_offer
from digest.ranking.personal_order import rank
from digest.ranking.terms import terms_of
from digest.store import Store, UnitOfWork
from digest.store.selections import pack_selection
from digest.subscriptions.taste import resolve_seeds, tastes_of

log = logging.getLogger(__name__)

LEARNED_FROM = 10_000
"""Papers of earlier days that rarity and directions are learned from: some forty days of 250."""
_AT_ONCE = 1_000


@dataclass(slots=True)
class TasteSelections:
    """The selections of an edition by taste: packed, and which is whose.

    A subscriber in ``nothing`` has a taste, and nothing new for it.
    """

    packed: list[bytes] = field(default_factory=list)
    of_subscriber: dict[int, int] = field(default_factory=dict)
    nothing: set[int] = field(default_factory=set)

    def matches(self, subscriber_id: int) -> bool | None:
        """Tell whether there is something for a subscriber; ``None`` for one without a taste."""
        if subscriber_id in self.nothing:
            return False
        return True if subscriber_id in self.of_subscriber else None


def select_for_tastes(
    store: Store, editorial: EditorialSettings, published: PublishedEdition
) -> TasteSelections:
    """Choose for every active subscriber who has a taste, or for all where a list of seeds serves them."""
    with store.read() as unit:
        if not (unit.seeds.has_any() or unit.votes.has_any() or unit.follows.has_any()):
            return TasteSelections()
    resolve_seeds(store)
    with store.read() as unit:
        run = _TasteRun(unit, editorial, published)
        after = 0
        while chunk := unit.subscribers.active(after=after, limit=_AT_ONCE):
            run.select(chunk)
            after = chunk[-1].id
    return run.result


class _TasteRun:
    """One run over the subscribers, in one snapshot of the store."""

    def __init__(
        self, unit: UnitOfWork, editorial: EditorialSettings, published: PublishedEdition
    ) -> None:
        self._unit = unit
        self._edition: Edition = published.edition
        self._caps = editorial.caps
        self._list_seeds: tuple[Seed, ...] = unit.seeds.of_lists()
        self._offer: Offer | None = None
        self._index = indexed(published.edition)
        self._shared: dict[Preferences, int | None] = {}
        self._faulty = 0
        self.result = TasteSelections()

    def select(self, chunk: Sequence[Subscriber]) -> None:
        """Choose for those of the chunk who have a taste."""
        own = tastes_of(self._unit, [subscriber.id for subscriber in chunk], self._list_seeds)
        for subscriber in chunk:
            if subscriber.unusable or (subscriber.id not in own and not self._list_seeds):
                continue
            try:
                self._select(subscriber, own.get(subscriber.id))
            except Exception as error:
                # A defect: this reader gets the general order, the others theirs.
                self._faulty += 1
                if self._faulty <= 3:
                    where = error_location(error)
                    name = type(error).__name__
                    log.error("subscriber %d: ranking failed: %s (%s)", subscriber.id, name, where)

    def _select(self, subscriber: Subscriber, own: Taste | None) -> None:
        preferences = content_preferences(subscriber.preferences)
        if own is not None:
            number = self._choose(preferences, own)
        else:
            if preferences not in self._shared:
                self._shared[preferences] = self._choose(preferences, Taste(self._list_seeds))
            number = self._shared[preferences]
        if number is None:
            self.result.nothing.add(subscriber.id)
        else:
            self.result.of_subscriber[subscriber.id] = number

    def _choose(self, preferences: Preferences, taste: Taste) -> int | None:
        """The number of the selection of a taste; ``None`` where there is nothing new for it."""
        selection = select_by_taste(
            self._edition,
            preferences,
            rank(self._prepared(), taste, self._edition.day),
            caps=self._caps,
            index=self._index,
        )
        if selection is None:
            return None
        self.result.packed.append(pack_selection(selection))
        return len(self.result.packed) - 1

    def _prepared(self) -> Offer:
        """The edition's papers, ready to be ranked: made when the first taste asks for it."""
        if self._offer is None:
            earlier = self._unit.papers.words_before(self._edition.covers[0], LEARNED_FROM)
            background = learn_background([terms_of(*words) for words in earlier])
            known = self._unit.papers.several([e.paper_id for e in self._edition.entries])
            self._offer = prepare_offer(offered_papers(self._edition, known), background)
        return self._offer


def offered_papers(edition: Edition, papers: Mapping[int, Paper]) -> list[OfferedPaper]:
    """The papers of an edition in their general order, best first, with all their authors."""
    ranked = sorted(edition.entries, key=lambda entry: (-entry.trend.score, entry.paper_id))
    offered = []
    for entry in ranked:
        paper = papers.get(entry.paper_id)
        places = () if paper is None else paper.details.affiliations
        institution = entry.institution or ("" if paper is None else paper.organization or "")
        offered.append(
            OfferedPaper(
                entry.paper_id,
                entry.title,
                entry.abstract,
                entry.authors if paper is None else paper.authors,
                tuple(dict.fromkeys(filter(None, (institution, *places)))),
            )
        )
    return offered
