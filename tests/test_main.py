"""``python -m digest`` is the ``digest`` command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


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


def test_a_preview_loads_no_library_that_it_does_not_need(tmp_path: Path) -> None:
    costly = "sqlalchemy alembic smtplib imapclient dns cryptography starlette uvicorn apscheduler"
    program = (
        "import sys; from digest.cli import run_command; "
        f"code = run_command(['preview', '--output', {str(tmp_path / 'out')!r}]); "
        f"print(code, sorted(set({costly!r}.split()) & set(sys.modules)))"
    )
    plain = {name: value for name, value in os.environ.items() if "DIGEST_" not in name}
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120,
        cwd=tmp_path, env={**plain, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert answer.stdout.splitlines()[-1:] == ["0 []"], answer.stderr
    assert (tmp_path / "out" / "digest.eml").exists()
