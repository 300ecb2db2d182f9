"""The safe way on from a restored database: whatever it could send again counts as sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from digest.daily.daily_run import weekly_day
from digest.daily.freeze_audience import freeze_audience
from digest.daily.ingest import ingest
from digest.daily.publish import PublishSettings, publish, publish_weekly
from digest.daily.run_record import Clock, EditorialSettings, utc_now
from digest.errors import InputError
from digest.model import ExclusionReason
from digest.restore_guard.guard import RestoreGuard, ResumeResult


def resume_without_the_past(
    guard: RestoreGuard,
    editorial: EditorialSettings,
    publishing: PublishSettings,
    locations: Sequence[str],
    *,
    weekly_on: int = 0,
    clock: Clock = utc_now,
) -> ResumeResult:
    """Send again from the next edition on.

    Everything the sources have now is published in the editions of today, which are kept and shown
    but mailed to nobody: the database cannot know which of it readers have already. Safe to repeat:
    the pause ends with the last step. Raises `InputError` where the database is not in doubt, and
    what went wrong if a source cannot be read.
    """
    if not guard.restored_reason():
        raise InputError("no restored database is in use here", mend="Go on with: digest resume")
    failed = ingest(guard.store, editorial, locations, clock=clock).failed
    if failed:
        raise failed[0]
    # What nobody gets is held for nobody.
    publishing = replace(publishing, hold=None)
    publish(guard.store, editorial, publishing, clock=clock)
    day = weekly_day(editorial.day(clock()), weekly_on)
    publish_weekly(guard.store, editorial, publishing, day=day, clock=clock)
    with guard.store.begin() as unit:
        numbers = unit.editions.undelivered(clock())
        unit.holds.release(numbers, clock())
        undelivered = [unit.editions.by_id(number) for number in numbers]
        for number in numbers:
            unit.posts.plan(number, (), clock())  # posted nowhere, if nothing was planned yet
    for published in undelivered:
        if published is not None:
            freeze_audience(guard.store, editorial, published, clock)
    return guard.resume(clock(), skip=ExclusionReason.RESTORED)
