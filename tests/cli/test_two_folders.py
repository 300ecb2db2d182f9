"""Each folder with a ``.env`` is a list of its own; a list from before that goes on where it was."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.conftest import Terminal

from digest.settings.data_place import CLAIM

Folder = Callable[[str], Path]


@pytest.fixture
def folder(digest: Terminal, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Makes, and goes to, a folder with a ``.env``; a home of this test holds everything else."""
    monkeypatch.delenv("DIGEST_DATABASE_URL")
    monkeypatch.delenv("DIGEST_STATE_FOLDER")
    for name in ("DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(digest.folder / "home" / name.lower()))

    def go(name: str) -> Path:
        place = digest.folder / name
        if not place.exists():
            place.mkdir()
            (place / ".env").write_text(f"DIGEST_LIST_NAME={name}\n")
            (place / ".env").chmod(0o600)
        monkeypatch.chdir(place)
        return place

    return go


def users_database(digest: Terminal) -> Path:
    return digest.folder / "home" / "data" / "digest" / "digest.sqlite3"


def readers(digest: Terminal) -> str:
    answer = digest("subscribers", "list")
    assert answer.code == 0, answer.err
    return answer.out


def an_earlier_list(digest: Terminal, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's database as earlier versions made it for every folder, with a reader."""
    bare = digest.folder / "bare"
    bare.mkdir(exist_ok=True)
    monkeypatch.chdir(bare)
    assert digest("subscribers", "add", "--confirmed", "early@example.org").code == 0
    assert users_database(digest).is_file()
    return users_database(digest)


def made_at(path: Path, *, seconds_ago: float) -> None:
    moment = time.time() - seconds_ago
    os.utime(path, (moment, moment))


def test_a_reader_of_one_folder_is_not_on_the_list_of_another(
    digest: Terminal, folder: Folder
) -> None:
    one = folder("lab-one")
    answer = digest("subscribers", "add", "--confirmed", "ada@example.org")
    assert answer.err == f"digest: a new list begins: database {one / 'digest.sqlite3'}\n"
    two = folder("lab-two")
    assert "ada@example.org" not in readers(digest)
    digest("subscribers", "add", "--confirmed", "bob@example.org")
    assert "ada" not in readers(digest)
    folder("lab-one")
    assert "bob" not in readers(digest)
    assert "ada@example.org" in readers(digest)
    assert digest("subscribers", "list").err == ""
    assert f"database {one / 'digest.sqlite3'}" in digest("check").out
    assert digest("status", "--json").json["database"] == f"database {one / 'digest.sqlite3'}"
    assert digest("status").out.startswith(f"list          database {one / 'digest.sqlite3'}\n")
    for place in (one, two):
        assert (place / "digest.sqlite3").stat().st_mode & 0o777 == 0o600
    assert not users_database(digest).exists()


def test_what_two_folders_remember_of_sending_lies_apart(digest: Terminal, folder: Folder) -> None:
    from digest.settings import load_settings

    folder("lab")
    first = load_settings().state_folder
    folder("lab-two")
    assert load_settings().state_folder != first
    assert first.parent == digest.folder / "home" / "state" / "digest" / "lists"
    assert first.name.startswith("lab-")


def test_a_list_whose_database_is_named_keeps_the_state_it_had(
    digest: Terminal, folder: Folder
) -> None:
    from digest.settings import load_settings

    place = folder("lab")
    (place / ".env").write_text(f"DIGEST_DATABASE_URL=sqlite:///{place / 'named.db'}\n")
    assert load_settings().state_folder == digest.folder / "home" / "state" / "digest"


def test_a_folder_that_is_moved_takes_its_list_along(
    digest: Terminal, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder("before")
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    monkeypatch.chdir(digest.folder)
    place.rename(digest.folder / "after")
    folder("after")
    assert "ada@example.org" in readers(digest)


def test_a_list_from_before_goes_on_in_the_folder_that_uses_it_first(
    digest: Terminal, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = an_earlier_list(digest, monkeypatch)
    one = folder("lab-one")
    checked = digest("check").out
    assert f"database {kept}: reachable and current; 1 active reader; kept from earlier" in checked
    assert not kept.with_name(CLAIM).exists()  # a look settles nothing
    first = digest("subscribers", "list")
    assert "early@example.org" in first.out
    assert f"{one} goes on with the list of earlier versions in {kept}" in first.err
    assert first.err.count("\n") == 1
    assert digest("subscribers", "list").err == ""
    assert not (one / "digest.sqlite3").exists()
    two = folder("lab-two")
    made_at(two / ".env", seconds_ago=-5)
    answer = digest("subscribers", "list")
    assert "early" not in answer.out
    assert f"{two} begins a list of its own" in answer.err
    folder("lab-one")
    assert "early@example.org" in readers(digest)


def test_a_folder_that_may_have_used_the_old_list_too_is_asked_in_one_line(
    digest: Terminal, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = an_earlier_list(digest, monkeypatch)
    two = folder("lab-two")
    made_at(two / ".env", seconds_ago=3600)
    one = folder("lab-one")
    digest("status")
    folder("lab-two")
    for command in (("status",), ("migrate",), ("subscribers", "add", "bob@example.org")):
        answer = digest(*command)
        assert answer.code == 1
        assert answer.err.count("\n") == 1
        assert f"now that of {one}" in answer.err
        assert f"DIGEST_DATABASE_URL=sqlite:///{kept}" in answer.err
        assert f"DIGEST_DATABASE_URL=sqlite:///{two / 'digest.sqlite3'}" in answer.err
    assert "MEND database" in digest("check").out
    assert not (two / "digest.sqlite3").exists()
    for choice, expected in ((kept, True), (two / "digest.sqlite3", False)):
        digest.set("DIGEST_DATABASE_URL", f"sqlite:///{choice}")
        assert ("early@example.org" in readers(digest)) is expected


def test_a_folder_that_was_moved_before_it_had_a_list_of_its_own_is_asked(
    digest: Terminal, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_earlier_list(digest, monkeypatch)
    place = folder("before")
    digest("status")
    monkeypatch.chdir(digest.folder)
    place.rename(digest.folder / "after")
    made_at(digest.folder / "after" / ".env", seconds_ago=-5)
    folder("after")
    answer = digest("status")
    assert answer.code == 1
    assert f"now that of {place}, which is gone" in answer.err


def test_without_a_dotenv_of_this_program_the_users_list_is_used(
    digest: Terminal, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_earlier_list(digest, monkeypatch)
    other = digest.folder / "another-project"
    other.mkdir()
    (other / ".env").write_text(
        "DJANGO_SETTINGS_MODULE=site\nDIGEST_REAL_DATA=/x\n#DIGEST_SENDER=a\n"
    )
    monkeypatch.chdir(other)
    assert "early@example.org" in readers(digest)
    assert not (other / "digest.sqlite3").exists()
    assert not users_database(digest).with_name(CLAIM).exists()


def test_a_folder_whose_dotenv_is_taken_away_keeps_its_list(
    digest: Terminal, folder: Folder
) -> None:
    place = folder("lab")
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    (place / ".env").unlink()
    assert "ada@example.org" in readers(digest)


def test_a_database_that_somebody_else_put_into_a_folder_is_not_used(
    digest: Terminal, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_earlier_list(digest, monkeypatch)
    shared = digest.folder / "shared"
    shared.mkdir()
    planted = shared / "digest.sqlite3"
    planted.touch()
    planted.chmod(0o666)
    monkeypatch.chdir(shared)
    assert "early@example.org" in readers(digest)
    assert planted.stat().st_size == 0


def test_what_needs_no_database_makes_and_settles_none(
    digest: Terminal, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = an_earlier_list(digest, monkeypatch)
    place = folder("lab")
    assert digest("preview", "--output", "out").code == 0
    assert digest("check").code == 1
    assert not kept.with_name(CLAIM).exists()
    assert not (place / "digest.sqlite3").exists()


def test_a_password_of_the_database_is_shown_nowhere(digest: Terminal, folder: Folder) -> None:
    place = folder("lab")
    address = "postgresql://digest:tell-nobody@127.0.0.1:9/digest"
    (place / ".env").write_text(f"DIGEST_DATABASE_URL={address}\n")
    for arguments in (("status",), ("check",), ("migrate",)):
        answer = digest(*arguments)
        assert answer.code == 1
        assert "tell-nobody" not in answer.out + answer.err
