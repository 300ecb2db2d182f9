"""Shared parts of every step: settings, the clock, and the record each leaves of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from digest.daily.store_ports import EditorialStore
from digest.editorial.arrangement import EditionLimits
from digest.editorial.topics import Topics
from digest.errors import DigestError
from digest.model import Job, Run, SummaryChoice
from digest.redaction import without_addresses

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock of the real world."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class EditorialSettings:
    """The settings of the editorial side."""

    topics: Topics
    zone: ZoneInfo
    send_at: time = time(8)
    caps: EditionLimits = field(default_factory=EditionLimits)
    summaries: SummaryChoice = SummaryChoice.OWN

    def day(self, moment: datetime) -> date:
        """The day it is for the operator."""
        return moment.astimezone(self.zone).date()


@dataclass(slots=True)
class RunNote:
    """The summary of a run, and the reason that nothing went out; filled in as it runs."""

    summary: str = ""
    no_mail_reason: str = ""
    ok: bool = True


@contextmanager
def recorded(store: EditorialStore, job: Job, clock: Clock) -> Iterator[RunNote]:
    """Record the run of a job, one that fails too: its error is its summary and its reason."""
    started, note = clock(), RunNote()
    try:
        yield note
    except Exception as error:
        known = isinstance(error, DigestError)
        line = without_addresses(str(error) if known else f"a defect: {error!r}")
        with suppress(DigestError):
            _record(store, Run(job, started, clock(), False, line, line))
        raise
    _record(store, Run(job, started, clock(), note.ok, note.summary, note.no_mail_reason))


def _record(store: EditorialStore, run: Run) -> None:
    with store.begin() as unit:
        unit.runs.record(run)


def plural(number: int, noun: str) -> str:
    """``1 paper``, ``2 papers``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
