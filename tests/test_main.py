"""``python -m digest`` is the ``digest`` command."""

from __future__ import annotations

import subprocess
import sys


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "digest", "--help"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("Usage: digest ")
    assert "preview" in answer.stdout


def test_a_wrong_command_ends_with_two_and_one_complaint() -> None:
    command = [sys.executable, "-m", "digest", "no-such-command"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 2
    assert "no-such-command" in answer.stderr
