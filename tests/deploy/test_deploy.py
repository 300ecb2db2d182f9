"""What lies in ``deploy/`` names settings and commands that exist."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from digest.cli import app
from digest.settings import PREFIX, Settings, load_settings, misspelt

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SAMPLE = (DEPLOY / "digest.env.sample").read_text(encoding="utf-8")
SETTING = re.compile(rf"^#({PREFIX}\w+)=(.*)$", re.MULTILINE)

SECRETS = {"secret_key", "secret_keys", "api_token"}


@pytest.fixture
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)


def unit() -> dict[str, str]:
    """The ``[Service]`` section; of a name that is given twice, the last value."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "digest.service", encoding="utf-8")
    return dict(parser["Service"])


def test_the_sample_names_every_setting_once_and_no_other() -> None:
    named = [name for name, _ in SETTING.findall(SAMPLE)]
    assert sorted(named) == sorted(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)


def test_the_sample_as_it_comes_sets_nothing() -> None:
    assert all(line.startswith("#") for line in SAMPLE.splitlines() if line)


@pytest.mark.usefixtures("_no_settings_of_this_machine")
def test_the_values_that_the_sample_shows_are_defaults_or_valid_examples() -> None:
    defaults = load_settings()
    Path(".env").write_text(SETTING.sub(r"\1=\2", SAMPLE), encoding="utf-8")
    shown = load_settings()
    assert misspelt() == ()
    for name, field in Settings.model_fields.items():
        if field.default_factory is None and field.default not in (None, (), ""):
            assert getattr(shown, name) == getattr(defaults, name), name
        elif name in SECRETS:
            assert not getattr(shown, name), f"{name}: a key that everybody knows"
        else:
            assert getattr(shown, name), name


def test_the_unit_grants_no_privilege_and_writes_in_its_own_folders_only() -> None:
    service = unit()
    assert service["User"] == "digest"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["StateDirectory"].split() == ["digest", "digest-state"]
    assert "ReadWritePaths" not in service


def test_the_unit_of_several_lists_is_that_of_one_with_places_by_name() -> None:
    one = (DEPLOY / "digest.service").read_text(encoding="utf-8").splitlines()
    several = (DEPLOY / "digest@.service").read_text(encoding="utf-8").splitlines()
    differing = {line for line in several if line not in one}
    assert all("%i" in line for line in differing)
    assert [line for line in several if line not in differing] == [
        line for line in one if line in several
    ]
    # No setting that says where a list is kept may be left to be the same for two.
    places = ("DIGEST_STATE_FOLDER", "DIGEST_DATABASE_URL", "EnvironmentFile", "WorkingDirectory")
    for place in places:
        assert any(place in line for line in differing), place


def test_the_state_folder_is_writable_and_lies_beside_the_memory() -> None:
    service = unit()
    name, _, folder = service["Environment"].partition("=")
    assert name == f"{PREFIX}STATE_FOLDER"
    assert folder in [f"/var/lib/{one}" for one in service["StateDirectory"].split()]
    assert not folder.startswith(f"{service['WorkingDirectory']}/")
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    volumes = re.findall(r"^VOLUME (.+)$", container, re.MULTILINE)[0].split()
    assert re.findall(rf"{PREFIX}STATE_FOLDER=(\S+)", container) == volumes[1:]
    readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for volume in volumes:
        assert re.search(rf"--volume \S+:{volume} ", readme), volume


def test_every_way_to_run_it_names_commands_that_exist() -> None:
    known = {command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]
    known |= {str(group.name) for group in app.registered_groups}
    texts = "\n".join(
        (DEPLOY / name).read_text(encoding="utf-8") for name in ("README.md", "digest.service")
    )
    named = set(re.findall(r"(?:`|bin/|exec digest )digest ([a-z]+)", texts))
    assert {"daemon", "worker", "web"} <= named <= known


def test_the_unit_waits_longer_than_a_relay_may_take_to_answer_a_finished_mail() -> None:
    minutes = re.fullmatch(r"(\d+)min", unit()["TimeoutStopSec"])
    assert minutes is not None
    assert int(minutes[1]) > 10


@pytest.mark.parametrize("document", ["README.md", "digest.service", "digest@.service"])
def test_every_file_that_is_named_is_here(document: str) -> None:
    text = (DEPLOY / document).read_text(encoding="utf-8")
    for name in re.findall(r"\bdeploy/([\w.]+\w)", text):
        assert (DEPLOY / name).is_file(), name
