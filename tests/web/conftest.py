"""A running site to visit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from web.site_fixture import RunningSite


@pytest.fixture
def running_site(tmp_path: Path) -> Iterator[RunningSite]:
    """Pages with nothing published yet."""
    site = RunningSite(tmp_path)
    yield site
    site.close()


@pytest.fixture
def published_site(running_site: RunningSite) -> RunningSite:
    """Pages with three editions: Wednesday's, Thursday's and Friday's."""
    for back, papers in ((2, "ABC"), (1, "BCDE"), (0, "DEFGHI")):
        running_site.clock.now = running_site.clock.now.replace(day=20 - back)
        running_site.publish(papers)
    return running_site
