"""Tell how each source fares: to the log, to the status, and to the operator by mail."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from digest.daily.pause_alert import PauseAlert
from digest.daily.run_record import EditorialSettings, plural
from digest.editorial.source_warnings import report_source
from digest.model import SourceReport, SourceTrouble
from digest.sources import source_name
from digest.store import Store

EVERY = timedelta(hours=20)
"""Time between two alerts about one source: one a day, though no two runs begin at one second."""
_MOST_TOLD = 10
_REMEDY = (
    "digest sources shows each source and what is usual for it, digest check tries them all now. "
    "When a source answers again, the days it missed are asked for, if it gives past days."
)

log = logging.getLogger(__name__)


def report_sources(
    store: Store, editorial: EditorialSettings, locations: Iterable[str], now: datetime
) -> tuple[SourceReport, ...]:
    """Report on each of the locations, in their order, each once."""
    with store.read() as unit:
        return tuple(
            report_source(
                source,
                unit.source_health.get(source),
                unit.readings.history(source),
                now=now,
                zone=editorial.zone,
            )
            for source in dict.fromkeys(map(source_name, locations))
        )


def alert_of_sources(
    store: Store, alert: PauseAlert | None, reports: Sequence[SourceReport], now: datetime
) -> None:
    """Log what is wrong with the sources, and tell the operator: at most once a day of each.

    Also where several machines try. What cannot be sent now is told by a later run.
    """
    troubled = {report.source: report for report in reports if report.warnings}
    for report in troubled.values():
        for warning in report.warnings:
            # That it cannot be read is among the complaints of the run already.
            if warning.trouble is not SourceTrouble.FAILING:
                log.warning("%s %s", report.source, warning.words)
    if alert is None or not troubled:
        return
    with store.begin() as unit:
        claimed = unit.source_health.claim_alerts(tuple(troubled), now, EVERY)
    if not claimed:
        return
    lines = [f"{line}." for source in claimed for line in troubled[source].lines]
    if len(lines) > _MOST_TOLD:
        lines = [*lines[:_MOST_TOLD], f"And {len(lines) - _MOST_TOLD} more."]
    told = alert.tell_sources(" ".join(lines), _REMEDY, now)
    with store.begin() as unit:
        unit.source_health.end_alerts(claimed, now if told else None)


def report_lines(report: SourceReport) -> tuple[str, ...]:
    """Lines for people about one source: how it fares, then a line for each warning."""
    health = report.health
    if health is None:
        return (f"{report.source}: not asked yet",)
    if health.read_at is None:
        head = f"{report.source}: never read in full"
    else:
        usual = "" if report.usual is None else f"; usual on that weekday: {report.usual:,}"
        head = (
            f"{report.source}: last read in full {health.read_at:%Y-%m-%d %H:%M} UTC, "
            f"{plural(health.items, 'paper')}, {health.new:,} new{usual}"
        )
    return (head, *(f"  {one.trouble.upper()}: {one.words}" for one in report.warnings))


def report_object(report: SourceReport) -> dict[str, Any]:
    """A source as JSON."""
    health = report.health
    return {
        "source": report.source,
        "last_tried": _iso(health.tried_at if health else None),
        "last_success": _iso(health.read_at if health else None),
        "items": health.items if health else None,
        "new": health.new if health else None,
        "usual": report.usual,
        "failures": health.failures if health else 0,
        "failing_since": _iso(health.failing_since if health else None),
        "error": health.error if health else None,
        "warnings": [{"kind": str(one.trouble), "says": one.words} for one in report.warnings],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
