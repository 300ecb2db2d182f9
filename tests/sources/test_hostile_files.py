"""Random hostile files among good ones: every good one is read whole, each other is one line.

``tests/bench/hostile_files.py`` does the same with 10,000 larger ones, and measures.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sources import hostile, mistakes
from sources.shelf import TODAY

from digest.model import Dump, Rejected
from digest.sources import SourceLimits, open_source
from digest.sources.reading import read_dump


@given(st.lists(st.integers(0, 2**32), min_size=1, max_size=10), st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_good_files_are_read_whole_beside_hostile_ones(seeds: list[int], good: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        for number, seed in enumerate(seeds):
            _, data = hostile.hostile(seed, 60_000)
            Path(place, f"{number}.txt").write_bytes(data)
        expected = {}
        for number in range(good):
            data, expected[f"good{number}.txt"] = hostile.good(number)
            Path(place, f"good{number}.txt").write_bytes(data)
        begun = time.monotonic()
        found = list(open_source(place, limits=SourceLimits(settle=0.0)).read(today=TODAY))
        # A guard against time without bound: each takes hundredths of a second.
        assert time.monotonic() - begun < 60
    read = {
        Path(each.location).name: [record.title for record in each.records]
        for each in found
        if isinstance(each, Dump)
    }
    assert {name: read.get(name) for name in expected} == expected
    for each in found:
        if isinstance(each, Rejected):
            assert each.reason
            assert "\n" not in each.reason
            assert "fault of this program" not in each.reason


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_no_mutation_of_a_text_without_papers_has_papers(seed: int) -> None:
    what, data = mistakes.mistake(seed)
    assert isinstance(read_dump(data, location="page", today=TODAY), Rejected), what
