"""Explain how one paper was judged, from its first sighting to the edition it is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from digest.daily.publish import HISTORY
from digest.daily.run_record import Clock, EditorialSettings, utc_now
from digest.editorial import identity, identity_keys, trending
from digest.errors import InputError
from digest.model import Assignment, EditionSummary, Paper, Record, Sighting, Trend
from digest.store import Store

_SHOWN = 0.005
"""The smallest figure that two decimals show as more than nothing."""


@dataclass(frozen=True, slots=True)
class PaperExplanation:
    """A paper with everything that decided about it."""

    query: str
    paper: Paper
    matched: str
    assignment: Assignment
    trend: Trend
    sightings: tuple[Sighting, ...]
    editions: tuple[EditionSummary, ...]

    def as_dict(self) -> dict[str, Any]:
        """The object that ``digest explain --json`` prints."""
        return {
            "title": self.paper.title,
            "id": self.paper.id,
            "external_id": self.paper.external_id,
            "details": asdict(self.paper.details),
            "field_sources": dict(self.paper.field_sources),
            "first_seen": self.paper.first_seen,
            "last_seen": self.paper.last_seen,
            "keys": list(self.paper.keys.lookup),
            "matched": self.matched,
            "topic": asdict(self.assignment),
            "trend": {
                "score": round(self.trend.score, 4),
                "parts": [
                    asdict(replace(part, value=round(part.value, 4)))
                    for part in self.trend.parts
                    if abs(part.value) >= _SHOWN
                ],
            },
            "sightings": [asdict(sighting) for sighting in self.sightings],
            "editions": [
                {
                    "kind": str(edition.kind),
                    "date": edition.day.isoformat(),
                    "subject": edition.subject,
                }
                for edition in self.editions
            ],
        }

    def lines(self) -> Iterator[str]:
        """The same for people."""
        yield self.paper.title
        yield f"  first seen {self.paper.first_seen}, last {self.paper.last_seen}; {self.matched}"
        if self.paper.external_id:
            yield f"  known elsewhere as {self.paper.external_id}"
        for source, names in _by_source(self.paper.field_sources):
            yield f"  {', '.join(names)}: from {source}"
        yield f"  found by {len(self.paper.keys.lookup)} keys: {' '.join(self.paper.keys.lookup)}"
        why = ", ".join(self.assignment.why) or "nothing known in it"
        topics = ", ".join(self.assignment.topics)
        score = f" (score {self.assignment.score:.2f})" if self.assignment.score >= _SHOWN else ""
        yield f"  topic {topics}{score} because of: {why}"
        yield f"  trend {self.trend.score:.2f}:" if self.trend.score >= _SHOWN else "  no trend"
        for part in self.trend.parts:
            if abs(part.value) >= _SHOWN:
                yield f"    {part.value:+.2f} {part.name}{f': {part.words}' if part.words else ''}"
        for sighting in self.sightings:
            votes = "" if sighting.votes is None else f", {sighting.votes} votes"
            yield f"  seen {sighting.day}: {sighting.position} of {sighting.of}{votes}"
        for edition in self.editions:
            yield f"  in the {edition.kind} edition of {edition.day}"
        if not self.editions:
            yield "  in no edition yet: it waits for the next one"


def _by_source(field_sources: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """Each source with the fields that are from it."""
    names: dict[str, list[str]] = {}
    for name, source in field_sources:
        names.setdefault(source, []).append(name.replace("_", " "))
    yield from names.items()


def explain(
    store: Store, editorial: EditorialSettings, title: str, *, clock: Clock = utc_now
) -> PaperExplanation:
    """The account of the paper with that title, or the one whose title is most like it.

    Raises `digest.errors.InputError` if no paper is like it.
    """
    keys = identity_keys.identity_keys(Record(title))
    with store.read() as unit:
        (candidates,) = unit.papers.candidates([keys])
        same = identity.match_paper(Record(title), keys, candidates)
        if same is not None:
            paper, matched = same.paper, f"found by its title ({same.reason})"
        else:
            nearest = unit.papers.find_by_title(title, limit=1)
            if not nearest:
                raise InputError(
                    "no paper with such a title is known",
                    where=title[:80],
                    mend="Give the title, or a few words from it",
                )
            paper, matched = nearest[0], "the nearest title to the words given"
        sightings = unit.papers.sightings([paper.id])[paper.id]
        assignment = unit.papers.assignment(paper.id) or editorial.topics.assign(
            paper.title, paper.abstract
        )
        editions = unit.editions.with_paper(paper.id, all=True)
        today = editorial.day(clock())
        usual = trending.usual_votes(
            (), unit.papers.first_day_votes(paper.first_seen - HISTORY, paper.first_seen)
        )
    trend = trending.trend_score(paper, sightings, day=today, usual=usual)
    return PaperExplanation(title, paper, matched, assignment, trend, sightings, editions)
