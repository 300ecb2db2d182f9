"""The top papers of a week or a month: by the votes known of them now, not by their place on a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from digest.model import Edition, Entry, Sighting

# Parts of a day's score that say nothing of a paper a week later.
_OF_THE_DAY = frozenset(("place", "fresh", "faded", "picked"))


@dataclass(frozen=True, slots=True)
class TopPaper:
    """A paper among the top ones: its latest entry, with the votes known now, and the day it was new."""

    entry: Entry
    day: date


def rank_top(
    dailies: Sequence[Edition], sightings: Mapping[int, Collection[Sighting]]
) -> tuple[TopPaper, ...]:
    """Rank all papers that were new in those daily editions, the best first, each once.

    The latest known votes decide (``sightings`` are by paper id; without any, the edition's own
    count), then what remains of the score without a place on a page and without a day's freshness.
    """
    top: dict[int, TopPaper] = {}
    for daily in sorted(dailies, key=lambda daily: daily.day):
        for entry in daily.entries:
            known = top.get(entry.paper_id)
            if known is not None:
                top[entry.paper_id] = replace(known, entry=entry)
            elif entry.paper_id not in daily.updated:
                top[entry.paper_id] = TopPaper(entry, daily.day)
    ranked = [
        replace(paper, entry=with_votes(paper.entry, sightings.get(id, ())))
        for id, paper in top.items()
    ]
    return tuple(sorted(ranked, key=lambda paper: _rank(paper.entry)))


def new_papers(dailies: Sequence[Edition]) -> list[int]:
    """List the papers that are new in those editions."""
    return [id for daily in dailies for section in daily.sections for id in section.papers]


def with_votes(entry: Entry, sightings: Collection[Sighting]) -> Entry:
    """The entry with its latest known votes; of two counts of one day the higher."""
    counted = [(each.day, each.votes) for each in sightings if each.votes is not None]
    return replace(entry, votes=max(counted)[1]) if counted else entry


def _rank(entry: Entry) -> tuple[int, float, int]:
    score = sum(part.value for part in entry.trend.parts if part.name not in _OF_THE_DAY)
    return -max(entry.votes or 0, 0), -score, entry.paper_id
