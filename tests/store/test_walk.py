"""The whole walk of a paper, on every store that an operator may choose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fixtures.stores import SHARED_STORES
from installation import ABOUTS, Installation

from digest.daily.explain import explain
from digest.model import Frequency


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_two_days_are_read_published_sent_and_told(address: str, tmp_path: Path) -> None:
    friday = datetime(2026, 11, 20, 7, tzinfo=UTC)
    installation = Installation(tmp_path, friday, address=address)
    installation.subscribe("daily@example.org")
    installation.subscribe("graphs@example.org", topics=("graphs",))
    installation.subscribe("weekly@example.org", frequency=Frequency.WEEKLY)
    installation.dump("ABC")
    assert installation.run_day().delivered.sent == 1
    installation.clock.now = friday + timedelta(days=3)
    installation.dump("CDE")
    with installation.store.rehearsal() as rehearsal:
        rehearsed = replace(installation.daily_run, store=rehearsal)
        rehearsed.ingest(clock=installation.clock)
        assert rehearsed.publish(clock=installation.clock).made == 2
    assert installation.run_day().delivered.sent == 3
    assert list(installation.papers_by_day().values()) == ["ABC", "DE"]
    stock = installation.status()
    assert stock.no_mail_reason is None
    assert all(one.tally.balanced for one in stock.editions)
    assert (
        explain(installation.store, installation.editorial, ABOUTS["D"][0]).assignment.topic
        == "graphs"
    )
    with installation.store.read() as unit:
        assert [paper.title for paper in unit.papers.search("dovetail")] == [ABOUTS["D"][0]]
    installation.store.close()
