"""Selections by taste: the readers who have one are ranked before an audience is frozen.

Nothing is written here, so no transaction waits for it, and where nobody has a taste it costs three
queries. Readers of equal taste and preferences share one selection.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digest.daily.run_record import EditorialSettings
from digest.daily.subscriber_mail import content_preferences, selector
from digest.editorial.personal_selection import select_by_taste
from digest.editorial.selection import indexed
from digest.errors import DigestError, error_location
from digest.model import (
    Edition,
    Paper,
    Preferences,
    PublishedEdition,
    Seed,
    Selection,
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
_MOST_NAMED = 3
"""Subscribers who are named in the log of a run that fails for them."""


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
    _resolve(store)
    with store.read() as unit:
        run = _TasteRun(unit, editorial, published)
        after = 0
        while chunk := unit.subscribers.active(after=after, limit=_AT_ONCE):
            run.select(chunk)
            after = chunk[-1].id
    run.report_faults()
    return run.result


def selection_for(
    store: Store,
    editorial: EditorialSettings,
    published: PublishedEdition,
    subscriber: Subscriber,
    *,
    stored: bool = True,
) -> Selection | None:
    """The selection that the mail to one subscriber shows, kept or chosen now; ``None`` for no mail.

    ``stored``: the edition is the store's own. Else the store knows the taste, not the papers, and
    nothing is written to it.
    """
    if stored:
        _resolve(store)
    with store.read() as unit:
        kept = unit.selections.of_subscriber(published.id, subscriber.id) if stored else None
        if kept is not None:
            return kept
        lists = unit.seeds.of_lists()
        own = tastes_of(unit, [subscriber.id], lists).get(subscriber.id, Taste(lists))
        if own.is_empty or (stored and unit.outbox.is_frozen(published.id)):
            return selector(published, editorial)(subscriber.preferences)
        edition = published.edition
        order = rank(_offer(unit, edition, stored=stored), own, edition.day)
        preferences = content_preferences(subscriber.preferences)
        return select_by_taste(edition, preferences, order, caps=editorial.caps)


def _resolve(store: Store) -> None:
    """Find the papers of seeds that were not known; the others are ranked by where that fails."""
    try:
        resolve_seeds(store)
    except DigestError:
        raise
    except Exception as error:
        # A defect over one of the texts: until it is mended, seeds keep the words they were named by.
        name, where = type(error).__name__, error_location(error)
        log.error("seeds whose papers are new were not looked for: %s (%s)", name, where)


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
        self._broken = False
        self._faulty = 0
        self.result = TasteSelections()

    def select(self, chunk: Sequence[Subscriber]) -> None:
        """Choose for those of the chunk who have a taste."""
        usable = [subscriber for subscriber in chunk if not subscriber.unusable]
        own = self._tastes(usable)
        wanted = [reader for reader in usable if reader.id in own or self._list_seeds]
        if not wanted or not self._prepared():
            return
        for subscriber in wanted:
            try:
                self._select(subscriber, own.get(subscriber.id))
            except Exception as error:
                # A defect in pure computation: this reader gets the general order, the others theirs.
                self._note_fault(subscriber.id, "ranking", error)

    def _prepared(self) -> bool:
        """Make the edition's papers ready when the first taste asks for it; false if that fails."""
        if self._offer is None and not self._broken:
            try:
                self._offer = _offer(self._unit, self._edition)
            except DigestError:
                raise
            except Exception as error:
                # A defect over one of the texts costs the readers their order, and nobody a mail.
                self._broken = True
                name, where = type(error).__name__, error_location(error)
                log.error("nobody is ranked, the general order serves all: %s (%s)", name, where)
        return self._offer is not None

    def report_faults(self) -> None:
        """Tell how many are meant where not each was named."""
        if self._faulty > _MOST_NAMED:
            log.error("%d subscribers in all get the general order, unranked", self._faulty)

    def _tastes(self, subscribers: Sequence[Subscriber]) -> Mapping[int, Taste]:
        """The tastes that some of them have; what is damaged in one costs only whose it is."""
        ids = [subscriber.id for subscriber in subscribers]
        try:
            return tastes_of(self._unit, ids, self._list_seeds)
        except ValueError:
            found: dict[int, Taste] = {}
            for number in ids:
                try:
                    found |= tastes_of(self._unit, [number], self._list_seeds)
                except ValueError as error:
                    self._note_fault(number, "reading the taste", error)
            return found

    def _note_fault(self, subscriber_id: int, doing: str, error: Exception) -> None:
        self._faulty += 1
        if self._faulty <= _MOST_NAMED:
            # Where, but not with which words: these may hold an address.
            where = error_location(error)
            name = type(error).__name__
            log.error("subscriber %d: %s failed: %s (%s)", subscriber_id, doing, name, where)

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
        assert self._offer is not None
        selection = select_by_taste(
            self._edition,
            preferences,
            rank(self._offer, taste, self._edition.day),
            caps=self._caps,
            index=self._index,
        )
        if selection is None:
            return None
        self.result.packed.append(pack_selection(selection))
        return len(self.result.packed) - 1


def _offer(unit: UnitOfWork, edition: Edition, *, stored: bool = True) -> Offer:
    """The edition's papers, ready to be ranked by what the store knows from before."""
    earlier = unit.papers.words_before(edition.covers[0], LEARNED_FROM)
    background = learn_background([terms_of(*words) for words in earlier])
    known = unit.papers.several([entry.paper_id for entry in edition.entries]) if stored else {}
    return prepare_offer(offered_papers(edition, known), background)


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
