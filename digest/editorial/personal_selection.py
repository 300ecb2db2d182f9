"""Choose what the mail of a subscriber with a taste shows: their own order, each paper with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from digest.editorial.arrangement import EditionLimits
from digest.editorial.keywords import Mentions
from digest.editorial.selection import matching
from digest.editorial.shares import how_many_picks
from digest.model import Edition, PersonalPlace, Preferences, SectionChoice, Selection


def select_by_taste(
    edition: Edition,
    preferences: Preferences,
    order: Sequence[PersonalPlace],
    *,
    caps: EditionLimits = EditionLimits(),  # noqa: B008 - frozen
    index: Mentions | None = None,
) -> Selection | None:
    """Choose by a personal order of all entries what these preferences get; ``None`` if nothing is new.

    Preferences leave out what is not wanted, as in `digest.editorial.selection.select_for`; the
    order decides the rest. The picks are its first papers and the first that explores; sections
    follow in the order of their best paper. ``why`` has the order's reasons, then the preferences'.
    """
    wanted, reasons = matching(edition, preferences, index)
    new = {id for section in edition.sections for id in section.papers}
    topics = {entry.paper_id: entry.topic for entry in wanted}
    ranked = [place for place in order if place.paper_id in topics]
    matched = [place for place in ranked if place.paper_id in new]
    if not matched:
        return None
    limited = preferences.max_papers is not None
    budget = caps.papers if preferences.max_papers is None else max(preferences.max_papers, 1)
    picks = _picks(matched[:budget], how_many_picks(min(len(matched), budget), caps.picks))
    shown = {place.paper_id for place in matched[:budget]}
    revised = frozenset(edition.updated) - new
    updated = tuple(place.paper_id for place in ranked if place.paper_id in revised)
    room = min(caps.updated, max(budget - len(shown), 0)) if limited else caps.updated
    told = shown.union(updated[:room])
    return Selection(
        picks,
        _sections([p for p in matched if p.paper_id not in picks], topics, shown),
        updated[:room],
        total=len(matched),
        why=reasons_of([place for place in ranked if place.paper_id in told], reasons),
        personal=preferences.narrows,
        updated_titles=updated[room:],
        limited=limited,
    )


def reasons_of(places: Sequence[PersonalPlace], others: dict[int, str]) -> dict[int, str]:
    """The reason of each paper that has one: the order's own before any other."""
    reasons = {place.paper_id: place.reason or others.get(place.paper_id, "") for place in places}
    return {paper_id: reason for paper_id, reason in reasons.items() if reason}


def _picks(shown: Sequence[PersonalPlace], number: int) -> tuple[int, ...]:
    """The first papers of an order, and the first that explores, were it not among them."""
    first = shown[:number]
    exploring = [place for place in shown[number:] if place.explored]
    if number and not any(place.explored for place in first):
        first = [*first, *exploring[:1]]
    return tuple(place.paper_id for place in first)


def _sections(
    places: Sequence[PersonalPlace], topics: dict[int, str], shown: set[int]
) -> tuple[SectionChoice, ...]:
    by_topic: dict[str, list[int]] = {}
    for place in places:
        by_topic.setdefault(topics[place.paper_id], []).append(place.paper_id)
    return tuple(
        SectionChoice(
            topic,
            tuple(id for id in ids if id in shown),
            titles=tuple(id for id in ids if id not in shown),
        )
        for topic, ids in by_topic.items()
    )
