"""Rows that no version of the program would write cost nobody else their mail, on every database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random

import hostile_readers
import pytest
from factories import PARIS, Newsroom
from fixtures.stores import POSTGRES


@pytest.mark.parametrize("kind", [POSTGRES], indirect=True)
def test_all_good_readers_are_served_among_hostile_ones_on_a_server(
    tmp_path: Path, address: str
) -> None:
    room = Newsroom(tmp_path, datetime(2026, 11, 16, 8, tzinfo=PARIS), address=address)
    try:
        hostile_readers.serve_all_good_ones(room, Random(5), 200)
    finally:
        room.store.close()
