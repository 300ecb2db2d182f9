"""Read the state of everything, and the reason if nothing goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from digest.bounces.quarantine import Quarantine
from digest.daily.bounce_mailbox import BounceStatus, bounce_status
from digest.daily.equation import equation
from digest.daily.held_editions import hold_words, preview_words
from digest.daily.post_status import PostStatus, post_status
from digest.daily.run_record import (
    Clock,
    EditorialSettings,
    plural,
    utc_now,
)
from digest.daily.source_reports import report_object
from digest.daily.warm_up_status import WarmUpStatus, warm_up_status
from digest.delivery.warm_up import WarmUp
from digest.hours import next_wall_clock
from digest.json_objects import run_object
from digest.model import (
    DeliveryState,
    EditionHold,
    EditionKind,
    EditionSummary,
    HeldReading,
    Job,
    Run,
    SourceReport,
    SubscriberState,
    Tally,
    is_pause_reason,
    pause_reason,
)
from digest.store import Store, UnitOfWork

EDITIONS = 7
"""The number of editions that a status shows: a week of daily ones."""
_WALK = (Job.DAILY, Job.SEND, Job.PUBLISH, Job.INGEST)
_SHOWN_JOBS = (Job.DAILY, Job.INGEST, Job.PUBLISH, Job.SEND, Job.BOUNCES)


@dataclass(frozen=True, slots=True)
class EditionStatus:
    """An edition and its deliveries; ``reasons`` counts the exclusions and refusals by reason.

    ``set_aside`` counts the readers who alone get nothing, as their record or a defect is in the
    way, and ``who`` has the numbers of the first of them with the reason. ``blocked`` says why an
    edition that is held or stopped does not leave.
    """

    published: EditionSummary
    tally: Tally
    reasons: Mapping[str, int]
    set_aside: int = 0
    who: Mapping[int, str] = field(default_factory=dict)
    hold: EditionHold | None = None
    blocked: str = ""
    posts: PostStatus | None = None

    def serves(self, day: date) -> bool:
        """True if it is the daily edition of that day, and was sent to whom it could be."""
        about = self.published
        mine = about.kind is EditionKind.DAILY and about.day == day
        return mine and self.tally.accepted > 0 and not self.tally.unfinished

    def lines(self) -> Iterator[str]:
        """The lines for people."""
        published, tally = self.published, self.tally
        yield ""
        yield f"{published.kind} edition of {published.day}: {plural(published.papers, 'paper')}"
        yield f"  {equation(tally)}"
        for reason, count in self.reasons.items():
            yield f"  {count:>7,} {reason}"
        yield from self._hold_lines()
        if self.posts is not None:
            yield from self.posts.lines()
        if self.set_aside:
            yield (
                f"  {plural(self.set_aside, 'reader')} set aside: "
                f"{_numbers(self.set_aside, tuple(self.who))}. "
                "digest subscribers show NUMBER says why, and how to mend it"
            )
        if tally.unknown:
            yield (
                f"  {plural(tally.unknown, 'mail')} in doubt: the connection or the process "
                "ended after the whole mail was sent and before the relay answered. "
                "DIGEST_UNKNOWN_POLICY says what becomes of them"
            )

    def _hold_lines(self) -> Iterator[str]:
        if self.hold is None:
            return
        previews = preview_words(self.hold)
        if self.hold.blocks:
            yield f"  {self.blocked}"
            yield f"  {previews}" if previews else "  without a preview"
        elif previews and not self.hold.previews.get(DeliveryState.ACCEPTED):
            yield f"  nobody had its preview ({previews}): look at DIGEST_PREVIEW_TO"

    def as_dict(self) -> dict[str, Any]:
        """The object of this edition in ``digest status --json``."""
        return {
            "date": self.published.day.isoformat(),
            "kind": str(self.published.kind),
            "papers": self.published.papers,
            "deliveries": asdict(self.tally),
            "balanced": self.tally.balanced,
            "reasons": dict(self.reasons),
            "set_aside": {
                "readers": self.set_aside,
                "first": [{"id": id, "reason": reason} for id, reason in self.who.items()],
            },
            "expires_at": self.published.expires_at.isoformat(),
            "hold": None if self.hold is None else _hold_object(self.hold),
            **({} if self.posts is None else {"posts": self.posts.as_dict()}),
        }


@dataclass(frozen=True, slots=True)
class Status:
    """The result of `read_status`. ``served``: all subscribers have today's edition.

    ``blocked`` says why the newest edition does not leave, if it is held or stopped.
    """

    runs: Mapping[Job, Run]
    editions: tuple[EditionStatus, ...]
    readers: Mapping[SubscriberState, int]
    waiting_papers: int
    next_due: datetime | None
    next_daily: datetime
    paused: str | None
    service_mails: Mapping[DeliveryState, int] = field(default_factory=dict)
    warming: WarmUpStatus | None = None
    returned: BounceStatus | None = None
    served: bool = False
    blocked: str = ""
    stateless: tuple[int, tuple[int, ...]] = (0, ())
    awaiting_approval: int = 0
    held: tuple[HeldReading, ...] = ()
    sources: tuple[SourceReport, ...] = ()

    @property
    def no_mail_reason(self) -> str | None:
        """The reason that nothing goes out, or ``None`` if the last run had something to send."""
        if self.paused:
            return pause_reason(self.paused)
        if self.blocked:
            return self.blocked
        if self.warming is not None and self.warming.holds_back:
            return self.warming.holds_back
        sent = self.runs.get(Job.SEND)
        if sent is not None and not sent.ok:
            return _since_resumed(sent.no_mail_reason)
        # A step by hand may be newer than the last whole run; the newest of them knows best.
        runs = [self.runs[job] for job in _WALK if job in self.runs]
        if not runs:
            return "nothing has run yet"
        newest = max(runs, key=lambda run: run.ended_at)
        # Sources read again with nothing new are no reason on a day that had its mail.
        return None if self.served and newest.ok else _since_resumed(newest.no_mail_reason)

    def _source_lines(self) -> Iterator[str]:
        if not self.sources:
            return
        well = sum(not report.warnings for report in self.sources)
        yield f"sources       {well:,} of {len(self.sources):,} as usual (digest sources has more)"
        for report in self.sources:
            for line in report.lines:
                yield f"source        {line}"

    def as_dict(self) -> dict[str, Any]:
        """The object that ``digest status --json`` prints."""
        ingest = self.runs.get(Job.INGEST)
        return {
            "last_ingest": None if ingest is None else run_object(ingest),
            "runs": {job: run_object(run) for job, run in self.runs.items()},
            "editions": [edition.as_dict() for edition in self.editions],
            "subscribers": {str(state): count for state, count in self.readers.items()},
            "without_a_state": {"readers": self.stateless[0], "first": list(self.stateless[1])},
            "awaiting_approval": self.awaiting_approval,
            "letters": {str(state): count for state, count in self.service_mails.items()},
            "returned": self.returned.as_dict() if self.returned else None,
            "waiting_papers": self.waiting_papers,
            "held_readings": [held_object(reading) for reading in self.held],
            "sources": [report_object(report) for report in self.sources],
            "next_daily": self.next_daily.isoformat(),
            "next_delivery": self.next_due.isoformat() if self.next_due else None,
            "warm_up": self.warming.as_dict() if self.warming else None,
            "paused": self.paused,
            "silence": self.no_mail_reason,
        }

    def lines(self) -> Iterator[str]:
        """The same for people."""
        for job, run in self.runs.items():
            outcome = run.summary if run.ok else f"FAILED: {run.summary}"
            yield f"last {job:8} {_when(run.started_at)}  {outcome}"
        readers = ", ".join(f"{count:,} {state}" for state, count in self.readers.items())
        yield f"readers       {readers or 'none'}"
        if self.stateless[0]:
            yield (
                f"set aside     {plural(self.stateless[0], 'reader')} in no state that there is: "
                f"{_numbers(*self.stateless)}"
            )
        if self.awaiting_approval:
            yield (
                f"approval      {plural(self.awaiting_approval, 'new subscriber')} waiting for yours; "
                "see digest subscribers waiting"
            )
        if self.service_mails:
            mails = ", ".join(f"{count:,} {state}" for state, count in self.service_mails.items())
            yield f"letters       {mails} (confirmations and the like; the daemon sends them)"
        if self.returned is not None:
            yield from self.returned.lines()
        yield f"waiting       {plural(self.waiting_papers, 'paper')} for the next edition"
        for reading in self.held:
            yield f"held reading  {reading.line}"
        yield from self._source_lines()
        for edition in self.editions:
            yield from edition.lines()
        yield ""
        if self.next_due is not None:
            yield f"next delivery {_when(self.next_due)}"
        yield f"next edition  {_when(self.next_daily)}"
        if self.warming is not None and not self.warming.holds_back:
            yield self.warming.summary
        if self.paused:
            yield f"PAUSED: {resume_hint(self.paused)}"
        elif self.no_mail_reason:
            yield f"quiet because: {self.no_mail_reason}"


def read_status(
    store: Store,
    editorial: EditorialSettings,
    *,
    clock: Clock = utc_now,
    doubt: str = "",
    warm_up: WarmUp | None = None,
    quarantine: Quarantine | None = None,
) -> Status:
    """Look at everything in one transaction, so that the numbers belong together.

    ``doubt`` is what `RestoreGuard.restored_reason` says: the next run will pause for it.
    ``warm_up`` is that of the sender, if it is new. ``quarantine`` is where this machine keeps
    returned mail for a person.
    """
    now = clock()
    with store.read() as unit:
        editions = unit.editions.list(limit=EDITIONS, all=True)
        today = warm_up_status(unit, warm_up, now)
        runs = {job: run for job in _SHOWN_JOBS if (run := unit.runs.last(job)) is not None}
        statuses = tuple(_edition_status(unit, edition, now) for edition in editions)
        return Status(
            runs=runs,
            editions=statuses,
            readers=unit.subscribers.counts(),
            waiting_papers=len(unit.papers.pending()),
            next_due=_next_due(unit, warm_up, today, now),
            next_daily=_next_daily(editions, editorial, now),
            paused=unit.runs.paused() or doubt or None,
            service_mails=unit.service_mails.counts(),
            awaiting_approval=unit.arrivals.count_waiting(),
            warming=today,
            returned=bounce_status(unit, quarantine, now) if quarantine is not None else None,
            served=any(status.serves(editorial.day(now)) for status in statuses),
            blocked=_newest_blocked(statuses, now),
            stateless=unit.subscribers.stateless(),
            held=unit.held_readings.held(),
        )


def _next_daily(
    editions: Sequence[EditionSummary], editorial: EditorialSettings, now: datetime
) -> datetime:
    """The moment of the next daily edition: that of another day where this day's is out already."""
    moment = next_wall_clock(now, editorial.send_at, editorial.zone)
    day = moment.astimezone(editorial.zone).date()
    if any(edition.kind is EditionKind.DAILY and edition.day == day for edition in editions):
        return next_wall_clock(moment, editorial.send_at, editorial.zone)
    return moment


def _edition_status(unit: UnitOfWork, edition: EditionSummary, now: datetime) -> EditionStatus:
    hold = unit.holds.of(edition.id)
    return EditionStatus(
        edition,
        unit.outbox.tally(edition.id),
        unit.outbox.reasons(edition.id),
        *unit.outbox.set_aside(edition.id),
        hold,
        hold_words(hold, now) if hold is not None and hold.blocks else "",
        post_status(unit, edition.id),
    )


def _newest_blocked(editions: Sequence[EditionStatus], now: datetime) -> str:
    """Say why the editions of the newest day do not leave, as far as they are held or stopped."""
    newest = editions[0].published.day if editions else None
    return "; ".join(
        edition.blocked
        for edition in editions
        if edition.blocked
        and edition.published.day == newest
        and edition.published.expires_at >= now
    )


def next_delivery(store: Store, warm_up: WarmUp | None, now: datetime) -> datetime | None:
    """The moment at which the next mail may leave, ``None`` if none waits."""
    with store.read() as unit:
        return _next_due(unit, warm_up, warm_up_status(unit, warm_up, now), now)


def _next_due(
    unit: UnitOfWork, warm_up: WarmUp | None, today: WarmUpStatus | None, now: datetime
) -> datetime | None:
    """The moment at which the next mail may leave: what is due waits for another day of a warm-up,
    too.
    """
    due = unit.outbox.next_due(now)
    if due is None or warm_up is None or today is None or today.left:
        return due
    return max(due, warm_up.next_day_start(now))


def resume_hint(paused: str) -> str:
    """The reason of a pause, and how to go on, which some reasons tell themselves."""
    return paused if "digest resume" in paused else f"{paused}. Go on with: digest resume"


def _since_resumed(no_mail_reason: str) -> str | None:
    """The reason that the last run sent nothing, unless it was a pause that is over."""
    if is_pause_reason(no_mail_reason):
        return "sending was resumed, and no run has followed yet"
    return no_mail_reason or None


def _numbers(count: int, first: tuple[int, ...]) -> str:
    """The numbers of readers, as far as they are listed."""
    listed = ", ".join(str(number) for number in first)
    return f"{listed} and {count - len(first):,} more" if count > len(first) else listed


def _hold_object(hold: EditionHold) -> dict[str, Any]:
    return {
        "state": str(hold.state),
        "until": hold.until.isoformat() if hold.until is not None else None,
        "reason": hold.reason or None,
        "since": hold.changed_at.isoformat(),
        "previews": {str(state): count for state, count in hold.previews.items()},
    }


def held_object(held: HeldReading) -> dict[str, Any]:
    """A held reading as JSON."""
    return {
        "id": held.id,
        "source": held.reading.source,
        "location": held.location,
        "date": held.reading.day.isoformat(),
        "papers": held.reading.papers,
        "known": held.reading.known,
        "understood": round(held.reading.understood, 3),
        "reason": str(held.reason),
        "words": held.words,
        "held_at": held.held_at.isoformat(),
        "passed_at": held.passed_at.isoformat() if held.passed_at else None,
        "unconfirmed": held.unconfirmed,
    }


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
