"""A running site to visit."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def published_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation that published three editions, for tests to copy."""
    folder = tmp_path_factory.mktemp("published")
    site = RunningSite(folder)
    for back, papers in ((2, "ABC"), (1, "BCDE"), (0, "DEFGHI")):
        site.clock.now = site.clock.now.replace(day=20 - back)
        site.publish(papers)
    site.close()
    site.store.close()
    return folder


@pytest.fixture
def published_site(published_folder: Path, tmp_path: Path) -> Iterator[RunningSite]:
    """Pages with three editions: Wednesday's, Thursday's and Friday's."""
    shutil.copytree(published_folder, tmp_path, dirs_exist_ok=True)
    site = RunningSite(tmp_path, address=f"sqlite:///{tmp_path / 'digest.db'}?timeout=20")
    yield site
    site.close()
