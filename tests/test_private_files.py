"""Folders of the program's own are for their owner only, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.private_files import make_private_folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """A umask that keeps nobody out."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_every_missing_level_is_private(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "state" / "journals" / "abc")
    for level in ("state", "state/journals", "state/journals/abc"):
        assert mode(tmp_path / level) == 0o700


def test_a_folder_of_ours_that_others_can_change_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o775)
    make_private_folder(folder)
    assert mode(folder) == 0o700


def test_a_folder_that_the_operator_made_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o775)
    make_private_folder(folder, close=False)
    assert mode(folder) == 0o775


def test_a_folder_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    os.chown(folder, 4321, -1) if os.geteuid() == 0 else pytest.skip("only root can give away")
    with pytest.raises(PermissionError, match="another user"):
        make_private_folder(folder)
