"""The whole walk of a paper, on every store that an operator may choose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import ABOUTS, Newsroom
from fixtures.stores import SHARED_STORES

from digest.daily.explain import explain
from digest.daily.status import read_status
from digest.model import Frequency


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_two_days_are_read_published_sent_and_told(address: str, tmp_path: Path) -> None:
    friday = datetime(2026, 11, 20, 7, tzinfo=UTC)
    room = Newsroom(tmp_path, friday, address=address)
    room.subscribe("daily@example.org")
    room.subscribe("graphs@example.org", topics=("graphs",))
    room.subscribe("weekly@example.org", frequency=Frequency.WEEKLY)
    room.dump("ABC")
    assert room.day.run(clock=room.clock).delivered.sent == 1
    room.clock.now = friday + timedelta(days=3)
    room.dump("CDE")
    with room.store.rehearsal() as rehearsal:
        rehearsed = replace(room.day, store=rehearsal)
        rehearsed.ingest(clock=room.clock)
        assert rehearsed.publish(clock=room.clock).made == 2
    assert room.day.run(clock=room.clock).delivered.sent == 3
    assert list(room.told().values()) == ["ABC", "DE"]
    stock = read_status(room.store, room.editorial, clock=room.clock)
    assert stock.no_mail_reason is None
    assert all(one.tally.balanced for one in stock.editions)
    assert explain(room.store, room.editorial, ABOUTS["D"][0]).assignment.topic == "graphs"
    with room.store.read() as unit:
        assert [paper.title for paper in unit.papers.search("dovetail")] == [ABOUTS["D"][0]]
    room.store.close()
