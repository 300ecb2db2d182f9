"""A place to visit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from web.site_fixture import RunningSite


@pytest.fixture
def place(tmp_path: Path) -> Iterator[RunningSite]:
    """Pages with nothing published yet."""
    made = RunningSite(tmp_path)
    yield made
    made.close()


@pytest.fixture
def lively(place: RunningSite) -> RunningSite:
    """Pages with three editions: Wednesday's, Thursday's and Friday's."""
    for back, papers in ((2, "ABC"), (1, "BCDE"), (0, "DEFGHI")):
        place.clock.now = place.clock.now.replace(day=20 - back)
        place.publish(papers)
    return place
