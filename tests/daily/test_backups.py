"""A backup is made in use, checked, encrypted if asked, and what is restored from it sends nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fixtures.stores import SHARED_STORES, empty_database
from installation import Installation

from digest.daily.backups import back_up, delete_older, name_of_backup, restore
from digest.daily.resume import resume_without_the_past
from digest.delivery.envelope import OutgoingMail
from digest.errors import ConfigurationError, InputError
from digest.store import open_store

THURSDAY = datetime(2026, 11, 19, 7, tzinfo=UTC)
READERS = ["ada@example.org", "ben@example.org", "cleo@example.org"]


@pytest.fixture
def kind() -> str:
    return "sqlite file"


@pytest.fixture
def installation(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    if kind == "sqlite file":
        address = empty_database(tmp_path / "digest.db")
    else:
        make: Callable[[], str] = request.getfixturevalue("postgres")
        address = make()
    installation = Installation(tmp_path, THURSDAY, address=address)
    installation.subscribe(*READERS)
    installation.dump("ABC")
    yield installation
    installation.store.close()


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_a_backup_made_in_the_midst_of_a_send_and_restored_elsewhere_sends_nothing_twice(
    installation: Installation, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.sqlite3"

    class BackedUpAfterTheFirst(list[OutgoingMail]):
        def append(self, mail: OutgoingMail) -> None:
            super().append(mail)
            if len(self) == 1:
                back_up(installation.store, backup, now=installation.clock())

    installation.transport.mails = BackedUpAfterTheFirst()
    assert installation.run_day().delivered.sent == 3
    (tmp_path / "elsewhere").mkdir()
    elsewhere = Installation(tmp_path / "elsewhere", THURSDAY + timedelta(hours=1))
    with closing(elsewhere.store) as store:
        report = restore(backup, store, now=elsewhere.clock())
        assert report.transfer.copied
        elsewhere.dump("ABC")
        elsewhere.run_day()
        assert elsewhere.transport.mails == []
        paused = elsewhere.status().paused
        assert paused is not None
        assert paused.startswith("restored from the backup of 2026-11-19 07:")
        resume_without_the_past(
            elsewhere.daily_run.restore_guard,
            elsewhere.editorial,
            elsewhere.publishing,
            [str(elsewhere.dumps)],
            clock=elsewhere.clock,
        )
        elsewhere.run_day()
        assert elsewhere.transport.mails == []
        elsewhere.clock.now += timedelta(days=1)
        elsewhere.dump("DE", name="friday")
        assert elsewhere.run_day().delivered.sent == 3


def test_a_backup_is_its_owners_only_and_says_when_it_was_made(
    installation: Installation, tmp_path: Path
) -> None:
    backup = tmp_path / name_of_backup(installation.clock(), encrypted=False)
    report = back_up(installation.store, backup, now=installation.clock())
    assert report.size == backup.stat().st_size
    assert backup.stat().st_mode & 0o777 == 0o600
    assert backup.name == "digest-20261119-070000.sqlite3"
    assert [path.name for path in tmp_path.glob(".backup-*")] == []


def test_a_file_that_is_there_is_not_overwritten(
    installation: Installation, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.sqlite3"
    backup.write_text("precious")
    with pytest.raises(ConfigurationError, match="there is one already"):
        back_up(installation.store, backup, now=installation.clock())
    assert backup.read_text() == "precious"
    with pytest.raises(ConfigurationError, match="cannot be written"):
        back_up(installation.store, tmp_path / "none" / "backup", now=installation.clock())


def test_an_encrypted_backup_opens_with_its_secret_key_and_no_other(
    installation: Installation, tmp_path: Path
) -> None:
    pyrage = pytest.importorskip("pyrage", reason="encrypted backups need the backup extra")
    pairs = [pyrage.x25519.Identity.generate() for _ in range(2)]
    keys = [tmp_path / "right.key", tmp_path / "wrong.key"]
    for pair, key in zip(pairs, keys, strict=True):
        key.write_text(f"# public key: {pair.to_public()}\n{pair}\n")
    backup = tmp_path / "backup.age"
    recipient = str(pairs[0].to_public())
    now = installation.clock()
    assert back_up(installation.store, backup, now=now, recipient=recipient).encrypted
    assert b"ada@example.org" not in backup.read_bytes()
    with closing(open_store(f"sqlite:///{tmp_path / 'new'}")) as new:
        with pytest.raises(InputError, match=r"is encrypted.*--identity"):
            restore(backup, new, now=now)
        with pytest.raises(InputError, match="cannot be decrypted with that key"):
            restore(backup, new, now=now, identity=keys[1])
        with pytest.raises(InputError, match="no age secret key"):
            restore(backup, new, now=now, identity=backup)
        restore(backup, new, now=now, identity=keys[0])
        with new.read() as unit:
            assert [reader.email for reader in unit.subscribers.list()] == READERS
    with pytest.raises(ConfigurationError, match="no age public key"):
        back_up(installation.store, tmp_path / "other", now=now, recipient="age1nonsense")


def test_what_is_no_backup_or_was_cut_short_is_refused_and_nothing_restored(
    installation: Installation, tmp_path: Path
) -> None:
    backup, cut = tmp_path / "backup.sqlite3", tmp_path / "cut"
    now = installation.clock()
    back_up(installation.store, backup, now=now)
    cut.write_bytes(backup.read_bytes()[:20_000])
    (tmp_path / "text").write_text("hello")
    with closing(open_store(f"sqlite:///{tmp_path / 'new'}")) as new:
        for path, words in [
            (cut, "damaged"),
            (tmp_path / "text", "no backup"),
            (tmp_path / "none", "cannot be read"),
        ]:
            with pytest.raises(InputError, match=words):
                restore(path, new, now=now)
        assert new.is_empty()


def test_a_backup_is_restored_into_a_new_database_only(
    installation: Installation, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.sqlite3"
    now = installation.clock()
    back_up(installation.store, backup, now=now)
    with pytest.raises(ConfigurationError, match="rows of its own"):
        restore(backup, installation.store, now=now)
    assert installation.status().paused is None


def test_of_the_backups_in_a_folder_the_newest_are_kept_and_other_files_left_alone(
    tmp_path: Path,
) -> None:
    moments = [THURSDAY + timedelta(days=day) for day in range(4)]
    for number, moment in enumerate(moments):
        (tmp_path / name_of_backup(moment, encrypted=number % 2 == 0)).touch()
    (tmp_path / "digest.sqlite3").touch()
    deleted = delete_older(tmp_path, 3)
    assert [path.name for path in deleted] == ["digest-20261119-070000.sqlite3.age"]
    assert (tmp_path / "digest.sqlite3").exists()
    assert delete_older(tmp_path, 3) == ()
