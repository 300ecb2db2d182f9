"""The order of an edition: entries ranked, top picks chosen, the reading budget shared out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from digest.editorial.shares import choose_picks, fair_shares, how_many_picks
from digest.model import Edition, EditionKind, Entry, Momentum, Section, SummaryChoice, Topic

OTHER = "other"
# A pick is a promise: one that can say why it is one goes before its like that cannot.
_FOR_A_REASON = 0.3


@dataclass(frozen=True, slots=True)
class EditionLimits:
    """The reading budget of one mail.

    ``papers`` is how many new papers it shows, the top picks among them: forty titles with a
    sentence each take about six minutes. ``picks`` is the most top picks. ``updated`` papers come
    on top of these.
    """

    papers: int = 40
    picks: int = 5
    updated: int = 5


@dataclass(frozen=True, slots=True)
class EditionFrame:
    """An edition but for its papers: its day, its topics and limits, and what is rising.

    ``covers`` is the first and the last day that its papers are from, by default the day itself;
    ``read`` and ``seen`` count the records behind it. ``momentum`` is by topic id; ``weekly`` has by
    paper id a phrase of its title that rises over the week. ``summaries`` says
    whether a source's own summary goes before one made of the abstract.
    """

    topics: Sequence[Topic]
    day: date
    kind: EditionKind = EditionKind.DAILY
    covers: tuple[date, date] | None = None
    read: int = 0
    seen: int = 0
    caps: EditionLimits = EditionLimits()
    momentum: Mapping[str, Momentum] = field(default_factory=dict)
    phrases: Sequence[Momentum] = ()
    weekly: Mapping[int, Momentum] = field(default_factory=dict)
    summaries: SummaryChoice = SummaryChoice.OWN


def arrange(
    new: Sequence[Entry],
    updated: Sequence[Entry],
    frame: EditionFrame,
    top: Sequence[Entry] = (),
) -> Edition:
    """Fill the frame: rank the entries, choose the picks, share the budget among the sections.

    The first of ``top`` are the picks, where it is given.
    """
    ranked = sorted(new, key=_rank)
    number = how_many_picks(min(len(ranked), frame.caps.papers), frame.caps.picks)
    picks = tuple(top[:number]) or choose_picks(
        [(entry, entry.trend.score + _FOR_A_REASON * bool(entry.why)) for entry in ranked], number
    )
    by_topic: dict[str, list[Entry]] = {}
    for entry in ranked:
        by_topic.setdefault(entry.topic, []).append(entry)
    sections = _sections(by_topic, {entry.paper_id for entry in picks}, frame)
    changed = sorted(updated, key=_rank)
    return Edition(
        frame.kind,
        frame.day,
        frame.covers or (frame.day, frame.day),
        entries=(
            *(entry for section in sections for entry in by_topic[section.topic.id]),
            *changed,
        ),
        picks=tuple(entry.paper_id for entry in picks),
        sections=sections,
        updated=tuple(entry.paper_id for entry in changed),
        updated_shown=min(len(changed), frame.caps.updated),
        read=frame.read,
        seen=frame.seen,
        phrases=tuple(frame.phrases),
    )


def _sections(
    by_topic: Mapping[str, Sequence[Entry]], picked: set[int], frame: EditionFrame
) -> tuple[Section, ...]:
    """Order the topics by how much they draw, "Other" last, each with its share of the budget."""
    scores = {
        topic: [entry.trend.score for entry in entries if entry.paper_id not in picked]
        for topic, entries in by_topic.items()
    }
    shares = fair_shares(scores, max(frame.caps.papers - len(picked), 0))
    topics = {OTHER: Topic(OTHER, "Other")} | {topic.id: topic for topic in frame.topics}
    places = {topic.id: place for place, topic in enumerate(frame.topics)}
    order = sorted(
        by_topic,
        key=lambda id: (id == OTHER, -_interest(by_topic[id]), places.get(id, len(places))),
    )
    return tuple(
        Section(
            topics[id],
            tuple(entry.paper_id for entry in by_topic[id]),
            shares[id],
            frame.momentum.get(id),
        )
        for id in order
    )


def _rank(entry: Entry) -> tuple[float, int]:
    return (-entry.trend.score, entry.paper_id)


def _interest(entries: Sequence[Entry]) -> float:
    """Sum what the papers of a section matter, the first most (1, 1/2, 1/3 …)."""
    return sum(max(entry.trend.score, 0.0) / place for place, entry in enumerate(entries, 1))
