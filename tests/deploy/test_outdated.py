"""``.ci/outdated`` tells what is wrong, and never calls well what nobody could be asked about."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "outdated"

# Stands for every tool that the script calls; what it answers lies in files beside it.
STUB = """#!/bin/sh
tool=$(basename "$0")
if [ "$tool" = python3 ]; then
  mkdir -p "$3/bin"
  for one in pip pip-audit uv; do cp "$ANSWERS/stub" "$3/bin/$one"; done
  exit 0
fi
case "$tool $*" in
  pip\\ *--dry-run*) name=yanked;;
  pip\\ *) name=tools;;
  *) name=$tool;;
esac
[ -f "$ANSWERS/$name.out" ] && cat "$ANSWERS/$name.out"
[ -f "$ANSWERS/$name.err" ] && cat "$ANSWERS/$name.err" >&2
if [ "$tool" = uv ] && [ -f "$ANSWERS/newer" ]; then
  for last in "$@"; do :; done
  echo "left-pad==2.0 \\\\" > "$last"
fi
[ -f "$ANSWERS/$name.fails" ] && exit 1
exit 0
"""


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    project, answers = tmp_path / "project", tmp_path / "answers"
    for folder in (project / ".ci", project / "requirements", answers):
        folder.mkdir(parents=True)
    for name in ("outdated", "lock"):
        shutil.copy(SCRIPT.with_name(name), project / ".ci")
    for name in ("run", "dev", "build", "tools"):
        (project / "requirements" / f"{name}.lock").write_text(
            "left-pad==1.0 \\\n    --hash=sha256:0\n"
        )
    (project / "pyproject.toml").write_text("")
    for name in ("stub", "python3"):
        (answers / name).write_text(STUB)
        (answers / name).chmod(0o755)
    return answers


def run(answers: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{answers}:{os.environ['PATH']}", "ANSWERS": str(answers)}
    return subprocess.run(
        [str(answers.parent / "project" / ".ci" / "outdated")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_where_all_is_well_it_says_nothing(answers: Path) -> None:
    done = run(answers)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_withdrawn_version_is_a_failure(answers: Path) -> None:
    (answers / "yanked.err").write_text("WARNING: left-pad 1.0 is a yanked version\n")
    done = run(answers)
    assert done.returncode == 1
    assert "withdrawn, run.lock: WARNING: left-pad 1.0" in done.stdout


def test_a_known_hole_is_a_failure(answers: Path) -> None:
    (answers / "pip-audit.out").write_text("left-pad 1.0 ADVISORY-1 2.0\n")
    (answers / "pip-audit.err").write_text("Found 1 known vulnerability in 1 package\n")
    (answers / "pip-audit.fails").touch()
    done = run(answers)
    assert done.returncode == 1
    assert "hole: left-pad 1.0 ADVISORY-1" in done.stdout


def test_what_is_merely_older_is_said_and_no_failure(answers: Path) -> None:
    (answers / "newer").touch()
    done = run(answers)
    assert done.returncode == 0
    assert "newer than run.lock: left-pad==2.0" in done.stdout


@pytest.mark.parametrize("tool", ["tools", "yanked", "pip-audit", "uv"])
def test_what_could_not_be_asked_is_never_called_well(answers: Path, tool: str) -> None:
    (answers / f"{tool}.err").write_text("ERROR: no network\n")
    (answers / f"{tool}.fails").touch()
    done = run(answers)
    assert done.returncode == 75
    assert "not asked: " in done.stderr


def test_packages_that_the_advisory_service_does_not_know_were_not_asked_about(
    answers: Path,
) -> None:
    (answers / "pip-audit.out").write_text(
        "Name Skip Reason\nleft-pad Dependency not found and could not be audited: left-pad (1.0)\n"
    )
    (answers / "pip-audit.err").write_text("No known vulnerabilities found\n")
    done = run(answers)
    assert done.returncode == 75
    assert "known holes of 1 packages" in done.stderr
