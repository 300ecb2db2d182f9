"""From remembered papers to frozen editions."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from digest.daily.run_record import Clock, EditorialSettings, plural, recorded, utc_now
from digest.editorial import edition, trending
from digest.editorial.arrangement import EditionFrame
from digest.editorial.limits import OutOfTime
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
    PublishedEdition,
    Rendering,
    Trend,
)
from digest.store import Store, UnitOfWork

log = logging.getLogger(__name__)

HISTORY = timedelta(days=56)
"""How far back a topic's own past is looked at: eight weeks even out weekday and conference
swings, and are recent enough to still be the same field."""
_MOST_NAMED = 5


class EditionRenderer(Protocol):
    """What turns an edition into frozen pieces of mail."""

    def render(self, edition: Edition, letterhead: ListIdentity) -> Rendering:
        """The edition, rendered once."""
        ...


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """What turns an edition into mail. ``expiry`` is how long after publishing it may be sent."""

    renderer: EditionRenderer
    list_identity: ListIdentity
    expiry: timedelta


@dataclass(frozen=True, slots=True)
class PublishReport:
    """The editions of the day, those made now among them, or the reason that there is none.

    ``plain`` says, in a line each, which papers could not be prepared and went out with their
    title and link only.
    """

    editions: tuple[PublishedEdition, ...] = ()
    made: int = 0
    silence: str = ""
    plain: tuple[str, ...] = ()


@dataclass(slots=True)
class _Troubles:
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
    def words(self) -> str:
        """The end of a run's summary; the ids of the first few, since it is one line."""
        if not self.reasons:
            return ""
        few = [str(id) for id in self.reasons][:_MOST_NAMED]
        more = ", …" if len(self.reasons) > len(few) else ""
        why = next(iter(self.reasons.values()))
        count = plural(len(self.reasons), "paper")
        return f"; {count} with title and link only (id {', '.join(few)}{more}: {why})"


def publish(
    store: Store,
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
    troubles = _Troubles()
    with recorded(store, Job.PUBLISH, clock) as run, store.begin() as unit:
        unit.papers.lock()
        existing = unit.editions.get(EditionKind.DAILY, day)
        waiting = unit.papers.pending()
        new = sum(novelty is Novelty.NEW for _, novelty, _ in waiting)
        made: list[PublishedEdition] = []
        silence = ""
        if existing is not None:
            silence = f"the edition of {day} was published already"
            if new:
                silence += f"; {plural(new, 'new paper')} will be in the next one"
        elif new:
            daily = _compose(unit, editorial, day, waiting, troubles)
            made.append(_freeze(unit, publishing, daily, now, troubles))
        else:
            silence = _nothing_new(unit, len(waiting))
        weekdays = _retell_weekend(unit, editorial, day)
        if weekdays is not None:
            made.append(_freeze(unit, publishing, weekdays, now, troubles))
        of_the_day = [unit.editions.get(kind, day) for kind in EditionKind]
        report = PublishReport(
            tuple(found for found in of_the_day if found is not None),
            len(made),
            silence,
            troubles.lines,
        )
        run.silence = silence
        run.summary = ("; ".join(_told(one.edition) for one in made) or silence) + troubles.words
    return report


def publish_weekly(
    store: Store,
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
        dailies = unit.editions.between(EditionKind.DAILY, first, last)
        if not dailies:
            run.silence = run.summary = f"no daily edition from {first} to {last}"
            return PublishReport((), 0, run.silence)
        told = edition.compose_weekly(
            [one.edition for one in dailies],
            topics=editorial.topics.topics,
            day=day,
            caps=editorial.caps,
        )
        troubles = _Troubles()
        frozen = _freeze(unit, publishing, told, now, troubles)
        run.summary = _told(frozen.edition) + troubles.words
    return PublishReport((frozen,), 1, plain=troubles.lines)


def _compose(
    unit: UnitOfWork,
    editorial: EditorialSettings,
    day: date,
    waiting: Sequence[tuple[Paper, Novelty, Assignment]],
    troubles: _Troubles,
) -> Edition:
    sightings = unit.papers.sightings([paper.id for paper, _, _ in waiting])
    candidates = []
    for paper, novelty, assignment in waiting:
        try:
            trend = trending.trend_score(paper, sightings[paper.id], day=day)
        except Exception as error:  # one paper's figures do not stop the others
            troubles.note(paper.id, error)
            trend = Trend(0.0)
        candidates.append(Candidate(paper, novelty, assignment, trend))
    news = [one for one in candidates if one.novelty is Novelty.NEW]
    read, seen, first, last = unit.papers.pending_dumps()
    history_start = day - HISTORY
    frame = EditionFrame(
        topics=editorial.topics.topics,
        day=day,
        covers=(first or day, last or day),
        read=read,
        seen=seen,
        caps=editorial.caps,
        momentum=trending.momentum(
            Counter(one.assignment.topic for one in news),
            unit.papers.topic_counts(history_start, first or day),
        ),
        phrases=_phrases(unit, news, history_start, first or day),
    )
    return edition.compose_edition(candidates, frame, trouble=troubles.note)


def _phrases(
    unit: UnitOfWork, news: Sequence[Candidate], first: date, last: date
) -> tuple[Momentum, ...]:
    try:
        return trending.rising_phrases(
            [one.paper.title for one in news], unit.papers.titles(first, last)
        )
    except DigestError:
        raise
    except Exception:
        log.warning("an edition without rising phrases: a title cannot be read", exc_info=True)
        return ()


def _freeze(
    unit: UnitOfWork, publishing: PublishSettings, told: Edition, now: datetime, troubles: _Troubles
) -> PublishedEdition:
    told, rendering = _rendered(publishing, told, troubles)
    return unit.editions.freeze(
        told, rendering, published_at=now, expires_at=now + publishing.expiry
    )


def _rendered(
    publishing: PublishSettings, told: Edition, troubles: _Troubles
) -> tuple[Edition, Rendering]:
    """The edition and its rendering; papers that cannot be rendered stand in it plainly."""
    try:
        return told, publishing.renderer.render(told, publishing.list_identity)
    except DigestError:
        raise
    except Exception as error:
        entries = []
        for entry in told.entries:
            alone = replace(told, entries=(entry,))
            try:
                publishing.renderer.render(alone, publishing.list_identity)
            except Exception as cause:
                troubles.note(entry.paper_id, cause)
                entry = edition.plainly(entry)
            entries.append(entry)
        if tuple(entries) == told.entries:
            raise error
        told = replace(told, entries=tuple(entries))
        return told, publishing.renderer.render(told, publishing.list_identity)


def _retell_weekend(unit: UnitOfWork, editorial: EditorialSettings, day: date) -> Edition | None:
    """The edition for readers without weekend mail, if a weekend is still to be told to them."""
    if day.weekday() >= 5 or not unit.subscribers.any_wants(Frequency.WEEKDAYS):
        return None
    if unit.editions.get(EditionKind.WEEKDAYS, day) is not None:
        return None
    dailies = unit.editions.between(EditionKind.DAILY, day - timedelta(days=7), day)
    told = unit.editions.latest(EditionKind.WEEKDAYS)
    weekday_told = max(
        [
            one.edition.day
            for one in dailies
            if one.edition.day.weekday() < 5 and one.edition.day < day
        ]
        + [told.edition.day if told is not None else date.min]
    )
    untold = [one.edition for one in dailies if one.edition.day > weekday_told]
    if not any(one.day.weekday() >= 5 for one in untold):
        return None
    return edition.compose_weekly(
        untold,
        topics=editorial.topics.topics,
        day=day,
        caps=editorial.caps,
        kind=EditionKind.WEEKDAYS,
    )


def _nothing_new(unit: UnitOfWork, revised: int) -> str:
    read, *_ = unit.papers.pending_dumps()
    if not read:
        last = unit.runs.last(Job.INGEST)
        if last is not None and last.silence:
            return f"nothing to publish: {last.silence}"
        return "nothing to publish: no dump since the last edition"
    line = f"nothing to publish: 0 of {read} papers read are new"
    if revised:
        line += f"; {plural(revised, 'updated paper')} will be in the next edition"
    return line


def _told(told: Edition) -> str:
    return f"{told.kind} edition of {told.day}: {plural(told.new, 'new paper')}"
