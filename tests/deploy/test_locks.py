"""The locks hold every package that is asked for, by exact version and hash, and name no index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ASKED = {
    "run": [*PROJECT["dependencies"], *EXTRAS["dkim"], *EXTRAS["postgres"]],
    "dev": [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)],
    "build": (LOCKS / "build.in").read_text(encoding="utf-8").split(),
    "tools": (LOCKS / "tools.in").read_text(encoding="utf-8").split(),
    "docs": (LOCKS / "docs.in").read_text(encoding="utf-8").split(),
}
PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==([^\s;]+)(?: ; ([^\\]+))?((?: \\\n.*)+)")


def entries(name: str) -> list[str]:
    """The entries of a lock, each with its continued lines."""
    text = (LOCKS / f"{name}.lock").read_text(encoding="utf-8")
    return re.findall(r"^\S.*(?:\n[ ].*)*", text, re.MULTILINE)


def versions(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries(name):
        package, version = entry.split()[0].split("==")
        found.setdefault(canonicalize_name(package.partition("[")[0]), set()).add(version)
    return found


@pytest.mark.parametrize("name", ASKED)
def test_every_entry_is_one_version_with_hashes_and_nothing_else(name: str) -> None:
    for entry in entries(name):
        assert PINNED.fullmatch(entry), entry
        hashes = entry.split("\\\n")[1:]
        assert hashes, entry
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}\s*", one) for one in hashes), entry


@pytest.mark.parametrize("name", ASKED)
def test_a_lock_names_no_index_and_no_address(name: str) -> None:
    text = (LOCKS / f"{name}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-[if]\b|--(index|extra|find|trusted))", text, re.MULTILINE)


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_for_is_locked_in_a_version_that_will_do(name: str) -> None:
    locked = versions(name)
    for line in ASKED[name]:
        wanted = Requirement(line)
        found = locked.get(canonicalize_name(wanted.name), set())
        assert found, f"{wanted.name} is not in {name}.lock: run .ci/lock"
        assert all(wanted.specifier.contains(one, prereleases=True) for one in found), (
            f"{line}, but {name}.lock has {found}: run .ci/lock"
        )


def test_tests_run_with_the_versions_that_the_container_has() -> None:
    tested = versions("dev")
    assert {name: tested.get(name) for name in versions("run")} == versions("run")


def test_the_build_backend_is_locked() -> None:
    system = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    assert {Requirement(line).name for line in system["requires"]} <= set(versions("build"))


def test_the_container_installs_by_hash_and_resolves_nothing_itself() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = re.findall(r"/bin/pip (?:install|wheel) ([^&\n]+)", text)
    assert len(installs) == 4
    for arguments in installs:
        assert "--require-hashes" in arguments or "--no-deps" in arguments, arguments
        assert "--require-hashes" in arguments or "--no-index" in arguments, arguments
    for name in re.findall(r"-r (\S+)", text):
        assert (ROOT / name).is_file(), name


def test_the_base_image_is_named_once_and_by_a_digest_only_if_a_whole_one() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["${BASE}", "${BASE}"]
    base = re.findall(r"^ARG BASE=(\S+)$", text, re.MULTILINE)
    assert len(base) == 1
    assert "@" not in base[0] or re.search(r"@sha256:[0-9a-f]{64}$", base[0])


def test_ci_installs_the_locks_and_still_runs_the_readmes_command() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert text.index("--require-hashes -r requirements/dev.lock") < text.index(
        '"$(readme_command test)"'
    )
    assert ".ci/sbom" in text


@pytest.mark.parametrize("script", ["run", "lock", "sbom", "outdated"])
def test_every_script_can_be_run_and_stops_at_an_unset_name(script: str) -> None:
    path = ROOT / ".ci" / script
    assert path.stat().st_mode & 0o111
    assert re.search(r"^set -e?uo pipefail$", path.read_text(encoding="utf-8"), re.MULTILINE)
