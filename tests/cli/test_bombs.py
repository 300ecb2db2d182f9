"""Bombs are refused in one line, and cost a hundred megabytes at most, all processes together."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sources.bombs import BOMBS, tree_memory, write

MAIN = "from digest.cli import main; main()"
MOST = 100_000_000
"""Bytes more than reading a page of two lines takes."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="measured as Linux tells it"),
]


def parse(path: Path) -> tuple[str, int, float]:
    """``digest parse`` of a file: what it told, the most memory it had, and seconds."""
    program = [sys.executable, "-c", MAIN, "parse", str(path)]
    begun = time.monotonic()
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    told: list[str] = []
    reading = threading.Thread(target=lambda: told.extend(process.communicate()))
    reading.start()
    most = 0
    while reading.is_alive():
        most = max(most, tree_memory(process.pid))
        time.sleep(0.005)
    return "".join(told), most, time.monotonic() - begun


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> int:
    page = tmp_path_factory.mktemp("usual") / "page.txt"
    page.write_text("hello\n\nworld")
    return parse(page)[1]


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_one_line_within_its_memory(
    name: str, tmp_path: Path, usual: int
) -> None:
    bomb = tmp_path / "bomb"
    write(bomb, name)
    told, most, seconds = parse(bomb)
    print(f"{name:24} {(most - usual) / 1e6:5.0f} MB {seconds:5.1f} s  {told.strip()[:150]}")
    assert len(told.splitlines()) == 1, told
    assert "Traceback" not in told
    assert "fault of this program" not in told
    assert most - usual <= MOST
