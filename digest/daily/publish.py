"""From remembered papers to frozen editions."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from digest.daily.run_record import Clock, EditorialSettings, plural, recorded, utc_now
from digest.daily.store_ports import EditorialStore, EditorialUnit
from digest.editorial import trending
from digest.editorial.arrangement import EditionFrame
from digest.editorial.edition import compose_edition, compose_weekly, plainly
from digest.editorial.paper_limits import OutOfTime
from digest.editorial.top import new_papers, rank_top
from digest.errors import DigestError
from digest.mail.list_identity import ListIdentity
from digest.model import (
    Assignment,
    Candidate,
    Edition,
    EditionKind,
    Frequency,
    Job,
    Momentum,
    Novelty,
    Paper,
    PreviewHold,
    PublishedEdition,
    Rendering,
    Trend,
)

log = logging.getLogger(__name__)

HISTORY = timedelta(days=56)
"""How far back a topic's own past is looked at: eight weeks even out weekday and conference
swings, and are recent enough to still be the same field."""
_MOST_NAMED = 5
LEAST_VOTERS = 3
"""Readers who must want more like a paper before a weekly edition says that it is liked: of fewer, each
would know what another had voted."""
MOST_KEPT = 5
"""Papers that a weekly edition names as the most kept."""


class EditionRenderer(Protocol):
    """A renderer that turns an edition into frozen pieces of mail."""

    def render(self, edition: Edition, list_identity: ListIdentity) -> Rendering:
        """The edition, rendered once."""
        ...


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """The parts that turn an edition into mail. ``expiry`` is how long after publishing it may be
    sent. ``shown`` names the papers of a daily edition that get a summary (default: all, since a
    subscriber's own choice may show any). With ``hold`` an edition is shown to a few first.
    """

    renderer: EditionRenderer
    list_identity: ListIdentity
    expiry: timedelta
    shown: Callable[[Edition], Collection[int]] | None = None
    hold: PreviewHold | None = None


@dataclass(frozen=True, slots=True)
class PublishReport:
    """The editions of the day, those made now among them, or the reason that there is none.

    ``plain`` says, in a line each, which papers could not be prepared and went out with their
    title and link only.
    """

    editions: tuple[PublishedEdition, ...] = ()
    made: int = 0
    no_mail_reason: str = ""
    plain: tuple[str, ...] = ()


@dataclass(slots=True)
class _PlainPapers:
    """The papers that went out plain, by id, and why."""

    reasons: dict[int, str] = field(default_factory=dict)

    def note(self, paper_id: int, error: Exception) -> None:
        why = str(error) if isinstance(error, OutOfTime) else f"a defect: {type(error).__name__}"
        log.warning("paper %d goes out with its title and link only: %s", paper_id, why)
        self.reasons[paper_id] = why

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(
            f"paper {id} could not be prepared ({why}) and went out with its title and link only"
            for id, why in self.reasons.items()
        )

    @property
    def summary(self) -> str:
        """The end of a run's summary; the ids of the first few, since it is one line."""
        if not self.reasons:
            return ""
        few = [str(id) for id in self.reasons][:_MOST_NAMED]
        more = ", …" if len(self.reasons) > len(few) else ""
        why = next(iter(self.reasons.values()))
        count = plural(len(self.reasons), "paper")
        return f"; {count} with title and link only (id {', '.join(few)}{more}: {why})"


def publish(
    store: EditorialStore,
    editorial: EditorialSettings,
    publishing: PublishSettings,
    *,
    day: date | None = None,
    clock: Clock = utc_now,
) -> PublishReport:
    """Freeze the editions of ``day`` (default: today) from everything not published yet.

    Besides the daily edition, this makes the one for readers who want no mail at weekends, where
    a weekend is to be told after. An edition that exists already is returned as it is.
    """
    now = clock()
    day = day or editorial.day(now)
    plain_papers = _PlainPapers()
    with recorded(store, Job.PUBLISH, clock) as run, store.begin() as unit:
        unit.papers.lock()
        existing = unit.editions.get(EditionKind.DAILY, day)
        waiting = unit.papers.pending()
        new = sum(novelty is Novelty.NEW for _, novelty, _ in waiting)
        made: list[PublishedEdition] = []
        no_mail_reason = ""
        if existing is not None:
            no_mail_reason = _published_already(day, new)
        elif new:
            daily = _compose(unit, editorial, day, waiting, plain_papers, publishing.shown)
            made.append(_freeze(unit, publishing, daily, now, plain_papers))
        else:
            no_mail_reason = _nothing_new(unit, len(waiting))
        weekdays = _retell_weekend(unit, editorial, day)
        if weekdays is not None:
            made.append(_freeze(unit, publishing, weekdays, now, plain_papers))
        run.no_mail_reason = no_mail_reason
        summaries = "; ".join(_summary(published.edition) for published in made)
        run.summary = (summaries or no_mail_reason) + plain_papers.summary
        of_the_day = _of_day(unit, day)
    return PublishReport(of_the_day, len(made), no_mail_reason, plain_papers.lines)


def _of_day(unit: EditorialUnit, day: date) -> tuple[PublishedEdition, ...]:
    editions = (unit.editions.get(kind, day) for kind in EditionKind)
    return tuple(published for published in editions if published is not None)


def publish_weekly(
    store: EditorialStore,
    editorial: EditorialSettings,
    publishing: PublishSettings,
    *,
    day: date | None = None,
    clock: Clock = utc_now,
) -> PublishReport:
    """Freeze the weekly edition of the seven days before ``day`` from their daily editions."""
    now = clock()
    day = day or editorial.day(now)
    with recorded(store, Job.WEEKLY, clock) as run, store.begin() as unit:
        existing = unit.editions.get(EditionKind.WEEKLY, day)
        if existing is not None:
            run.summary = f"the weekly edition of {day} was published already"
            return PublishReport((existing,), 0, run.summary)
        first, last = day - timedelta(days=7), day - timedelta(days=1)
        dailies = _not_stopped(unit, unit.editions.between(EditionKind.DAILY, first, last))
        if not dailies:
            run.no_mail_reason = run.summary = f"no daily edition from {first} to {last}"
            return PublishReport((), 0, run.no_mail_reason)
        days = [daily.edition for daily in dailies]
        edition = compose_weekly(
            days,
            topics=editorial.topics.topics,
            day=day,
            caps=editorial.caps,
            top=rank_top(days, unit.papers.sightings(new_papers(days))),
        )
        edition = replace(edition, kept=_most_kept(unit, edition))
        plain_papers = _PlainPapers()
        frozen = _freeze(unit, publishing, edition, now, plain_papers)
        run.summary = _summary(frozen.edition) + plain_papers.summary
    return PublishReport((frozen,), 1, plain=plain_papers.lines)


def _most_kept(unit: EditorialUnit, edition: Edition) -> tuple[int, ...]:
    """The papers of a week that most readers asked for more of, where these are enough not to be known."""
    ids = [id for section in edition.sections for id in section.papers]
    most = unit.votes.most_wanted(ids, least=LEAST_VOTERS, limit=MOST_KEPT)
    return tuple(paper_id for paper_id, _ in most)


def _compose(
    unit: EditorialUnit,
    editorial: EditorialSettings,
    day: date,
    waiting: Sequence[tuple[Paper, Novelty, Assignment]],
    plain_papers: _PlainPapers,
    shown: Callable[[Edition], Collection[int]] | None,
) -> Edition:
    read, seen, first, last = unit.papers.pending_dumps()
    history_start = day - HISTORY
    past_votes = unit.papers.first_day_votes(history_start, first or day)
    candidates = _judged(unit, waiting, past_votes, day, plain_papers)
    news = [candidate for candidate in candidates if candidate.novelty is Novelty.NEW]
    frame = EditionFrame(
        topics=editorial.topics.topics,
        day=day,
        covers=(first or day, last or day),
        read=read,
        seen=seen,
        caps=editorial.caps,
        summaries=editorial.summaries,
        momentum=trending.momentum(
            Counter(candidate.assignment.topic for candidate in news),
            unit.papers.topic_counts(history_start, first or day),
        ),
        phrases=_phrases(unit, news, history_start, first or day),
        weekly=_weekly_phrases(unit, news, day, history_start, first or day),
    )
    return compose_edition(candidates, frame, trouble=plain_papers.note, shown=shown)


def _judged(
    unit: EditorialUnit,
    waiting: Sequence[tuple[Paper, Novelty, Assignment]],
    past_votes: Mapping[int, int],
    day: date,
    plain_papers: _PlainPapers,
) -> list[Candidate]:
    """The waiting papers with their scores; ``past_votes`` counts earlier papers by their votes."""
    new = [paper for paper, novelty, _ in waiting if novelty is Novelty.NEW]
    today = [paper.votes for paper in new if paper.votes is not None]
    usual = trending.usual_votes(today, past_votes)
    sightings = unit.papers.sightings([paper.id for paper, _, _ in waiting])
    candidates = []
    for paper, novelty, assignment in waiting:
        try:
            trend = trending.trend_score(paper, sightings[paper.id], day=day, usual=usual)
        except Exception as error:  # one paper's figures do not stop the others
            plain_papers.note(paper.id, error)
            trend = Trend(0.0)
        candidates.append(Candidate(paper, novelty, assignment, trend))
    return candidates


def _phrases(
    unit: EditorialUnit, news: Sequence[Candidate], first: date, last: date
) -> tuple[Momentum, ...]:
    try:
        return trending.rising_phrases(
            [candidate.paper.title for candidate in news], unit.papers.titles(first, last)
        )
    except DigestError:
        raise
    except Exception:
        log.warning("an edition without rising phrases: a title cannot be read", exc_info=True)
        return ()


def _weekly_phrases(
    unit: EditorialUnit, news: Sequence[Candidate], day: date, history_start: date, first: date
) -> Mapping[int, Momentum]:
    """The phrases that rise over the seven days up to ``day``; none where more are covered."""
    start = day - timedelta(days=6)
    if first < start:
        return {}
    today = {
        candidate.paper.id: (candidate.paper.title, candidate.assignment.why) for candidate in news
    }
    try:
        return trending.weekly_phrases(
            today,
            (title for _, title in unit.papers.titles(start, first)),
            (title for _, title in unit.papers.titles(history_start, start)),
        )
    except DigestError:
        raise
    except Exception:
        log.warning("an edition without the week's phrases: a title cannot be read", exc_info=True)
        return {}


def _freeze(
    unit: EditorialUnit,
    publishing: PublishSettings,
    edition: Edition,
    now: datetime,
    plain_papers: _PlainPapers,
) -> PublishedEdition:
    edition, rendering = _rendered(publishing, edition, plain_papers)
    published = unit.editions.freeze(
        edition, rendering, published_at=now, expires_at=now + publishing.expiry
    )
    if publishing.hold is not None:
        unit.holds.hold(published.id, publishing.hold, now)
    return published


def _rendered(
    publishing: PublishSettings, edition: Edition, plain_papers: _PlainPapers
) -> tuple[Edition, Rendering]:
    """The edition and its rendering; papers that cannot be rendered stand in it plainly."""
    try:
        return edition, publishing.renderer.render(edition, publishing.list_identity)
    except DigestError:
        raise
    except Exception as error:
        entries = []
        for entry in edition.entries:
            alone = replace(edition, entries=(entry,))
            try:
                publishing.renderer.render(alone, publishing.list_identity)
            except Exception as cause:
                plain_papers.note(entry.paper_id, cause)
                entry = plainly(entry)
            entries.append(entry)
        if tuple(entries) == edition.entries:
            raise error
        edition = replace(edition, entries=tuple(entries))
        return edition, publishing.renderer.render(edition, publishing.list_identity)


def _not_stopped(
    unit: EditorialUnit, dailies: Sequence[PublishedEdition]
) -> tuple[PublishedEdition, ...]:
    """The daily editions that another may tell of again: a person keeps the others back."""
    stopped = unit.holds.stopped_days()
    return tuple(daily for daily in dailies if daily.edition.day not in stopped)


def _retell_weekend(unit: EditorialUnit, editorial: EditorialSettings, day: date) -> Edition | None:
    """The edition for readers without weekend mail, if a weekend is still to be told to them."""
    if day.weekday() >= 5 or not unit.subscribers.any_wants(Frequency.WEEKDAYS):
        return None
    if unit.editions.get(EditionKind.WEEKDAYS, day) is not None:
        return None
    dailies = unit.editions.between(EditionKind.DAILY, day - timedelta(days=7), day)
    latest = unit.editions.latest(EditionKind.WEEKDAYS)
    last_weekday = max(
        [
            daily.edition.day
            for daily in dailies
            if daily.edition.day.weekday() < 5 and daily.edition.day < day
        ]
        + [latest.edition.day if latest is not None else date.min]
    )
    unsent = [
        daily.edition for daily in _not_stopped(unit, dailies) if daily.edition.day > last_weekday
    ]
    if not any(daily.day.weekday() >= 5 for daily in unsent):
        return None
    return compose_weekly(
        unsent,
        topics=editorial.topics.topics,
        day=day,
        caps=editorial.caps,
        kind=EditionKind.WEEKDAYS,
    )


def _published_already(day: date, new: int) -> str:
    line = f"the edition of {day} was published already"
    return f"{line}; {plural(new, 'new paper')} will be in the next one" if new else line


def _nothing_new(unit: EditorialUnit, revised: int) -> str:
    read, *_ = unit.papers.pending_dumps()
    if not read:
        last = unit.runs.last(Job.INGEST)
        if last is not None and last.no_mail_reason:
            return f"nothing to publish: {last.no_mail_reason}"
        return "nothing to publish: no dump since the last edition"
    line = f"nothing to publish: 0 of {read} papers read are new"
    held = sum(not reading.passed_at for reading in unit.held_readings.held())
    if held:
        line += f"; {plural(held, 'reading')} held as implausible (digest status has them)"
    if revised:
        line += f"; {plural(revised, 'updated paper')} will be in the next edition"
    return line


def _summary(edition: Edition) -> str:
    return f"{edition.kind} edition of {edition.day}: {plural(edition.new, 'new paper')}"
