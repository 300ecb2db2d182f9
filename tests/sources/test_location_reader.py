"""One reading of many locations: what cannot be read is kept aside, in order, and told at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from digest import samples
from digest.errors import DigestError
from digest.model import Rejected
from digest.sources import LocationReader

TODAY = date(2026, 11, 20)


def test_locations_are_read_in_order_and_a_bad_one_keeps_no_other_from_being_read(
    tmp_path: Path,
) -> None:
    good, empty, missing = samples.paths()[0], tmp_path / "empty.txt", tmp_path / "missing.txt"
    empty.write_text("")
    heard: list[Rejected | DigestError] = []
    reader = LocationReader(
        [str(missing), str(empty), str(good)],
        today=TODAY,
        on_rejected=heard.extend,
        on_failed=heard.append,
    )
    (dump,) = reader
    assert dump.records
    assert len(reader.failed) == 1
    assert [piece.location for piece in reader.refused] == [str(empty)]
    assert reader.rejected == reader.refused
    assert heard == [*reader.failed, *reader.rejected]
