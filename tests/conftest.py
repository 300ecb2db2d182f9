"""Fixtures that every room's tests share."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from pathlib import Path

import hypothesis
import pytest

pytest_plugins = ["fixtures.stores", "fixtures.tls"]

REAL_DATA = Path(
    os.environ.get("DIGEST_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
)

MEMORY_NEEDED = 2 * 1024**3
"""Octets that are to be free in memory before tests keep their temporary files there."""

_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Spare the run what it would only wait for; workers and processes that tests start inherit it."""
    _share_bytecode(config)
    _keep_temporary_files_in_memory()
    # What a case takes says how busy the machine is: time is measured by benchmarks.
    hypothesis.settings.register_profile("unhurried", deadline=None)
    hypothesis.settings.load_profile("unhurried")


def _share_bytecode(config: pytest.Config) -> None:
    """Let processes that tests start share what they compile, also where no bytecode is written.

    Hundreds start in a run. Whoever has set PYTHONDONTWRITEBYTECODE keeps a clean checkout: it all
    lies in pytest's own folder.
    """
    if sys.dont_write_bytecode and config.pluginmanager.has_plugin("cacheprovider"):
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sys.dont_write_bytecode = False
        sys.pycache_prefix = str(config.cache.mkdir("bytecode"))
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix


def _keep_temporary_files_in_memory() -> None:
    """Put the tests' folders where a commit waits for no disk, if this system has room there.

    The program syncs each commit and journal to disk, and tests make tens of thousands of them.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < MEMORY_NEEDED:
        return
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Choose a process per processor for the whole suite, and this process alone for less of it."""
    suite = Path(__file__).resolve().parent
    paths = {Path(argument.partition("::")[0]).resolve() for argument in config.args}
    return os.cpu_count() or 1 if paths & {suite, suite.parent} else 0


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What senders remember, for one test: never in the real folder of whoever runs the tests."""
    folder = tmp_path_factory.getbasetemp() / f"state-{next(_numbers)}"
    monkeypatch.setenv("DIGEST_STATE_FOLDER", str(folder))
    return folder


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is kept only for speed: one folder for all tests, never that of whoever runs them."""
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real third-party dumps, which is not part of the project."""
    if not REAL_DATA.is_dir():
        pytest.skip("no real dumps here: set DIGEST_REAL_DATA to a folder that has them")
    return REAL_DATA
