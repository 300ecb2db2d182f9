"""Rows that no version of the program would write cost nobody else their mail, on every database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random

import hostile_readers
import pytest
from fixtures.stores import POSTGRES
from installation import PARIS, Installation


@pytest.mark.parametrize("kind", [POSTGRES], indirect=True)
def test_all_good_readers_are_served_among_hostile_ones_on_a_server(
    tmp_path: Path, address: str
) -> None:
    installation = Installation(tmp_path, datetime(2026, 11, 16, 8, tzinfo=PARIS), address=address)
    try:
        hostile_readers.serve_all_good_ones(installation, Random(5), 200)
    finally:
        installation.store.close()
