"""An edition that a person can finish: picks, sections in fair shares, the rest one line away."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from digest.editorial.arrangement import OTHER, EditionFrame, EditionLimits, arrange
from digest.editorial.credits import credits_of
from digest.editorial.paper_limits import (
    LONGEST_ABSTRACT,
    LONGEST_TITLE,
    Budget,
    cut,
)
from digest.editorial.reasons import reason_line, rise_parts, update_part
from digest.editorial.source_summary import source_name, source_summary
from digest.editorial.summary import Summary, badges, summarise
from digest.editorial.top import TopPaper
from digest.editorial.topics import SURE
from digest.latex import readable
from digest.model import (
    Candidate,
    Edition,
    EditionKind,
    Entry,
    Momentum,
    Novelty,
    Paper,
    SummaryChoice,
    Topic,
    Trend,
    TrendPart,
)

# Enough to lift a paper over its like, not over a stronger one.
_FOR_HAVING_BEEN_PICKED = 0.2
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def compose_edition(
    candidates: Sequence[Candidate],
    frame: EditionFrame,
    *,
    trouble: Callable[[int, Exception], None] | None = None,
    spent: Callable[[], float] = time.thread_time,
    shown: Callable[[Edition], Collection[int]] | None = None,
) -> Edition:
    """Compose the edition of the frame from everything judged since the last one.

    Every candidate becomes an entry, once (new goes before updated). Papers of rising topics and with
    rising phrases in their title go before their like. A paper of none of its topics is under "Other".

    A paper that cannot be prepared, or takes too long by ``spent`` (processor seconds so far),
    goes out with its title and link only, and ``trouble`` is told its id and why; without
    ``trouble`` the error is raised. With ``shown``, which names papers of an arranged edition, only
    they get their abstract, summaries and links: all that one mail needs.
    """
    first: dict[int, Candidate] = {}
    for candidate in sorted(candidates, key=lambda each: each.novelty is not Novelty.NEW):
        if candidate.novelty is not Novelty.SEEN:
            first.setdefault(candidate.paper.id, candidate)
    new: list[Entry] = []
    updated: list[Entry] = []
    budget = Budget(spent)
    for candidate in first.values():
        budget.begin()
        try:
            entry = _outline(candidate, frame)
            if shown is None:
                entry = _prepared(entry, candidate.paper, budget, frame.summaries)
        except Exception as error:  # whatever one paper's text does, the others go out
            if trouble is None:
                raise
            trouble(candidate.paper.id, error)
            entry = _plain_entry(candidate, frame)
        (new if candidate.novelty is Novelty.NEW else updated).append(entry)
    edition = arrange(new, updated, frame)
    papers = {paper_id: first[paper_id].paper for paper_id in (shown(edition) if shown else ())}
    return _with_texts(edition, papers, frame.summaries, budget, trouble) if shown else edition


def compose_weekly(
    editions: Sequence[Edition],
    *,
    topics: Sequence[Topic],
    day: date,
    caps: EditionLimits = EditionLimits(),  # noqa: B008 - frozen
    kind: EditionKind = EditionKind.WEEKLY,
    top: Sequence[TopPaper] = (),
) -> Edition:
    """Compose one edition of several daily ones: ranked anew, with its own picks and shares.

    A paper that was new and then updated stands once, as new, with its latest words. What a day's
    absence took from its score is given back, so that Monday's papers stand beside Friday's, and
    having been a pick of its day counts a little. Its picks are the first of ``top``, where given
    (`digest.editorial.top.rank_top`), with the votes known now.
    """
    dailies = sorted(editions, key=lambda daily: daily.day)
    latest: dict[int, Entry] = {}
    first_new: dict[int, None] = {}
    picked_on: dict[int, date] = {}
    for daily in dailies:
        new = {id for section in daily.sections for id in section.papers}
        ids = [entry.paper_id for entry in daily.entries]
        first_new.update(dict.fromkeys(id for id in ids if id in new))
        latest.update(zip(ids, daily.entries, strict=True))
        for paper_id in daily.picks:
            picked_on.setdefault(paper_id, daily.day)
    for paper in top:
        latest[paper.entry.paper_id] = paper.entry
    entries = {id: _reranked(entry, picked_on.get(id)) for id, entry in latest.items()}
    return arrange(
        [entries[id] for id in first_new],
        [entry for id, entry in entries.items() if id not in first_new],
        _weekly_frame(dailies, EditionFrame(topics, day, kind, caps=caps)),
        [entries[paper.entry.paper_id] for paper in top],
    )


def _weekly_frame(dailies: Sequence[Edition], frame: EditionFrame) -> EditionFrame:
    """Add the days covered, the counts and what rose in the daily editions to the frame."""
    momentum = _over_days(
        [{each.topic.id: each.momentum for each in daily.sections if each.momentum}
         for daily in dailies]
    )  # fmt: skip
    phrases = _over_days([{phrase.name: phrase for phrase in daily.phrases} for daily in dailies])
    return replace(
        frame,
        covers=(
            min((daily.covers[0] for daily in dailies), default=frame.day),
            max((daily.covers[1] for daily in dailies), default=frame.day),
        ),
        read=sum(daily.read for daily in dailies),
        seen=sum(daily.seen for daily in dailies),
        momentum=momentum,
        phrases=sorted(phrases.values(), key=lambda phrase: (-phrase.today, phrase.name)),
    )


def plainly(entry: Entry) -> Entry:
    """Leave of an entry only its title, as the source wrote it, and where it leads."""
    title = " ".join(cut(entry.raw_title, LONGEST_TITLE).split())
    return replace(
        entry, title=title, summary="", brief="", summary_source="", why="", abstract="", links=(),
        authors=(), author_count=0, institution="", venue="", stars=None,
    )  # fmt: skip


def _plain_entry(candidate: Candidate, frame: EditionFrame) -> Entry:
    paper = candidate.paper
    topic = _topics(candidate, frame)[0]
    return plainly(
        Entry(
            paper.id, "", paper.title, "", "", topic, (topic,), candidate.trend,
            external_id=paper.external_id, url=paper.url, votes=paper.votes,
            topic_is_sure=candidate.assignment.score >= SURE,
        )
    )  # fmt: skip


def _topics(candidate: Candidate, frame: EditionFrame) -> tuple[str, ...]:
    """List the paper's topics that the frame has, its own first, or "Other" for that one."""
    known = {topic.id for topic in frame.topics}
    assignment = candidate.assignment
    topic = assignment.topic if assignment.topic in known else OTHER
    return (topic, *(id for id in assignment.topics if id in known and id != topic))


def _outline(candidate: Candidate, frame: EditionFrame) -> Entry:
    """All of an entry that its place in the edition depends on."""
    paper = candidate.paper
    # An older database may hold texts from before there was a limit.
    title = readable(cut(paper.title, LONGEST_TITLE))
    topics = _topics(candidate, frame)
    names = {topic.id: topic.name for topic in frame.topics}
    is_sure = candidate.assignment.score >= SURE
    added = (
        *rise_parts(
            title,
            names.get(topics[0], "") if is_sure else "",
            frame.momentum.get(topics[0]),
            frame.phrases,
            frame.weekly.get(paper.id),
        ),
        *(update_part(paper, frame.day) if candidate.novelty is Novelty.REVISED else ()),
    )
    trend = Trend(
        candidate.trend.score + sum(part.value for part in added),
        (*candidate.trend.parts, *added),
    )
    return Entry(
        paper.id, title, paper.title, "", "", topics[0], topics, trend,
        why=reason_line(trend.parts, shown=title), external_id=paper.external_id, url=paper.url,
        votes=paper.votes, topic_is_sure=is_sure,
    )  # fmt: skip


def _prepared(entry: Entry, paper: Paper, budget: Budget, choice: SummaryChoice) -> Entry:
    """The entry with its abstract, summaries and links."""
    budget.check()
    written = cut(paper.abstract, LONGEST_ABSTRACT)
    abstract = readable(written)
    budget.check()
    short = summarise(abstract, title=entry.title)
    budget.check()
    source = ""
    if (choice is SummaryChoice.SOURCE or not short.brief) and (given := source_summary(paper)):
        short, source = Summary(given, given), source_name(paper)
    links = badges(paper.links, written)
    budget.check()
    credits = credits_of(paper)
    budget.check()
    shown = f"{entry.title} {short.summary} {short.brief}"
    return replace(
        entry, summary=short.summary, brief=short.brief, summary_source=source, abstract=abstract,
        links=links, why=reason_line(entry.trend.parts, shown=shown),
        authors=credits.authors, author_count=credits.author_count,
        institution=credits.institution, venue=credits.venue, stars=paper.details.stars,
    )  # fmt: skip


def _with_texts(
    edition: Edition,
    papers: Mapping[int, Paper],
    choice: SummaryChoice,
    budget: Budget,
    trouble: Callable[[int, Exception], None] | None,
) -> Edition:
    """The arranged edition with the texts of those papers; one that cannot be prepared is plain."""
    entries = {entry.paper_id: entry for entry in edition.entries}
    for paper_id, paper in papers.items():
        budget.begin()
        try:
            entries[paper_id] = _prepared(entries[paper_id], paper, budget, choice)
        except Exception as error:
            if trouble is None:
                raise
            trouble(paper_id, error)
            entries[paper_id] = plainly(entries[paper_id])
    return replace(edition, entries=tuple(entries.values()))


def _reranked(entry: Entry, picked_on: date | None) -> Entry:
    parts = [part for part in entry.trend.parts if part.name not in ("faded", "picked")]
    if picked_on is not None:
        words = f"a top pick on {_WEEKDAYS[picked_on.weekday()]}"
        parts.append(TrendPart("picked", _FOR_HAVING_BEEN_PICKED, words))
    trend = Trend(sum(part.value for part in parts), tuple(parts))
    shown = f"{entry.title} {entry.summary} {entry.brief}"
    return replace(entry, trend=trend, why=reason_line(parts, shown=shown))


def _over_days(days: Sequence[Mapping[str, Momentum]]) -> dict[str, Momentum]:
    """Sum each name's counts over the days; rising if it rose on one and is above its usual."""
    summed: dict[str, Momentum] = {}
    for name in sorted({name for day in days for name in day}):
        of_days = [day[name] for day in days if name in day]
        count = sum(each.today for each in of_days)
        expected = sum(each.expected for each in of_days)
        rising = any(each.rising for each in of_days) and count > expected
        papers = "1 paper" if count == 1 else f"{count} papers"
        words = f"rising: {papers}, usually about {max(round(expected), 1)}" if rising else papers
        summed[name] = Momentum(name, count, round(expected, 2), rising, words)
    return summed
