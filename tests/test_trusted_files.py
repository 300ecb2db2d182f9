"""What steers the program is its operator's: files of others, or open to others, are told or refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli.conftest import Terminal, digest  # noqa: F401 - the fixture
from cli.test_check import save_keys

from digest.errors import ConfigurationError
from digest.settings import load_settings
from digest.settings.file_permissions import (
    describe_exposure,
    is_exposed,
)

SECRET = "DIGEST_SMTP_PASSWORD=a-password\n"


@pytest.fixture
def dotenv(digest: Terminal) -> Path:  # noqa: F811 - the fixture
    path = digest.folder / ".env"
    path.write_text(SECRET)
    path.chmod(0o600)
    return path


def give_to_another(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a file somebody else's, as far as this process may."""
    if os.geteuid() == 0:
        os.chown(path, 12345, 0)
    else:
        me = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: me)


def test_a_dotenv_of_somebody_else_is_refused_by_every_command(
    digest: Terminal,  # noqa: F811
    dotenv: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give_to_another(dotenv, monkeypatch)
    for arguments in (("status",), ("preview", "--no-open"), ("send",), ("migrate",)):
        answer = digest(*arguments)
        assert answer.code == 1
        assert answer.err.startswith("digest: .env: it belongs to ")
        assert "chown" in answer.err
        assert answer.err.count("\n") == 1
    answer = digest("check")
    assert answer.code == 1
    assert answer.out.startswith("MEND settings       .env: it belongs to ")


@pytest.mark.parametrize("mode", [0o602, 0o666, 0o777, 0o1666])
def test_a_dotenv_that_everybody_can_change_is_refused(dotenv: Path, mode: int) -> None:
    dotenv.chmod(mode)
    with pytest.raises(ConfigurationError, match=r"every user .* can change it\. Run: chmod go-w"):
        load_settings()


def test_a_dotenv_that_a_group_of_several_can_change_is_refused(
    dotenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.settings.file_permissions._is_private_group", lambda *_: False)
    dotenv.chmod(0o660)
    with pytest.raises(ConfigurationError, match="its group"):
        load_settings()


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o644])
def test_a_dotenv_of_ones_own_is_read(dotenv: Path, mode: int) -> None:
    dotenv.chmod(mode)
    assert load_settings().smtp_password is not None


def test_a_group_that_has_its_owner_only_is_no_trouble(dotenv: Path) -> None:
    dotenv.chmod(0o660)
    if os.geteuid() == 0:
        os.chown(dotenv, 0, 0)
    assert describe_exposure(dotenv) == ("", "")


def test_a_link_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a link of somebody else")
    (tmp_path / "own").write_text("")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "own")
    os.lchown(link, 12345, 12345)
    assert "belongs to" in describe_exposure(link)[0]


def test_who_asked_by_sudo_owns_their_files(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("sudo gives root")
    os.chown(dotenv, 12345, 12345)
    monkeypatch.setenv("SUDO_UID", "12345")
    assert load_settings().smtp_password is not None
    monkeypatch.setenv("SUDO_UID", "12346")
    with pytest.raises(ConfigurationError, match="belongs to"):
        load_settings()


def test_check_warns_of_secrets_that_everybody_can_read(
    digest: Terminal,  # noqa: F811
    dotenv: Path,
) -> None:
    assert "ok   files" in digest("check").out
    dotenv.chmod(0o644)
    line = next(one for one in digest("check").out.splitlines() if " files " in one)
    assert line.startswith("warn files")
    assert "chmod o-r .env" in line
    dotenv.write_text("DIGEST_LIST_NAME=Nothing secret\n")
    assert "ok   files" in digest("check").out


def test_a_signing_key_that_others_can_change_is_refused_and_one_they_can_read_is_told(
    digest: Terminal,  # noqa: F811
) -> None:
    digest.set("DIGEST_DKIM_KEYS", save_keys(digest.folder))
    key = digest.folder / "r1.pem"
    key.chmod(0o644)
    assert is_exposed(key)
    assert f"chmod o-r {key}" in digest("check").out
    key.chmod(0o606)
    lines = digest("check").out.splitlines()
    signing = next(one for one in lines if " signing " in one)
    assert signing.startswith("MEND")
    assert "can change it" in signing


def test_templates_that_others_can_change_are_told_by_check(
    digest: Terminal,  # noqa: F811
) -> None:
    room = digest.folder / "templates" / "email"
    room.mkdir(parents=True)
    for number in range(9):
        (room / f"own{number}.txt").write_text("")
        (room / f"own{number}.txt").chmod(0o666)
    digest.set("DIGEST_TEMPLATES", str(room.parent))
    line = next(one for one in digest("check").out.splitlines() if " files " in one)
    assert line.startswith("warn")
    assert f"{room / 'own0.txt'}: every user" in line
    assert "and 6 more" in line
    for mode in (0o777, 0o1777):
        room.chmod(mode)
        assert f"{room}: every user" in digest("check").out
