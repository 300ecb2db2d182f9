"""Audience of an edition: who gets it is counted and frozen before anything of it is sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import chain

from digest.daily.run_record import Clock, EditorialSettings, utc_now
from digest.daily.subscriber_mail import selector
from digest.daily.taste_selections import TasteSelections, select_for_tastes
from digest.delivery.audience import EditionSchedule, plan_delivery
from digest.errors import error_location
from digest.model import (
    EditionKind,
    PlannedDelivery,
    Preferences,
    PublishedEdition,
    Selection,
    Subscriber,
    Tally,
)
from digest.store import Store, UnitOfWork

log = logging.getLogger(__name__)

MAX_NAMED = 20
"""Subscribers set aside that a log names in one run; `digest status` counts all of them."""

_AT_ONCE = 1_000


def freeze_audience(
    store: Store, editorial: EditorialSettings, published: PublishedEdition, clock: Clock = utc_now
) -> Tally:
    """Count and freeze who gets an edition, before anything of it is sent.

    The second time changes nothing: who comes later gets the next edition. As long as there is
    no subscriber at all, it stays open, so that the first of a new list gets the day's mail.
    """
    with store.read() as unit:
        if unit.outbox.is_frozen(published.id):
            return unit.outbox.tally(published.id)
    tastes = select_for_tastes(store, editorial, published)
    with store.begin() as unit:
        unit.selections.forget_expired(clock())
        plans = _plans(unit, editorial, published, tastes)
        first = next(plans, None)
        if first is None and not unit.subscribers.active(limit=1):
            return Tally()
        known = () if first is None else (first,)
        tally = unit.outbox.freeze_audience(published.id, chain(known, plans), clock())
        _keep_selections(unit, published.id, tastes)
        return tally


def _keep_selections(unit: UnitOfWork, edition_id: int, tastes: TasteSelections) -> None:
    """Keep what was chosen by taste, unless another process froze the same audience meanwhile."""
    if not tastes.packed or unit.selections.assigned(edition_id):
        return
    numbers = [unit.selections.keep(edition_id, content) for content in tastes.packed]
    chosen = [(subscriber, numbers[place]) for subscriber, place in tastes.of_subscriber.items()]
    for part in range(0, len(chosen), _AT_ONCE):
        unit.selections.assign(edition_id, chosen[part : part + _AT_ONCE])


def _plans(
    unit: UnitOfWork,
    editorial: EditorialSettings,
    published: PublishedEdition,
    tastes: TasteSelections,
) -> Iterator[PlannedDelivery]:
    """Plan for all active subscribers. What fails for one of them costs nobody their mail."""
    schedule = _schedule(unit, editorial, published)
    select = selector(published, editorial)
    faulty = 0
    for subscriber in _active(unit):
        try:
            matches = tastes.matches(subscriber.id)
            planned = _plan(subscriber, schedule, select, matches=matches)
        except Exception as error:
            # A defect, and perhaps of this moment only: composing the mail tries once more, and
            # tells the operator what becomes of it.
            faulty += 1
            if faulty <= MAX_NAMED:
                log.error(
                    "subscriber %d: planning failed: %s (%s)",
                    subscriber.id,
                    type(error).__name__,
                    error_location(error),
                )
            planned = PlannedDelivery(subscriber.id, published.published_at)
        if planned is None:
            continue
        if subscriber.unusable and planned.excluded:
            faulty += 1
            if faulty <= MAX_NAMED:
                log.warning("subscriber %d is set aside: %s", subscriber.id, planned.excluded)
        yield planned
    if faulty > MAX_NAMED:
        log.warning("%d subscribers in all could not be planned as usual", faulty)


def _schedule(
    unit: UnitOfWork, editorial: EditorialSettings, published: PublishedEdition
) -> EditionSchedule:
    kind, day = published.edition.kind, published.edition.day
    return EditionSchedule(
        kind,
        day,
        published_at=published.published_at,
        send_at=editorial.send_at,
        zone=editorial.zone,
        has_weekdays_edition=kind is EditionKind.DAILY
        and unit.editions.get(EditionKind.WEEKDAYS, day) is not None,
    )


def _plan(
    subscriber: Subscriber,
    schedule: EditionSchedule,
    select: Callable[[Preferences], Selection | None],
    *,
    matches: bool | None,
) -> PlannedDelivery | None:
    """Plan for one subscriber; without a taste it is their preferences that say what matches."""
    if matches is None:
        matches = bool(subscriber.unusable) or select(subscriber.preferences) is not None
    return plan_delivery(subscriber, schedule, matches=matches)


def _active(unit: UnitOfWork) -> Iterator[Subscriber]:
    after = 0
    while chunk := unit.subscribers.active(after=after, limit=_AT_ONCE):
        yield from chunk
        after = chunk[-1].id
