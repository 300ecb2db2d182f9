"""Whatever goes wrong in the database leaves the room as one clear line of the program's own."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from factories import change
from fixtures.stores import POSTGRES
from sqlalchemy import text
from store.steps import add_subscriber, remember_dump

from digest.errors import ConfigurationError, DigestError, StoreBusyError
from digest.model import Job
from digest.store import Store, UnitOfWork, open_store


def one_line(error: DigestError) -> str:
    line = str(error)
    assert "\n" not in line
    assert "sqlalche" not in line.lower()
    return line


def failed(
    store: Store, kind: type[Exception], words: str | None, work: Callable[[UnitOfWork], object]
) -> str:
    """What a transaction says that ``work`` makes fail."""
    with pytest.raises(kind, match=words) as caught, store.begin() as unit:
        work(unit)
    return one_line(caught.value) if isinstance(caught.value, DigestError) else ""


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "not a URL"),
        ("digest.db", "not a URL"),
        ("mysql://host/digest", "no such kind of database: mysql"),
        ("sqlite:///digest.db?timeout=soon", "could not convert"),
        ("sqlite:///digest.db?mode=ro", r"wrong \(mode\)"),
        ("postgresql+psycopg2://host/digest", "no such kind of database"),
    ],
)
def test_a_wrong_address_is_named_with_an_example(address: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        open_store(address)
    assert "DIGEST_DATABASE_URL" in one_line(caught.value)


def test_a_missing_driver_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.store.engine.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'psycopg\[binary\]'"):
        open_store("postgresql://host/digest")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_server_out_of_reach_is_a_busy_store_and_no_password_is_shown(scheme: str) -> None:
    store = open_store(f"{scheme}://digest:sesame@127.0.0.1:1/papers?connect_timeout=2")
    with pytest.raises(StoreBusyError, match="cannot be reached") as caught:
        store.is_current()
    assert "papers on 127.0.0.1" in one_line(caught.value)
    assert "sesame" not in str(caught.value) + store.place


@pytest.mark.parametrize("kind", [POSTGRES])
def test_a_database_that_is_not_there_is_a_wrong_address(address: str) -> None:
    store = open_store(address.replace("/digest_", "/nowhere_"))
    with pytest.raises(ConfigurationError, match="no such database"):
        store.is_current()


@pytest.mark.parametrize("kind", [POSTGRES])
def test_a_user_without_rights_is_told(address: str, store: Store) -> None:
    with store.begin() as unit:
        unit.connection.execute(text("DROP ROLE IF EXISTS stranger"))
        unit.connection.execute(text("CREATE ROLE stranger LOGIN"))
    strange = open_store(address.replace("//postgres:", "//stranger:"))
    with pytest.raises(ConfigurationError, match="lacks the right"):
        strange.is_current()
    strange.close()


@pytest.mark.parametrize("kind", [POSTGRES])
def test_a_lock_that_is_not_given_in_time_is_a_busy_store(store: Store) -> None:
    def late(unit: UnitOfWork) -> None:
        unit.connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
        add_subscriber(unit, "late@example.org")

    with store.begin() as holder:
        holder.connection.execute(text("LOCK TABLE subscribers"))
        failed(store, StoreBusyError, "another program holds the lock", late)


@pytest.mark.parametrize("kind", [POSTGRES])
def test_a_server_that_ends_the_connection_is_a_busy_store(store: Store) -> None:
    def cut(unit: UnitOfWork) -> None:
        pid = unit.connection.scalar(text("SELECT pg_backend_pid()"))
        with store.begin() as other:
            other.connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        unit.papers.count()

    failed(store, StoreBusyError, None, cut)
    with store.read() as unit:
        assert unit.papers.count() == 0


@pytest.mark.parametrize("kind", ["sqlite file", "sqlite memory"])
def test_another_writer_that_does_not_finish_is_a_busy_store(
    store: Store, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.store.database_store.BUSY_TIMEOUT", 0.05)
    hasty = store if address == "sqlite://" else open_store(address.replace("=20", "=0.05"))
    found: list[BaseException] = []

    def write() -> None:
        try:
            with hasty.begin() as unit:
                unit.runs.resume()
        except BaseException as error:
            found.append(error)

    with store.begin():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert isinstance(found[0], StoreBusyError)
    assert "did not finish in time" in one_line(found[0])
    hasty.close()


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_readers_do_not_wait_for_a_writer(store: Store, address: str) -> None:
    hasty = open_store(address.replace("=20", "=0.05"))
    with store.begin() as unit:
        remember_dump(unit, change("A"))
        with hasty.read() as other:
            assert other.papers.count() == 0
            assert other.papers.candidates([]) == ()
    hasty.close()


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    with pytest.raises(DigestError), store.read() as unit:
        unit.runs.resume()
    with store.begin() as unit:
        unit.runs.resume()


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_a_full_disk_is_a_busy_store_and_loses_nothing(store: Store) -> None:
    """``max_page_count`` makes SQLite report SQLITE_FULL, as when a write fails for space."""

    def too_much(unit: UnitOfWork) -> None:
        pages = unit.connection.scalar(text("PRAGMA page_count"))
        unit.connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        remember_dump(unit, *(change(f"P{i}") for i in range(500)), name="two")

    with store.begin() as unit:
        remember_dump(unit, change("A"))
    failed(store, StoreBusyError, "no space left", too_much)
    store.close()
    with store.begin() as unit:
        assert unit.papers.count() == 1
        remember_dump(unit, change("B"), name="two")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    mount = tmp_path / "small"
    mount.mkdir()
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)], capture_output=True
    )
    if tried.returncode != 0:
        pytest.skip("this user may not mount a file system")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


def test_a_really_full_disk_is_a_busy_store_and_heals_when_space_returns(small_disk: Path) -> None:
    store = open_store(f"sqlite:///{small_disk / 'digest.db'}")
    store.migrate()
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 65_536):
                pass
        except OSError:
            pass
    with pytest.raises(StoreBusyError), store.begin() as unit:
        remember_dump(unit, *(change(f"P{i}") for i in range(300)))
    ballast.unlink()
    with store.begin() as unit:
        assert unit.papers.count() == 0
        remember_dump(unit, change("A"))
    store.close()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    path.write_text("Dear diary, " * 100)
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(ConfigurationError, match="not an SQLite database"):
        store.migrate()


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_a_damaged_file_is_told(store: Store, tmp_path: Path) -> None:
    with store.begin() as unit:
        remember_dump(unit, *(change(f"P{i}") for i in range(300)))
    store.close()
    path = tmp_path / "digest.db"
    raw = bytearray(path.read_bytes())
    raw[4096 * 4 :] = b"\xff" * (len(raw) - 4096 * 4)
    path.write_bytes(raw)
    with pytest.raises(ConfigurationError, match="damaged"), store.begin() as unit:
        remember_dump(unit, change("B"), name="two")


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_a_database_without_its_tables_is_not_set_up(store: Store) -> None:
    with store.begin() as unit:
        unit.connection.execute(text("DROP TABLE runs"))
    with pytest.raises(ConfigurationError, match="not set up"), store.read() as unit:
        unit.runs.last(Job.SEND)


def test_a_folder_in_the_files_place_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "digest.db").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path / 'digest.db'}").migrate()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="cannot be made") as caught:
        open_store(f"sqlite:///{tmp_path / 'file' / 'digest.db'}").migrate()
    assert "DIGEST_DATABASE_URL" in one_line(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anything")
def test_a_file_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    store = open_store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    path.chmod(0o400)
    with pytest.raises(ConfigurationError), store.begin() as unit:
        unit.runs.resume()


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_two_who_store_the_same_at_once_are_told_to_try_again(store: Store) -> None:
    def twice(unit: UnitOfWork) -> None:
        for _ in range(2):
            unit.connection.execute(text("INSERT INTO flags (name, value) VALUES ('a', 'b')"))

    failed(store, StoreBusyError, "stored the same first", twice)


def test_a_mistake_in_the_program_is_reported_as_one(store: Store) -> None:
    with pytest.raises(RuntimeError, match="nonsense"), store.begin() as unit:
        unit.connection.execute(text("SELECT nonsense"))


def test_an_error_of_the_caller_passes_and_undoes_the_transaction(store: Store) -> None:
    def stumble(unit: UnitOfWork) -> None:
        add_subscriber(unit, "ada@example.org")
        raise ZeroDivisionError

    failed(store, ZeroDivisionError, None, stumble)
    with store.read() as unit:
        assert unit.subscribers.by_email("ada@example.org") is None


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_more_threads_than_connections_wait_their_turn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = store._database.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.05)
    monkeypatch.setattr(pool, "_max_overflow", 0)
    held = [store.read() for _ in range(5)]
    for one in held:
        one.__enter__()
    with pytest.raises(StoreBusyError, match="too many connections"), store.read():
        pass
    for one in held:
        one.__exit__(None, None, None)


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_the_file_is_safe_against_power_cuts_and_checks_references(store: Store) -> None:
    with store.begin() as unit:
        names = ("journal_mode", "foreign_keys", "synchronous")
        found = [unit.connection.scalar(text(f"PRAGMA {name}")) for name in names]
    assert found == ["wal", 1, 2]


@pytest.mark.parametrize("name", ["50% of #1.db", "a?b=c&d.db", "é x.db", "file:x"])
def test_names_that_mean_something_in_a_url_are_only_names(tmp_path: Path, name: str) -> None:
    store = open_store(
        f"sqlite:///{tmp_path}/{quote(name)}" if "?" in name else f"sqlite:///{tmp_path}/{name}"
    )
    store.migrate()
    assert [path.name for path in tmp_path.iterdir() if "-" not in path.name] == [name]
    store.close()
