"""An edition that a person can finish: picks, sections in fair shares, the rest one line away."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from digest.editorial.limits import LONGEST_ABSTRACT, LONGEST_TITLE, Budget, cut
from digest.editorial.shares import choose_picks, fair_shares, how_many_picks
from digest.editorial.summary import badges, summarise
from digest.latex import readable
from digest.model import (
    Candidate,
    Edition,
    EditionKind,
    Entry,
    Momentum,
    Novelty,
    Section,
    Topic,
    Trend,
    TrendPart,
)

OTHER = "other"
# Enough to lift a paper over its like, not over a stronger one.
_FOR_RISING_TOPIC = 0.25
_FOR_RISING_PHRASE = 0.25
_FOR_HAVING_BEEN_PICKED = 0.2
_MOST_REASONS = 2
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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


def compose_edition(
    candidates: Sequence[Candidate],
    *,
    topics: Sequence[Topic],
    kind: EditionKind = EditionKind.DAILY,
    day: date,
    covers: tuple[date, date] | None = None,
    read: int = 0,
    seen: int = 0,
    caps: EditionLimits = EditionLimits(),
    momentum: Mapping[str, Momentum] | None = None,
    phrases: Sequence[Momentum] = (),
    trouble: Callable[[int, Exception], None] | None = None,
    spent: Callable[[], float] = time.thread_time,
) -> Edition:
    """The edition of ``day`` from everything judged since the last one, in a fixed order.

    Every candidate becomes an entry, once (new goes before updated). ``momentum`` is by topic id;
    papers of rising topics and with rising phrases in their title go before their like. A paper
    whose topic is not among ``topics`` is under "Other". The same input gives the same edition.

    A paper that cannot be prepared, or takes too long by ``spent`` (processor seconds so far),
    goes out with its title and link only, and ``trouble`` is told its id and why; without
    ``trouble`` the error is raised.
    """
    momentum = momentum or {}
    known = {topic.id for topic in topics}
    once: dict[int, Candidate] = {}
    for candidate in sorted(candidates, key=lambda one: one.novelty is not Novelty.NEW):
        if candidate.novelty is not Novelty.SEEN:
            once.setdefault(candidate.paper.id, candidate)
    new: list[Entry] = []
    updated: list[Entry] = []
    budget = Budget(spent)
    for candidate in once.values():
        budget.begin()
        try:
            entry = _entry(candidate, known, momentum, phrases, budget)
        except Exception as error:  # whatever one paper's text does, the others go out
            if trouble is None:
                raise
            trouble(candidate.paper.id, error)
            entry = _plain_entry(candidate, known)
        (new if candidate.novelty is Novelty.NEW else updated).append(entry)
    return _arranged(
        new,
        updated,
        Edition(
            kind,
            day,
            covers or (day, day),
            (),
            (),
            (),
            read=read,
            seen=seen,
            phrases=tuple(phrases),
        ),
        topics=topics,
        caps=caps,
        momentum=momentum,
    )


def compose_weekly(
    editions: Sequence[Edition],
    *,
    topics: Sequence[Topic],
    day: date,
    caps: EditionLimits = EditionLimits(),
    kind: EditionKind = EditionKind.WEEKLY,
) -> Edition:
    """Several daily editions retold as one: ranked anew, with its own picks and shares.

    A paper that was new and then updated stands once, as new, with its latest words. What a day's
    absence took from its score is given back, so that Monday's papers stand beside Friday's, and
    having been a pick of its day counts a little.
    """
    ordered = sorted(editions, key=lambda one: one.day)
    latest: dict[int, Entry] = {}
    first_new: dict[int, None] = {}
    picked_on: dict[int, date] = {}
    for edition in ordered:
        new = {id for section in edition.sections for id in section.papers}
        first_new.update(
            dict.fromkeys(entry.paper_id for entry in edition.entries if entry.paper_id in new)
        )
        latest.update((entry.paper_id, entry) for entry in edition.entries)
        for paper_id in edition.picks:
            picked_on.setdefault(paper_id, edition.day)
    retold = {id: _retold(entry, picked_on.get(id)) for id, entry in latest.items()}
    momentum = _over_days(
        [{s.topic.id: s.momentum for s in one.sections if s.momentum} for one in ordered]
    )
    phrases = _over_days([{each.name: each for each in one.phrases} for one in ordered])
    covers = (
        min((one.covers[0] for one in ordered), default=day),
        max((one.covers[1] for one in ordered), default=day),
    )
    return _arranged(
        [retold[id] for id in first_new],
        [entry for id, entry in retold.items() if id not in first_new],
        Edition(
            kind, day, covers, (), (), (),
            read=sum(one.read for one in ordered),
            seen=sum(one.seen for one in ordered),
            phrases=tuple(sorted(phrases.values(), key=lambda one: (-one.today, one.name))),
        ),
        topics=topics,
        caps=caps,
        momentum=momentum,
    )  # fmt: skip


def plainly(entry: Entry) -> Entry:
    """The entry with nothing but its title, as the source wrote it, and where it leads."""
    title = " ".join(cut(entry.raw_title, LONGEST_TITLE).split())
    return replace(entry, title=title, summary="", brief="", why="", abstract="", links=())


def _plain_entry(candidate: Candidate, known: set[str]) -> Entry:
    paper, assignment = candidate.paper, candidate.assignment
    topic = assignment.topic if assignment.topic in known else OTHER
    return plainly(
        Entry(
            paper.id, "", paper.title, "", "", topic, (topic,), candidate.trend,
            external_id=paper.external_id, url=paper.url, votes=paper.votes,
        )
    )  # fmt: skip


def _entry(
    candidate: Candidate,
    known: set[str],
    momentum: Mapping[str, Momentum],
    phrases: Sequence[Momentum],
    budget: Budget,
) -> Entry:
    paper, assignment = candidate.paper, candidate.assignment
    # An older database may hold texts from before there was a limit.
    title = readable(cut(paper.title, LONGEST_TITLE))
    written = cut(paper.abstract, LONGEST_ABSTRACT)
    budget.check()
    topic = assignment.topic if assignment.topic in known else OTHER
    others = [id for id in assignment.topics if id in known and id != topic]
    rise = _rise(title, momentum.get(topic), phrases)
    trend = Trend(
        candidate.trend.score + sum(part.value for part in rise), (*candidate.trend.parts, *rise)
    )
    abstract = readable(written)
    budget.check()
    said = summarise(abstract)
    budget.check()
    links = badges(paper.links, written)
    budget.check()
    return Entry(
        paper.id, title, paper.title, said.summary, said.brief, topic, (topic, *others), trend,
        why=_why(trend),
        abstract=abstract,
        external_id=paper.external_id,
        url=paper.url,
        votes=paper.votes,
        links=links,
    )  # fmt: skip


def _rise(title: str, topic: Momentum | None, phrases: Sequence[Momentum]) -> tuple[TrendPart, ...]:
    parts = []
    if topic is not None and topic.rising:
        parts.append(TrendPart("topic", _FOR_RISING_TOPIC, "rising topic"))
    folded = title.casefold()
    for phrase in phrases:
        if phrase.name.casefold() in folded:
            parts.append(
                TrendPart("phrase", _FOR_RISING_PHRASE, f"one of {phrase.today} on “{phrase.name}”")
            )
            break
    return tuple(parts)


def _why(trend: Trend) -> str:
    """The weightiest parts that have words, as one line that begins with a capital letter."""
    telling = sorted(
        (part for part in trend.parts if part.words and part.value > 0),
        key=lambda part: -part.value,
    )
    line = "; ".join(part.words for part in telling[:_MOST_REASONS])
    return line[:1].upper() + line[1:]


def _retold(entry: Entry, picked_on: date | None) -> Entry:
    parts = [part for part in entry.trend.parts if part.name not in ("faded", "picked")]
    if picked_on is not None:
        words = f"a top pick on {_WEEKDAYS[picked_on.weekday()]}"
        parts.append(TrendPart("picked", _FOR_HAVING_BEEN_PICKED, words))
    trend = Trend(sum(part.value for part in parts), tuple(parts))
    return replace(entry, trend=trend, why=_why(trend))


def _over_days(days: Sequence[Mapping[str, Momentum]]) -> dict[str, Momentum]:
    """Each name's counts over the days; rising if it rose on one and is above its usual in all."""
    found: dict[str, Momentum] = {}
    for name in sorted({name for day in days for name in day}):
        each = [day[name] for day in days if name in day]
        count, expected = sum(one.today for one in each), sum(one.expected for one in each)
        rising = any(one.rising for one in each) and count > expected
        papers = "1 paper" if count == 1 else f"{count} papers"
        words = (
            f"rising: {papers}, where {max(round(expected), 1)} would be usual"
            if rising
            else papers
        )
        found[name] = Momentum(name, count, round(expected, 2), rising, words)
    return found


def _arranged(
    new: Sequence[Entry],
    updated: Sequence[Entry],
    frame: Edition,
    *,
    topics: Sequence[Topic],
    caps: EditionLimits,
    momentum: Mapping[str, Momentum],
) -> Edition:
    """The frame filled: entries ranked, picks chosen, the budget shared out among sections."""
    ranked = sorted(new, key=_rank)
    number = how_many_picks(min(len(ranked), caps.papers), caps.picks)
    picks = choose_picks([(entry, entry.trend.score) for entry in ranked], number)
    picked = {entry.paper_id for entry in picks}
    groups: dict[str, list[Entry]] = {}
    for entry in ranked:
        groups.setdefault(entry.topic, []).append(entry)
    left = {
        topic: [entry.trend.score for entry in entries if entry.paper_id not in picked]
        for topic, entries in groups.items()
    }
    shares = fair_shares(left, max(caps.papers - len(picks), 0))
    named = {topic.id: topic for topic in topics} | (
        {} if any(topic.id == OTHER for topic in topics) else {OTHER: Topic(OTHER, "Other")}
    )
    places = {id: place for place, id in enumerate(named)}
    order = sorted(groups, key=lambda id: (id == OTHER, -_interest(groups[id]), places[id]))
    sections = tuple(
        Section(
            named[id], tuple(entry.paper_id for entry in groups[id]), shares[id], momentum.get(id)
        )
        for id in order
    )
    changed = sorted(updated, key=_rank)
    return replace(
        frame,
        entries=(*(entry for id in order for entry in groups[id]), *changed),
        picks=tuple(entry.paper_id for entry in picks),
        sections=sections,
        updated=tuple(entry.paper_id for entry in changed),
        updated_shown=min(len(changed), caps.updated),
    )


def _rank(entry: Entry) -> tuple[float, int]:
    return (-entry.trend.score, entry.paper_id)


def _interest(entries: Sequence[Entry]) -> float:
    """How much a section draws: what its papers matter together, the first most (1, 1/2, 1/3 …)."""
    return sum(max(entry.trend.score, 0.0) / place for place, entry in enumerate(entries, 1))
