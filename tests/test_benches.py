"""Every benchmark starts on a developer's machine: its imports are there, in whichever folder it is called."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TESTS = Path(__file__).parent
BENCHES = sorted((TESTS / "bench").glob("*.py"))
PROJECT = tomllib.loads((TESTS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = {
    canonicalize_name(Requirement(line).name)
    for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
}
AT_HAND = sys.stdlib_module_names | {"digest"}
OURS = {path.stem for folder in (TESTS, TESTS / "bench") for path in folder.iterdir()}
SAYS_WHAT_IT_NEEDS = "which the program itself does not: pip install"
"""What a benchmark ends with that needs a library which is not even a developer's."""


def outermost_imports(path: Path) -> Iterator[str]:
    """Names of the packages that a file imports as soon as it starts, without a fallback."""
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Import):
            yield from (name.name.partition(".")[0] for name in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module is not None:
            yield statement.module.partition(".")[0]


def test_what_a_benchmark_imports_is_asked_for_by_name_not_brought_by_chance() -> None:
    owners = importlib.metadata.packages_distributions()
    undeclared = {
        (path.name, package)
        for path in BENCHES
        for package in set(outermost_imports(path)) - AT_HAND - OURS
        if DECLARED.isdisjoint(map(canonicalize_name, owners.get(package, [])))
    }
    assert not undeclared


@pytest.mark.slow
@pytest.mark.parametrize("bench", BENCHES, ids=lambda path: path.stem)
def test_a_benchmark_starts_in_any_folder_with_nothing_set_up(bench: Path, tmp_path: Path) -> None:
    as_a_script = (
        "import runpy, sys; sys.path[0] = sys.argv.pop(1);"
        "runpy.run_path(sys.argv[1], run_name='imported')"
    )
    done = subprocess.run(
        [sys.executable, "-c", as_a_script, str(bench.parent), str(bench)],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0 or SAYS_WHAT_IT_NEEDS in done.stderr, done.stderr


def test_the_benchmark_of_rankers_says_in_one_line_which_data_it_needs(tmp_path: Path) -> None:
    bench = TESTS / "bench" / "ranking" / "run.py"
    done = subprocess.run(
        [sys.executable, str(bench), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"no papers.jsonl.gz in {tmp_path}: README.md says what it has"
    ]
