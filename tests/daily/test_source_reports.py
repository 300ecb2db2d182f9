"""How the sources fare reaches the log and the operator, each thing once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fakes import RecordingTransport
from installation import PARIS, RENDERER, Installation

from digest.daily.pause_alert import PauseAlert
from digest.daily.source_reports import alert_of_sources, report_lines, report_sources
from digest.delivery.envelope import OutgoingMail
from digest.model import SourceReading, SourceReport

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)
DAY = timedelta(days=1)
FEED = "https://papers.example.org/feed"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An installation whose feed gave 20 papers on each of the last three Mondays."""
    installation = Installation(tmp_path, MONDAY)
    with installation.store.begin() as unit:
        for week in (3, 2, 1):
            at = MONDAY - 7 * week * DAY
            unit.readings.record(SourceReading(FEED, at.date(), at, 20, 4))
        unit.source_health.note_read(FEED, MONDAY.date(), MONDAY, items=20, new=0)
    return installation


def alert(installation: Installation, reports: Sequence[SourceReport]) -> list[OutgoingMail]:
    """Alert of these reports; the mails that the operator got by it."""
    transport = RecordingTransport()
    operator = PauseAlert(
        "ops@example.org", transport, RENDERER, installation.list_identity, "b@example.org"
    )
    alert_of_sources(installation.store, operator, reports, installation.clock())
    return transport.mails


def reports(installation: Installation) -> tuple[SourceReport, ...]:
    now = installation.clock()
    return report_sources(installation.store, installation.editorial, [FEED, FEED], now)


def test_a_previous_batch_is_logged_and_told_once_a_day(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    (report,) = reports(installation)
    assert report_lines(report) == (
        f"{FEED}: last read in full 2026-11-16 07:00 UTC, 20 papers, 0 new; usual on that "
        "weekday: 20",
        "  PREVIOUS-BATCH: gave the previous batch again on 2026-11-16: the same 20 papers",
    )
    with caplog.at_level(logging.WARNING):
        assert len(alert(installation, [report])) == 1
    assert "gave the previous batch again" in caplog.text
    assert not alert(installation, [report])
    installation.clock.now += DAY - timedelta(seconds=5)
    assert len(alert(installation, [report])) == 1


def test_sources_as_usual_are_told_to_nobody(installation: Installation) -> None:
    with installation.store.begin() as unit:
        unit.readings.record(SourceReading(FEED, MONDAY.date(), MONDAY, 20, 4))
    (report,) = reports(installation)
    assert not report.warnings
    assert not alert(installation, [report])


def test_without_an_operator_nothing_is_claimed(installation: Installation) -> None:
    found = reports(installation)
    alert_of_sources(installation.store, None, found, installation.clock())
    assert len(alert(installation, found)) == 1
