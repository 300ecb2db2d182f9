"""A paper is explained in figures that say something."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from digest.daily.explain import explain
from digest.daily.ingest import ingest_dump
from digest.daily.run_record import EditorialSettings
from digest.editorial.topics import load_topics
from digest.model import Dump, Record
from digest.store import open_store

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
SETTINGS = EditorialSettings(load_topics(), ZoneInfo("UTC"))


def test_no_figure_of_nothing_is_printed_and_nothing_fades_by_the_age_of_its_dump() -> None:
    store = open_store("sqlite://")
    store.migrate()
    try:
        day = NOW.date() - timedelta(days=255)
        records = tuple(Record(f"Attic {n}", "Quilts of moss.", n, votes=0) for n in range(1, 40))
        ingest_dump(store, SETTINGS, Dump("a.txt", "1", records, day=day), NOW)
        told = explain(store, SETTINGS, "Attic 39", clock=lambda: NOW)
    finally:
        store.close()
    lines = "\n".join(told.lines())
    figures = json.dumps(told.as_dict()["trend"])
    assert "no trend" in lines
    assert not re.search(r"\b0\.00\b", lines)
    assert "ago" not in lines + figures
    assert json.loads(figures)["parts"] == []
