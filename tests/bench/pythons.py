"""The tests on every Python at hand: a virtual environment for each, and a table at the end.

    python tests/bench/pythons.py [--all] [--keep FOLDER] [--processes N] [VERSION…]

Looks for python3.11 to python3.14 on PATH and below ~/.pyenv/versions. Without ``--all`` it runs
what is about octets on the wire: headers, bodies, signatures, sessions; with it, every test but
those that drive a browser. ``--keep`` names a folder whose environments are used again. Ends with
1 if anything failed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
MINORS = (11, 12, 13, 14)
WIRE = (
    "tests/test_wire_bytes.py",
    "tests/mail/test_encoding.py",
    "tests/mail/test_dkim.py",
    "tests/mail/test_message.py",
    "tests/mail/test_list_identity.py",
    "tests/mail/test_hostile.py",
    "tests/delivery/test_session.py",
)


@dataclass(frozen=True)
class Result:
    """What one interpreter made of the tests."""

    python: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    trouble: str = ""


def candidates() -> Iterator[Path]:
    """Programs that may be a Python of a version that is wanted."""
    for minor in MINORS:
        for folder in os.get_exec_path():
            yield Path(folder) / f"python3.{minor}"
        yield from sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))


def interpreters() -> dict[str, Path]:
    """Each version that runs here, and where it is."""
    found: dict[str, Path] = {}
    tell = "import sys, ensurepip; print(sys.executable); print(sys.version.split()[0])"
    for path in candidates():
        if not path.is_file():
            continue
        run = subprocess.run([path, "-c", tell], capture_output=True, text=True)
        if run.returncode == 0:
            executable, version = run.stdout.split()
            found.setdefault(version, Path(executable))
    return {version: found[version] for version in sorted(found, key=_in_order)}


def _in_order(version: str) -> tuple[int, ...]:
    """3.9 before 3.13, a release candidate as its release."""
    return tuple(int(digits) for digits in re.findall(r"\d+", version)[:3])


def installed(python: Path, folder: Path) -> Path:
    """The Python of an environment in that folder with the project and what its tests need."""
    inner = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not inner.exists():
        subprocess.run([python, "-m", "venv", folder], check=True, capture_output=True)
    install: list[str | Path] = [
        inner,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    subprocess.run([*install, "-e", f"{ROOT}[dev]"], check=True, capture_output=True, text=True)
    return inner


def tested(version: str, python: Path, folder: Path, arguments: argparse.Namespace) -> Result:
    """Run the tests with that interpreter."""
    try:
        inner = installed(python, folder)
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout or "no word").strip().splitlines()[-1]
        return Result(version, trouble=f"cannot be installed: {said}")
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    which = ["-m", "not browser"] if arguments.all else list(WIRE)
    started = time.monotonic()
    pytest: list[str | Path] = [
        inner,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
    ]
    run = subprocess.run(
        [*pytest, "-n", str(arguments.processes), *which], cwd=ROOT, stdout=sys.stderr
    )
    seconds = time.monotonic() - started
    if not report.exists():
        return Result(version, trouble=f"pytest ended with {run.returncode}", seconds=seconds)
    suites = list(ElementTree.parse(report).iter("testsuite"))
    count = {
        name: sum(int(suite.get(name, 0)) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    }
    failed = count["failures"] + count["errors"]
    passed = count["tests"] - failed - count["skipped"]
    return Result(version, passed, failed, count["skipped"], seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("versions", nargs="*", metavar="VERSION", help="for example 3.12")
    parser.add_argument("--all", action="store_true", help="every test without a browser")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="use environments again")
    parser.add_argument("--processes", type=int, default=1, metavar="N")
    arguments = parser.parse_args()
    wanted = {
        version: python
        for version, python in interpreters().items()
        if not arguments.versions
        or any(version == v or version.startswith(f"{v}.") for v in arguments.versions)
    }
    if not wanted:
        parser.error("no such Python is here")
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="pythons-"))
    try:
        results = [
            tested(version, python, folder / version, arguments)
            for version, python in wanted.items()
        ]
    finally:
        if arguments.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{'python':10} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
    for one in results:
        print(
            f"{one.python:10} {one.passed:7} {one.failed:7} {one.skipped:8} {one.seconds:8.0f}"
            f"  {one.trouble}".rstrip()
        )
    return int(any(one.failed or one.trouble for one in results))


if __name__ == "__main__":
    sys.exit(main())
