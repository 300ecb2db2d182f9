"""What ``digest status`` reads: the next edition, and when it comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from installation import Installation

BEFORE_EIGHT = datetime(2026, 11, 19, 6, tzinfo=UTC)
EIGHT = datetime(2026, 11, 19, 7, tzinfo=UTC)
"""The list is sent at eight in Paris."""


def test_the_next_edition_is_todays_only_until_it_is_out(tmp_path: Path) -> None:
    installation = Installation(tmp_path, BEFORE_EIGHT)
    installation.dump("A")
    assert installation.status().next_daily == EIGHT
    installation.run_day()
    assert installation.status().next_daily == EIGHT + timedelta(days=1)
    installation.store.close()
