"""Several lists from one installation: each has a file of settings, and with it a database of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.conftest import Terminal
from processes import environment_of, start_digest


def settings_file(folder: Path, name: str, *lines: str) -> Path:
    file = folder / name
    file.write_text("\n".join((f"DIGEST_LIST_NAME={name}", *lines, "")))
    file.chmod(0o600)
    return file


def run_in(folder: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
    environment = environment_of(folder, **settings)
    del environment["DIGEST_STATE_FOLDER"]
    process = start_digest(*arguments, folder=folder, environment=environment)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_each_file_of_settings_is_a_list_with_a_database_beside_it(tmp_path: Path) -> None:
    vision = settings_file(tmp_path, "vision.env")
    theory = settings_file(tmp_path, "theory.env")
    added = run_in(
        tmp_path, "--env-file", vision.name, "subscribers", "add", "--confirmed", "ada@example.org"
    )
    assert added[0] == 0, added[2]
    assert (
        "ada@example.org" in run_in(tmp_path, "--env-file", vision.name, "subscribers", "list")[1]
    )
    others = run_in(tmp_path, "--env-file", theory.name, "subscribers", "list")
    assert "ada@example.org" not in others[1]
    assert (tmp_path / "vision.env.sqlite3").is_file()
    assert (tmp_path / "theory.env.sqlite3").is_file()
    checks = [run_in(tmp_path, "--env-file", file.name, "check")[1] for file in (vision, theory)]
    states = [line for check in checks for line in check.splitlines() if "state folder" in line]
    assert "lists/vision-env-" in states[0]
    assert "lists/theory-env-" in states[1]


def test_the_list_is_the_same_from_every_folder_and_by_variable_too(tmp_path: Path) -> None:
    vision = settings_file(tmp_path, "vision.env")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    arguments = ("subscribers", "add", "--confirmed", "ada@example.org")
    code, _, err = run_in(tmp_path, "--env-file", str(vision), *arguments)
    assert code == 0, err
    behind = run_in(tmp_path, "subscribers", "list", "--env-file", str(vision))
    assert "ada@example.org" in behind[1], behind[2]
    home = {"HOME": str(tmp_path), "DIGEST_ENV_FILE": str(vision)}
    assert "ada@example.org" in run_in(elsewhere, "subscribers", "list", **home)[1]


def test_a_dot_env_that_is_named_is_the_list_of_its_folder(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIGEST_DATABASE_URL")
    monkeypatch.setenv("XDG_DATA_HOME", str(digest.folder / "home"))
    lab = digest.folder / "lab"
    lab.mkdir()
    monkeypatch.setenv("DIGEST_ENV_FILE", str(settings_file(lab, ".env")))
    assert f"database {lab / 'digest.sqlite3'}" in digest("migrate").out


def test_a_file_that_is_not_there_or_wrong_is_told_by_its_name(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = digest.folder / "none.env"
    monkeypatch.setenv("DIGEST_ENV_FILE", str(missing))
    answer = digest("status")
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert answer.err.startswith(f"digest: {missing}: no such file")
    monkeypatch.setenv("DIGEST_ENV_FILE", str(digest.folder))
    assert "is a folder" in digest("status").err
    broken = settings_file(
        digest.folder, "broken.env", "what is this", "DIGEST_SENDR=x@example.org"
    )
    monkeypatch.setenv("DIGEST_ENV_FILE", str(broken))
    assert digest("status").err.startswith(f"digest: {broken}: line 2 is no setting")
    slip = settings_file(digest.folder, "slip.env", "DIGEST_SENDR=x@example.org")
    monkeypatch.setenv("DIGEST_ENV_FILE", str(slip))
    assert "did you mean DIGEST_SENDER?" in digest("status").err
