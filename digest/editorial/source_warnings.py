"""Judge how a source fares: what is usual for it, and what is not as usual.

Nothing here keeps a paper from being read or mailed; it is for the operator to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from statistics import median

from digest.model import (
    LinkKind,
    Record,
    SourceHealth,
    SourceReading,
    SourceReport,
    SourceTrouble,
    SourceWarning,
)

ENOUGH = 3
"""Days of a weekday (or before today) that make a usual."""
LATELY = 8
"""Days of a weekday, or days before today, that are looked at."""
UNREAD = timedelta(days=2)
"""Time without a reading in full after which what a source gave is old."""
ENOUGH_PAUSES = 5
ENOUGH_PAPERS = 8
"""Papers of which the shares of fields say something."""
USUAL_SHARE = 0.5
GONE_SHARE = 0.05
_LONGEST_REASON = 300
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_FIELDS: Mapping[str, Callable[[Record], object]] = {
    "abstract": lambda record: record.abstract,
    "authors": lambda record: record.authors or record.author_count,
    "categories": lambda record: record.details.categories,
    "code": lambda record: any(link.kind is LinkKind.CODE for link in record.links),
    "date": lambda record: record.published,
    "doi": lambda record: record.details.doi,
    "id": lambda record: record.external_id,
    "licence": lambda record: record.details.licence,
    "link": lambda record: record.url,
    "organization": lambda record: record.organization,
    "votes": lambda record: record.votes is not None,
}


def field_shares(records: Sequence[Record]) -> tuple[tuple[str, float], ...]:
    """The share (0 to 1, in steps of a twentieth) of the papers that have each field."""
    if not records:
        return ()
    counts = {name: sum(bool(has(record)) for record in records) for name, has in _FIELDS.items()}
    return tuple((name, round(count / len(records) * 20) / 20) for name, count in counts.items())


def report_source(
    source: str,
    health: SourceHealth | None,
    history: Sequence[SourceReading],
    *,
    now: datetime,
    zone: tzinfo,
) -> SourceReport:
    """Report on one source; ``history`` has its readings that were taken in, oldest first."""
    if health is None:
        return SourceReport(source)
    judged = _Judged(health, tuple(history), now, zone)
    return SourceReport(source, health, judged.usual(), tuple(judged.warnings()))


@dataclass(frozen=True, slots=True)
class _Judged:
    """A source and what is known of it."""

    health: SourceHealth
    history: tuple[SourceReading, ...]
    now: datetime
    zone: tzinfo

    def usual(self) -> int | None:
        """The median number of papers on the weekday of the last reading."""
        if self.health.read_day is None:
            return None
        weekday = self.health.read_day.weekday()
        papers: dict[date, int] = {}
        for reading in self.history:
            if reading.day.weekday() == weekday and reading.day != self.health.read_day:
                papers[reading.day] = max(reading.papers, papers.get(reading.day, 0))
        last = [papers[day] for day in sorted(papers)[-LATELY:]]
        return round(median(last)) if len(last) >= ENOUGH else None

    def warnings(self) -> Iterator[SourceWarning]:
        """Yield what is not as usual, the worst first."""
        health = self.health
        if health.failures:
            since = f"{health.failing_since or health.tried_at:%Y-%m-%d %H:%M} UTC"
            times = "once" if health.failures == 1 else f"{health.failures:,} times in a row"
            why = " ".join((health.error or "for no reason that was kept").split())
            yield SourceWarning(
                SourceTrouble.FAILING,
                f"cannot be read since {since} ({times}): {why[:_LONGEST_REASON]}",
            )
        if health.read_at is None:
            return
        if self.now - health.read_at > UNREAD:
            yield SourceWarning(
                SourceTrouble.STALE,
                f"was last read in full on {health.read_at:%Y-%m-%d %H:%M} UTC",
            )
        elif not health.failures:
            yield from self._of_last_reading(health)
        yield from self._lost_fields()

    def _of_last_reading(self, health: SourceHealth) -> Iterator[SourceWarning]:
        assert health.read_at is not None
        read_on = self._local(health.read_at)
        fresh = [reading for reading in self.history if reading.known < reading.papers]
        days = sorted({self._local(reading.read_at) for reading in fresh})
        if days and days[-1] == read_on:
            return
        pauses = [(later - earlier).days for earlier, later in pairwise(days)]
        if len(pauses) >= ENOUGH_PAUSES and (read_on - days[-1]).days > max(pauses) + 1:
            yield SourceWarning(
                SourceTrouble.STALE,
                f"has had nothing new since {days[-1]}, and never paused for more than "
                f"{max(pauses)} days",
            )
        elif sum(day.weekday() == read_on.weekday() for day in days) >= ENOUGH:
            yield self._of_usual_day(health, read_on)

    def _of_usual_day(self, health: SourceHealth, read_on: date) -> SourceWarning:
        """The warning that nothing new came on a weekday that usually brings something."""
        weekday = _WEEKDAYS[read_on.weekday()]
        if not health.items:
            usual = self.usual()
            normal = f"where {usual:,} are usual" if usual else "which usually has some"
            words = f"gave no papers on {read_on}, a {weekday}, {normal}"
            return SourceWarning(SourceTrouble.EMPTY, words)
        if self.history[-1].papers == health.items:
            words = f"gave the previous batch again on {read_on}: the same {health.items:,} papers"
            return SourceWarning(SourceTrouble.PREVIOUS_BATCH, words)
        return SourceWarning(
            SourceTrouble.ALL_SEEN,
            f"gave nothing new on {read_on}, a {weekday}: all {health.items:,} papers were known",
        )

    def _lost_fields(self) -> Iterator[SourceWarning]:
        """Yield the fields that most papers had and hardly one of the last reading has."""
        lists = [one for one in self.history if one.fields and one.papers >= ENOUGH_PAPERS]
        by_day = {reading.day: dict(reading.fields) for reading in lists}
        last, before = (max(by_day), sorted(by_day)[:-1]) if by_day else (None, [])
        if last is None or len(before) < ENOUGH:
            return
        gone = []
        for name, share in by_day[last].items():
            usual = median(by_day[day].get(name, 0.0) for day in before[-LATELY:])
            if usual >= USUAL_SHARE and share <= GONE_SHARE:
                gone.append(f"{name} ({share:.0%} of the papers, {usual:.0%} before)")
        if gone:
            yield SourceWarning(
                SourceTrouble.FORMAT_CHANGED,
                f"has changed its form on {last}: hardly a paper has {', '.join(gone)}",
            )

    def _local(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()
